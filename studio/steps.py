"""One step of a clip: look at its stage, do one thing with Rivya, write down what came of it.

Each step ends in one fenced save. Whatever happens in between, the row still holds the key and the body that were
committed before the first byte was sent, so a step that is done again cannot spend again.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from rivya.client import Client
from rivya.errors import (
    APIConnectionError,
    APIError,
    APIResponseError,
    APIStatusError,
    IdempotencyConflictError,
    InsufficientCreditsError,
    NotFoundError,
    RateLimitedError,
    RivyaError,
    ValidationFailedError,
)
from rivya.models import FAILED, PROCESSING, QUEUED, SUCCEEDED, Generation, ReferenceMedia
from rivya.polling import Durations, next_poll_delay
from rivya.retry import retry_delay, should_retry
from studio.errors import BrokenVideoError, StoreError
from studio.journal import Journal
from studio.maintenance import Maintenance
from studio.media.archive import Archive
from studio.memory import give_back
from studio.settings import Settings
from studio.store import Store
from studio.store.clip import UNSENT_SECONDS, Clip, ClipError, Health, Stage
from studio.store.clips import TIMED_PARAMS

log = logging.getLogger(__name__)

UNKNOWN_REPEAT_SECONDS = 20 * 3600.0
"""How long Rivya remembers a key is not documented; after this an unknown create is not repeated by itself."""

LEARNED_SECONDS = 15.0
UPLOAD_FRESH_SECONDS = 3600.0
NOT_FOUND_SLOWEST_SECONDS = 1800.0
SAVING_SLOWEST_SECONDS = 900.0
_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}

Save = Callable[..., Clip]


class Steps:
    """What the engine's threads do. Safe to share between threads: of what changes it holds only what was learned."""

    def __init__(self, settings: Settings, client: Client, store: Store, archive: Archive, journal: Journal) -> None:
        self._settings = settings
        self._client = client
        self._store = store
        self._archive = archive
        self._journal = journal
        self._maintenance = Maintenance(store, archive)
        self._learned: dict[tuple[str, ...], tuple[Durations, float]] = {}
        key = settings.api_key.get_secret_value() if settings.api_key else "demo"
        self._key_fingerprint = hashlib.sha256(f"key mark {key}".encode()).hexdigest()[:12]

    def run_maintenance(self) -> None:
        """Look after a few videos whose last check is a day old, and let go of what is old: trash, drafts, memory."""
        self._store.credit_sums.add_up()
        self._store.spending.add_up()
        self._store.database.shorten_log()
        self._maintenance.check_some()
        self._maintenance.expire(self._settings.keep_days)
        self._maintenance.empty_trash()
        self._store.drafts.forget_old()
        give_back()

    def run(self, clip: Clip, owner: str) -> Clip:
        """Do the next thing for ``clip`` and return it as saved. Raises ``LeaseLostError`` or ``StoreError``."""

        def save(**values: Any) -> Clip:
            return self._store.outbox.save(clip.id, owner, **values)

        budget = self._settings.requests_per_minute
        wait_seconds = self._store.outbox.take_request(budget) if budget else 0.0
        if wait_seconds:
            return clip.due_in(wait_seconds)
        step = {
            Stage.PENDING: self._prepare,
            Stage.UPLOADING: self._upload,
            Stage.SUBMITTING: self._submit,
            Stage.UNKNOWN: self._submit,
            Stage.RUNNING: self._poll,
            Stage.SAVING: self._save_video,
        }[clip.stage]
        return step(clip, save)

    def _prepare(self, clip: Clip, save: Save) -> Clip:
        return save(stage=Stage.UPLOADING if clip.request_body is None else Stage.SUBMITTING, attempts=0)

    def _upload(self, clip: Clip, save: Save) -> Clip:
        assert clip.reference_sha256 is not None
        assert clip.reference_path is not None
        name = f"reference.{_EXTENSIONS.get(clip.reference_mime_type or '', 'bin')}"
        mime_type = clip.reference_mime_type or "application/octet-stream"
        url = self._store.uploads.url(clip.reference_sha256, fresh_seconds=UPLOAD_FRESH_SECONDS)
        try:
            if url is None:
                data = self._archive.read_reference(clip.reference_sha256)
                uploaded = self._client.files.create(
                    data, name=name, mime_type=mime_type, model=clip.model, client_request_id=clip.client_request_id
                )
                url = uploaded.url
                self._store.uploads.add(clip.reference_sha256, url, uploaded.model_dump(mode="json"))
        except OSError:
            if self._archive.is_shared and not _is_late(clip):  # another machine may still be sharing it
                return save(stage=clip.stage, attempts=clip.attempts + 1, delay_seconds=retry_delay(clip.attempts + 1))
            return save(stage=Stage.REFUSED, delay_seconds=None, **_error("reference_missing"))
        except APIError as error:
            return self._not_started(clip, error, save)
        reference = ReferenceMedia(url=url, name=name, mime_type=mime_type)
        body = clip.request().with_reference(reference).frozen_body()
        return save(stage=Stage.SUBMITTING, request_body=body, attempts=0, **_error(None))

    def _submit(self, clip: Clip, save: Save) -> Clip:
        """Create the generation. That something may have been sent is written down, fenced, before each try."""
        assert clip.request_body is not None
        if clip.sent_at and clip.sent_mark not in {None, self._key_fingerprint}:
            return save(stage=Stage.UNKNOWN, delay_seconds=None, **_error("key_changed"))
        # Rivya may have forgotten the key by now, and would start and charge it anew.
        if clip.sent_at and _is_too_old(clip):
            return save(stage=Stage.UNKNOWN, delay_seconds=None, **_error("too_old_to_repeat"))
        # Written down first: after a crash between here and the answer, nobody may call it unsent.
        save(stage=clip.stage, sent_at=clip.sent_at or datetime.now(UTC), sent_mark=self._key_fingerprint)
        try:
            generation = self._client.generations.create(clip.request_body, idempotency_key=clip.idempotency_key)
        except APIError as error:
            return self._not_created(clip, error, save)
        self._journal.add(clip_id=clip.id, idempotency_key=clip.idempotency_key, task_id=generation.id)
        return self._created(generation, save)

    def _created(self, generation: Generation, save: Save) -> Clip:
        now = datetime.now(UTC)
        saved = save(
            stage=Stage.RUNNING,
            task_id=generation.id,
            submitted_at=now,
            started_at=now if generation.status == PROCESSING else None,
            delay_seconds=0.0 if generation.is_final else self._settings.poll_first_seconds,
            attempts=0,
            **_seen(generation),
            **_error(None),
        )
        return self._settled(saved, generation, save) if generation.is_final else saved

    def _not_created(self, clip: Clip, error: APIError, save: Save) -> Clip:
        """A create without a yes. A clear no ends it; anything else leaves open whether Rivya started it.

        ``clip`` is as it was before this try: its ``sent_at`` tells of earlier ones.
        """
        since = clip.unknown_at or datetime.now(UTC)
        # Rivya has another body under this key, so a repeat can never tell what became of ours.
        if isinstance(error, IdempotencyConflictError):
            return save(stage=Stage.UNKNOWN, unknown_at=since, delay_seconds=None, **_error(error))
        # A clear no counts only for a first try: a repeat may be refused although the first was taken on.
        if clip.sent_at is None and not _leaves_open(error):
            return self._not_started(clip, error, save, sent_at=None)
        if _is_final_no(error):
            return self._not_started(clip, error, save)
        delay = self._delay(clip, error)
        return save(
            stage=Stage.UNKNOWN, unknown_at=since, attempts=clip.attempts + 1, delay_seconds=delay, **_error(error)
        )

    def _not_started(self, clip: Clip, error: APIError, save: Save, **values: Any) -> Clip:
        """Surely nothing was started: repeat it within the first minutes after the press, else wait for another press.

        What is sent long after a press would surprise whoever has pressed again meanwhile, and charge both.
        """
        if should_retry(error) and not _is_late(clip):
            delay = self._delay(clip, error)
            return save(stage=clip.stage, attempts=clip.attempts + 1, delay_seconds=delay, **values, **_error(error))
        refused = save(stage=Stage.REFUSED, delay_seconds=None, **values, **_error(error))
        if isinstance(error, InsufficientCreditsError):
            self.refresh_balance()
        return refused

    def _poll(self, clip: Clip, save: Save) -> Clip:
        assert clip.task_id is not None
        try:
            generation = self._client.generations.retrieve(clip.task_id)
        except NotFoundError as error:
            delay = min(NOT_FOUND_SLOWEST_SECONDS, self._delay(clip, error) * 2.0 ** min(clip.attempts, 16))
            return save(attempts=min(clip.attempts + 1, 20), delay_seconds=delay, stage=clip.stage, **_error(error))
        except APIError as error:
            delay = self._delay(clip, error)
            return save(attempts=clip.attempts + 1, delay_seconds=delay, stage=clip.stage, **_failed_look(clip, error))
        if generation.is_final:
            return self._settled(clip, generation, save)
        now = datetime.now(UTC)
        # Nothing new: the due time stays in memory, and a thousand running clips cost no writes.
        if generation.status == clip.status and clip.error is None and clip.attempts == 0:
            return clip.due_in(self.poll_delay(clip, now))
        started = clip.started_at or (now if generation.status != QUEUED else None)
        return save(
            stage=Stage.RUNNING,
            started_at=started,
            attempts=0,
            delay_seconds=self.poll_delay(clip, now),
            **_seen(generation),
            **_error(None),
        )

    def poll_delay(self, clip: Clip, now: datetime) -> float:
        """Return seconds until the next look, learned from how long such clips took before."""
        elapsed = (now - (clip.submitted_at or clip.created_at)).total_seconds()
        # To a tenth of a second: of a thousand clips in flight, most ask what another one has asked.
        return next_poll_delay(
            round(max(elapsed, 0.0), 1),
            self._durations(clip),
            min_seconds=self._settings.poll_min_seconds,
            max_seconds=self._settings.poll_max_seconds,
        )

    def _durations(self, clip: Clip) -> Durations:
        # Learned anew every 15 s: of a thousand clips in flight a hundred a second are looked at.
        alike = (clip.model, *(str(clip.params.get(key)) for key in TIMED_PARAMS))
        learned, until = self._learned.get(alike, (Durations(), 0.0))
        if time.monotonic() >= until:
            learned = Durations.learn(self._store.clips.recent_seconds(model=clip.model, params=clip.params))
            self._learned[alike] = learned, time.monotonic() + LEARNED_SECONDS
        return learned

    def _settled(self, clip: Clip, generation: Generation, save: Save) -> Clip:
        now = datetime.now(UTC)
        values = {"finished_at": clip.finished_at or now, "started_at": clip.started_at or now, **_seen(generation)}
        if generation.status == FAILED:
            failure = generation.error
            code, message = (failure.code, failure.message) if failure else ("generation_failed", "")
            return save(stage=Stage.DONE, delay_seconds=None, **values, **_error(ClipError(code, message)))
        return save(stage=Stage.SAVING, attempts=0, delay_seconds=0.0, **values, **_error(None))

    def refresh_balance(self) -> float | None:
        """Ask for the balance and remember it; ``None`` when Rivya does not tell. Free of charge."""
        try:
            credits_now = self._client.credits.retrieve().current_credits
        except APIError as error:
            log.info("balance not read: %s", error)
            return None
        self._store.balances.add(credits_now)
        return credits_now

    def _save_video(self, clip: Clip, save: Save) -> Clip:
        assert clip.task_id is not None
        # A copy that was repaired by hand, or by another process, need not be fetched again.
        if clip.video_sha256 and self._archive.has(clip.video_sha256) and self._archive.is_whole(clip.video_sha256):
            return save(
                stage=Stage.DONE, delay_seconds=None, health=Health.SAFE, checked_at=datetime.now(UTC), **_error(None)
            )
        try:
            generation = self._fresh_result(clip)
            url = generation.result.url if generation.result else None
            if url is None:
                raise APIResponseError("a finished task without a result", http_status=200)
            video = self._archive.fetch(clip.id, lambda start: self._client.stream(url, start_byte=start))
        except (RivyaError, OSError) as error:
            code = "broken_video" if isinstance(error, BrokenVideoError) else "download_failed"
            log.warning("clip %s is not saved yet: %s", clip.id, error)
            asked = retry_delay(1, getattr(error, "retry_after", None))
            delay = min(max(asked, 2.0 ** min(clip.attempts, 16)), SAVING_SLOWEST_SECONDS)
            problem = ClipError(
                code, str(error), getattr(error, "http_status", None), getattr(error, "request_id", None)
            )
            return save(stage=Stage.SAVING, attempts=clip.attempts + 1, delay_seconds=delay, **_error(problem))
        done = save(
            stage=Stage.DONE,
            delay_seconds=None,
            saved_at=datetime.now(UTC),
            video_sha256=video.sha256,
            video_bytes=video.size_bytes,
            video_width=video.width,
            video_height=video.height,
            video_seconds=video.seconds,
            health=Health.SAFE,
            checked_at=datetime.now(UTC),
            **_seen(generation),
            **_error(None),
        )
        try:
            self._archive.share(video.sha256)
        except StoreError as error:
            log.warning("clip %s is here, but not in the shared archive yet: %s", clip.id, error)
        return done

    def _fresh_result(self, clip: Clip) -> Generation:
        """Return the task with links that live: the one just seen at first, a fresh one after any failure."""
        if clip.attempts == 0 and clip.raw.get("status") == SUCCEEDED:
            return Generation.model_validate(clip.raw)
        assert clip.task_id is not None
        generation = self._client.generations.retrieve(clip.task_id)
        if generation.status != SUCCEEDED:
            raise APIResponseError(f"a finished task is {generation.status} again", http_status=200)
        return generation

    def _delay(self, clip: Clip, error: APIError) -> float:
        retry_after = getattr(error, "retry_after", None)
        delay = retry_delay(clip.attempts + 1, retry_after)
        if isinstance(error, RateLimitedError):
            # Stored, so that every process obeys it.
            self._store.outbox.pause(delay, "rate_limited")
        return delay


