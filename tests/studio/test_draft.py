"""The guards between a press and its price, whoever draws the form."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from conftest import SMALL

from rivya.errors import InvalidRequestError
from rivya.spec import DEFAULT_MODEL
from studio.draft import Draft, Replaced, check_press, comes_from, new_draft_id, read_seed
from studio.plan_queue import Approval
from studio.prompts.remix import read_remix, remix_code

PARAMS = {**DEFAULT_MODEL.defaults, **SMALL}


def draft(**changes) -> Draft:
    return replace(Draft(new_draft_id(), "A paper boat", PARAMS), **changes)


@pytest.mark.parametrize(
    ("typed", "seed"), [("", -1), (" 7 ", 7), ("৪২", 42), ("\u22121", -1), ("1.5", "1.5"), ("seven", "seven")]
)
def test_a_seed_is_read_or_comes_back(typed, seed):
    """Never another number than the one that was typed."""
    assert read_seed(typed) == seed


def test_a_press_pays_for_what_was_shown():
    """Another number of takes or picture, one on its way, an impossible field or a template's gap pays for nothing."""
    shown = draft()
    pressed = replace(shown, id="another", prompt="A paper boat drifts")
    assert check_press(pressed, shown, is_picture_settled=True) == replace(pressed, id=shown.id)
    for wrong in (
        replace(pressed, takes=2),
        replace(pressed, reference_sha256="a" * 64),
        replace(pressed, params={**PARAMS, "seed": "seven"}),
        replace(pressed, prompt="\u2800"),
        replace(pressed, prompt="A {colour} boat"),
    ):
        with pytest.raises(InvalidRequestError):
            check_press(wrong, shown, is_picture_settled=True)
    with pytest.raises(InvalidRequestError):
        check_press(pressed, shown, is_picture_settled=False)


def test_one_draft_is_its_takes_once(studio, monkeypatch):
    """The same draft gives the same clips; its successor, unchanged and at once, was the same press."""
    monkeypatch.setattr("studio.draft.SAME_PRESS_SECONDS", 60.0)  # "at once" on any computer
    first = draft(takes=2)
    clips, next_id = studio.drafts.send(first, person="Ada")
    assert [clip.person for clip in clips] == ["Ada", "Ada"]
    again, _ = studio.drafts.send(first)
    assert [clip.id for clip in again] == [clip.id for clip in clips]
    assert studio.drafts.send(replace(first, id=next_id)) == ([], next_id)
    assert studio.clips.count() == 2
    changed, _ = studio.drafts.send(replace(first, id=next_id, prompt="A paper kite", takes=1))
    assert len(changed) == 1
    assert studio.drafts.open(next_id).prompt == "A paper boat"


def test_a_finger_that_goes_on_is_one_press(studio, monkeypatch):
    """Each press within the time of the one before it, however long all of them take; after a pause it is a new one."""
    clock = SimpleNamespace(monotonic=lambda: clock.now, now=100.0)
    monkeypatch.setattr("studio.draft.time", clock)
    _, next_id = studio.drafts.send(draft())
    for _ in range(4):
        clock.now += 1.2
        assert studio.drafts.send(replace(draft(), id=next_id)) == ([], next_id)
    assert studio.clips.count() == 1
    clock.now += 1.6
    sent, _ = studio.drafts.send(replace(draft(), id=next_id))
    assert (len(sent), studio.clips.count()) == (1, 2)


def test_the_time_of_a_double_press_begins_with_the_button_that_it_hits(studio, monkeypatch):
    """On a busy computer the page is drawn seconds later, and the second half of the press heard later still."""
    clock = SimpleNamespace(monotonic=lambda: clock.now, now=100.0)
    monkeypatch.setattr("studio.draft.time", clock)
    _, next_id = studio.drafts.send(draft())
    clock.now += 5
    studio.drafts.send(draft(prompt="Somebody else's boat", id="e" * 16))
    studio.drafts.drawn(next_id)
    clock.now += 1.2
    studio.drafts.drawn(next_id)
    assert studio.drafts.send(replace(draft(), id=next_id)) == ([], next_id)
    clock.now += 1.6
    studio.drafts.drawn(next_id)
    sent, _ = studio.drafts.send(replace(draft(), id=next_id))
    assert (len(sent), studio.clips.count()) == (1, 3)


