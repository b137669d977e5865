"""Write a prompt, add a picture if you like, press Generate, watch the result."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import streamlit as st

from rivya.models import find_problems, utf16_units
from rivya.spec import DEFAULT_MODEL
from studio.draft import Draft, read_seed
from studio.errors import BudgetError
from studio.store.budget import Budget
from studio.store.clip import MOST_TAKES, Clip
from studio.store.members import Role
from ui import draft
from ui.clip_view import STAGE_PROMPT_CHARACTERS, clip_card, short_prompt, takes_card, usual_text, watch_seconds
from ui.components.gallery_keys import gallery_keys
from ui.components.live_prompt import live_prompt
from ui.components.notifications import notification_settings
from ui.components.paste_image import paste_image
from ui.feedback import error_text, needs_full_rerun, plain, refill_button, run_action
from ui.i18n import _, ngettext, number
from ui.labels import ASK_INSTEAD, BUDGETS, option_label, param_help, param_label
from ui.panels import inbox
from ui.panels.advice import advice_line, twin_guard
from ui.panels.gallery import stacks_of
from ui.panels.header import IDLE_SECONDS, MOVING_SECONDS
from ui.panels.prompt_desk import desk_button, prompt_desk
from ui.panels.reference import reference_field
from ui.panels.share_menu import share_menu
from ui.panels.starters import starter_cards
from ui.ratio_drawings import ratio_drawings
from ui.runtime import is_phone, may, person, studio
from ui.session import state_of

SHOWN_CLIPS = 6
STAGE_ANCHOR = "studio-stage"
LOOKS_DEARER = ("duration", "resolution")


@dataclass
class GenerateState:
    """Whether any clip was on its way when the page was drawn, and what is known of the last press here.

    ``pressed_id`` is the press itself, ``started`` the draft with which it went on, ``takes`` and ``words`` what was
    asked for; a press that the whole page has not seen yet ``is_new``.
    """

    was_moving: bool = False
    pressed_id: str = ""
    started: str = ""
    is_new: bool = False
    words: str = ""
    takes: int = 1


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
            _("Start fresh"), key="continuing_end", type="tertiary", icon=":material/close:", on_click=_start_fresh
        )


def _start_fresh() -> None:
    draft.set_reference(None)
    draft.forget_upload()


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


def takes_field() -> None:
    st.segmented_control(
        _("Takes"),
        range(1, MOST_TAKES + 1),
        key="generate_takes",
        default=1,
        required=True,
        label_visibility="collapsed",
        format_func=lambda takes: _("{count}×", count=number(takes)),
        help=_("Several clips of the same draft, each with a seed of its own. Each is charged."),
    )


def generate_button(now: Draft) -> None:
    """The one button that spends, with the price on it and the reason below it when it cannot be pressed.

    It alone follows the balance. A timer on the fields themselves would now and then bring back what a press
    elsewhere has just changed in them.
    """
    with st.container(gap="xsmall", key="generate_bar"):
        _generate_button(now)
    if needs_full_rerun() or state_of(GenerateState).is_new:
        st.rerun()


def _generate_button(now: Draft) -> None:
    price = now.price
    budget_error, is_viewer = _budget_error(price), not may(Role.MAKER)
    if is_viewer or (budget_error and budget_error.whose == "person" and studio().team.has_roles):
        _ask_button(now, budget_error if not is_viewer else None)
        return
    reason = _reason_against(now, price) or (error_text(budget_error) if budget_error else "")
    st.button(
        _("Generate · {price} credits", price=number(price)),
        key="generate_submit",
        type="primary",
        icon=":material/auto_awesome:",
        width="stretch",
        disabled=bool(reason),
        on_click=run_action,
        args=(_submit, now),
    )
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small", key="generate_below"):
        st.caption(reason or _what_is_left(now), width="content")
        _budget_lines()
        refill_button("generate")
        with st.container(key="generate_way_to_clips", width="content"):
            _way_to_clips()
    with st.container(key="generate_uploading"):
        st.caption(_("Uploading your picture …"))


def _ask_button(now: Draft, passed: BudgetError | None) -> None:
    """For who may not spend this by themselves: a lead decides, and nothing is spent until then."""
    reason = _unready(now)
    st.button(
        _("Ask a lead · {price} credits", price=number(now.price)),
        key="generate_ask",
        type="primary",
        icon=":material/front_hand:",
        width="stretch",
        disabled=bool(reason),
        on_click=run_action,
        args=(functools.partial(draft.plan, asks=True), now),
        kwargs={"done": _("Asked. It waits in the queue, and costs nothing until a lead approves it.")},
    )
    with st.container(horizontal=True, gap="small", key="generate_below"):
        why = _("You may look and ask. A lead starts it.")
        if passed:
            why = _(ASK_INSTEAD[passed.span], limit=passed.values["limit"])
        st.caption(reason or why, width="content")


def _submit(shown: Draft) -> None:
    made = draft.submit(shown)
    state = state_of(GenerateState)
    state.pressed_id, state.takes = made[0].press_id, len(made)
    state.started, state.is_new, state.words = draft.form().draft_id, True, draft.prompt()


def _budget_error(price: int) -> BudgetError | None:
    """Return the limit that a press would pass, a person's own before the studio's."""
    for budget in studio().budgets(person()):
        if price > budget.left:
            return BudgetError(budget.whose, budget.span, limit=budget.limit, spent=budget.spent, price=price)
    return None


def _reason_against(now: Draft, price: int) -> str:
    """Return what is missing, or that the credits do not reach, and the remedy; an empty text when all is well."""
    balance = studio().balance()
    reason = _("Your key is needed. Enter it to go on.") if studio().settings.needs_key else _unready(now)
    if not reason and balance and balance.credits < price:
        words = _("There are {credits} credits left and this costs {price}.", credits=balance.credits, price=price)
        remedy = (
            _("Refill the demo, or make fewer takes.") if studio().settings.is_demo else _("Top up at Rivya first.")
        )
        return f"{words} {remedy}"
    return reason


def _is_just_started(now: Draft) -> bool:
    return state_of(GenerateState).started == now.id and bool(studio().active())


def _started_words(now: Draft) -> str:
    """Say that the press was heard, and why the number beside the button is 1 again."""
    takes = state_of(GenerateState).takes
    if takes > 1 and now.takes == 1:
        return ngettext("{count} take started. The next press makes one.",
                        "{count} takes started. The next press makes one.", takes)  # fmt: skip
    return _("Started. You can write the next one.")


def _what_to_write(now: Draft) -> str:
    if _is_just_started(now):
        return _started_words(now)
    if draft.form().parent_id:
        return _("Write what happens next.")
    has_ideas = not studio().clips.page(limit=1)
    return _("Write a prompt, or press an idea.") if has_ideas else _("Write a prompt, or press Inspire me.")


def _unready(now: Draft) -> str:
    """Return what is missing or wrong in the form, and the remedy."""
    if not now.prompt.strip():
        return _what_to_write(now)
    reasons = [error_text(problem) for problem in now.problems[:1]]
    problem = state_of(draft.UploadState).problem
    if problem and getattr(problem, "convertible", False):
        reasons.append(_("The picture cannot be sent as it is. Use a copy that fits, or remove it, first."))
    elif problem:
        reasons.append(_("This file cannot be sent. Remove it, or choose another, first."))
    elif draft.form().is_cropping:
        reasons.append(_("The picture is being cropped. Keep the part in the frame, or cancel, first."))
    return " ".join(reasons)


def _what_is_left(now: Draft) -> str:
    """Say how long it usually takes and what is left, or that the last press was heard."""
    if _is_just_started(now):
        return _started_words(now)
    usual = usual_text(studio().usual_time(now.params))
    parts = [usual]
    if any(now.params[key] != DEFAULT_MODEL.defaults[key] for key in LOOKS_DEARER):
        parts.append(_("same price at any setting"))
    if balance := studio().balance():
        clips = DEFAULT_MODEL.clips_for(balance.credits)
        left = ngettext("{credits} credits left ({count} clip)", "{credits} credits left ({count} clips)", clips,
                        credits=number(balance.credits))  # fmt: skip
        if now.takes > 1:
            after = number(balance.credits - now.price)
            left = _("{credits} credits left, {after} after this", credits=number(balance.credits), after=after)
        parts.append(left)
        if is_phone():  # there it is one line, so that the bar of the button stays as high as it is
            parts = [left] if now.takes > 1 else parts[-2:]
    words = " · ".join(parts)
    return words[:1].upper() + words[1:]


def _budget_lines() -> None:
    """Say what is left of mine and of ours, where there are limits; the tightest of each, and warn near its end."""
    tightest: dict[str, Budget] = {}
    for budget in studio().budgets(person()):
        if budget.whose not in tightest or budget.left < tightest[budget.whose].left:
            tightest[budget.whose] = budget
    for budget in tightest.values():
        words = _(BUDGETS[budget.whose, budget.span], left=budget.left, limit=budget.limit)
        st.caption(f":orange[:material/warning: {words}]" if budget.is_nearly_spent else words, width="content")


def _way_to_clips() -> None:
    """On a phone the clips are below the form: say what runs, and how the last one ended. CSS shows it there only."""
    words = ""
    if running := len(studio().active()):
        words = ":material/arrow_downward: " + ngettext("{count} running", "{count} running", running)
    elif state_of(GenerateState).started and state_of(GenerateState).words == draft.prompt():
        lead = on_stage(studio().clips.page(limit=SHOWN_CLIPS * MOST_TAKES))
        if lead and lead.video_path:
            words = ":material/play_arrow: " + _("Play")
        elif lead:
            words = ":material/help: " + _("Why?")
    if words:
        st.markdown(f"[{words}](#{STAGE_ANCHOR})")
    else:
        st.empty()


def plan_button(now: Draft) -> None:
    planned = ngettext(
        "Added to the queue. It costs nothing until you start it.",
        "{count} clips added to the queue. They cost nothing until you start them.",
        now.takes,
    )
    st.button(
        _("Add to queue"),
        key="generate_plan",
        icon=":material/playlist_add:",
        type="tertiary",
        disabled=bool(_unready(now)),
        help=_("Free until you start it there."),
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
            st.fragment(generate_button, run_every=seconds)(now)
        plan_button(now)
    if needs_full_rerun() or state_of(GenerateState).is_new:
        st.rerun()


def first_ideas() -> None:
    """What stands on the empty stage: ideas as moving pictures."""
    with st.container(key="generate_ideas"):
        st.caption(_("Press an idea to fill the form, or write your own."))
        starter_cards("generate", large=True)


def bell(clips: list[Clip]) -> None:
    """How to be told that clips are done, in the card of the newest while one runs: asked for, never asking."""
    if not any(clip.is_open for clip in clips):
        return
    label = _("Tell me when it is done")
    with st.popover(label, icon=":material/notifications:", type="tertiary", key="icon_generate_bell", help=label):
        st.caption(label)
        notification_settings()


def share_take(take: Clip) -> None:
    share_menu(take, f"take_{take.id}", is_small=True)


def share_and_bell(clip: Clip) -> None:
    """How to share stands at what is here, how to be told at what is on its way."""
    if clip.video_path:
        share_menu(clip, "generate")
    bell([clip])


def on_stage(clips: list[Clip]) -> Clip | None:
    """Return the clip of the last press here, or the newest: what the queue sends takes nobody's own off the stage."""
    pressed_id = state_of(GenerateState).pressed_id
    return next((clip for clip in clips if clip.press_id == pressed_id), clips[0] if clips else None)


