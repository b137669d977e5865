"""The line above every page: its title, and how the wallet stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from rivya.spec import DEFAULT_MODEL
from server.timers import timed
from studio.i18n import N_
from studio.store import Balance, ClipFilter
from studio.store.clip import Clip, State
from ui.clip_view import short_prompt, take_name
from ui.components.notifications import notifications
from ui.i18n import _, day_start, ngettext, number, today, zone
from ui.panels.credit_row import credit_row
from ui.runtime import balance, own_key_link, read_balance, studio
from ui.session import state_of

MOVING_SECONDS = 2
"""As often as the stage looks, so that both tell the same credits."""
IDLE_SECONDS = 10
TOLD_CLIPS = 8
MORE_PAGES = frozenset({"storyboard", "team", "settings", "help"})
"""Those that a phone has behind *More*."""
TOLD_CHARACTERS = 60
DRAWER_CLIPS = 12
DRAWER_CHARACTERS = 60
ENDED = {
    State.SUCCEEDED: N_("Finished: {prompt}"),
    State.FAILED: N_("Failed, the credits came back: {prompt}"),
    State.REFUSED: N_("Refused, nothing was charged: {prompt}"),
    State.UNKNOWN: N_("In doubt, please look: {prompt}"),
}


@dataclass
class HeaderState:
    """Whether anything moved when the page was drawn."""

    was_moving: bool = False


def header(title: str, tagline: str = "") -> None:
    """Show the page's title at the left; demo badge, running clips and balance at the right.

    It looks often only while something is to come: a timer may cross what somebody presses. When it sees another
    balance, the whole page is drawn anew: no two parts of it tell two.
    """
    read_balance()
    moving = _is_moving(studio().active())
    state_of(HeaderState).was_moving = moving
    timed(_topline, MOVING_SECONDS if moving else IDLE_SECONDS)(title, tagline)


def _is_moving(active: Sequence[Clip]) -> bool:
    return bool(active) or any(plan.released_at for plan in studio().queue.waiting()) or balance() is None


def _topline(title: str, tagline: str) -> None:
    active = studio().active()
    if state_of(HeaderState).was_moving != _is_moving(active) or _credits(balance()) != _credits(studio().balance()):
        st.rerun()
    _count_at_queue()
    notifications(running=len(active), ended=[_told(clip) for clip in studio().clips.ended(limit=TOLD_CLIPS)])
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small", key="header"
    ):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
            st.title(title, anchor=False, width="content")
            if tagline:
                st.caption(tagline, width="content")
            else:
                st.empty()  # else the browser keeps the words of the page before, and moves when they go
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", width="content", key="header_badges"
        ):
            _badges(len(active))


def _credits(seen: Balance | None) -> float | None:
    return seen.credits if seen else None


def _count_at_queue() -> None:
    """Have the way to the queue say how many wait there; its name stays what it is for those who hear the page."""
    if count := len(studio().queue.loose()):
        # The span keeps it on the page: Streamlit puts a style alone among the toasts, and one that comes and goes
        # there has an old toast said again. It takes no place there, by its class.
        ways = 'a:is([href="queue"], [href$="/queue"])'
        words = f'{ways}::after {{ content: "{number(count)}" / "" }}'
        st.html(f'<span class="studio-count"></span><style>{words}</style>')
    else:
        st.empty()


def _told(clip: Clip) -> dict[str, str | float]:
    """Return what a voice, a sound or a notice says of a clip that ended."""
    words = N_("Waiting for credits, nothing was charged: {prompt}") if clip.waits_for_credits else ENDED[clip.state]
    sentence = _(words, prompt=short_prompt(clip, TOLD_CHARACTERS))
    ended_at = clip.finished_at or clip.updated_at
    return {"id": clip.id, "state": clip.state.value, "text": sentence, "url": f"/?clip={clip.id}",
            "ended_at": ended_at.timestamp()}  # fmt: skip


def _badges(running: int) -> None:
    if studio().settings.is_demo:
        explanation = _(
            "No API key is set, so the studio plays with its own sandbox. Nothing is sent and nothing is paid."
        )
        words = _("Demo · no real credits")
        st.badge(words, icon=":material/science:", color="gray", help=explanation)
    if studio().settings.needs_key:
        own_key_link(_("Enter your key to go on"))
    with st.container(key="header_running", width="content"):
        if running:
            st.badge(ngettext("{count} running", "{count} running", running), icon=":material/movie:", color="violet")
    told = balance()
    words = _("{credits} credits", credits=number(told.credits)) if told else _("Balance is being read")
    with st.popover(words, icon=":material/toll:", type="tertiary", key="header_wallet", on_change="rerun") as wallet:
        if wallet.open:
            wallet_drawer()


def wallet_drawer() -> None:
    """Show what the wallet is doing now: what is on hold, what was spent today, what came back."""
    made = studio().clips.page(ClipFilter(since=day_start(today())), limit=DRAWER_CLIPS)
    holds = [clip for clip in studio().active() if clip.task_id]
    day = next((day for day in studio().receipts.spend_by_day(days=2, zone=zone()) if day.day == today()), None)
    presses = Counter(clip.press_id for clip in made)
    lines = {
        _("On hold"): (holds, sum(clip.price for clip in holds)),
        _("Spent today"): ([clip for clip in made if clip.state is State.SUCCEEDED], day.kept if day else 0),
        _("Refunded today"): ([clip for clip in made if clip.state is State.FAILED], day.refunded if day else 0),
    }
    if told := balance():
        enough = DEFAULT_MODEL.clips_for(told.credits)
        left = ngettext("{credits} credits left ({count} clip)", "{credits} credits left ({count} clips)", enough,
                        credits=number(told.credits))  # fmt: skip
        st.markdown(f"**{left}**")
    st.page_link("credits.py", label=_("All credits"), icon=":material/toll:")
    for title, (clips, total) in lines.items():
        if clips or total:
            with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
                st.caption(f"**{title}**", width="content")
                st.caption(f"**{number(total)}**", width="content")
        for clip in clips:
            credit_row(clip, "drawer", credits_moved=_moved(clip), characters=DRAWER_CHARACTERS,
                       below=take_name(clip, presses))  # fmt: skip
    if not any(clips or total for clips, total in lines.values()):
        st.caption(_("Nothing was spent today."))
    if day and (more := day.clips - len(made)) > 0:
        st.caption(ngettext("and {count} more", "and {count} more", more))


def _moved(clip: Clip) -> float:
    """Return the credits of a line of the drawer: what is held or was spent, or what came back."""
    return clip.credits_reserved - clip.credits_final if clip.state is State.FAILED else clip.price


def phone_bar(current: str) -> None:
    """Draw the pages at the bottom edge, those of every day first; CSS shows them on a phone alone."""
    tabs = {
        "": ("generate.py", _("Generate"), ":material/auto_awesome:"),
        "history": ("history.py", _("History"), ":material/grid_view:"),
        "queue": ("planned.py", _("Queue"), ":material/playlist_play:"),
        "credits": ("credits.py", _("Credits"), ":material/toll:"),
    }
    with st.container(horizontal=True, gap=None, key="phone_bar"):
        for path, (page, label, icon) in tabs.items():
            with st.container(key=f"phone_tab_{path or 'generate'}{'_current' if path == current else ''}"):
                st.page_link(page, label=label, icon=icon, width="stretch")
        # On each page another one, so that it is closed again on the page that was chosen from it.
        with st.popover(
            _("More"),
            icon=":material/more_horiz:",
            type="tertiary",
            key=f"phone_more_{current}{'_current' if current in MORE_PAGES else ''}",
        ):
            st.page_link("storyboard.py", label=_("Storyboard"), icon=":material/view_carousel:")
            if studio().team.has_roles:
                st.page_link("team.py", label=_("Team"), icon=":material/group:")
            st.page_link("settings.py", label=_("Settings"), icon=":material/settings:")
            st.page_link("help.py", label=_("Help"), icon=":material/help:")
