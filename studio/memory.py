"""Memory that nobody uses goes back to the system."""

from __future__ import annotations

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Give back what was freed, where the allocator would keep it: glibc. Elsewhere nothing is done.

    Each minute of a busy day it is 40 MB (benchmarks/soak.py). Costs some milliseconds, for which nobody waits.
    """
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
