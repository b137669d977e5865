"""A prompt put together from six parts, for those before an empty page: the parts and what to suggest, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from studio.i18n import N_


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A phrase to choose, as a gettext key."""

    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a prompt: its key in ``compose``, and its label and hint as gettext keys."""

    key: str
    label: str
    hint: str
    suggestions: tuple[Suggestion, ...]


PARTS = (
    Part(
        "subject",
        N_("Subject"),
        N_("Who or what is seen? One person, animal or thing."),
        (
            Suggestion(N_("A young woman")),
            Suggestion(N_("An old fisherman")),
            Suggestion(N_("A laughing child")),
            Suggestion(N_("A dancer in a red sari")),
            Suggestion(N_("A street musician")),
            Suggestion(N_("A small robot")),
            Suggestion(N_("A white cat")),
            Suggestion(N_("A Bengal tiger")),
            Suggestion(N_("A baby elephant")),
            Suggestion(N_("A friendly dragon")),
        ),
    ),
    Part(
        "action",
        N_("Action"),
        N_("What happens? One action that fits into a few seconds."),
        (
            Suggestion(N_("walks along the shore")),
            Suggestion(N_("runs through tall grass")),
            Suggestion(N_("dances in the rain")),
            Suggestion(N_("turns around and smiles")),
            Suggestion(N_("jumps over a puddle")),
            Suggestion(N_("opens an old wooden door")),
            Suggestion(N_("swims across a lake")),
            Suggestion(N_("moves through a crowded market")),
            Suggestion(N_("rolls a big ball down a hill")),
            Suggestion(N_("waves from a small boat")),
        ),
    ),
    Part(
        "camera",
        N_("Camera"),
        N_("How is it filmed? From near or far, still or moving."),
        (
            Suggestion(N_("close-up")),
            Suggestion(N_("wide shot")),
            Suggestion(N_("filmed from above")),
            Suggestion(N_("filmed from near the ground")),
            Suggestion(N_("static shot")),
            Suggestion(N_("the camera follows from behind")),
            Suggestion(N_("the camera moves slowly closer")),
            Suggestion(N_("the camera circles around")),
            Suggestion(N_("the camera rises into the sky")),
            Suggestion(N_("slow zoom in")),
        ),
    ),
    Part(
        "light",
        N_("Light"),
        N_("Where does the light come from? Time of day, weather, lamps."),
        (
            Suggestion(N_("soft morning light")),
            Suggestion(N_("golden evening light")),
            Suggestion(N_("bright midday sun")),
            Suggestion(N_("light under a cloudy sky")),
            Suggestion(N_("light through thick mist")),
            Suggestion(N_("cold moonlight")),
            Suggestion(N_("warm candlelight")),
            Suggestion(N_("colourful neon light")),
            Suggestion(N_("light from a single window")),
        ),
    ),
    Part(
        "style",
        N_("Style"),
        N_("What should it look like? A film, a painting, a drawing."),
        (
            Suggestion(N_("like a feature film")),
            Suggestion(N_("like a documentary")),
            Suggestion(N_("black-and-white film")),
            Suggestion(N_("old home film")),
            Suggestion(N_("hand-drawn animation")),
            Suggestion(N_("3D animation")),
            Suggestion(N_("clay animation")),
            Suggestion(N_("watercolour painting")),
            Suggestion(N_("oil painting")),
            Suggestion(N_("paper cut-outs")),
        ),
    ),
    Part(
        "mood",
        N_("Mood"),
        N_("How should it feel?"),
        (
            Suggestion(N_("calm mood")),
            Suggestion(N_("joyful mood")),
            Suggestion(N_("dreamlike mood")),
            Suggestion(N_("mysterious mood")),
            Suggestion(N_("tense mood")),
            Suggestion(N_("lonely mood")),
            Suggestion(N_("hopeful mood")),
            Suggestion(N_("solemn mood")),
            Suggestion(N_("playful mood")),
        ),
    ),
)
"""In the order in which a prompt says them. Each subject goes with each action: singular, third person."""

_COMMAS = ",،"
_ENDS = " .।;"
"""What closes a part that a person wrote by hand, and would stand before a comma."""

_DOUBLED_COMMAS = re.compile(rf"(\s*[{_COMMAS}])(\s*[{_COMMAS}])+")


def compose(parts: Mapping[str, str], *, separator: str = ", ") -> str:
    """Write the parts (by ``Part.key``, already in the reader's language) as one prompt.

    Subject and action open it as a sentence; the others follow after ``separator``. Empty parts and unknown keys are
    left out, and so are doubled spaces and commas. The first letter becomes a capital where its script has them.
    """
    words = {part.key: _tidy(parts.get(part.key, "")) for part in PARTS}
    opening = f"{words.pop('subject')} {words.pop('action')}".strip()
    text = separator.join(piece for piece in (opening, *words.values()) if piece)
    return _capitalised(text)


def _tidy(text: str) -> str:
    single = _DOUBLED_COMMAS.sub(r"\1", " ".join(text.split()))
    return single.lstrip(f"{_COMMAS}; ").rstrip(f"{_COMMAS}{_ENDS}")


def _capitalised(text: str) -> str:
    first = next((index for index, character in enumerate(text) if character.isalnum()), 0)
    capital = text[first : first + 1].upper()
    return f"{text[:first]}{capital}{text[first + 1 :]}" if len(capital) == 1 else text
