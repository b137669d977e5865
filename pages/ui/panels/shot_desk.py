"""The shot of a storyboard that is open: written anew while it is unpaid, looked at and replaced once it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from rivya.spec import DEFAULT_MODEL
from studio.plan_queue import Approval
from studio.prompts.shots import LENGTHS
from studio.store.members import Role
from studio.storyboard import Replacement, Shot
from ui.clip_view import clip_link, video
from ui.feedback import clip_problem, plain, run_action
from ui.i18n import _, ngettext, number
from ui.labels import option_label, param_label
from ui.runtime import actor, may, studio
from ui.session import say, state_of

PRICE = DEFAULT_MODEL.base_credits


@dataclass
class ShotState:
    """The shot that is open, whether it is the one being made as they follow each other, and this hand's approvals.

    A nervous finger pays for one shot, not for the next too.
    """

    shot_id: str = ""
    is_following: bool = False
    approval: Approval = field(default_factory=lambda: Approval(studio().queue))


def start_shots(plan_ids: list[str]) -> None:
    """Spend the price of these: what a press on a button with the total on it does.

    Raises ``InvalidRequestError`` for a single one right after another: the button has moved on to the next shot.
    """
    approval = state_of(ShotState).approval
    if len(plan_ids) == 1:
        approval.one(plan_ids[0], by=actor())
        state_of(ShotState).shot_id = plan_ids[0]
    else:
        approval.all(plan_ids, by=actor())
    state_of(ShotState).is_following = True
    studio().storyboards.start(plan_ids, by=actor())


def opened(shots: list[Shot]) -> str:
    """Return the id of the shot that is open: the one that was pressed, else the first that is not paid.

    From a start until another is pressed it is the one being made; one that is here stays until the next is begun.
    """
    state = state_of(ShotState)
    moving = sorted((shot for shot in shots if shot.is_moving), key=lambda shot: shot.clip is None)
    is_watched = any(shot.is_here for shot in shots if shot.plan.id == state.shot_id)
    if state.is_following and moving and (moving[0].clip or not is_watched):
        state.shot_id = moving[0].plan.id
    if state.shot_id not in {shot.plan.id for shot in shots}:
        state.shot_id = next((shot.plan.id for shot in shots if not shot.is_paid), shots[0].plan.id)
    return state.shot_id


def open_shot(board_id: str) -> None:
    """The shot that is open: written anew while it is unpaid, looked at and replaced once it is made."""
    shots = studio().storyboards.shots(board_id)
    shot_id = opened(shots)
    place, shot = next((place, shot) for place, shot in enumerate(shots, 1) if shot.plan.id == shot_id)
    with st.container(border=True, gap="small", key="storyboard_shot"):
        st.header(_("Shot {number}", number=place), anchor=False)
        if shot.is_paid:
            _made(board_id, shot)
        else:
            next_up = next((each for each in shots if each.is_startable and not each.is_paid), None)
            _written(shot, [each.plan.id for each in shots], is_next=shot is next_up)


def _written(shot: Shot, plan_ids: list[str], *, is_next: bool) -> None:
    """The fields of a shot that is not paid; the button that pays the next one stands above, beside the sums."""
    plan, is_first = shot.plan, shot.plan.id == plan_ids[0]
    keys = {name: f"shot_{name}_{plan.id}" for name in ("prompt", "duration", "continues")}
    st.text_area(
        _("What is seen"), value=plan.prompt, key=keys["prompt"], height="content", on_change=run_action,
        args=(_change, shot, keys),
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.segmented_control(
            param_label("duration"), LENGTHS, key=keys["duration"], default=str(plan.params["duration"]), required=True,
            format_func=lambda option: option_label("duration", option), label_visibility="collapsed",
            on_change=run_action, args=(_change, shot, keys),
        )  # fmt: skip
        st.toggle(
            _("Starts from the last frame of the one before"), value=plan.continues and not is_first,
            key=keys["continues"], disabled=is_first, on_change=run_action, args=(_change, shot, keys),
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if not is_next:
            early = _("Start the one before it first: it goes on from its last frame.")
            label = _("Start this shot · {price} credits", price=number(PRICE))
            if studio().storyboards.is_held():
                label = _("Put this shot in line · {price} credits", price=number(PRICE))
            st.button(
                label, key="shot_start",
                icon=":material/play_arrow:", disabled=not shot.is_startable, on_click=run_action,
                args=(start_shots, [plan.id]), help=None if shot.is_startable else early,
            )  # fmt: skip
        st.button(
            _("Remove"), key="shot_remove", icon=":material/delete:", type="tertiary",
            on_click=_remove, args=(plan.id,),
        )  # fmt: skip
        _places(plan.id, plan_ids)


def _places(plan_id: str, plan_ids: list[str]) -> None:
    """Move the shot along the strip by a press: a finger drags nothing, and nobody guesses a key."""
    place = plan_ids.index(plan_id)
    rest = [*plan_ids[:place], *plan_ids[place + 1 :]]
    for name, to, label in (("back", place - 1, _("Earlier")), ("forward", place + 1, _("Later"))):
        st.button(
            label, key=f"shot_{name}", icon=f":material/arrow_{name}:", type="tertiary",
            disabled=not 0 <= to < len(plan_ids), on_click=run_action,
            args=(studio().storyboards.arrange, [*rest[:to], plan_id, *rest[to:]]),
        )  # fmt: skip


def _remove(plan_id: str) -> None:
    run_action(partial(studio().queue.remove, by=actor()), [plan_id])


def _change(shot: Shot, keys: dict[str, str]) -> None:
    found = st.session_state
    studio().storyboards.change_shot(
        shot.plan, prompt=found[keys["prompt"]], duration=found[keys["duration"]], continues=found[keys["continues"]]
    )


def _made(board_id: str, shot: Shot) -> None:
    if shot.clip is None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(_("It waits for its turn in the queue."), width="content")
            if may(Role.MAKER):
                st.button(
                    _("Take it back"), key="shot_take_back", icon=":material/undo:", on_click=run_action,
                    args=(_take_back, board_id, shot.plan.id),
                    help=_("It waits for free again, with the shots that go on from it."),
                )  # fmt: skip
        return
    clip = shot.clip
    made = {each.plan.id for each in studio().storyboards.shots(board_id) if each.clip}
    depending = len(made.intersection(studio().storyboards.depending(board_id, shot.plan.id)))
    with st.container(gap="medium", key="shot_made"):
        with st.container(gap="xsmall"):
            video(clip, autoplay=True)
        with st.container(gap="small"):
            st.markdown(plain(clip.prompt))
            clip_problem(clip)
            if shot.is_cut:
                words = _("It does not begin where the shot before it ends now. Replace it, and they meet.")
                st.markdown(f":material/link_off: {words}")
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                label = _("Replace this shot")
                if depending > 1:
                    label = ngettext(
                        "Replace it and {count} after it", "Replace it and {count} after it", depending - 1
                    )
                if not clip.is_open:
                    st.button(
                        label, key="shot_replace", icon=":material/autorenew:", on_click=run_action,
                        args=(_replace, board_id, shot.plan.id),
                        help=_("Free until you start it. The clip that was made stays in the history."),
                    )  # fmt: skip
                if not clip.is_open and depending > 1:
                    st.button(
                        _("Replace only this one"), key="shot_replace_alone",
                        icon=":material/autorenew:", on_click=run_action,
                        args=(partial(_replace, alone=True), board_id, shot.plan.id),
                        help=_("The shots after it stay as they are: its end may not meet their beginning."),
                    )  # fmt: skip
                clip_link(clip.id, _("Open the clip"), icon=":material/movie:")
            if depending > 1 and not clip.is_open:
                words = ngettext(
                    "Once started, it and {count} shot after it cost {credits} credits; this one alone {price}.",
                    "Once started, it and {count} shots after it cost {credits} credits; this one alone {price}.",
                    depending - 1,
                    credits=number(depending * PRICE),
                    price=number(PRICE),
                )
                st.caption(words)


def _take_back(board_id: str, plan_id: str) -> None:
    """Take one shot back; the panel stays at it, so that a second press takes back no other."""
    state = state_of(ShotState)
    state.shot_id, state.is_following = plan_id, False
    state.approval.added()
    if not studio().storyboards.take_back(board_id, plan_id, by=actor()):
        say(_("It is on its way already."))


def _replace(board_id: str, plan_id: str, *, alone: bool = False) -> None:
    state = state_of(ShotState)
    here = [shot.plan.id for shot in studio().storyboards.shots(board_id)]
    if plan_id not in here:  # the second half of a double press, or another tab was first
        return
    place = here.index(plan_id)
    studio().storyboards.replace(board_id, plan_id, alone=alone, by=actor())
    state.approval.added()  # a button that pays may come to where this one was pressed
    state.is_following = False
    state.shot_id = studio().storyboards.shots(board_id)[place].plan.id


def undo_line(board_id: str) -> None:
    """Offer to put replaced shots back, until one of the new ones is paid."""
    replaced = studio().storyboards.replaced(board_id)
    if replaced is None:
        st.empty()
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, gap="small", key="storyboard_undone"):
        words = ngettext(
            "{count} shot waits to be made again: {credits} credits, once you start it.",
            "{count} shots wait to be made again: {credits} credits, once you start them.",
            len(replaced.new_ids),
            credits=number(len(replaced.new_ids) * PRICE),
        )
        st.markdown(f":material/autorenew: {words}", width="stretch")
        st.button(_("Undo"), key="storyboard_undo", icon=":material/undo:", on_click=_undo, args=(replaced,))


def _undo(replaced: Replacement) -> None:
    if studio().storyboards.undo(replaced):
        state_of(ShotState).shot_id, state_of(ShotState).is_following = replaced.old_ids[0], False
    else:
        say(_("One of the new shots is paid already, so the old ones stay in the history."))
