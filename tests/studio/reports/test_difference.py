"""What changed between prompts: nothing is lost and nothing is invented."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.reports.difference import are_unlike, prompt_difference


def test_a_changed_word_is_found():
    """Only what changed is marked."""
    pieces = prompt_difference("A paper boat drifts", "A paper kite drifts")
    assert [(p.kind, p.text) for p in pieces] == [
        ("same", "A paper "),
        ("removed", "boat"),
        ("added", "kite"),
        ("same", " drifts"),
    ]


def test_prompts_that_share_little_are_unlike():
    """A changed word is no other prompt; another scene is."""
    assert not are_unlike("A paper boat drifts down a street", "A paper kite drifts down a street")
    assert are_unlike("A paper boat drifts down a street", "Steam rises from a bowl of noodles")


@given(st.text(max_size=80), st.text(max_size=80))
def test_both_prompts_can_be_put_together_again(first, second):
    """Same and removed make the first, same and added the second."""
    pieces = prompt_difference(first, second)
    assert "".join(p.text for p in pieces if p.kind != "added") == first
    assert "".join(p.text for p in pieces if p.kind != "removed") == second


def test_a_word_that_only_got_a_comma_is_the_same_word():
    assert prompt_difference("A fox jumps", "A fox jumps, slow pan") == [
        ("same", "A fox jumps"),
        ("added", ", slow pan"),
    ]
