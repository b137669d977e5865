"""The button that spends: its price, the reason when it cannot be pressed, and what a press leaves behind."""

from __future__ import annotations

import functools

import streamlit as st

from rivya.spec import DEFAULT_MODEL
from studio.draft import Draft
from studio.errors import BudgetError
from studio.store.budget import Budget
from studio.store.clip import MOST_TAKES
from studio.store.members import Role
from ui import draft
from ui.clip_view import usual_text
from ui.feedback import error_text, needs_full_rerun, refill_button, run_action
from ui.i18n import _, ngettext, number
from ui.labels import ASK_INSTEAD, BUDGETS
from ui.panels.stage import GenerateState, way_to_clips
from ui.runtime import balance, is_phone, may, person, studio
from ui.session import state_of

LOOKS_DEARER = ("duration", "resolution")


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
    studio().drafts.drawn(now.id)
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
        is_hint = now.reference_sha256 is None and (not reason or reason == _what_to_write(now))
        with st.container(width="content", key="generate_hint" if is_hint else "generate_told"):
            st.caption(reason or _what_is_left(now))
        _budget_lines()
        refill_button("generate", price=price)
        with st.container(key="generate_way_to_clips", width="content"):
            way_to_clips()
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
    if made:  # not the second half of a double press, which makes none
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
    told = balance()
    reason = _("Your key is needed. Enter it to go on.") if studio().settings.needs_key else _unready(now)
    if not reason and told and told.credits < price:
        if studio().settings.is_demo:  # the remedy is the button beside it
            short = _("{credits} credits left, {price} needed.", credits=told.credits, price=price)
            return f"{_started_words(now)} {short}" if _is_just_started(now) else short
        words = _("There are {credits} credits left and this costs {price}.", credits=told.credits, price=price)
        remedy = _("Top up at Rivya first.")
        return f"{words} {remedy}"
    return reason


def _is_just_started(now: Draft) -> bool:
    """Whether the form stands as the last press here left it, and what it started still runs."""
    state = state_of(GenerateState)
    return state.started == now.id and any(clip.press_id == state.pressed_id for clip in studio().active())


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
    if told := balance():
        clips = DEFAULT_MODEL.clips_for(told.credits)
        left = ngettext("{credits} credits left ({count} clip)", "{credits} credits left ({count} clips)", clips,
                        credits=number(told.credits))  # fmt: skip
        if now.takes > 1:
            after = number(told.credits - now.price)
            left = _("{credits} credits left, {after} after this", credits=number(told.credits), after=after)
        parts.append(left)
        # One line, so that the bar of the button stays as high as it is.
        if now.takes > 1:
            parts = [left] if is_phone() else [usual, left]
        elif is_phone():
            parts = parts[-2:]
    if is_phone() and now.reference_sha256:
        # It stays for the next prompt, and may have scrolled away.
        what = _("From the last frame") if draft.form().parent_id else _("With your picture")
        parts = [f":material/image: **{what}**", *parts[-1:]]
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
        if budget.is_nearly_spent:
            with st.container(width="content", key=f"generate_budget_{budget.whose}"):
                st.caption(f":orange[:material/warning: {words}]")
        else:
            st.caption(words, width="content")


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
