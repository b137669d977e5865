"""Write a prompt, add a picture if you like, press Generate, watch the result."""

from __future__ import annotations

import streamlit as st

from rivya.models import find_problems, utf16_units
from rivya.spec import DEFAULT_MODEL
from server.timers import timed
from studio.draft import read_seed
from ui import draft
from ui.clip_view import short_prompt, watched
from ui.components.gallery_keys import gallery_keys
from ui.components.live_prompt import live_prompt
from ui.components.paste_image import paste_image
from ui.feedback import error_text, needs_full_rerun, plain
from ui.i18n import _, number
from ui.labels import option_label, param_help, param_label
from ui.panels import gallery, inbox
from ui.panels.advice import advice_line, twin_guard
from ui.panels.clip_card import STAGE_PROMPT_CHARACTERS
from ui.panels.header import IDLE_SECONDS, MOVING_SECONDS
from ui.panels.press import generate_button, plan_button, takes_field
from ui.panels.prompt_desk import desk_button, prompt_desk
from ui.panels.reference import reference_field
from ui.panels.stage import ANCHOR, GenerateState, first_ideas, results
from ui.ratio_drawings import ratio_drawings
from ui.runtime import studio
from ui.session import state_of


def continuing_line() -> None:
    """Say which clip the next one goes on from, as long as it does."""
    parent_id = draft.form().parent_id
    parent = studio().get(parent_id) if parent_id else None
    if parent is None:
        st.empty()
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, gap="small", key="continuing"):
        frame = draft.reference()
        if frame:
            st.image(frame.data, width=96, alt=_("The frame that the next clip starts from"))
        with st.container(gap=None, width="stretch"):
            st.markdown(_("**Continuing:** {prompt}", prompt=plain(short_prompt(parent, STAGE_PROMPT_CHARACTERS))))
            st.caption(_("Starts from its last frame."))
        st.button(
            _("Start fresh"), key="continuing_end", type="tertiary", icon=":material/close:", on_click=draft.start_fresh
        )


def prompt_field() -> None:
    limit = DEFAULT_MODEL.max_prompt_characters
    st.text_area(
        _("Prompt"),
        key="generate_prompt",
        height="content",
        label_visibility="collapsed",
        placeholder=_("What happens next?")
        if draft.form().parent_id
        else _("A paper boat drifts down a rainy street at dusk, low camera, warm shop lights …"),
    )
    count = len(draft.prompt())
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        if draft.form().parent_id is None:
            desk_button()
        if what := draft.replaced():
            label = _("Put my own words back") if what == "words" else _("Put my picture back")
            st.button(label, key="generate_put_back", icon=":material/undo:", type="tertiary", on_click=draft.put_back)
        else:
            st.empty()
        words = _("{count} / {limit}", count=number(count), limit=number(limit))
        if count <= limit < utf16_units(draft.prompt()):
            words = _("{words} · emoji may count double at Rivya: shorten it to be sure", words=words)
        st.caption(f":red[{words}]" if count > limit else words, text_alignment="right", width="content")


def choice(key: str) -> None:
    st.segmented_control(
        param_label(key),
        DEFAULT_MODEL.param(key).options,
        key=draft.PARAM_KEYS[key],
        required=True,
        label_visibility="collapsed",
        format_func=lambda option: option_label(key, option),
    )


def setting_fields() -> None:
    """Shape, length and sharpness at a glance; what is seldom needed is closed and shows its value.

    They stand in no popover: what is set in a closed one from outside, by advice or by a clip's settings, would be
    taken back by the browser at the next press.
    """
    with st.container(gap="xsmall", key="generate_settings"):
        choice("aspect_ratio")
        ratio_drawings(draft.PARAM_KEYS["aspect_ratio"])
        with st.container(horizontal=True, gap="small"):
            choice("duration")
            choice("resolution")
        with st.expander(_more_label(), key="generate_more", icon=":material/tune:"):
            more_settings()


def _more_label() -> str:
    values = [
        param_label("camera_fixed") if st.session_state[draft.PARAM_KEYS["camera_fixed"]] else "",
        "" if st.session_state[draft.PARAM_KEYS["enable_safety_checker"]] else _("Safety checker off"),
        _("Seed {seed}", seed=plain(seed)) if (seed := st.session_state[draft.PARAM_KEYS["seed"]]) else "",
    ]
    return " · ".join(filter(None, values)) or _("More settings")


def more_settings() -> None:
    st.toggle(param_label("camera_fixed"), key=draft.PARAM_KEYS["camera_fixed"], help=param_help("camera_fixed"))
    # A text, because a number field keeps its last good value to itself while it shows a bad one.
    seed = st.text_input(
        param_label("seed"),
        key=draft.PARAM_KEYS["seed"],
        placeholder=_("Random"),
        help=param_help("seed"),
        max_chars=40,
        live=True,
    )
    wrong = find_problems("x", {"seed": read_seed(seed or "")})
    if wrong:
        st.markdown(f":red[:material/error: {error_text(wrong[0])}]")
    else:
        st.empty()
    safety = "enable_safety_checker"
    st.toggle(param_label(safety), key=draft.PARAM_KEYS[safety], help=param_help(safety))


@st.fragment
def form() -> None:
    """The fields and the buttons.

    What comes and goes has a container, because a fragment must stay in its place; and it leaves an ``st.empty``,
    because the browser forgets to clear up when two fragments run right after each other.
    """
    draft.take_prompt_filling()
    with st.container(key="generate_top"):
        continuing_line()
    with st.container(gap="xxsmall"):
        prompt_field()
    advice_place = st.container(key="generate_advice")
    with st.container():
        image_ratio = reference_field()
    with st.container():
        setting_fields()
    now = draft.current()
    with advice_place:
        advice_line(now, image_ratio)
    seconds = MOVING_SECONDS if state_of(GenerateState).was_moving else IDLE_SECONDS
    with st.container():
        twin_guard(now)
    with st.container(gap="xsmall", key="generate_foot"):
        with st.container(key="generate_press"):
            takes_field()
            timed(generate_button, seconds)(now)
        plan_button(now)
    state = state_of(GenerateState)
    if needs_full_rerun() or state.is_new or state.goes_on_from != draft.form().parent_id:
        st.rerun()


draft.open_draft()
inbox.look()
running = studio().active()
state_of(GenerateState).was_moving, state_of(GenerateState).is_new = bool(running), False
state_of(GenerateState).goes_on_from = draft.form().parent_id
with st.container():
    if gallery.has_just_thrown_away():
        gallery.undo_line(at_bottom=False)
left, right = st.columns([5, 6], gap="large")
with left, st.container(gap="xsmall"):
    form()
with right, st.container(key="generate_results"):
    with st.container():
        inbox.news()
    st.html(f'<span id="{ANCHOR}" style="display:block;scroll-margin-top:4rem"></span>')
    if studio().clips.page(limit=1):
        watched(results, running)()
    else:
        first_ideas()
prompt_desk()
live_prompt()
paste_image(_("Drop a picture here, or a video of this studio"))
gallery_keys({})