def results() -> None:
    """The stage: one clip, or all takes of its press; below it the running and the recent, a line each."""
    inbox.look()
    clips = studio().clips.page(limit=SHOWN_CLIPS * MOST_TAKES)
    if lead := on_stage(clips):
        takes = studio().clips.takes_of(lead) or [lead]
        if len(takes) > 1:
            takes_card(takes, share=share_take, beside=functools.partial(bell, takes))
        else:
            clip_card(lead, "generate", plays=True, beside=functools.partial(share_and_bell, lead))
        shown = {take.id for take in takes}
        for stack in stacks_of([clip for clip in clips if clip.id not in shown])[: SHOWN_CLIPS - 1]:
            clip_card(stack[0], "generate", plays=False, takes=len(stack))
    if needs_full_rerun() or state_of(GenerateState).was_moving != bool(studio().active()):
        st.rerun()


draft.open_draft()
inbox.look()
running = studio().active()
state_of(GenerateState).was_moving, state_of(GenerateState).is_new = bool(running), False
left, right = st.columns([5, 6], gap="large")
with left, st.container(gap="xsmall"):
    form()
with right, st.container(key="generate_results"):
    with st.container():
        inbox.news()
    st.html(f'<span id="{STAGE_ANCHOR}" style="display:block;scroll-margin-top:4rem"></span>')
    if studio().clips.page(limit=1):
        st.fragment(results, run_every=watch_seconds(running))()
    else:
        first_ideas()
prompt_desk()
live_prompt()
paste_image(_("Drop a picture here, or a video of this studio"))
gallery_keys({})
