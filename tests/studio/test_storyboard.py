"""A story before it is paid for: what depends on what, in which order it is made, and what is never paid."""

from __future__ import annotations

from itertools import pairwise

import pytest
from conftest import SMALL, eventually

from rivya import GenerationRequest
from rivya.errors import InvalidRequestError
from studio.prompts.shots import ShotText
from studio.store import ClipFilter
from studio.storyboard import Board, Shot

STORY = [ShotText("A boat leaves the shore", "5"), ShotText("It meets a whale", "5"), ShotText("Night falls", "10")]


@pytest.fixture
def board(studio) -> str:
    board_id = studio.storyboards.add(Board("The boat", dict(SMALL)))
    studio.storyboards.add_shots(board_id, STORY)
    return board_id


def ids(shots: list[Shot]) -> list[str]:
    return [shot.plan.id for shot in shots]


def made(studio, board_id: str) -> list[Shot]:
    """Pay for all that is unpaid, and wait until it is here."""
    shots = studio.storyboards.shots(board_id)
    studio.storyboards.start([shot.plan.id for shot in shots if not shot.is_paid])
    return eventually(lambda: all_here(studio.storyboards.shots(board_id)), 90)


def all_here(shots: list[Shot]) -> list[Shot]:
    return shots if all(shot.is_here for shot in shots) else []


def test_a_board_costs_nothing_until_somebody_starts_it(studio, board):
    """Shots are plans: unpaid, each with its length, all but the first from the one before."""
    shots = studio.storyboards.shots(board)
    assert [(s.plan.prompt, s.seconds, s.plan.continues, s.is_startable) for s in shots] == [
        ("A boat leaves the shore", 5, False, True), ("It meets a whale", 5, True, False), ("Night falls", 10, True, False),
    ]  # fmt: skip
    assert studio.queue.advance() is None
    assert studio.test_connection() == 500


def test_a_shot_is_taken_back_with_what_goes_on_from_it(studio, board):
    """Left in line without it the next one would hold everybody; what is on its way is not called back."""
    studio.queue.pause()
    shots = ids(studio.storyboards.shots(board))
    studio.queue.approve(shots)
    assert studio.storyboards.take_back(board, shots[1]) == 2
    assert [shot.is_paid for shot in studio.storyboards.shots(board)] == [True, False, False]
    studio.queue.go_on()
    first = eventually(lambda: studio.storyboards.shots(board)[0].clip)
    assert studio.storyboards.take_back(board, shots[0]) == 0
    studio.wait(first.id)
    assert studio.queue.pause_reason() is None
    assert studio.test_connection() == 500 - 25
    assert studio.clips.count() == 1


def test_a_story_is_made_in_its_order_each_from_the_last_frame_before(studio, board):
    """One at a time, each paid once, each the continuation of the one before it."""
    shots = made(studio, board)
    assert studio.test_connection() == 500 - 3 * 25
    for before, after in pairwise(shots):
        assert after.clip.parent_id == before.clip.id
        assert after.clip.reference_sha256 == studio.keep_last_frame(before.clip)
        assert before.clip.finished_at <= after.clip.created_at
    assert shots[0].clip.reference_sha256 is None


def test_a_shot_does_not_go_before_the_one_that_it_starts_from(studio, board):
    """Paid out of order, it holds the queue and costs nothing; started in order, it goes on."""
    first, second, _ = studio.storyboards.shots(board)
    studio.queue.approve([second.plan.id])
    eventually(lambda: studio.queue.pause_reason() == "before")
    assert studio.clips.count() == 0
    assert studio.test_connection() == 500
    studio.queue.stop_after_this()
    studio.storyboards.start([first.plan.id, second.plan.id])
    eventually(lambda: len([s for s in studio.storyboards.shots(board) if s.is_here]) == 2, 60)
    assert studio.test_connection() == 450


def test_a_shot_in_the_trash_holds_its_story_until_it_is_taken_out(studio, board):
    """While it runs the next one waits and nothing is paused; ended there, a person decides, and nothing more is paid."""
    first, second, _ = ids(studio.storyboards.shots(board))
    studio.storyboards.start([first, second])
    clip = eventually(lambda: studio.storyboards.shots(board)[0].clip)
    studio.trash([clip.id], deleted=True)
    assert studio.queue.advance() is None
    studio.wait(clip.id)
    eventually(lambda: studio.queue.pause_reason() == "before")
    assert studio.clips.count(ClipFilter("all")) + studio.clips.count(ClipFilter("deleted")) == 1
    studio.trash([clip.id], deleted=False)
    studio.queue.go_on()
    eventually(lambda: len([s for s in studio.storyboards.shots(board) if s.is_here]) == 2, 60)
    assert studio.test_connection() == 450


