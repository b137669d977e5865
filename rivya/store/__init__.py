"""What the studio remembers: the only thing that pages and engine share.

SQLAlchemy Core on SQLite (WAL, ``synchronous=FULL``: a commit survives a power cut) or PostgreSQL.
"""

from __future__ import annotations

from rivya.archive import Archive
from rivya.store.clips import Clips, DaySpend
from rivya.store.database import Database
from rivya.store.filters import ALL, FILTERS, SORTS, ClipFilter, Filter, LabelKind, Sort, search_terms
from rivya.store.labels import Labels
from rivya.store.notes import Balance, Notes
from rivya.store.outbox import LeaseLostError, Outbox
from rivya.store.plans import MAX_PLANS, Plan, Plans
from rivya.store.rows import Rows
from rivya.store.schema import storable
from rivya.store.trash import Trash

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
    "storable",
]


class Store:
    """A database, brought up to date on opening.

    Its sides are ``clips``, ``labels``, ``plans``, ``outbox``, ``notes`` and ``trash``.

    Raises ``NewerDatabaseError`` for a database of a newer studio and ``StoreError`` when it cannot be opened.
    """

    def __init__(self, url: str, archive: Archive, account: str) -> None:
        self.database = Database(url)
        try:
            self.database.migrate()
        except BaseException:
            self.database.close()
            raise
        rows = Rows(archive)
        self.clips = Clips(self.database, rows, account)
        self.labels = Labels(self.database, account)
        self.plans = Plans(self.database, account)
        self.outbox = Outbox(self.database, rows, account)
        self.notes = Notes(self.database, account)
        self.trash = Trash(self.database, account)

    def close(self) -> None:
        """Close every connection."""
        self.database.close()
