"""From a person's press to an intent: committed with its key and its exact body before anything is sent.

This is the only room in which a clip that costs credits comes into being.
"""

from __future__ import annotations

import hashlib
import math
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rivya import images
from rivya.errors import ImageError, InvalidRequestError
from rivya.models import GenerationRequest, refuse_reference
from rivya.spec import DEFAULT_MODEL, MODELS
from studio.errors import StoreError
from studio.i18n import N_
from studio.journal import Journal
from studio.media import editing
from studio.media.archive import Archive
from studio.store import Store
from studio.store.budget import NO_LIMITS, Limits
from studio.store.clip import RESCUED, Clip, Stage, State
from studio.store.database import Permit
from studio.store.members import Role
from studio.team import Team
from studio.work_signal import WorkSignal


class Submission:
    """Writes intents of one ``account`` into ``store``; ``signal`` tells the engine that there is one."""

    def __init__(
        self,
        store: Store,
        archive: Archive,
        journal: Journal,
        signal: WorkSignal,
        team: Team,
        *,
        account: str,
        limits: Limits = NO_LIMITS,
    ) -> None:
        self._store = store
        self._archive = archive
        self._journal = journal
        self._account = account
        self._limits = limits
        self._signal = signal
        self._team = team

    def submit(
        self,
        request: GenerationRequest,
        image: bytes | Path | images.ReferenceImage | None = None,
        *,
        draft_id: str | None = None,
        by: str | None = None,
        **origin: str | None,
    ) -> Clip:
        """Commit an intent to spend the model's price (25 credits) and return at once; the engine sends it.

        The row, its key and its exact body are durable before the first byte leaves. The same ``draft_id`` with
        the same contents gives back the same clip. ``by`` is the person who spends: their role is looked at in the
        same transaction. ``origin`` may say the ``person`` whose clip it is, the clip that it continues
        (``parent_id``), the ``plan_id`` that it comes from, and the lead who ``approved_by`` their word lifted the
        person's own limits, not the studio's.

        Raises ``ImageError``, ``InvalidRequestError`` (the model takes no image), ``RoleError``, ``BudgetError``,
        ``PlanWithdrawnError`` or ``StoreError``; then nothing was stored.
        """
        reference = self._reference(request, image)
        sha256 = self._keep(reference)
        own_draft = f"{self._account} {draft_id}" if draft_id else None
        clip = self._insert(request, reference, sha256, own_draft, by, origin)
        # A draft's id that was used with other contents: an old link must not swallow a new idea.
        if not clip.purged_at and not _is_of(clip, request, sha256):
            contents = hashlib.sha256(f"{request.frozen_body()} {sha256}".encode()).hexdigest()[:12]
            clip = self._insert(request, reference, sha256, f"{self._account} {draft_id} {contents}", by, origin)
        # After the commit: the journal may know less than the database, never more.
        self._journal.add(clip_id=clip.id, idempotency_key=clip.idempotency_key)
        self._signal.ask()
        return clip

    def _insert(
        self,
        request: GenerationRequest,
        reference: images.ReferenceImage | None,
        sha256: str | None,
        draft_id: str | None,
        by: str | None,
        origin: dict[str, str | None],
    ) -> Clip:
        key = self._new_key(origin.get("plan_id"))
        clip_id = f"clip_{uuid.uuid5(key, 'clip').hex[:20]}"
        request = request.model_copy(update={"client_request_id": request.client_request_id or clip_id})
        return self._store.clips.insert(
            limits=self._limits,
            permit=self._permit(by),
            **origin,
            id=clip_id,
            draft_id=draft_id,
            model=request.model,
            prompt=request.prompt,
            params=request.params,
            price=request.spec.base_credits,
            stage=Stage.PENDING,
            idempotency_key=str(key),
            client_request_id=request.client_request_id,
            request_body=None if reference else request.frozen_body(),
            reference_sha256=sha256,
            reference_mime_type=reference.mime_type if reference else None,
        )

    def _permit(self, by: str | None) -> Permit:
        return lambda connection: self._team.require(by, Role.MAKER, connection)

    def _new_key(self, plan_id: str | None) -> uuid.UUID:
        """Return a fresh key. A plan's is always the same, so that a restored queue cannot pay for it again."""
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{self._account} {plan_id}") if plan_id else uuid.uuid4()

    def _reference(self, request: GenerationRequest, image: Any) -> images.ReferenceImage | None:
        if image is None:
            return None
        refuse_reference(request.spec)
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
            return self._archive.keep_reference(reference.data)
        except OSError as error:
            raise StoreError(f"cannot keep the reference image: {error.strerror}") from error

    def keep_last_frame(self, clip: Clip) -> str:
        """Keep the last frame of a clip's video as a reference image and return its SHA-256.

        Costs decoding from the last key frame. Raises ``VideoError`` or ``ImageError``.
        """
        if clip.video_path is None or clip.video_sha256 is None or not self._archive.has(clip.video_sha256):
            raise ImageError(N_("The video is not here, so its last frame cannot be used."))
        frame = editing.still(clip.video_path, at_seconds=math.inf)
        return self._archive.keep_reference(images.check(frame).data)

    def send(self, clip_id: str, *, by: str | None = None) -> Clip:
        """Send a clip that waits for it, with its own key and body, on a person's word. Spends the model's price.

        A second press, or one on a clip that is on its way, changes nothing. One that was refused again goes as a new
        request, in case Rivya remembers a refusal with its key. Raises ``KeyError``, ``RoleError``, ``BudgetError`` or
        ``StoreError``.
        """
        clip = self._store.clips.get(clip_id)
        if clip is None or clip.purged_at:
            raise KeyError(clip_id)
        if by is not None and by != (clip.person or ""):
            self._team.require(by, Role.LEAD)
        if not clip.waits_to_be_sent:
            return clip
        if again := self.retry_of(clip_id):
            return again
        if clip.confirmed_at:
            return self.retry(clip_id, by=by)
        self._store.clips.resume(clip_id, limits=self._limits, permit=self._permit(by))
        self._signal.ask()
        return self._store.clips.get(clip_id) or clip

    def retry(self, clip_id: str, *, by: str | None = None) -> Clip:
        """Submit a failed or refused clip once more as a new one; twice the same click is one new clip.

        Spends the model's price. Raises ``KeyError`` for an unknown id, and ``RoleError``.
        """
        clip = self._store.clips.get(clip_id)
        if clip is None or clip.purged_at or clip.is_rescued or clip.state not in {State.FAILED, State.REFUSED}:
            raise KeyError(clip_id)
        return self._submit_copy(clip, f"again:{clip_id}", by)

    def retry_of(self, clip_id: str) -> Clip | None:
        """Return the clip that ``retry`` or ``resubmit_with_new_key`` made of this one, ``None`` when there is none."""
        drafts = [f"{self._account} {word}:{clip_id}" for word in ("again", "anew")]
        return self._store.clips.by_drafts(drafts)

    def resubmit_with_new_key(self, clip_id: str, *, by: str | None = None) -> Clip:
        """Submit a clip in lasting doubt once more under a new key, on a person's word.

        May cost the model's price a second time, when Rivya had started the first after all. Raises ``KeyError``.
        """
        clip = self._store.clips.get(clip_id)
        if clip is None or clip.purged_at or clip.is_rescued or not clip.needs_decision:
            raise KeyError(clip_id)
        return self._submit_copy(clip, f"anew:{clip_id}", by)

    def _submit_copy(self, clip: Clip, draft_id: str, by: str | None) -> Clip:
        request = GenerationRequest(model=clip.model, prompt=clip.prompt, params=clip.params)
        image = self.reference_image(clip)
        person = by or clip.person
        return self.submit(request, image, draft_id=draft_id, by=by, person=person, parent_id=clip.parent_id)

    def add_rescued(self, models: Mapping[str, str | None]) -> dict[str, bool]:
        """Take clips back in by task ids that Rivya knows; the engine fetches their videos. Costs nothing.

        ``models`` names the model of each id, where Rivya told it. Returns for each id whether it is new here; one
        that is here already is left alone.
        """
        rescued = {}
        for task_id, model in models.items():
            spec = MODELS.get(model or "", DEFAULT_MODEL)
            clip_id = f"clip_{hashlib.sha256(task_id.encode()).hexdigest()[:20]}"
            rescued[task_id] = self._store.clips.add_rescued(
                id=clip_id,
                model=spec.id,
                prompt=f"({task_id})",
                params={},
                price=spec.base_credits,
                stage=Stage.RUNNING,
                task_id=task_id,
                idempotency_key=f"{RESCUED}{task_id}",
                client_request_id=clip_id,
            )
        self._signal.ask()
        return rescued

    def reference_image(self, clip: Clip) -> images.ReferenceImage | None:
        """Return the reference image of a clip as it was sent, ``None`` when it had none. Raises ``ImageError``."""
        return self.stored_reference(clip.reference_sha256) if clip.reference_sha256 else None

    def stored_reference(self, sha256: str) -> images.ReferenceImage:
        """Return a kept image, byte for byte as it would be sent. Raises ``ImageError`` when it is gone."""
        try:
            return images.describe(self._archive.read_reference(sha256))
        except OSError as error:
            raise ImageError(N_("The reference image is no longer in the data folder. Add it again.")) from error

    def ask_again(self, clip_id: str) -> None:
        """Repeat an unknown create with its own key, or look again for a task that was not found.

        Cannot charge twice as long as Rivya remembers the key; how long that is, is not documented.
        """
        self._store.outbox.wake(clip_id, confirmed_at=datetime.now(UTC), sent_mark=None)
        self._signal.ask()


def _is_of(clip: Clip, request: GenerationRequest, reference_sha256: str | None) -> bool:
    mine = (clip.model, clip.prompt, clip.params, clip.reference_sha256)
    return mine == (request.model, request.prompt, request.params, reference_sha256)
