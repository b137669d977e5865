"""From a paragraph or a list to shots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.prompts.shots import MOST_SHOTS, ShotText, split_into_shots


@pytest.mark.parametrize(
    "text",
    [
        "1. A boat leaves the shore\n2) It meets a whale (10 s)\n\n3: Night falls",
        "- A boat leaves the shore\n* It meets a whale [10 sec]\n• Night falls",
        "Shot 1: A boat leaves the shore\nscene 2 - It meets a whale (10s)\nSHOT 3. Night falls",
        "A boat leaves the shore\r\nIt meets a whale (10 seconds)\r\nNight falls",
    ],
)
def test_each_line_of_a_list_is_a_shot(text):
    """Whatever marks stand before them; a length in brackets is that shot's."""
    assert split_into_shots(text) == [
        ShotText("A boat leaves the shore", "5"), ShotText("It meets a whale", "10"), ShotText("Night falls", "5"),
    ]  # fmt: skip


def test_each_sentence_of_a_paragraph_is_a_shot():
    """A very short one belongs to the one before it."""
    text = "A boat leaves the shore at dawn. It meets a whale. Silence. Then night falls over them!"
    assert [shot.prompt for shot in split_into_shots(text)] == [
        "A boat leaves the shore at dawn.", "It meets a whale. Silence.", "Then night falls over them!",
    ]  # fmt: skip


def test_bengali_sentences_and_numbers_are_understood():
    """The danda ends a sentence, and Bengali digits count shots."""
    assert len(split_into_shots("ভোরে একটি নৌকা ঘাট ছাড়ে। মাঝনদীতে হঠাৎ ঝড় ওঠে। রাতে আকাশে তারা ফোটে।")) == 3
    assert [shot.prompt for shot in split_into_shots("১. নৌকা ঘাট ছাড়ে\n২. ঝড় ওঠে")] == ["নৌকা ঘাট ছাড়ে", "ঝড় ওঠে"]


def test_a_number_in_the_words_stays():
    """Only what stands before the words is a mark."""
    assert split_into_shots("3 boats drift by\nA 1950s street")[0].prompt == "3 boats drift by"


@given(st.text(max_size=400))
def test_whatever_is_pasted_becomes_shots_or_nothing(text):
    """No shot is empty, and there are never too many."""
    shots = split_into_shots(text)
    assert len(shots) <= MOST_SHOTS
    assert all(shot.prompt.strip() for shot in shots)
