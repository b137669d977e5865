"""All sides of the store over one database."""

from __future__ import annotations

from studio.media.archive import Archive
from studio.store.balances import Balances
from studio.store.budget_notices import BudgetNotices
from studio.store.clips import Clips
from studio.store.credit_sums import CreditSums
from studio.store.database import Database
from studio.store.drafts import Drafts
from studio.store.guest_links import GuestLinks
from studio.store.labels import Labels
from studio.store.mapping import ClipMapping
from studio.store.members import Members
from studio.store.outbox import Outbox
from studio.store.personal_data import PersonalData
from studio.store.plans import Plans
from studio.store.receipts import Receipts
from studio.store.spending import Spending
from studio.store.storyboards import Storyboards
from studio.store.templates import Templates
from studio.store.trash import Trash
from studio.store.uploads import Uploads
from studio.store.video_health import VideoHealth


class Store:
    """A database, brought up to date on opening.

    Its sides are ``clips``, ``receipts``, ``credit_sums``, ``spending``, ``labels``, ``plans``, ``outbox``,
    ``balances``, ``budget_notices``, ``uploads``, ``drafts``, ``templates``, ``storyboards``, ``guests``,
    ``members``, ``personal_data``, ``trash`` and ``video_health``.

    Raises ``NewerDatabaseError`` for a database of a newer studio and ``StoreError`` when it cannot be opened.
    """

    def __init__(self, url: str, archive: Archive, account: str) -> None:
        self.database = Database(url)
        try:
            self.database.migrate()
        except BaseException:
            self.database.close()
            raise
        rows = ClipMapping(archive)
        self.clips = Clips(self.database, rows, account)
        self.receipts = Receipts(self.database, rows, account)
        self.credit_sums = CreditSums(self.database, account)
        self.spending = Spending(self.database, account)
        self.labels = Labels(self.database, account)
        self.plans = Plans(self.database, account)
        self.outbox = Outbox(self.database, rows, account)
        self.balances = Balances(self.database, account)
        self.uploads = Uploads(self.database, account)
        self.drafts = Drafts(self.database)
        self.templates = Templates(self.database)
        self.storyboards = Storyboards(self.database, account)
        self.video_health = VideoHealth(self.database, rows, account)
        self.trash = Trash(self.database, account)
        self.guests = GuestLinks(self.database, account)
        self.budget_notices = BudgetNotices(self.database, account)
        self.personal_data = PersonalData(self.database, rows, account)
        self.members = Members(self.database, account)

    def close(self) -> None:
        """Close every connection."""
        self.database.close()
