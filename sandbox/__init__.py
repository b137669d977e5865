"""A Rivya of our own, on this computer: same endpoints, same errors, same money rules, no real credits.

It shares the model specification with the rest of the project and nothing else, so that a mistake in the
client cannot hide behind the same mistake here.
"""

from __future__ import annotations

from sandbox.auth import SCOPES
from sandbox.server import DEMO_API_KEY, Sandbox

__all__ = ["DEMO_API_KEY", "SCOPES", "Sandbox"]
