"""The one door to everything: pages, the command line and scripts write intents and read snapshots here.

::

    with Studio(Settings()) as studio:
        clip = studio.submit(GenerationRequest(prompt="A paper boat on a rainy street"))
        clip = studio.wait(clip.id, timeout_seconds=300)
        print(clip.state, clip.video_path)
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Self

from filelock import FileLock
from pydantic import SecretStr

from rivya import images
from rivya.archive import Archive
from rivya.audit import Audit, Sighting, audit
from rivya.client import Client
from rivya.clip import Clip, Stage, State
from rivya.config import Settings
from rivya.edits import Edits
from rivya.engine import Engine
from rivya.errors import ConfigurationError, ImageError, InvalidRequestError, StoreError, WaitTimeoutError
from rivya.i18n import N_
from rivya.journal import Journal
from rivya.models import GenerationRequest
from rivya.polling import Durations
from rivya.queue import Queue
from rivya.remote import ObjectStore
from rivya.spec import DEFAULT_MODEL, SEED_RANDOM
from rivya.steps import Steps, price_of
from rivya.store import Balance, Store
from rivya.vault import Vault

if TYPE_CHECKING:
    from rivya.sandbox import Sandbox

LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class UsualTime:
    """How long clips of some settings take, in seconds: half within ``median``, nine of ten within ``slow``.

    ``queue`` is the usual part of it before the work begins, ``None`` while nobody knows; ``known`` counts the clips
    that this was learned from.
    """

    median: float
    slow: float
    known: int
    queue: float | None = None

    def share(self, elapsed_seconds: float) -> float:
        """Return how far a run of this age probably is, 0 to 0.98: only the end itself is 1."""
        late = min(max(elapsed_seconds - self.median, 0.0) / self.slow, 1.0)
        return 0.9 * min(elapsed_seconds / self.median, 1.0) + 0.08 * late


class Studio:
    """A studio over one data folder. A context manager: the engine runs between ``start`` and ``stop``.

    Without a key it brings its own sandbox (500 credits, kept in the data folder), and nothing is ever paid.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        remote = self.settings.archive_url
        self.archive = Archive(self.settings.data_dir, ObjectStore(remote.get_secret_value()) if remote else None)
        self.account = "demo" if self.settings.is_demo else self.settings.base_url
        self.store = Store(self.settings.database, self.archive, self.account)
        self.clips, self.labels, self.notes = self.store.clips, self.store.labels, self.store.notes
        self.edits = Edits(self.archive.root)
        self.vault = Vault(self.store, self.archive)
        self.queue = Queue(self.store, self.submit, self.stored_reference)
        self.journal = Journal(self.archive.root / "journal.jsonl", self.account)
        self._sandbox: Sandbox | None = None
        self._client: Client | None = None
        self._engine: Engine | None = None
        self._running = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the engine, and in demo mode the sandbox. Returns once both work; calling it again does nothing."""
        if self._running:
            return
        key, base_url = self.settings.api_key, self.settings.base_url
        if key is None:
            from rivya.sandbox import DEMO_API_KEY, Sandbox  # noqa: PLC0415 - 400 ms that only the demo pays

            folder = self.archive.root / "sandbox"
            self._sandbox = Sandbox(folder, seconds=self.settings.demo_seconds)
            self._sandbox.start()
            key, base_url = SecretStr(DEMO_API_KEY), self._sandbox.base_url
        workers = self.settings.max_concurrent_requests
        self._client = Client(key, base_url, max_connections=workers, max_retries=0)
        self._running = True
        if not self.settings.run_engine:
            return
        steps = Steps(self.settings, self._client, self.store, self.archive, self.journal)
        self._engine = Engine(steps, self.store, workers=workers, turn=self._turn(), advance=self.queue.advance)
        self._engine.start()

    def _turn(self) -> FileLock | None:
        """Return what decides whose turn it is on an SQLite file; a demo's engine is in nobody's way but a demo's."""
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
        self._engine = self._client = self._sandbox = None
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

    def submit(
        self,
        request: GenerationRequest,
        image: bytes | Path | images.ReferenceImage | None = None,
        *,
        draft_id: str | None = None,
        **origin: str | None,
    ) -> Clip:
        """Commit an intent to spend the model's price (25 credits) and return at once; the engine sends it.

        The row, its key and its exact body are durable before the first byte leaves. The same ``draft_id`` with
        the same contents gives back the same clip. ``origin`` may say the ``person``, the clip that it continues
        (``parent_id``), and the ``plan_id`` that it comes from.

        Raises ``ImageError``, ``BudgetError``, ``PlanWithdrawnError`` or ``StoreError``; then nothing was stored.
        """
        reference = self._reference(request, image)
        sha256 = self._keep(reference)
        clip = self._insert(request, reference, sha256, f"{self.account} {draft_id}" if draft_id else None, origin)
        if not _is_of(clip, request, sha256):
            contents = hashlib.sha256(f"{request.frozen_body()} {sha256}".encode()).hexdigest()[:12]
            clip = self._insert(request, reference, sha256, f"{self.account} {draft_id} {contents}", origin)
        self.journal.add(clip_id=clip.id, idempotency_key=clip.idempotency_key)
        if self._engine:
            self._engine.wake()
        return clip

    def _insert(
        self,
        request: GenerationRequest,
        reference: images.ReferenceImage | None,
        sha256: str | None,
        draft_id: str | None,
        origin: dict[str, str | None],
    ) -> Clip:
        key = self._new_key(origin.get("plan_id"))
        clip_id = f"clip_{uuid.uuid5(key, 'clip').hex[:20]}"
        request = request.model_copy(update={"client_request_id": request.client_request_id or clip_id})
        known = self.store.notes.balance()
        return self.store.clips.insert(
            daily_limit=self.settings.daily_credit_limit,
            **origin,
            id=clip_id,
            draft_id=draft_id,
            model=request.model,
            prompt=request.prompt,
            params=request.params,
            price=price_of(request.model),
            stage=Stage.PENDING,
            idempotency_key=str(key),
            client_request_id=request.client_request_id,
            request_body=None if reference else request.frozen_body(),
            reference_sha256=sha256,
            reference_mime_type=reference.mime_type if reference else None,
            balance_before=known.credits if known else None,
        )

    def _new_key(self, plan_id: str | None) -> uuid.UUID:
        """Return a fresh key. A plan's is always the same, so that a restored queue cannot pay for it again."""
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{self.account} {plan_id}") if plan_id else uuid.uuid4()

    def _reference(self, request: GenerationRequest, image: Any) -> images.ReferenceImage | None:
        if image is None:
            return None
        if request.reference is not None:
            raise InvalidRequestError(
                "referenceMediaItems", N_("Only {limit} reference image is possible. Remove the others."), limit=1
            )
        if isinstance(image, images.ReferenceImage):
            return image
        return images.check(image.read_bytes() if isinstance(image, Path) else image, request.spec.upload)

    def _keep(self, reference: images.ReferenceImage | None) -> str | None:
        if reference is None:
            return None
        try:
            return self.archive.keep_reference(reference.data)
        except OSError as error:
            raise StoreError(f"cannot keep the reference image: {error.strerror}") from error

    def get(self, clip_id: str) -> Clip | None:
        """Return a clip as it stands now, or ``None``."""
        return self.store.clips.get(clip_id)

    def wait(self, clip_id: str, timeout_seconds: float = 600.0) -> Clip:
        """Return the clip once the engine has nothing left to do for it: its film is here, or it ended otherwise.

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
        return self.store.notes.balance()

    def refresh_balance(self) -> None:
        """Ask Rivya for the balance soon."""
        if self._engine:
            self._engine.refresh_balance_soon()

    @property
    def client(self) -> Client:
        """The connection to Rivya. Raises ``ConfigurationError`` before ``start``."""
        if self._client is None:
            raise ConfigurationError("studio not started", setting="studio", remedy="start it first")
        return self._client

    def test_connection(self) -> float:
        """Ask for the balance now and return it: the best test of a key. Spends nothing. Raises ``APIError``."""
        credits_now = self.client.credits.retrieve().current_credits
        self.store.notes.add_balance(credits_now)
        return credits_now

    def usual_time(self, params: dict[str, Any]) -> UsualTime:
        """Return how long clips with these settings take, learned from this studio's own history."""
        past = self.store.clips.recent_seconds(
            resolution=str(params.get("resolution")), duration=str(params.get("duration"))
        )
        durations = Durations.learn([total for total, _ in past])
        queued = [seconds for _, seconds in past if seconds is not None]
        queue = median(queued) if queued else None
        return UsualTime(durations.quantile(0.5), durations.quantile(0.9), len(past), queue)

    def twin(self, prompt: str, params: dict[str, Any], reference_sha256: str | None) -> Clip | None:
        """Return a clip that these very words, settings, seed and image made already.

        A random seed makes something new each time, so it has no twin.
        """
        if params.get("seed") == SEED_RANDOM:
            return None
        return self.store.clips.twin(
            model=DEFAULT_MODEL.id, prompt=prompt, params=params, reference_sha256=reference_sha256
        )

    def keep_last_frame(self, clip: Clip) -> str:
        """Keep the last frame of a clip's film as a reference image and return its SHA-256. Raises ``ImageError``."""
        frame = self.archive.last_frame(clip.video_sha256) if clip.video_sha256 else None
        if frame is None:
            raise ImageError(N_("The film is not here, so its last frame cannot be used."))
        return self.archive.keep_reference(images.check(frame).data)

    def try_again(self, clip_id: str) -> Clip:
        """Submit a failed or refused clip once more as a new one; twice the same click is one new clip.

        Spends the model's price. Raises ``KeyError`` for an unknown id.
        """
        clip = self.get(clip_id)
        if clip is None or clip.is_rescued or clip.state not in {State.FAILED, State.REFUSED}:
            raise KeyError(clip_id)
        if clip.state is State.REFUSED and not self.store.outbox.hold(clip_id):
            return clip
        return self._submit_copy(clip, f"again:{clip_id}")

    def tried_again(self, clip_id: str) -> Clip | None:
        """Return the clip that ``try_again`` or ``make_anew`` made of this one, ``None`` when there is none."""
        drafts = [f"{self.account} {word}:{clip_id}" for word in ("again", "anew")]
        return self.store.clips.by_drafts(drafts)

    def make_anew(self, clip_id: str) -> Clip:
        """Submit a clip in lasting doubt once more under a new key, on a person's word.

        May cost the model's price a second time, when Rivya had started the first after all. Raises ``KeyError``.
        """
        clip = self.get(clip_id)
        if clip is None or clip.is_rescued or not clip.waits_for_a_person:
            raise KeyError(clip_id)
        return self._submit_copy(clip, f"anew:{clip_id}")

    def _submit_copy(self, clip: Clip, draft_id: str) -> Clip:
        request = GenerationRequest(model=clip.model, prompt=clip.prompt, params=clip.params)
        image = self.reference_image(clip)
        return self.submit(request, image, draft_id=draft_id, person=clip.person, parent_id=clip.parent_id)

    def rescue(self, task_ids: Iterable[str]) -> dict[str, bool]:
        """Take clips back in by their task ids; the engine fetches their films. Costs nothing.

        Returns for each id whether it is new here; one that is here already is left alone.
        """
        rescued = {}
        for task_id in task_ids:
            clip_id = f"clip_{hashlib.sha256(task_id.encode()).hexdigest()[:20]}"
            rescued[task_id] = self.store.clips.add_rescued(
                id=clip_id,
                model=DEFAULT_MODEL.id,
                prompt=f"({task_id})",
                params={},
                price=DEFAULT_MODEL.base_credits,
                stage=Stage.RUNNING,
                task_id=task_id,
                idempotency_key=f"rescued:{task_id}",
                client_request_id=clip_id,
            )
        if self._engine:
            self._engine.wake()
        return rescued

    def reference_image(self, clip: Clip) -> images.ReferenceImage | None:
        """Return the reference image of a clip as it was sent, ``None`` when it had none. Raises ``ImageError``."""
        return self.stored_reference(clip.reference_sha256) if clip.reference_sha256 else None

    def stored_reference(self, sha256: str) -> images.ReferenceImage:
        """Return a kept image, byte for byte as it would be sent. Raises ``ImageError`` when it is gone."""
        try:
            return images.describe(self.archive.read_reference(sha256))
        except OSError as error:
            raise ImageError(N_("The reference image is no longer in the data folder. Add it again.")) from error

    def sightings(self) -> list[Sighting]:
        """Return every balance that was seen, oldest first."""
        return [Sighting(balance.credits, balance.seen_at) for balance in self.store.notes.balances()]

    def audit(self) -> Audit:
        """Hold the receipts against the balances that were seen."""
        return audit(self.clips.runs(), self.sightings(), datetime.now(UTC))

    def archive_health(self) -> dict[str, int]:
        """Count the paid films that are safe here, only at Rivya, or damaged."""
        return self.store.clips.health()

    def check_archive(self) -> None:
        """Check every film soon, in the background, and fetch again what is missing or damaged."""
        self.store.clips.forget_checks()
        if self._engine:
            self._engine.tend_archive_soon()

    def ask_again(self, clip_id: str) -> None:
        """Repeat an unknown create with its own key, or look again for a task that was not found.

        Cannot charge twice as long as Rivya remembers the key; how long that is, is not documented.
        """
        self.store.outbox.wake(clip_id, confirmed_at=datetime.now(UTC), sent_mark=None)
        if self._engine:
            self._engine.wake()

    def models(self) -> list[str]:
        """Return the ids of Rivya's catalogue. Raises ``APIError``."""
        return [model.id for model in self.client.models.list()]

    def data_size_bytes(self) -> int:
        """Return how much the data folder holds."""
        return self.archive.size_bytes()


def _is_of(clip: Clip, request: GenerationRequest, reference_sha256: str | None) -> bool:
    mine = (clip.prompt, clip.params, clip.reference_sha256)
    return mine == (request.prompt, request.params, reference_sha256)
