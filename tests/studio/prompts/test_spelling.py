"""A search in the words of the prompts."""

import pytest

from studio.prompts.spelling import respelled

PROMPTS = ("A paper boat leaves the shore at dawn.", "Night falls over both of them", "নদীর উপর নৌকা ভাসে।")


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("papr baot", "paper boat"), ("Papr BAOT", "paper boat"), ("dwan", "dawn"), ("নৌক ভাসে", "নৌকা ভাসে"),
        ("paper boat", None), ("papr night", None), ("submarine", None), ("", None), ("🚣", None), ("\0", None),
    ],
)  # fmt: skip
def test_a_search_is_spelled_as_one_prompt_spells_it(search, found):
    """Of two words equally near the one is taken that its prompt has beside the others; words of two prompts are none."""
    assert respelled(search, PROMPTS) == found


def test_a_long_search_is_no_slip_of_the_finger():
    """It would cost seconds at each of its letters."""
    assert respelled("papr baot leaves the shore at dawn", PROMPTS) == "paper boat leaves the shore at dawn"
    assert respelled("papr baot leaves the shore at dawn and then returns", PROMPTS) is None


def test_there_is_nothing_to_learn_from():
    assert respelled("boat", []) is None
