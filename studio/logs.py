"""What the studio writes down while it works: one line for each event, with the request or clip that it belongs to.

No prompt, no key and no address that is a secret (guest links, where Rivya calls) is ever in a line.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Literal

from pythonjsonlogger.json import JsonFormatter

LogFormat = Literal["text", "json"]
LOGGERS = ("studio", "rivya", "server")

_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=MappingProxyType({}))


@contextmanager
def logging_about(**names: str) -> Iterator[None]:
    """Have every line of this thread or task within the block carry ``names``, such as ``clip_id``."""
    token = _about.set({**_about.get(), **names})
    try:
        yield
    finally:
        _about.reset(token)


def log_to_stderr(form: LogFormat) -> None:
    """Write the studio's events to the standard error, as text from WARNING on, or every one as a JSON object."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_add_names)
    if form == "json":
        handler.setFormatter(
            JsonFormatter(
                "%(asctime)s %(levelname)s %(name)s %(message)s",
                rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
                datefmt="%Y-%m-%dT%H:%M:%S%z",
            )
        )
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        # In text for people at a terminal, who want what needs a look; a machine that collects lines wants all.
        logger.setLevel(logging.INFO if form == "json" else logging.WARNING)
        logger.propagate = False


def _add_names(record: logging.LogRecord) -> bool:
    record.__dict__.update(_about.get())
    return True
