"""Every word a person sees: translated, with the same gaps to fill, and never written around gettext."""

from __future__ import annotations

import ast
import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from rivya.errors import DOCUMENTED_CODES
from studio.i18n import LOCALE_DIR, languages, negotiate, translation
from studio.i18n.messages import LOCAL_WORDS, explain
from studio.prompts.builder import PARTS
from ui.panels.starters import STARTERS

ROOT = Path(__file__).parents[3]
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
DRAWN = [
    "title",
    "header",
    "subheader",
    "button",
    "caption",
    "info",
    "warning",
    "error",
    "success",
    "toast",
    "text_area",
    "text_input",
    "selectbox",
    "toggle",
    "markdown",
    "badge",
    "metric",
    "expander",
    "popover",
    "segmented_control",
    "pills",
    "number_input",
    "file_uploader",
    "download_button",
]


def used() -> dict[str, tuple[str, ...]]:
    """Return each message of the source with its plural form."""
    found = {}
    for folder in ("pages", "rivya", "studio"):
        for _, _, message, _, _ in extract_from_dir(str(ROOT / folder), keywords=KEYWORDS):
            forms = message if isinstance(message, tuple) else (message,)
            found[forms[0]] = tuple(form for form in forms if form)
    return found


def catalogue(language: str) -> Catalog:
    path = LOCALE_DIR / language / "LC_MESSAGES" / "studio.po"
    return read_po(io.BytesIO(path.read_bytes()), locale=language)


@pytest.mark.parametrize("language", [code for code in languages() if code != "en"])
def test_every_message_is_translated(language):
    """No message is missing, empty or fuzzy, and each keeps its {gaps}."""
    known = {message.id if isinstance(message.id, str) else message.id[0]: message for message in catalogue(language)}
    for message, forms in used().items():
        assert message in known, f"run make translations: {message!r}"
        strings = known[message].string
        strings = (strings,) if isinstance(strings, str) else tuple(strings)
        assert all(strings), message
        assert not known[message].fuzzy, message
        gaps = set(re.findall(r"\{\w+\}", " ".join(forms)))
        assert all(set(re.findall(r"\{\w+\}", text)) == gaps for text in strings), message


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: path.name)
def test_no_text_is_drawn_around_gettext(path):
    """A literal with words in it never goes straight to the screen, and gettext is never called inside an f-string."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in DRAWN
            and node.args
        ):
            first = node.args[0]
            assert not (isinstance(first, ast.Constant) and re.search("[A-Za-z]{3}", str(first.value))), ast.unparse(
                node
            )
        if isinstance(node, ast.keyword) and node.arg in {"label", "help", "placeholder", "alt"}:
            assert not (isinstance(node.value, ast.Constant) and re.search("[A-Za-z]{3}", str(node.value.value))), (
                ast.unparse(node)
            )
        if isinstance(node, ast.JoinedStr):
            literals = [
                c.args[0]
                for c in ast.walk(node)
                if isinstance(c, ast.Call) and getattr(c.func, "id", "") == "_" and c.args
            ]
            assert not any(isinstance(literal, ast.Constant) for literal in literals), ast.unparse(node)


def test_the_browsers_language_is_spoken():
    """Bengali browsers are greeted in Bengali, unknown ones in English."""
    assert (negotiate(["bn-BD"]), negotiate(["bn"]), negotiate(["fr-FR", "xx"])) == ("bn", "bn", "en")
    assert translation("bn").gettext("Generate") != "Generate"
    assert translation("fr").gettext("Generate") == "Generate"


ENGINE_ROOM = re.compile(r"\b(intents?|leases?|outbox|idempotency|tasks?|runs?|films?)\b", re.IGNORECASE)
IN_DETAILS = {"Task at Rivya"}


def test_no_engine_room_words():
    """Pages speak of clips; only Details names Rivya's task, and what a prompt says of film or running is its own."""
    prompts = {suggestion.text for part in PARTS for suggestion in part.suggestions} | {part.hint for part in PARTS}
    prompts |= {starter.prompt for starter in STARTERS.values()}
    with (LOCALE_DIR / "bn" / "LC_MESSAGES" / "studio.po").open("rb") as file:
        messages = [message.id for message in read_po(file) if message.id]
    texts = {text for found in messages for text in (found if isinstance(found, tuple) else (found,))}
    assert {text for text in texts - prompts - IN_DETAILS if ENGINE_ROOM.search(text)} == set()


MOST_CHARACTERS_IN_A_CARD = 90


@pytest.mark.parametrize("language", languages())
def test_what_a_card_says_of_a_problem_is_short(language):
    """Cause and remedy stand on lines of their own, each read at a glance; in every language."""
    codes = [*DOCUMENTED_CODES, *LOCAL_WORDS, "new_code"]
    words = [explain(code) for code in codes] + [explain("generation_failed", None, "stopped by the safety checker")]
    speak = translation(language).gettext
    said = {speak(text) for one in words for text in (one.cause, one.remedy)}
    assert {text for text in said if len(text) > MOST_CHARACTERS_IN_A_CARD} == set()
