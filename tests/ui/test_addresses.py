"""What an address may ask for, by who asks and whose it is: every query parameter, in a studio of private histories."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from apptest import ENTRY, opened, texts
from conftest import SMALL
from streamlit.testing.v1 import AppTest

from rivya import GenerationRequest
from server import identity
from studio.draft import Draft
from studio.store.members import Role

PAGES = Path(ENTRY).parent
PARAMETERS = {"clip", "clips", "draft", "remix", "join", "lang", "q", "show", "download", "settings", "next", "lost"}
"""The last four are the server's own: files by owner and role are asked in ``tests/e2e/test_access.py``."""

OWNERS = ("Mo", "Vik")
DRAFTS = {"Mo": "a" * 16, "Vik": "b" * 16}
READERS = {"Asha": set(OWNERS), "Mo": {"Mo"}, "vik": {"Vik"}, "Stranger": set(), "": set()}
"""Who reads whose: a lead all, a maker and a viewer their own in whatever spelling signed them in, others nothing."""


@pytest.fixture
def private(monkeypatch, request):
    """A studio in which Mo, a maker, and Vik, a viewer by now, have each a clip that goes on from another, and a draft."""
    ways_in = {"RIVYA_PASSPHRASE": "four plain words here", "RIVYA_LEADS": "Asha", "RIVYA_HISTORY": "private"}
    for name, value in ways_in.items():
        monkeypatch.setenv(name, value)
    studio = request.getfixturevalue("shared")
    ids = {}
    for name in OWNERS:
        first = studio.submit(GenerationRequest(prompt=f"A boat of {name}", **SMALL), person=name)
        second = studio.submit(GenerationRequest(prompt=f"A kite of {name}", **SMALL), person=name, parent_id=first.id)
        ids[name] = [studio.wait(clip.id, 60).id for clip in (first, second)]
        studio.drafts.save(Draft(DRAFTS[name], f"Thoughts of {name}", dict(second.params)), person=name)
    studio.team.give("Vik", Role.VIEWER, by="Asha")
    return ids


def test_every_parameter_is_known():
    """A new one has to say here whose it may show."""
    named = {"lang": "_PARAMETER", "lost": "LOST", "join": "JOIN"}
    source = "\n".join(path.read_text("utf-8") for path in PAGES.rglob("*.py"))
    found = set(re.findall(r'query_params(?:\.get\(|\[)"(\w+)"', source))
    found |= set(re.findall(r'"(\w+)" in (?:st|request)\.query_params', source))
    constants = set(re.findall(r"query_params(?:\.get\(|\[)([A-Z_]+)|\b([A-Z_]+) in st\.query_params", source))
    found |= {name for name, constant in named.items() if any(constant in pair for pair in constants)}
    assert {one for pair in constants for one in pair if one} == set(named.values())
    assert found == PARAMETERS


def addresses(ids: dict[str, list[str]]) -> list[tuple[str, dict[str, str]]]:
    """Return pages with the addresses that name what is Mo's and Vik's."""
    mine, theirs = ids["Mo"], ids["Vik"]
    both = ",".join([mine[1], theirs[1]])
    of_each = [("clip.py", {"clip": each[1], "join": "1"}) for each in (mine, theirs)]
    drafts = [("", {"draft": DRAFTS[name]}) for name in OWNERS]
    return [
        *of_each,
        ("compare.py", {"clips": both}),
        *drafts,
        ("history.py", {"clips": both, "lang": "bn"}),
        ("history.py", {"q": "of", "show": "succeeded"}),
    ]


@pytest.mark.parametrize("reader", READERS)
def test_an_address_shows_what_its_reader_may_see(private, monkeypatch, reader):
    """The words of nobody else, on no page, by no parameter; and one's own by each that names them."""
    monkeypatch.setattr(identity, "signed_name", lambda *_: "Vik" if reader == "vik" else reader)
    for page, query in addresses(private):
        app = opened() if page else opened(**query)
        if page:
            app.switch_page(page)
            for name, value in query.items():
                app.query_params[name] = value
            app.run()
        assert not app.exception, (page, query)
        shown = f"{texts(app)} {[area.value for area in app.text_area]}"
        for owner in OWNERS:
            if owner not in READERS[reader]:
                assert not re.search(rf"(boat|kite|Thoughts) of {owner}", shown), (page, query)
            elif {private[owner][1], DRAFTS[owner]} & set(query.values()):
                assert re.search(rf"(boat|kite|Thoughts) of {owner}", shown), (page, query)


def test_a_strangers_draft_is_not_written_over(private, monkeypatch, request):
    """Whoever opens somebody else's draft begins an empty one, under a name of its own."""
    studio = request.getfixturevalue("shared")
    monkeypatch.setattr(identity, "signed_name", lambda *_: "Mo")
    name = DRAFTS["Vik"]
    app: AppTest = opened(draft=name)
    assert app.text_area(key="generate_prompt").value == ""
    app.text_area(key="generate_prompt").set_value("Something of mine").run()
    assert studio.drafts.open(name).prompt == "Thoughts of Vik"
    assert app.query_params["draft"] != name
