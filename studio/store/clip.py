"""A Clip is our row: the intent, what became of it, and its file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from rivya.models import FAILED, PROCESSING, QUEUED, SUCCEEDED, GenerationRequest


class Stage(StrEnum):
    """How far our side has come with an intent; Rivya's own status has a column of its own."""

    PENDING = "pending"
    UPLOADING = "uploading"
    SUBMITTING = "submitting"
    UNKNOWN = "unknown"
    RUNNING = "running"
    SAVING = "saving"
    DONE = "done"
    REFUSED = "refused"


OPEN_STAGES = (Stage.PENDING, Stage.UPLOADING, Stage.SUBMITTING, Stage.UNKNOWN, Stage.RUNNING, Stage.SAVING)
"""Stages in which the engine still has something to do."""


UNSENT_STAGES = (Stage.PENDING, Stage.UPLOADING, Stage.SUBMITTING)
"""Stages in which nothing may have left yet: whether something has, ``sent_at`` tells."""


class Health(StrEnum):
    """How a paid video is doing: whole here, only at Rivya, or damaged here."""

    SAFE = "safe"
    REMOTE = "remote"
    DAMAGED = "damaged"


ERASED = "(erased)"
"""What stands in place of the prompt of a clip whose person was erased."""


class State(StrEnum):
    """What people read: one of seven words."""

    SENDING = "sending"
    QUEUED = "queued"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


_STATE_OF_STAGE = {
    Stage.PENDING: State.SENDING,
    Stage.UPLOADING: State.SENDING,
    Stage.SUBMITTING: State.SENDING,
    Stage.UNKNOWN: State.UNKNOWN,
    Stage.REFUSED: State.REFUSED,
}
_STATE_OF_STATUS = {
    QUEUED: State.QUEUED,
    PROCESSING: State.PROCESSING,
    SUCCEEDED: State.SUCCEEDED,
    FAILED: State.FAILED,
}

SAVING_PATIENCE_ATTEMPTS = 2

RESCUED = "rescued:"
"""Begins the key of a clip of which only the task id is known: it never had one of ours."""

PLAN_ID = "plan_"
"""Begins the id of a plan, and with it a word of the draft id of the clip that it became."""

MOST_TAKES = 4
"""Clips that one press makes at most."""

UNSENT_SECONDS = 600.0
"""How long after a press what has not left yet is still sent by itself; then a person presses again."""

_PASSING_CODES = frozenset({
    "insufficient_credits", "api_key_missing", "api_key_invalid", "api_key_revoked", "api_key_expired",
    "api_scope_denied", "rate_limited", "public_api_disabled", "not_connected", "no_answer", "unreadable_answer",
    "not_sent",
})  # fmt: skip
"""Refusals whose cause may pass: the very same request can be sent again."""


