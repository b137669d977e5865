"""The one door to everything: pages, the command line and scripts write intents and read snapshots here.

::

    with Studio(Settings()) as studio:
        clip = studio.submit(GenerationRequest(prompt="A paper boat on a rainy street"))
        clip = studio.wait(clip.id, timeout_seconds=300)
        print(clip.state, clip.video_path)
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from filelock import FileLock
from pydantic import SecretStr

from rivya import images
from rivya.client import Client
from rivya.errors import ConfigurationError, NotFoundError, ValidationFailedError, WaitTimeoutError
from rivya.models import Generation, GenerationRequest
from rivya.spec import DEFAULT_MODEL, SEED_RANDOM
from studio.draft import DraftDesk
from studio.engine import Engine
from studio.journal import Journal
from studio.maintenance import Maintenance
from studio.media.archive import Archive
from studio.media.edits import Edit, Edits
from studio.media.music import MusicShelf
from studio.media.object_store import ObjectStore
from studio.notices import Notices
from studio.personal_data import PersonalDataDesk
from studio.plan_queue import PlanQueue
from studio.reports.audit import Audit, audit, certain
from studio.reports.worth import Worth, worth
from studio.settings import Settings
from studio.steps import Steps
from studio.store import Balance, Store
from studio.store.budget import Budget, Limits, budgets
from studio.store.clip import Clip
from studio.store.members import Role
from studio.store.reader import reader
from studio.store.spending import Dimension, Spent
from studio.store.unchanged import Unchanged
from studio.storyboard import Storyboards
from studio.submission import Submission
from studio.team import Team
from studio.usual_time import UsualTime, learned
from studio.webhooks import WebhookHints
from studio.work_signal import Chore, WorkSignal
from studio.writer import Writer

if TYPE_CHECKING:
    from sandbox import Sandbox

_Result = TypeVar("_Result")

LOOK_SECONDS = 0.1
AUDITED_DAYS = 90
COMPARED_CLIPS = 500
RESHARED_SECONDS = 24 * 3600.0
"""Reference images of the last day are shared once more at the start: an earlier process may have ended too soon."""

LONGEST_CLIP_DAYS = 7
"""A clip that was submitted this long before the first balance has surely ended before it."""


class Studio:
    """A studio over one data folder. A context manager: the engine runs between ``start`` and ``stop``.

    Without a key it brings its own sandbox (500 credits, kept in the data folder), and nothing is ever paid.
    ``account`` names whose history it is, where that is not the one of the settings' address (``studio.own_keys``).
    """

    def __init__(self, settings: Settings | None = None, *, account: str | None = None) -> None:
        self.settings = settings or Settings()
        remote = self.settings.archive_url
        self.archive = Archive(self.settings.data_dir, ObjectStore(remote.get_secret_value()) if remote else None)
        self.account = account or ("demo" if self.settings.is_demo else self.settings.base_url)
        self.store = Store(self.settings.database, self.archive, self.account)
        self.clips, self.receipts, self.labels = self.store.clips, self.store.receipts, self.store.labels
        self.templates, self.guests = self.store.templates, self.store.guests
        self.edits = Edits(self.archive.root)
        self.music = MusicShelf(self.archive.root)
        self.writer = Writer(self.settings)
        self.maintenance = Maintenance(self.store, self.archive)
        self._told = Unchanged(self.store.database)
        self.journal = Journal(self.archive.root / "journal.jsonl", self.account)
        self._limits = Limits(
            day=self.settings.daily_credit_limit,
            month=self.settings.monthly_credit_limit,
            person_day=self.settings.person_daily_credit_limit,
            person_month=self.settings.person_monthly_credit_limit,
        )
        self._signal = WorkSignal()
        self.team = Team(self.store.members, self.settings)
        self.personal_data = PersonalDataDesk(self.store, self.archive, self.edits, self.maintenance, self.team)
        self.submission = Submission(
            self.store, self.archive, self.journal, self._signal, self.team, account=self.account, limits=self._limits
        )
        self.queue = PlanQueue(self.store, self.submission, self._signal, self.team)
        self.storyboards = Storyboards(self.store, self.queue)
        self.drafts = DraftDesk(self.store, self.submission, self.queue)
        self._sandbox: Sandbox | None = None
        self._client: Client | None = None
        self._engine: Engine | None = None
        self.webhooks: WebhookHints | None = None
        self._running = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the engine, and in demo mode the sandbox. Returns once both work; calling it again does nothing."""
        if self._running or self.settings.needs_key:
            return
        key, base_url = self.settings.api_key, self.settings.base_url
        if key is None:
            from sandbox import DEMO_API_KEY, Sandbox  # noqa: PLC0415 - 400 ms that only the demo pays

            folder = self.archive.root / "sandbox"
            self._sandbox = Sandbox(
                folder,
                seconds=self.settings.demo_seconds,
                frames_per_drawing=self.settings.demo_frames_per_drawing,
                ready_clips=self.settings.demo_ready_clips,
            )
            self._sandbox.start()
            key, base_url = SecretStr(DEMO_API_KEY), self._sandbox.base_url
        workers = self.settings.max_concurrent_requests
        self._client = Client(key, base_url, max_connections=workers, max_retries=0)
        public_url = self.settings.public_url or ""
        if self.settings.api_key and public_url.startswith("https://"):
            self.webhooks = WebhookHints(self._client, key, public_url)
        self._running = True
        self.archive.share_references_since(time.time() - RESHARED_SECONDS)
        if not self.settings.run_engine:
            return
        steps = Steps(self.settings, self._client, self.store, self.archive, self.journal)
        self._engine = Engine(
            steps, self.store, self.queue, self._signal, workers=workers, leader_lock=self._leader_lock(),
            notices=self._notices(), webhooks=self.webhooks.register if self.webhooks else None,
        )  # fmt: skip
        self._engine.start()

    def _notices(self) -> Callable[[], object] | None:
        """Return what tells people where they are, ``None`` when they do not want it."""
        given = self.settings.notify_urls
        urls = [SecretStr(url) for url in given.get_secret_value().split()] if given else []
        return Notices(self.store, urls, self.settings.public_url, self._limits).send_due if urls else None

    def _leader_lock(self) -> FileLock | None:
        """Return the leader lock of an SQLite file, one for each account; ``None`` on PostgreSQL."""
        database = self.store.database
        name = hashlib.sha256(self.account.encode()).hexdigest()[:8]
        return FileLock(f"{database.file}.{name}.lock", thread_local=False) if database.is_sqlite else None

    def stop(self) -> None:
        """Finish or release the work in hand and close everything, within about 5 s. Nothing is lost by it."""
        if self._engine:
            self._engine.stop()
        if self._client:
            self._client.close()
        if self._sandbox:
            self._sandbox.stop()
        self._engine = self._client = self._sandbox = self.webhooks = None
        self._running = False
        self.store.close()

    @property
    def is_running(self) -> bool:
        """Whether the engine works or stands by; without an engine of its own, whether the studio is started."""
        return self._running and (self._engine is None or self._engine.is_running)

    @property
    def engine_state(self) -> str:
        """``working``, ``standby`` (another process has the turn on this SQLite file) or ``elsewhere``."""
        if self._engine is None:
            return "elsewhere"
        return "standby" if self._engine.is_standing_by else "working"

    def ask_now(self, task_id: str) -> None:
        """Have Rivya asked about a running generation at once, in whichever process it is. Free of charge."""
        if self._engine and self._engine.ask_now(task_id):
            return
        self.store.outbox.wake_task(task_id)
        self._signal.ask()

    def submit(
        self,
        request: GenerationRequest,
        image: bytes | Path | images.ReferenceImage | None = None,
        *,
        draft_id: str | None = None,
        **origin: str | None,
    ) -> Clip:
        """Commit an intent to spend the model's price (25 credits) and return at once: see ``Submission.submit``."""
        return self.submission.submit(request, image, draft_id=draft_id, **origin)

    def edited(self) -> Iterator[Edit]:
        """Yield what was made out of clips that the reader may see, the newest first."""
        for edit in self.edits.all():
            seen = {clip.id: clip for clip in self.clips.by_ids(edit.clip_ids)}
            if any(clip.is_erased for clip in seen.values()):
                self.edits.remove(edit.name)  # it was being made meanwhile, or lay on this machine alone
            elif seen and seen.keys() >= set(edit.clip_ids):
                yield edit

    def get(self, clip_id: str) -> Clip | None:
        """Return a clip as it stands now, or ``None``."""
        return self.store.clips.get(clip_id)

    def wait(self, clip_id: str, timeout_seconds: float = 600.0) -> Clip:
        """Return the clip once the engine has nothing left to do for it: its video is here, or it ended otherwise.

        Raises ``WaitTimeoutError`` after ``timeout_seconds`` (the clip goes on) and ``KeyError`` for an unknown id.
        """
        deadline = time.monotonic() + timeout_seconds
        while True:
            clip = self.get(clip_id)
            if clip is None:
                raise KeyError(clip_id)
            if not clip.is_open or clip.delay_seconds is None:
                return clip
            if time.monotonic() >= deadline:
                raise WaitTimeoutError(f"clip {clip_id} is still {clip.state} after {timeout_seconds} s")
            time.sleep(LOOK_SECONDS)

    def active(self) -> list[Clip]:
        """Return the clips that are on their way, newest first."""
        return self.store.clips.active()

    def balance(self) -> Balance | None:
        """Return the last balance seen, ``None`` before Rivya has told it."""
        return self.store.balances.last()

    def spent_by(self, dimension: Dimension, *, since: datetime | None = None) -> list[Spent]:
        """Return where the credits went, by ``dimension``, the dearest first."""
        find_out = partial(self.store.spending.by, dimension, since=since)
        return [*self._told.get(find_out, "spent", reader(), dimension, since)]

    def budgets(self, person: str | None) -> list[Budget]:
        """Return where each limit stands for a person, their own first; empty when there are none."""
        find_out = partial(budgets, self.store.database, self._limits, account=self.account, person=person)
        return [*self._told.get(find_out, "budgets", person, datetime.now(UTC).date())]

    def refresh_balance(self) -> None:
        """Ask Rivya for the balance soon."""
        self._signal.ask(Chore.BALANCE)

    @property
    def client(self) -> Client:
        """The connection to Rivya. Raises ``ConfigurationError`` before ``start``."""
        if self._client is None:
            raise ConfigurationError("studio not started", setting="studio", remedy="start it first")
        return self._client

    def test_connection(self) -> float:
        """Ask for the balance now and return it: the best test of a key. Spends nothing. Raises ``APIError``."""
        credits_now = self.client.credits.retrieve().current_credits
        self.store.balances.add(credits_now)
        return credits_now

    def refill_demo(self) -> None:
        """Give the demo's wallet its opening credits once more. Raises ``ConfigurationError`` outside the demo."""
        if self._sandbox is None:
            raise ConfigurationError("no demo", setting="RIVYA_API_KEY", remedy="only the demo can be refilled")
        self.store.balances.add(self._sandbox.refill())

    def usual_time(self, params: dict[str, Any], *, model: str = DEFAULT_MODEL.id) -> UsualTime:
        """Return how long clips of a model with these settings take, learned from this studio's own history."""
        past = self.store.clips.recent_seconds(model=model, params=params, with_saving=True)
        if self.settings.is_demo:
            # There all settings take about as long, on this computer.
            past = past or self.store.clips.recent_seconds(model=model, params={}, with_saving=True)
            return learned(past, demo_seconds=self.settings.demo_seconds)
        return learned(past)

    def twin(
        self, prompt: str, params: dict[str, Any], reference_sha256: str | None, *, model: str = DEFAULT_MODEL.id
    ) -> Clip | None:
        """Return a clip that this model, these very words, settings, seed and image made already.

        A random seed makes something new each time, so it has no twin; neither has a model without a seed.
        """
        if params.get("seed", SEED_RANDOM) == SEED_RANDOM:
            return None
        return self.store.clips.twin(model=model, prompt=prompt, params=params, reference_sha256=reference_sha256)

    def worth(self) -> list[Worth]:
        """Return how the settings, ideas and templates of the last 500 finished clips did. Costs about 40 ms."""
        return worth(self.clips.made_last(limit=COMPARED_CLIPS))

    def keep_last_frame(self, clip: Clip) -> str:
        """Keep the last frame of a clip's video as a reference image and return its SHA-256.

        Costs decoding from the last key frame. Raises ``VideoError`` or ``ImageError``.
        """
        return self.submission.keep_last_frame(clip)

    def audit(self) -> Audit:
        """Hold the receipts of the last 90 days against the balances that were seen since.

        Costs 4 ms with a million clips, and nothing while nothing is written.
        """
        return self._told.get(self._hold_receipts_against_balances, "audit")

    def _hold_receipts_against_balances(self) -> Audit:
        oldest = datetime.now(UTC) - timedelta(days=AUDITED_DAYS)
        balances = [balance for balance in self.store.balances.all() if balance.seen_at >= oldest]
        since, sure = oldest - timedelta(days=LONGEST_CLIP_DAYS), certain(balances)
        settled, clips = self.receipts.between(since, sure) if sure else (0.0, self.receipts.owed())
        return audit(clips, balances, settled=settled)

    def archive_health(self) -> dict[str, int]:
        """Count the paid videos that are safe here, only at Rivya, or damaged."""
        return self.store.video_health.counts()

    def trash(self, clip_ids: Sequence[str], *, deleted: bool, by: str | None = None) -> None:
        """Put clips into the trash, or take them out again. Somebody else's are for a lead: raises ``RoleError``."""
        clips = self.clips.by_ids(clip_ids)
        if any(clip.person != by for clip in clips):
            self.team.require(by, Role.LEAD)
        self.clips.set_deleted(clip_ids, deleted=deleted)
        if deleted:
            self.team.note(by, "trash", [clip.prompt for clip in clips])

    def remove_for_good(self, clip_ids: Sequence[str], *, by: str | None = None) -> None:
        """Give up the videos of clips in the trash, at once and for good; the files go soon, in the background.

        Only a lead may: raises ``RoleError``.
        """
        self.team.require(by, Role.LEAD)
        self.team.note(by, "remove", [clip.prompt for clip in self.clips.by_ids(clip_ids)])
        self.store.trash.purge(older_than_seconds=0, only=clip_ids)
        self._signal.ask(Chore.MAINTENANCE)

    def check_archive(self) -> None:
        """Check every video soon, in the background, and fetch again what is missing or damaged."""
        self.store.video_health.ask_for_all()
        self._signal.ask(Chore.MAINTENANCE)

    def in_background(self, work: Callable[[], _Result]) -> Future[_Result]:
        """Do ``work``, which may wait for the network, in a thread of its own, and return its future at once."""
        future: Future[_Result] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except Exception as error:  # noqa: BLE001 - whoever asks for the result gets it
                future.set_exception(error)

        threading.Thread(target=run, name="studio-background", daemon=True).start()
        return future

    def rescue(self, task_ids: Iterable[str]) -> dict[str, str]:
        """Take paid clips back in by their task ids; the engine fetches their videos. Costs nothing.

        Rivya is asked for each first: an id that it does not know, such as a mistyped one, is not taken in. Returns
        for each id ``new``, ``known`` (it is here already) or ``unknown``. Raises ``APIError`` when Rivya cannot say.
        """
        wanted = list(dict.fromkeys(task_id.strip() for task_id in task_ids))
        found = {task_id: task for task_id in wanted if (task := self._at_rivya(task_id))}
        taken = self.submission.add_rescued({task_id: task.model for task_id, task in found.items()})
        return {
            task_id: "unknown" if task_id not in found else "new" if taken[task_id] else "known" for task_id in wanted
        }

    def _at_rivya(self, task_id: str) -> Generation | None:
        try:
            return self.client.generations.retrieve(task_id)
        except (NotFoundError, ValidationFailedError):
            return None

    def models(self) -> list[str]:
        """Return the ids of Rivya's catalogue. Raises ``APIError``."""
        return [model.id for model in self.client.models.list()]

    def data_size_bytes(self) -> int:
        """Return how much the data folder holds."""
        return self.archive.size_bytes()