def test_a_draft_whose_button_was_not_drawn_anew_is_planned_once(studio, monkeypatch):
    """A second press may come before the page has put the successor under the button."""
    monkeypatch.setattr("studio.draft.SAME_PRESS_SECONDS", 60.0)
    first = draft(takes=2)
    next_id = studio.drafts.plan(first)
    assert studio.drafts.plan(first) == next_id
    assert len(studio.queue.waiting()) == 2


def test_what_was_replaced_is_kept_without_what_no_database_keeps(studio):
    """Words and picture come back as they were; of a NUL, PostgreSQL would refuse all of it."""
    was = Replaced("My own\0 words", "a" * 64, "An\0 idea", None)
    written = draft()
    studio.drafts.save(replace(written, replaced=was))
    assert studio.drafts.open(written.id).replaced == Replaced("My own words", "a" * 64, "An idea", None)
    studio.drafts.save(written)
    assert studio.drafts.open(written.id).replaced is None


def test_a_double_press_plans_once(studio, monkeypatch):
    """A press on the successor, unchanged and at once, adds nothing; another button of the same form is another wish."""
    monkeypatch.setattr("studio.draft.SAME_PRESS_SECONDS", 60.0)
    next_id = studio.drafts.plan(draft(takes=2))
    assert studio.drafts.plan(replace(draft(takes=2), id=next_id)) == next_id
    assert len(studio.queue.waiting()) == 2
    sent, after = studio.drafts.send(replace(draft(), id=next_id))
    assert len(sent) == 1
    studio.drafts.plan(replace(draft(), id=after))
    assert len(studio.queue.waiting()) == 3


def test_planning_uses_a_draft_up(studio):
    """What is generated afterwards has seeds of its own."""
    first = draft(takes=2)
    next_id = studio.drafts.plan(first)
    planned = {plan.params["seed"] for plan in studio.queue.waiting()}
    assert len(planned) == 2
    assert planned.isdisjoint(request.params["seed"] for request in replace(first, id=next_id).requests)


def test_takes_have_a_number(studio):
    """In the order of their seeds; what was made alone is the first."""
    names = ("d", "d:1", "d:2")
    requests = draft(takes=3).requests
    clips = [studio.submit(request, draft_id=name) for name, request in zip(names, requests, strict=True)]
    assert [clip.take for clip in clips] == [1, 2, 3]
    assert studio.submit(draft().requests[0]).take == 1


def test_rows_that_slide_are_not_approved_by_a_second_click(studio):
    """Eyes need a moment; the total of all was on the button."""
    studio.queue.pause()
    studio.queue.plan(draft(takes=3).requests)
    one, two, _ = (plan.id for plan in studio.queue.waiting())
    approval = Approval(studio.queue)
    approval.one(one)
    with pytest.raises(InvalidRequestError):
        approval.one(two)
    assert [bool(plan.released_at) for plan in studio.queue.waiting()] == [True, False, False]


@pytest.mark.parametrize("code", ["", "x", "%%%", "eJwDAAAAAAE", "A" * 9000])
def test_a_broken_link_is_no_remix(code):
    """Rubbish is nothing, and a settings table from outside keeps only what is possible."""
    assert read_remix(code) is None
    remix = read_remix(remix_code("নৌকা 🚣", {"duration": "7", "seed": 7, "evil": "x"}, with_picture=True))
    assert (remix.prompt, remix.params, remix.had_picture) == ("নৌকা 🚣", {"seed": 7}, True)


@pytest.mark.parametrize(
    ("prompt", "comes"),
    [
        ("A paper boat on a rainy street", True),
        ("A red paper boat on a rainy street, at night", True),
        ("a PAPER boat", True),
        ("A mug turns slowly", False),
        ("", False),
    ],
)
def test_what_was_written_anew_is_no_idea_any_more(prompt, comes):
    """Only what is still mostly the idea's own words counts for it."""
    assert comes_from("A paper boat on a rainy street", prompt) is comes
