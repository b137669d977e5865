"""What one person made: as one file to take along, and out of the studio for good."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from rivya.errors import ImageError, InvalidRequestError
from rivya.images import describe
from studio.errors import StoreError
from studio.i18n import N_
from studio.maintenance import Maintenance
from studio.media.archive import Archive
from studio.media.edits import Edits
from studio.reports.export import pack_clips
from studio.store import Store
from studio.store.clip import Clip
from studio.store.members import Role
from studio.store.storable import storable
from studio.team import Team


class PersonalExport(NamedTuple):
    """How many clips were written, and the videos and images that could not be had: ids of clips, and SHA-256."""

    clips: int
    missing: tuple[str, ...]


class PersonalDataDesk:
    """Exports and erases what is a person's own."""

    def __init__(self, store: Store, archive: Archive, edits: Edits, maintenance: Maintenance, team: Team) -> None:
        self._store = store
        self._archive = archive
        self._edits = edits
        self._maintenance = maintenance
        self._team = team

    def export(self, person: str, out: Path) -> PersonalExport:
        """Write everything that a person made into one ZIP at ``out``, which is there once it is whole.

        That is each clip with its video, words, settings, labels and receipt, those in the trash too; what is no clip
        yet: plans, storyboards and drafts; the reference images of all of these; and what is kept here of what was
        joined or cut out of their clips alone. Costs one read of each file, and some KB of memory for each clip.
        Raises ``OSError`` where ``out`` cannot be written. Look at ``missing`` before anything is erased.
        """
        out = out.resolve()
        missing: list[str] = []
        with tempfile.NamedTemporaryFile(dir=out.parent, suffix=".part", delete=False) as part:
            try:
                with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED, strict_timestamps=False) as packed:
                    clips = pack_clips(packed, self._labelled(person, missing))
                    words = self._store.personal_data.words(person)
                    for name, rows in words.items():
                        packed.writestr(f"{name}.json", storable(json.dumps(rows, ensure_ascii=False, indent=1)))
                    wanted = [clip.reference_sha256 for clip in clips]
                    wanted += [plan["reference_sha256"] for plan in words["plans"]]
                    wanted += [draft["body"].get("reference") for draft in words["drafts"]]
                    self._pack_references(packed, dict.fromkeys(filter(None, wanted)), missing)
                    self._pack_edits(packed, {clip.id for clip in clips})
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).replace(out)
            finally:
                Path(part.name).unlink(missing_ok=True)
        return PersonalExport(len(clips), tuple(missing))

    def _labelled(self, person: str, missing: list[str]) -> Iterator[tuple[Clip, dict[str, list[str]]]]:
        """Yield each clip with its labels, its video brought here from the object store."""
        for clips in self._store.personal_data.clips(person):
            labels = self._store.labels.of([clip.id for clip in clips])
            for clip in clips:
                if clip.video_sha256 and not self._archive.has(clip.video_sha256):
                    missing.append(clip.id)
                yield clip, labels.get(clip.id, {})

    def _pack_references(self, packed: zipfile.ZipFile, wanted: Collection[str], missing: list[str]) -> None:
        for sha256 in wanted:
            try:
                image = self._archive.read_reference(sha256)
            except FileNotFoundError:
                missing.append(sha256)
                continue
            extension = ""
            with suppress(ImageError):  # damaged, it is theirs as well
                extension = describe(image).extension
            packed.writestr(f"references/{sha256}{extension}", image)

    def _pack_edits(self, packed: zipfile.ZipFile, theirs: Collection[str]) -> None:
        for edit in self._edits.all():
            path = self._edits.path(edit.name)
            if path and edit.clip_ids and set(edit.clip_ids) <= set(theirs):
                with suppress(FileNotFoundError):  # its 30 days are over
                    packed.write(path, f"edited/{edit.name[:8]}_{edit.save_as}")

    def erase(self, person: str, *, by: str | None = None) -> int:
        """Take a person's words, pictures and videos out for good, and their name off the receipts; return the clips.

        What was joined or cut out of their videos goes too, whoever did it. Cannot be undone. Raises ``RoleError``, and
        ``InvalidRequestError`` while a clip of theirs is on its way; once all else is gone, ``StoreError`` with the
        names of the images that the object store would not remove. Videos that it keeps are tried again each minute.
        """
        self._team.require(by, Role.LEAD)
        if self._team.is_last_lead(person):
            raise InvalidRequestError("person", N_("Nobody would lead any more. Make somebody else a lead first."))
        clip_ids, pictures = self._store.personal_data.erase(person)
        self._team.note(by, "remove", [f"{person}: {len(clip_ids)}"])
        self._store.spending.add_up()  # what their clips added comes to nothing, and their name goes with it
        self._store.trash.purge(older_than_seconds=0, only=clip_ids)
        self._edits.remove_of(clip_ids)
        self._maintenance.empty_trash(only=clip_ids)
        if left := [sha256 for sha256 in pictures if not self._is_removed(sha256)]:
            raise StoreError(f"erased, but these images are still in the archive, under references/: {', '.join(left)}")
        return len(clip_ids)

    def _is_removed(self, sha256: str) -> bool:
        try:
            self._archive.remove_reference(sha256)
        except (OSError, StoreError):
            return False
        return True