def test_a_shot_back_from_the_trash_while_it_runs_interrupts_no_story(studio, board):
    """Undone in time it is as if nothing had been: nobody has to go on by hand."""
    shots = ids(studio.storyboards.shots(board))[:2]
    studio.storyboards.start(shots)
    clip = eventually(lambda: studio.storyboards.shots(board)[0].clip)
    studio.trash([clip.id], deleted=True)
    assert studio.queue.advance() is None
    assert studio.queue.pause_reason() is None
    studio.trash([clip.id], deleted=False)
    eventually(lambda: len([s for s in studio.storyboards.shots(board) if s.is_here]) == 2, 60)
    assert studio.queue.pause_reason() is None
    assert studio.test_connection() == 450


def test_only_what_depends_on_a_replaced_shot_is_made_anew(studio, board):
    """The one before it stays, its clip stays in the history, and nothing is paid by replacing."""
    shots = studio.storyboards.shots(board)
    studio.storyboards.change_shot(shots[2].plan, prompt="Morning comes", duration="5", continues=False)
    before = made(studio, board)
    assert studio.storyboards.depending(board, before[1].plan.id) == [before[1].plan.id]
    assert studio.storyboards.depending(board, before[0].plan.id) == ids(before)[:2]
    studio.storyboards.replace(board, before[0].plan.id)
    after = studio.storyboards.shots(board)
    assert [shot.is_paid for shot in after] == [False, False, True]
    assert [shot.plan.prompt for shot in after] == ["A boat leaves the shore", "It meets a whale", "Morning comes"]
    assert after[2].clip.id == before[2].clip.id
    assert studio.clips.count() == 3
    assert studio.test_connection() == 425
    again = made(studio, board)
    assert again[1].clip.parent_id == again[0].clip.id != before[0].clip.id
    assert studio.test_connection() == 375
    assert studio.storyboards.replaced_clips(studio.clips.page()) == {shot.clip.id for shot in before[:2]}
    assert studio.queue.sent(with_shots=False) == [], "nor is one that was replaced the queue's"


def test_a_shot_is_replaced_alone(studio, board):
    """Those after it stay as they are and cost nothing; the old one says that it was replaced once the new one is here."""
    before = made(studio, board)
    studio.storyboards.replace(board, before[0].plan.id, alone=True)
    assert [shot.is_paid for shot in studio.storyboards.shots(board)] == [False, True, True]
    assert studio.storyboards.replaced_clips(studio.clips.page()) == set()
    assert studio.storyboards.undo(studio.storyboards.replaced(board))
    assert ids(studio.storyboards.shots(board)) == ids(before)
    studio.storyboards.replace(board, before[0].plan.id, alone=True)
    after = made(studio, board)
    assert [shot.clip.id for shot in after[1:]] == [shot.clip.id for shot in before[1:]]
    assert [shot.is_cut for shot in before] == [False, False, False]
    assert [shot.is_cut for shot in after] == [False, True, False]
    assert studio.test_connection() == 500 - 4 * 25
    assert studio.storyboards.replaced_clips(studio.clips.page()) == {before[0].clip.id}


def test_replacing_takes_nobody_in_line_hostage(studio, board):
    """What is in line behind a shot that is replaced waits for free again; the line goes on for the others."""
    before = made(studio, board)
    studio.storyboards.replace(board, before[1].plan.id, alone=True)
    studio.queue.pause()
    waiting = studio.storyboards.shots(board)[1].plan.id
    studio.queue.approve([waiting])
    studio.storyboards.replace(board, before[0].plan.id, alone=True)
    assert studio.queue.in_line() == []
    studio.queue.go_on()
    studio.queue.plan([GenerationRequest(prompt="a kite", **SMALL)])
    studio.queue.approve([plan.id for plan in studio.queue.loose()])
    eventually(lambda: studio.clips.count() == 4 and not studio.active(), 60)
    assert studio.queue.pause_reason() is None
    assert studio.test_connection() == 500 - 4 * 25