def _is_too_old(clip: Clip) -> bool:
    """Tell whether so much time has passed that only a person may go on."""
    asked = max(filter(None, (clip.confirmed_at, clip.sent_at or clip.created_at)))
    return datetime.now(UTC) - asked > timedelta(seconds=UNKNOWN_REPEAT_SECONDS)


def _is_late(clip: Clip) -> bool:
    """Tell whether the press is so long ago that sending it now wants another one."""
    return datetime.now(UTC) - clip.pressed_at > timedelta(seconds=UNSENT_SECONDS)


def _leaves_open(error: APIError) -> bool:
    """Tell whether Rivya may have started the task although it gave no task back."""
    if isinstance(error, APIConnectionError):
        return error.request_sent
    return isinstance(error, APIResponseError) or _is_breakdown(error)


def _is_breakdown(error: APIError) -> bool:
    """Tell a failure half way (any 5xx, or a 408) from Rivya's own clear word that its API is switched off."""
    broken = isinstance(error, APIStatusError) and (error.http_status >= 500 or error.http_status == 408)
    return broken and getattr(error, "code", "") != "public_api_disabled"


def _is_final_no(error: APIError) -> bool:
    """Tell whether this answer to a repeated create shows that the first one never started anything.

    With the key in hand Rivya gives back the task, but it may look at the account, the wallet or its load before it
    looks at the key; and a proxy knows nothing of keys. So only Rivya's own word on the body itself settles it.
    """
    return isinstance(error, ValidationFailedError) and error.code == "validation_failed"


