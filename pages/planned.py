"""What is planned: in an order, unpaid until released, one at a time; look at each before the next is paid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from server.timers import timed
from studio.errors import RoleError
from studio.plan_queue import Approval
from studio.store import Plan
from studio.store.clip import Clip, State
from studio.store.members import Role
from ui.clip_view import short_prompt, time_together
from ui.components.gallery_keys import gallery_keys
from ui.components.live_prompt import live_prompt
from ui.feedback import error_text, needs_full_rerun, plain, run_action, too_few_credits
from ui.i18n import _, ngettext, number
from ui.labels import PAUSE_REASONS, go_on_label
from ui.panels import inbox
from ui.panels.batch_desk import batch_desk, is_list_in_hand
from ui.panels.clip_card import clip_card
from ui.panels.plan_desk import is_open, save_open
from ui.panels.plan_row import PRICE, plan_row, startable
from ui.panels.share_menu import share_menu
from ui.runtime import actor, balance, is_phone, may, studio
from ui.session import say, state_of, visit

REFRESH_SECONDS = 2.0
IDLE_SECONDS = 10.0
"""A colleague may add to the queue while nothing moves; the count at the way here is looked at as often."""
SHOWN_PLANS = 50
SHOWN_SENT = 6
PHONE_SENT = 3
SHOT_CHARACTERS = 48


@dataclass
class QueueState:
    """This hand's approvals, the plans removed last, and what the page was drawn with.

    Whether something moved, how many waited, and on a phone, at this visit, which clip is followed above all.
    """

    approval: Approval = field(default_factory=lambda: Approval(studio().queue))
    removed: list[Plan] = field(default_factory=list)
    was_moving: bool = False
    shown: int = 0
    visit: int = 0
    followed_id: str = ""


def ids(plans: list[Plan]) -> list[str]:
    return [plan.id for plan in plans]


def what_waits() -> None:
    follow()
    if is_phone():
        running()
    waiting()


def running() -> None:
    """On a phone the latest clip stands far below; while it is made, a line above all says how far it is.

    It stays when it has ended, as long as the page is open: nothing slides under a finger that is about to pay.
    """
    state = state_of(QueueState)
    if state.visit != visit():
        state.visit, state.followed_id = visit(), ""
    latest = studio().queue.sent(limit=1, with_shots=False)
    if latest and _is_running(latest[0]):
        state.followed_id = latest[0].id
    if latest and latest[0].id == state.followed_id:
        clip_card(latest[0], "queue_now", plays=False)
    else:
        st.empty()


def _is_running(clip: Clip) -> bool:
    return clip.is_open and clip.state is not State.UNKNOWN


def follow() -> None:
    """Draw the whole page anew with what has changed: the way here says how many wait."""
    state = state_of(QueueState)
    if needs_full_rerun() or state.was_moving != is_moving() or state.shown != len(studio().queue.loose()):
        st.rerun()


def waiting() -> None:
    """What waits here, and the way to what waits in storyboards."""
    plans = studio().queue.loose()
    if plans:
        controls(plans)
        next_up = studio().queue.next_up()
        first = next(iter(startable(plans)), None)
        for place, plan in enumerate(plans[:SHOWN_PLANS]):
            plan_row(plan, place, len(plans), is_next=plan.id == next_up, is_first=plan == first, on_pay=pay,
                     on_remove=remove)  # fmt: skip
        if len(plans) > SHOWN_PLANS:
            more = len(plans) - SHOWN_PLANS
            st.caption(ngettext("and {count} more", "and {count} more", more))
    elif any(clip.is_open for clip in studio().queue.sent(limit=SHOWN_SENT, with_shots=False)):
        st.caption(_("Nothing else is waiting."))
    elif is_list_in_hand():
        st.caption(_("Your queue is empty"))  # and what is looked at now wants the room
    else:
        st.header(_("Your queue is empty"), anchor=False)
        st.caption(_("Add clips on Generate or below. They wait here for free until you start them."))
        st.page_link("generate.py", label=_("Write one on Generate"), icon=":material/arrow_forward:")
    shots = [plan for plan in studio().queue.waiting() if plan.is_shot and not plan.asked_at]
    if in_line := sum(plan.released_at is not None for plan in shots):
        words = ngettext("{count} shot of a storyboard is in line", "{count} shots of storyboards are in line", in_line)
    else:
        words = ngettext("{count} shot waits in a storyboard", "{count} shots wait in storyboards", len(shots))
    if shots and not plans and studio().queue.pause_reason():
        words = _("{what}, paused", what=words)
    if shots:
        st.page_link("storyboard.py", label=words, icon=":material/view_carousel:")


def results() -> None:
    """What the queue made: the latest clip, and some before it."""
    follow()
    sent = studio().queue.sent(limit=PHONE_SENT if is_phone() else SHOWN_SENT, with_shots=False)
    if is_phone() and sent and _is_running(sent[0]):
        earlier(sent[1:])  # what runs stands above all
        return
    newest(sent[:1], studio().queue.loose())
    earlier(sent[1:])


def add_many() -> None:
    """What adds many is open while it holds lines, or while nothing waits and, on a phone, nothing stands below it."""
    has_results = is_phone() and studio().queue.sent(limit=1, with_shots=False)
    is_open = is_list_in_hand() or (not has_results and not studio().queue.loose())
    # Another key, since a browser keeps what was open as it was.
    with st.expander(
        _("Add many at once (paste or CSV)"), is_open, key=f"queue_many_{is_open}", icon=":material/table_rows:"
    ):
        batch_desk(added)


def added() -> None:
    """What came is looked at now; what was removed before it is not brought back among it by mistake."""
    state_of(QueueState).removed = []
    state_of(QueueState).approval.added()


def is_moving() -> bool:
    """Whether something may change here without a press."""
    released = any(plan.released_at for plan in studio().queue.waiting())
    return bool(studio().active()) or (released and studio().queue.pause_reason() is None)


def controls(plans: list[Plan]) -> None:
    """What is planned, what it would cost, and the buttons for the whole queue."""
    unpaid, released = startable(plans), [p for p in plans if p.released_at]
    reason, told = studio().queue.pause_reason(), balance()
    total = number(len(plans) * PRICE)
    words = ngettext(
        "{count} clip waiting · {total} credits",
        "{count} clips waiting · {total} credits",
        len(plans),
        total=total,
    )
    left = _("{credits} credits left", credits=number(told.credits)) if told else ""
    in_line = studio().queue.in_line()
    # Going on counts them, so they stand where the others are counted.
    shots = sum(plan.is_shot for plan in in_line) if reason else 0
    besides = ngettext("{count} shot of a storyboard is in line", "{count} shots of storyboards are in line", shots)
    st.markdown(" · ".join(filter(None, (f"**{words}**", besides if shots else "", left))))
    if reason:
        st.warning(_(PAUSE_REASONS[reason]), icon=":material/pause_circle:")
    elif released:
        words = ngettext("{count} in line, one at a time", "{count} in line, one at a time", len(released))
        st.caption(" · ".join(filter(None, (words, time_together(plan.params for plan in released)))))
        now = studio().queue.sent(limit=1)
        if now and _is_running(now[0]) and now != studio().queue.sent(limit=1, with_shots=False):
            prompt = plain(short_prompt(now[0], SHOT_CHARACTERS))
            st.caption(_("A shot of a storyboard is being made first: {prompt}", prompt=prompt))
    if may(Role.MAKER):
        presses(plans, unpaid, in_line=len(in_line))


def presses(plans: list[Plan], unpaid: list[Plan], *, in_line: int) -> None:
    """The buttons for the whole queue; only who may spend has them. ``in_line`` counts shots of storyboards, too."""
    reason, told = studio().queue.pause_reason(), balance()
    price = len(unpaid) * PRICE
    is_broke = bool(told and told.credits < PRICE)
    if told and told.credits < max(price, PRICE):
        too_few_credits("queue", max(price, PRICE))
    with st.container(horizontal=True, gap="small"):
        # One alone is started from its row, where that has a button for it.
        has_own_button = len(unpaid) == 1 and unpaid[0] in plans[:SHOWN_PLANS] and not is_open(unpaid[0])
        if unpaid and not has_own_button:
            label = ngettext(
                "Start {count} · {price} credits",
                "Start all {count} · {price} credits",
                len(unpaid),
                price=number(price),
            )
            if reason:
                label = ngettext("Put {count} in line · {price} credits", "Put all {count} in line · {price} credits",
                                 len(unpaid), price=number(price))  # fmt: skip
            st.button(
                label, key="queue_release", icon=":material/fast_forward:",
                disabled=bool(told and told.credits < price), on_click=run_action, args=(release, ids(unpaid)),
            )  # fmt: skip
        if reason:
            st.button(
                go_on_label(in_line), key="queue_go_on", type="primary",
                icon=":material/play_arrow:", disabled=is_broke, on_click=run_action,
                args=(partial(studio().queue.go_on, by=actor()),),
            )  # fmt: skip
            st.button(
                _("Undo the start"), key="queue_stop", icon=":material/undo:", on_click=run_action,
                args=(partial(studio().queue.stop_after_this, by=actor()),),
                help=_("What is in line waits for free again, until you start it."),
            )  # fmt: skip
        elif in_line:
            st.button(
                _("Pause"),
                key="queue_pause",
                icon=":material/pause:",
                on_click=run_action,
                args=(partial(studio().queue.pause, by=actor()),),
                help=_("The clip in the making goes on to its end. Nothing more is paid until you go on."),
            )
        st.button(
            _("Remove all"),
            key="queue_clear",
            type="tertiary",
            icon=":material/delete:",
            on_click=remove,
            args=(ids(plans),),
        )


def release(plan_ids: list[str]) -> None:
    state_of(QueueState).removed = []
    save_open(plan_ids)
    state_of(QueueState).approval.all(plan_ids, by=actor())


def pay(plan: Plan) -> None:
    """Approve one from its row; the next row slides under the pointer then."""
    state_of(QueueState).approval.one(plan.id, by=actor())


def remove(plan_ids: list[str]) -> None:
    try:
        state_of(QueueState).removed = studio().queue.remove(plan_ids, by=actor())
    except RoleError as error:
        say(error_text(error))


def undo_line() -> None:
    removed = state_of(QueueState).removed
    if not removed or st.session_state.get("queue_batch"):  # whoever writes the next list needs the room
        return
    with (
        st.bottom,
        st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small", key="queue_undone"),
    ):
        words = ngettext("{count} planned clip is removed", "{count} planned clips are removed", len(removed))
        st.markdown(f":material/delete: {words}", width="stretch")
        st.button(_("Undo"), key="queue_undo_remove", icon=":material/undo:", on_click=put_back)
        st.button(_("Close"), key="queue_undo_close", type="tertiary", on_click=forget_removed)


def put_back() -> None:
    state = state_of(QueueState)
    studio().queue.put_back(state.removed)
    state.removed = []


def forget_removed() -> None:
    state_of(QueueState).removed = []


def newest(sent: list[Clip], plans: list[Plan]) -> None:
    """The clip that the queue made last, and the two ways on: keep it and stop, or pay the next."""
    if not sent:
        if plans:
            st.caption(_("What the queue makes appears here."))
        return
    clip = sent[0]
    inbox.opened(clip)
    st.header(_("Latest from the queue"), anchor=False)
    clip_card(clip, "queue", plays=True, beside=partial(share, clip))
    unpaid = startable(plans)
    if clip.is_open or not unpaid or len(unpaid) < len(plans) or studio().queue.pause_reason():
        return
    with st.container(horizontal=True, gap="small", key="queue_ways_on"):
        st.button(
            _("Start the next · {price} credits", price=number(PRICE)), key=f"queue_next_{unpaid[0].id}",
            icon=":material/skip_next:",
            on_click=run_action, args=(release, [unpaid[0].id]),
        )  # fmt: skip
        st.button(
            _("Keep this and stop"), key="queue_keep", icon=":material/check:", type="tertiary",
            help=_("Removes what is waiting. You can undo it."), on_click=remove, args=(ids(unpaid),),
        )  # fmt: skip


def share(clip: Clip) -> None:
    if clip.video_path:
        share_menu(clip, "queue")


def earlier(sent: list[Clip]) -> None:
    """The clips that the queue made before its latest, a line each."""
    for clip in sent:
        clip_card(clip, "queue", plays=False)
    if sent:
        st.page_link("history.py", label=_("Open the history"), icon=":material/grid_view:")


def part(draw: Callable[[], None]) -> Callable[[], None]:
    """Return a part of the page that follows what moves, and looks now and then where nothing does."""
    return timed(draw, REFRESH_SECONDS, fresh_seconds=0.0) if is_moving() else timed(draw, IDLE_SECONDS)


state_of(QueueState).was_moving, state_of(QueueState).shown = is_moving(), len(studio().queue.loose())
# On a phone what the queue made stands below what adds to it; where it made nothing, what waits has the room.
is_alone = is_phone() or not studio().queue.sent(limit=1, with_shots=False)
left, right = (st.container(), st.container()) if is_alone else st.columns([3, 2], gap="large")
with left:
    part(what_waits)()
    add_many()
with right:
    part(results)()
undo_line()
live_prompt()
gallery_keys({})
