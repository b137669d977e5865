"""What the studio remembers: the only thing that pages and engine share.

SQLAlchemy Core on SQLite (WAL, ``synchronous=FULL``: a commit survives a power cut) or PostgreSQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.store.balances import Balance
    from studio.store.clip_filter import ALL, FILTERS, SORTS, ClipFilter, Filter, LabelKind, Sort, search_terms
    from studio.store.outbox import LeaseLostError
    from studio.store.plans import MAX_PLANS, Plan
    from studio.store.receipts import DaySpend
    from studio.store.store import Store

__all__ = [
    "ALL",
    "FILTERS",
    "MAX_PLANS",
    "SORTS",
    "Balance",
    "ClipFilter",
    "DaySpend",
    "Filter",
    "LabelKind",
    "LeaseLostError",
    "Plan",
    "Sort",
    "Store",
    "search_terms",
]

_HOME = {
    "ALL": "clip_filter",
    "FILTERS": "clip_filter",
    "MAX_PLANS": "plans",
    "SORTS": "clip_filter",
    "Balance": "balances",
    "ClipFilter": "clip_filter",
    "DaySpend": "receipts",
    "Filter": "clip_filter",
    "LabelKind": "clip_filter",
    "LeaseLostError": "outbox",
    "Plan": "plans",
    "Sort": "clip_filter",
    "Store": "store",
    "search_terms": "clip_filter",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use: what a clip is, or a filter, is known without SQLAlchemy."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"studio.store.{_HOME[name]}"), name)
