"""Write a prompt, add a picture if you like, press Generate, watch the result."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from rivya.models import find_problems, utf16_units
from rivya.spec import DEFAULT_MODEL
from studio.draft import Draft, read_seed
from ui import draft
from ui.clip_view import clip_card, empty_state
from ui.components.gallery_keys import gallery_keys
from ui.components.live_prompt import live_prompt
from ui.components.paste_image import paste_image
from ui.feedback import error_text, needs_full_rerun, refill_button, run_action
from ui.i18n import _, ngettext, number
from ui.labels import PROMPT_TAGS, option_label, param_help, param_label
from ui.panels import inbox
from ui.panels.advice import advice_line, price_line, twin_guard
from ui.panels.header import IDLE_SECONDS, MOVING_SECONDS
from ui.panels.prompt_desk import prompt_desk
from ui.panels.reference import reference_field
from ui.panels.starters import starter_cards
from ui.panels.tour import tour
from ui.ratio_drawings import ratio_drawings
from ui.runtime import studio
from ui.session import state_of

REFRESH_SECONDS = 1.0
SHOWN_CLIPS = 5
MOST_TAKES = 4
CLIPS_ANCHOR = "clips"


@dataclass
class GenerateState:
    """Whether any clip was on its way when the page was drawn."""

    was_moving: bool = False


def prompt_field() -> None:
    limit = DEFAULT_MODEL.max_prompt_characters
    st.text_area(
        _("Prompt"),
        key="generate_prompt",
        height=130,
        placeholder=_("A paper boat drifts down a rainy street at dusk, low camera, warm shop lights …"),
    )
    count = len(draft.prompt())
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        before = draft.form().own_words
        if before and before != draft.prompt().strip():
            st.button(
                _("Put my own words back"), key="generate_put_back", icon=":material/undo:", type="tertiary",
                on_click=draft.put_back_own_words,
            )  # fmt: skip
        else:
            st.empty()
        words = _("{count} / {limit} characters", count=number(count), limit=number(limit))
        if count <= limit < utf16_units(draft.prompt()):
            words = _("{words} · emoji may count double at Rivya: shorten it to be sure", words=words)
        st.caption(words, text_alignment="right", width="stretch")
    if count:
        st.empty()
    else:
        with st.container():
            st.caption(_("Ideas to start from"))
            starter_cards("generate")


def choice(key: str) -> None:
    st.segmented_control(
        param_label(key),
        DEFAULT_MODEL.param(key).options,
        key=draft.PARAM_KEYS[key],
        required=True,
        format_func=lambda option: option_label(key, option),
        help=param_help(key),
    )


def setting_fields() -> None:
    choice("aspect_ratio")
    ratio_drawings(draft.PARAM_KEYS["aspect_ratio"])
    with st.container(horizontal=True, gap="large"):
        choice("resolution")
        choice("duration")
    st.toggle(param_label("camera_fixed"), key=draft.PARAM_KEYS["camera_fixed"], help=param_help("camera_fixed"))
    with st.expander(_("More"), key="generate_more", icon=":material/tune:"):
        # A text, because a number field keeps its last good value to itself while it shows a bad one.
        seed = st.text_input(
            param_label("seed"),
            key=draft.PARAM_KEYS["seed"],
            placeholder=_("Random"),
            help=param_help("seed"),
            max_chars=40,
            live="300ms",
        )
        wrong = find_problems("x", {"seed": read_seed(seed or "")})
        if wrong:
            st.markdown(f":red[:material/error: {error_text(wrong[0])}]")
        else:
            st.empty()
        st.segmented_control(
            _("Takes"),
            range(1, MOST_TAKES + 1),
            key="generate_takes",
            default=1,
            required=True,
            format_func=number,
            help=_("Several clips of the same draft, each with a seed of its own. Each is charged."),
        )
        safety = "enable_safety_checker"
        st.toggle(param_label(safety), key=draft.PARAM_KEYS[safety], help=param_help(safety))


def generate_button(now: Draft) -> None:
    """The one button that spends, with the price on it and the reason beside it when it cannot be pressed.

    It alone follows the balance. A timer on the fields themselves would now and then bring back what a press
    elsewhere has just changed in them.
    """
    with st.container(gap="small", key="generate_bar"):
        _generate_button(now)
    if needs_full_rerun():
        st.rerun()


def _generate_button(now: Draft) -> None:
    price = now.price
    reason = _reason_against(now, price)
    st.button(
        _("Generate · {price} credits", price=number(price)),
        key="generate_submit",
        type="primary",
        icon=":material/auto_awesome:",
        width="stretch",
        disabled=bool(reason),
        on_click=run_action,
        args=(draft.submit, now),
        kwargs={"done": _("On its way. The form is free for the next one.")},
    )
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
        st.caption(reason or _what_is_left(price), width="content")
        refill_button("generate")
        with st.container(key="generate_way_to_clips", width="content"):
            _way_to_clips()
    with st.container(key="generate_uploading"):
        st.caption(_("Uploading your picture …"))


def _reason_against(now: Draft, price: int) -> str:
    """Return why nothing can be sent now, and the remedy; an empty text when all is well."""
    balance = studio().balance()
    reason = _unready(now)
    if not reason and balance and balance.credits < price:
        words = _("There are {credits} credits left and this costs {price}.", credits=balance.credits, price=price)
        remedy = (
            _("Refill the demo, or make fewer takes.") if studio().settings.is_demo else _("Top up at Rivya first.")
        )
        return f"{words} {remedy}"
    return reason


def _unready(now: Draft) -> str:
    """Return what is missing or wrong in the form, and the remedy."""
    if now.problems:
        return error_text(now.problems[0])
    problem = state_of(draft.UploadState).problem
    if problem and getattr(problem, "convertible", False):
        return _("The picture cannot be sent as it is. Use a copy that fits, or remove it, first.")
    if problem:
        return _("This file cannot be sent. Remove it, or choose another, first.")
    if draft.form().is_cropping:
        return _("The picture is being cropped. Keep the part in the frame, or cancel, first.")
    return ""


def _what_is_left(price: int) -> str:
    balance = studio().balance()
    if balance is None:
        return ""
    words = _("{price} credits · {credits} left", price=number(price), credits=number(balance.credits))
    left = int(balance.credits // DEFAULT_MODEL.base_credits)
    return f"{words} · {ngettext('{count} clip', '{count} clips', left)}"


def _way_to_clips() -> None:
    """On a phone the clips are below the form; CSS shows this line there only."""
    running = len(studio().active())
    words = ngettext("{count} running", "{count} running", running) if running else _("Your clips")
    st.markdown(f"[:material/arrow_downward: {words}](#{CLIPS_ANCHOR})")


def plan_button(now: Draft) -> None:
    planned = ngettext(
        "{count} clip is planned. It waits in the queue and costs nothing yet.",
        "{count} clips are planned. They wait in the queue and cost nothing yet.",
        now.takes,
    )
    st.button(
        _("Plan it, pay later"),
        key="generate_plan",
        icon=":material/playlist_add:",
        type="tertiary",
        disabled=bool(_unready(now)),
        help=_("Puts it into the queue. It costs nothing until you release it there."),
        on_click=run_action,
        args=(draft.plan, now),
        kwargs={"done": planned},
    )


@st.fragment
def form() -> None:
    """The fields and the buttons.

    What comes and goes has a container, because a fragment must stay in its place; and it leaves an ``st.empty``,
    because the browser forgets to clear up when two fragments run right after each other.
    """
    draft.take_prompt_filling()
    with st.container():
        tour()
    with st.container():
        prompt_field()
    with st.container():
        image_ratio = reference_field()
    with st.container():
        setting_fields()
    now = draft.current()
    advice_line(now, image_ratio)
    seconds = MOVING_SECONDS if state_of(GenerateState).was_moving else IDLE_SECONDS
    st.fragment(generate_button, run_every=seconds)(now)
    plan_button(now)
    price_line(now)
    with st.container():
        twin_guard(now)
    if needs_full_rerun():
        st.rerun()


def rehearsals() -> None:
    """In demo mode, offer every ending at no cost, so that the remedies are known before they are needed."""
    if not studio().settings.is_demo:
        return
    with st.popover(
        _("Rehearse what can go wrong"), icon=":material/theater_comedy:", type="tertiary", key="generate_rehearsals"
    ):
        st.caption(_("Simulated and free. Add one of these to a prompt:"))
        for tag, words in PROMPT_TAGS.items():
            st.markdown(f"`#{tag}` {_(words)}")


def results() -> None:
    inbox.look()
    clips = studio().clips.page(limit=SHOWN_CLIPS)
    if not clips:
        empty_state(_("Your first clip will play here"), _("Write a prompt or press one of the ideas, then Generate."))
        return
    newest = next((clip.id for clip in clips if clip.video_path or clip.is_open), None)
    for clip in clips:
        clip_card(clip, "generate", plays=clip.id == newest)
    if needs_full_rerun() or state_of(GenerateState).was_moving != bool(studio().active()):
        st.rerun()


draft.open_draft()
inbox.look()
with st.container():
    inbox.news()
moving = bool(studio().active())
state_of(GenerateState).was_moving = moving
left, right = st.columns([5, 6], gap="large")
with left:
    with st.container():
        prompt_desk()
    form()
    rehearsals()
with right:
    st.html(f'<span id="{CLIPS_ANCHOR}" style="display:block;scroll-margin-top:4rem"></span>')
    with st.container(key="generate_results"):
        st.fragment(results, run_every=REFRESH_SECONDS if moving else None)()
live_prompt()
paste_image(_("Drop a picture here, or a video of this studio"))
gallery_keys({})
