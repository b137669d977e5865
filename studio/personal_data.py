"""What one person made: as one file to take along, and out of the studio for good."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from rivya.errors import InvalidRequestError
from studio.i18n import N_
from studio.maintenance import Maintenance
from studio.media.archive import Archive
from studio.media.edits import Edits
from studio.reports.export import pack_clips, unique_name
from studio.store import Store
from studio.store.clip import Clip
from studio.store.members import Role
from studio.team import Team


class PersonalDataDesk:
    """Exports and erases what is a person's own."""

    def __init__(self, store: Store, archive: Archive, edits: Edits, maintenance: Maintenance, team: Team) -> None:
        self._store = store
        self._archive = archive
        self._edits = edits
        self._maintenance = maintenance
        self._team = team

    def export(self, person: str, out: Path) -> int:
        """Write everything that a person made into one ZIP at ``out``, and return the number of clips.

        That is each clip with its video, words, settings, labels and receipt, those in the trash too; the reference
        images; and what is no clip yet: plans, storyboards and drafts. What is only in the object store is brought
        here. Costs one read of each file, and some KB of memory for each clip. ``out`` is there once it is whole;
        raises ``OSError`` where it cannot be written, and ``StoreError`` when the object store does not answer.
        """
        part = out.with_name(f"{out.name}.part")
        try:
            with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as packed:
                clips = pack_clips(packed, self._labelled(person))
                for clip in {clip.reference_sha256: clip for clip in clips}.values():
                    self._pack_reference(packed, clip)
                for name, rows in self._store.personal_data.words(person).items():
                    packed.writestr(f"{name}.json", json.dumps(rows, ensure_ascii=False, indent=1))
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
        return len(clips)

    def _labelled(self, person: str) -> Iterator[tuple[Clip, dict[str, list[str]]]]:
        for clips in self._store.personal_data.clips(person):
            labels = self._store.labels.of([clip.id for clip in clips])
            for clip in clips:
                if clip.video_sha256:
                    self._archive.has(clip.video_sha256)
                yield clip, labels.get(clip.id, {})

    def _pack_reference(self, packed: zipfile.ZipFile, clip: Clip) -> None:
        if clip.reference_sha256 is None:
            return
        extension = (clip.reference_mime_type or "").removeprefix("image/") or "bin"
        try:
            image = self._archive.read_reference(clip.reference_sha256)
        except FileNotFoundError:
            return
        packed.writestr(f"references/{unique_name(clip)}.{extension}", image)

    def erase(self, person: str, *, by: str | None = None) -> int:
        """Take a person's words, pictures and videos out for good, and their name off the receipts; return the clips.

        What was joined or cut out of their videos goes too, whoever did it. Cannot be undone. Raises ``RoleError``, and
        ``InvalidRequestError`` while a clip of theirs is on its way.
        """
        self._team.require(by, Role.LEAD)
        if self._team.is_last_lead(person):
            raise InvalidRequestError("person", N_("Nobody would lead any more. Make somebody else a lead first."))
        clip_ids, pictures = self._store.personal_data.erase(person)
        self._store.trash.purge(older_than_seconds=0, only=clip_ids)
        for sha256 in pictures:
            self._archive.remove_reference(sha256)
        self._edits.remove_of(clip_ids)
        self._maintenance.empty_trash(only=clip_ids)
        self._team.note(by, "remove", [f"{person}: {len(clip_ids)}"])
        self._store.spending.add_up()  # what their clips added comes to nothing, and their name goes with it
        return len(clip_ids)
