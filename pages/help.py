"""What each setting does, in two tiny videos side by side; and what to do when something is not as hoped."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from studio.i18n import N_
from ui.components.gallery_keys import gallery_keys
from ui.i18n import _
from ui.labels import PARAM_HELP, PROMPT_TAGS, param_label
from ui.panels.starters import thumbnail
from ui.runtime import is_phone, studio


@dataclass(frozen=True, slots=True)
class Pair:
    """Two videos that differ in one setting, and the words below each."""

    setting: str
    first: str
    second: str
    help: str = ""


PAIRS = (
    Pair("resolution", N_("480p, enlarged"), N_("1080p, enlarged")),
    Pair("duration", N_("5 s"), N_("10 s: the journey goes twice as far")),
    Pair("aspect_ratio", N_("16:9 for screens"), N_("9:16 for phones")),
    Pair("camera_fixed", N_("On: the camera stands still"), N_("Off: the camera may move")),
    Pair("seed", N_("One seed"), N_("Another seed, the same prompt")),
    Pair("enable_safety_checker", N_("On: what it objects to is stopped and refunded"), N_("Off: it goes on")),
    Pair(
        "referenceMediaItems", N_("From words alone"), N_("From a picture, which comes alive"),
        N_("One picture from which the clip starts. You choose its part for the clip's shape, or add bars."),
    ),
)  # fmt: skip
QUESTIONS = {
    N_("What does a clip cost?"): N_(
        "Always 25 credits, whatever its sharpness, shape and length. If Rivya cannot finish it, the credits come back."
    ),
    N_("May I close the page?"): N_(
        "Yes. The work goes on, the video is fetched, and History has it when you come back."
    ),
    N_("A clip says “Unknown”. What now?"): N_(
        "Rivya's answer was lost on the way. The very same request is repeated, which cannot be charged twice; "
        "the clip's page says how it ended."
    ),
    N_("How do I make several and pay for few?"): N_(
        "Add them to the queue: they wait there for free. Start one, look, then the next."
    ),
    N_("How do I go on where a clip ends?"): N_(
        "Press Continue on it: its last frame is where the next clip starts. Storyboard does that for a whole story, "
        "shot by shot, and joins the shots into one video."
    ),
    N_("How do others see a clip?"): N_(
        "Share gives a link for anybody, good for 7 days, and Download gives the video itself. "
        "What you made stays in History."
    ),
    N_("How do I write a good prompt?"): N_(
        "Say who or what is seen, what happens, how the camera moves, and what the light is like. "
        "One action fits into 5 seconds. The Builder on Generate asks for each part."
    ),
}


def settings_in_pictures() -> None:
    st.header(_("What each setting does"), anchor=False)
    st.caption(_("Small simulated videos. Point at one, tap it, or press Space on it to play."))
    with st.grid(min_column_width=380, gap="medium"):
        for pair in PAIRS:
            example = "reference" if pair.setting == "referenceMediaItems" else pair.setting
            with st.container(border=True, gap="xsmall", key=f"help_{example}"):
                st.subheader(param_label(pair.setting), anchor=False)
                st.caption(_(pair.help or PARAM_HELP[pair.setting]))
                with st.grid(min_column_width=130 if is_phone() else 200, gap="small"):
                    for side, words in (("a", pair.first), ("b", pair.second)):
                        with st.container(gap="xxsmall", key=f"card_help_{example}_{side}"):
                            thumbnail(f"help_{example}_{side}", _(words), ratio="16 / 9", fit="contain")
                            st.caption(_(words))


def questions() -> None:
    st.header(_("Questions"), anchor=False)
    for place, (question, answer) in enumerate(QUESTIONS.items()):
        with st.expander(_(question), key=f"help_question_{place}"):
            st.markdown(_(answer))


def practice() -> None:
    if not studio().settings.is_demo:
        return
    with st.expander(_("For developers: try out errors"), key="help_practice", icon=":material/code:"):
        st.caption(_("In the demo, these words in a prompt play what can go wrong, for nothing:"))
        st.table(
            {
                _("Word"): [f"`#{tag}`" for tag in PROMPT_TAGS],
                _("What happens"): [_(words) for words in PROMPT_TAGS.values()],
            },
            border="horizontal",
        )


settings_in_pictures()
questions()
practice()
gallery_keys({"keys": _("Arrows move on, Space plays.")})
