"""Private histories: whatever a person asks for, it is their own; a lead and the engine see everything."""

from __future__ import annotations

import inspect
from contextvars import copy_context
from functools import partial

import pytest
from conftest import SMALL, stopped_after
from pydantic import ValidationError

from rivya import GenerationRequest
from studio import Settings, Studio
from studio.draft import Draft
from studio.reports.export import clips_csv
from studio.store import ClipFilter
from studio.store.clips import Clips
from studio.store.reader import read_as
from studio.storyboard import Board

SIGN_IN = {"passphrase": "four plain words here", "leads": "Asha"}
FOR_PEOPLE = {
    "get", "page", "count", "by_ids", "neighbours", "takes_of", "people", "prompts", "chain", "twin", "active", "ended",
    "set_deleted", "take_unseen", "set_starred", "set_downloaded",
}  # fmt: skip
FOR_THE_ENGINE = {
    "insert", "resume", "by_drafts", "take_untold", "put_back_untold", "made_last", "recent_seconds",
    "add_rescued",
}  # fmt: skip
"""What no page shows by itself: one's own words and keys, figures of all, and what keeps the archive whole."""


@pytest.fixture
def two(settings):
    """A studio in which Mo and Vik made a clip each, with a label, a plan, a storyboard and an edit."""
    private = Settings(**{**settings.model_dump(exclude_unset=True), **SIGN_IN, "history": "private"})
    with stopped_after(Studio(private)) as studio:
        for name in ("Mo", "Vik"):
            request = GenerationRequest(prompt=f"{name}'s boat", **SMALL)
            clip = studio.wait(studio.submit(request, person=name, draft_id=f"draft of {name}").id, 60)
            studio.labels.add([clip.id], "tag", f"tag of {name}")
            studio.drafts.plan(Draft("d" * 16, f"{name}'s plan", dict(request.params)), person=name)
            studio.storyboards.add(Board(f"{name}'s story"), person=name)
            studio.team.note(name, "trash", [f"{name}'s boat {clip.id}"])
            made = {"save_as": f"{name}.mp4", "clip_ids": [clip.id]}
            studio.edits.make(f"trim of {name}", "mp4", lambda path: path.write_bytes(b"a video"), **made)
        yield studio


def as_reader(studio: Studio, name: str, ask):
    """Ask as a person, in a context of its own, as a page does."""

    def asked():
        read_as(studio.team.reader(name))
        return ask()

    return copy_context().run(asked)


def test_every_reading_method_is_known():
    """A new one has to say here whether it is for people."""
    public = {name for name, _method in inspect.getmembers(Clips, inspect.isfunction) if not name.startswith("_")}
    assert public == FOR_PEOPLE | FOR_THE_ENGINE


def questions(studio: Studio, theirs: str) -> dict[str, object]:
    """Ask everything that pages ask, by names and by the id of somebody else's clip."""
    clips, other = studio.clips, copy_context().run(lambda: (read_as(None), studio.get(theirs))[1])
    return {
        "get": studio.get(theirs),
        "page": clips.page(),
        "searched": clips.page(ClipFilter(words="boat")),
        "by person": clips.page(ClipFilter(person=other.person)),
        "by tag": clips.page(ClipFilter(tag=f"tag of {other.person}")),
        "trash": clips.page(ClipFilter(shown="deleted")),
        "by ids": clips.by_ids([theirs]),
        "takes": clips.takes_of(other),
        "neighbours": clips.neighbours(other),
        "people": clips.people(),
        "prompts": clips.prompts("boat", limit=9),
        "chain": clips.chain(theirs),
        "twin": studio.twin(other.prompt, other.params, None),
        "ended": clips.ended(limit=9),
        "unseen": clips.take_unseen([theirs]),
        "receipts": studio.receipts.accepted(),
        "labels": studio.labels.names("tag"),
        "queue": studio.queue.waiting(),
        "sent": studio.queue.sent(),
        "stories": studio.storyboards.all(),
        "spent by person": studio.spent_by("person"),
        "export": clips_csv(clips.page()),
        "activity": studio.team.deeds(),
        "edited": list(studio.edited()),
    }


@pytest.mark.parametrize(("reader", "theirs"), [("Mo", "Vik"), ("vik2", "Mo"), ("", "Mo")])
def test_nothing_of_others_is_read(two, reader, theirs):
    """By no filter, id, name, search, export, queue, label or storyboard; and a stranger or no name sees nothing."""
    others = {clip.person: clip for clip in two.clips.page()}
    answers = as_reader(two, reader, lambda: questions(two, others[theirs].id))
    for asked, answer in answers.items():
        assert theirs not in repr(answer), asked
    assert as_reader(two, reader, two.clips.count) == (1 if reader == "Mo" else 0)


def test_what_one_was_told_is_told_to_nobody_else(two):
    """What is told again while nothing is written is told to whom it was told, whoever asked first."""
    asks = (
        two.clips.page,
        two.clips.count,
        two.clips.people,
        partial(two.clips.ended, limit=9),
        partial(two.labels.names, "tag"),
    )
    for ask in asks:
        everything = ask()
        assert as_reader(two, "Vik", ask) not in (everything, None)
        assert not as_reader(two, "Stranger", ask)
        assert ask() == everything


@pytest.mark.parametrize("reader", ["Asha", "Mo"])
def test_ones_own_and_a_leads_are_read(two, reader):
    """The same questions about one's own clip are answered; a lead's are about anybody's."""
    mine = {clip.person: clip for clip in two.clips.page()}["Mo"]
    answers = as_reader(two, reader, lambda: questions(two, mine.id))
    for asked, answer in answers.items():
        if asked not in {"trash", "neighbours", "unseen", "sent", "twin"}:
            assert "Mo" in repr(answer), asked
    assert as_reader(two, "Asha", two.clips.count) == 2


def test_somebody_elses_clip_cannot_be_changed(two):
    """Star, trash, download mark and seen mark: the row stays as it is."""
    theirs = {clip.person: clip for clip in two.clips.page()}["Vik"]

    def change():
        two.clips.set_starred([theirs.id], starred=True)
        two.clips.set_downloaded([theirs.id])
        two.clips.take_unseen([theirs.id])
        two.trash([theirs.id], deleted=True, by="Mo")

    as_reader(two, "Mo", change)
    assert two.get(theirs.id) == theirs


def test_what_was_there_before_people_had_names_is_for_leads(settings):
    """And a setting that nobody can hold is refused in words."""
    private = Settings(**{**settings.model_dump(exclude_unset=True), **SIGN_IN, "history": "private"})
    studio = Studio(private)
    studio.submission.submit(GenerationRequest(prompt="an old boat", **SMALL))
    assert as_reader(studio, "Mo", studio.clips.page) == []
    assert [clip.prompt for clip in as_reader(studio, "Asha", studio.clips.page)] == ["an old boat"]
    studio.stop()
    with pytest.raises(ValidationError, match="RIVYA_HISTORY=private needs people who sign in"):
        Settings(data_dir=settings.data_dir, history="private")


def test_where_the_history_is_the_teams_everybody_reads_everything(settings):
    studio = Studio(Settings(**{**settings.model_dump(exclude_unset=True), **SIGN_IN}))
    studio.submission.submit(GenerationRequest(prompt="a boat", **SMALL), person="Vik")
    assert [clip.person for clip in as_reader(studio, "Mo", studio.clips.page)] == ["Vik"]
    studio.stop()