@dataclass(frozen=True, slots=True)
class ClipError:
    """What went wrong last. ``code`` is Rivya's, or one of ``messages.LOCAL_WORDS``; ``request_id`` is for support."""

    code: str
    message: str = ""
    http_status: int | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Clip:
    """One intent and all that is known of it. Times are UTC, credits are Rivya's, sizes are pixels and bytes."""

    id: str
    seq: int
    model: str
    prompt: str
    params: dict[str, Any]
    stage: Stage
    idempotency_key: str
    client_request_id: str
    created_at: datetime
    updated_at: datetime
    account: str = ""
    request_body: str | None = None
    reference_sha256: str | None = None
    reference_mime_type: str | None = None
    reference_path: Path | None = None
    task_id: str | None = None
    status: str | None = None
    attempts: int = 0
    run_at: datetime | None = None
    submitted_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    saved_at: datetime | None = None
    error: ClipError | None = None
    credits_reserved: float = 0
    credits_final: float = 0
    price: int = 0
    balance_before: float | None = None
    balance_after: float | None = None
    video_path: Path | None = None
    poster_path: Path | None = None
    video_sha256: str | None = None
    video_bytes: int | None = None
    video_width: int | None = None
    video_height: int | None = None
    video_seconds: float | None = None
    deleted_at: datetime | None = None
    purged_at: datetime | None = None
    approved_by: str | None = None
    starred_at: datetime | None = None
    downloaded_at: datetime | None = None
    parent_id: str | None = None
    draft_id: str | None = None
    source: str | None = None
    person: str | None = None
    owner: str | None = None
    sent_at: datetime | None = None
    sent_mark: str | None = None
    unknown_at: datetime | None = None
    confirmed_at: datetime | None = None
    health: str | None = None
    checked_at: datetime | None = None
    raw: dict[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """The status word. A finished clip is ``succeeded`` once its video is here, or when fetching it proves hard."""
        if self.stage in _STATE_OF_STAGE:
            return _STATE_OF_STAGE[self.stage]
        if self.error and self.error.code == "not_found" and self.stage is Stage.RUNNING:
            return State.UNKNOWN
        if self.stage is Stage.SAVING:
            return State.SUCCEEDED if self.attempts > SAVING_PATIENCE_ATTEMPTS else State.PROCESSING
        return _STATE_OF_STATUS.get(self.status or "", State.PROCESSING)

    @property
    def press_id(self) -> str:
        """What the takes of one press share: the draft's id without the number of the take; else the clip's own id."""
        first, _, take = (self.draft_id or self.id).rpartition(":")
        return first if take.isdecimal() and first else self.draft_id or self.id

    @property
    def plan_id(self) -> str:
        """The plan that became this clip; empty where it was sent from a form."""
        return next((word for word in (self.draft_id or "").split(" ")[1:] if word.startswith(PLAN_ID)), "")

    @property
    def take(self) -> int:
        """Which of the takes of one press it is, from 1 on."""
        number = (self.draft_id or "").rpartition(":")[2]
        return int(number) + 1 if number.isdecimal() and self.draft_id != self.press_id else 1

    @property
    def is_open(self) -> bool:
        """Whether the engine still has something to do for this clip."""
        return self.stage in OPEN_STAGES

    @property
    def is_rescued(self) -> bool:
        """Whether only its task id is known: its prompt and settings are lost, so it cannot be made again."""
        return self.idempotency_key.startswith(RESCUED)

    @property
    def needs_decision(self) -> bool:
        """Whether nothing goes on until somebody decides what may cost money."""
        return self.stage is Stage.UNKNOWN and self.run_at is None

    @property
    def waits_to_be_sent(self) -> bool:
        """Whether nothing was started, and a press sends the very same request with its own key."""
        if self.stage is not Stage.REFUSED or self.error is None or self.is_rescued or self.deleted_at:
            return False
        return self.error.code in _PASSING_CODES or (self.error.http_status or 0) >= 500

    @property
    def waits_for_credits(self) -> bool:
        """Whether it waits to be sent because the wallet held too little."""
        return self.waits_to_be_sent and self.error is not None and self.error.code == "insufficient_credits"

    @property
    def pressed_at(self) -> datetime:
        """When a person last said that this may be sent."""
        return max(filter(None, (self.created_at, self.confirmed_at)))

    @property
    def delay_seconds(self) -> float | None:
        """Seconds from the last word on this clip to the engine's next step; ``None`` when there is none."""
        if self.run_at is None or not self.is_open:
            return None
        return (self.run_at - self.updated_at).total_seconds()

    def due_in(self, seconds: float) -> Clip:
        """Return the same clip, due again ``seconds`` from now, without anything to write down."""
        now = datetime.now(UTC)
        return replace(self, updated_at=now, run_at=now + timedelta(seconds=seconds))

    @property
    def is_erased(self) -> bool:
        """Whether its person was erased: then it has neither words nor settings, which each other clip has."""
        return self.prompt == ERASED and not self.params

    @property
    def is_saving(self) -> bool:
        """Whether Rivya has finished and the video is on its way here."""
        return self.stage is Stage.SAVING

    def request(self) -> GenerationRequest:
        """Return what was asked for, without the reference image."""
        return GenerationRequest(
            model=self.model, prompt=self.prompt, params=self.params, client_request_id=self.client_request_id
        )

    @property
    def elapsed_seconds(self) -> float:
        """Seconds since Generate was pressed, or what it took until Rivya had finished."""
        return max(((self.finished_at or datetime.now(UTC)) - self.created_at).total_seconds(), 0.0)

    @property
    def queue_seconds(self) -> float | None:
        """Seconds from Rivya's yes to the first sight of work; ``None`` while unknown."""
        return _seconds_between(self.submitted_at, self.started_at)

    @property
    def render_seconds(self) -> float | None:
        """Seconds from the first sight of work to its end; ``None`` while unknown."""
        return _seconds_between(self.started_at or self.submitted_at, self.finished_at)


def _seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    return max((end - start).total_seconds(), 0.0) if start and end else None