def test_a_replacement_can_be_undone_until_it_is_paid(studio, board):
    """The made shots stand in the strip again, and nothing was paid meanwhile; after a payment nothing changes."""
    before = made(studio, board)
    replacement = studio.storyboards.replace(board, before[1].plan.id)
    assert [shot.is_here for shot in studio.storyboards.shots(board)] == [True, False, False]
    assert studio.storyboards.undo(replacement)
    assert ids(studio.storyboards.shots(board)) == ids(before)
    again = studio.storyboards.replace(board, before[2].plan.id)
    studio.queue.pause()
    studio.storyboards.start(again.new_ids)
    assert not studio.storyboards.undo(again)
    assert studio.storyboards.shots(board)[2].plan.id == again.new_ids[0]
    assert studio.test_connection() == 425


def test_what_was_replaced_is_shown_and_can_be_put_back_later(studio, board):
    """Its picture stays until the new one is made; who comes back tomorrow can still undo it, as long as frames meet."""
    before = made(studio, board)
    studio.storyboards.replace(board, before[0].plan.id)
    after = studio.storyboards.shots(board)
    assert [shot.former.id for shot in after] == [shot.clip.id for shot in before]
    assert studio.storyboards.undo(studio.storyboards.replaced(board))
    assert ids(studio.storyboards.shots(board)) == ids(before)
    assert studio.storyboards.replaced(board) is None
    studio.storyboards.replace(board, before[0].plan.id)
    first = studio.storyboards.shots(board)[0].plan.id
    studio.storyboards.start([first])
    assert studio.storyboards.replaced(board) is None
    eventually(lambda: studio.storyboards.shots(board)[0].is_here)
    assert studio.storyboards.replaced(board) is None, "the second starts from the last frame of the old first"
    assert [shot.former is None for shot in studio.storyboards.shots(board)] == [True, False, False]
    again = made(studio, board)
    studio.storyboards.replace(board, again[1].plan.id)
    assert studio.storyboards.undo(studio.storyboards.replaced(board)), "it began from the first as that is now"
    assert ids(studio.storyboards.shots(board)) == ids(again)


def test_the_queue_leaves_shots_to_their_page(studio, board):
    """What waits in a storyboard is neither started nor removed with all the others."""
    studio.queue.plan([GenerationRequest(prompt="a kite", **SMALL)])
    assert [plan.prompt for plan in studio.queue.loose()] == ["a kite"]
    assert len(studio.queue.waiting()) == 4


def test_shots_are_put_in_order_and_written_anew(studio, board):
    """The order of the strip is the order of making; what is paid is not rewritten."""
    shots = studio.storyboards.shots(board)
    studio.storyboards.arrange([ids(shots)[2], ids(shots)[0], ids(shots)[1]])
    turned = studio.storyboards.shots(board)
    assert [shot.plan.prompt for shot in turned] == ["Night falls", "A boat leaves the shore", "It meets a whale"]
    assert turned[0].is_startable
    studio.storyboards.change_shot(turned[0].plan, prompt="Dusk", duration="5", continues=False)
    assert studio.storyboards.shots(board)[0].plan.prompt == "Dusk"
    with pytest.raises(InvalidRequestError):
        studio.storyboards.change_shot(turned[0].plan, prompt="", duration="5", continues=False)
    studio.queue.pause()
    studio.storyboards.start([turned[0].plan.id])
    studio.storyboards.change_shot(turned[0].plan, prompt="Too late", duration="5", continues=False)
    assert studio.storyboards.shots(board)[0].plan.prompt == "Dusk"


def test_other_plans_and_boards_are_left_alone(studio, board):
    """Dropping a board takes its unpaid shots with it and nothing else; what was made stays."""
    studio.queue.plan([GenerationRequest(prompt="a kite", **SMALL)])
    other = studio.storyboards.add(Board("Another"))
    dropped = studio.storyboards.forget(board)
    assert list(studio.storyboards.all()) == [other]
    studio.storyboards.bring_back(dropped)
    assert [shot.plan.prompt for shot in studio.storyboards.shots(board)] == [text.prompt for text in STORY]
    studio.storyboards.forget(board)
    assert [plan.prompt for plan in studio.queue.waiting()] == ["a kite"]
    studio.storyboards.change(other, Board("Renamed", title="The end", music="0" * 64))
    assert studio.storyboards.all()[other].title == "The end"