def _seen(generation: Generation) -> dict[str, Any]:
    return {
        "status": generation.status,
        "raw": generation.model_dump(mode="json"),
        "credits_reserved": generation.reserved_credits,
        "credits_final": generation.final_credits,
    }


def _failed_look(clip: Clip, error: APIError) -> dict[str, Any]:
    """A failed poll says nothing about the generation: only what a person can mend is shown."""
    if should_retry(error) and clip.attempts < 2:
        return {}
    return _error(error)


def _error(error: APIError | ClipError | str | None) -> dict[str, Any]:
    """Return the error columns for ``error``; ``None`` clears them."""
    problem: ClipError | None
    if isinstance(error, str):
        problem = ClipError(error)
    elif isinstance(error, APIStatusError):
        problem = ClipError(error.code, error.message, error.http_status, error.request_id)
    elif isinstance(error, APIResponseError):
        problem = ClipError("unreadable_answer", str(error), error.http_status, error.request_id)
    elif isinstance(error, APIConnectionError):
        problem = ClipError("no_answer" if error.request_sent else "not_connected", str(error))
    elif isinstance(error, APIError):
        problem = ClipError("no_answer", str(error))
    else:
        problem = error
    return {
        "error_code": problem.code if problem else None,
        "error_message": problem.message if problem else None,
        "error_http_status": problem.http_status if problem else None,
        "request_id": problem.request_id if problem else None,
    }
