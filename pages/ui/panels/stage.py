"""The stage of Generate: the clip of the last press, or ideas while there is none; below it the recent ones."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

import streamlit as st

from studio.store.clip import MOST_TAKES, Clip, State
from ui import draft
from ui.components.notifications import notification_settings
from ui.feedback import needs_full_rerun
from ui.i18n import _, ngettext
from ui.panels import inbox
from ui.panels.clip_card import clip_card, takes_card
from ui.panels.gallery import stacks_of
from ui.panels.share_menu import share_menu
from ui.panels.starters import starter_cards
from ui.runtime import studio
from ui.session import state_of

SHOWN_CLIPS = 6
TOLD_SECONDS = 60.0
ANCHOR = "studio-stage"


@dataclass
class GenerateState:
    """What was on its way and gone on from when the page was drawn, and what is known of the last press here.

    ``pressed_id`` is the press itself, ``started`` the draft with which it went on, ``takes`` and ``words`` what was
    asked for; a press that the whole page has not seen yet ``is_new``.
    """

    was_moving: bool = False
    goes_on_from: str | None = None
    pressed_id: str = ""
    started: str = ""
    is_new: bool = False
    words: str = ""
    takes: int = 1


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


def share_and_bell(clip: Clip) -> None:
    """How to share stands at what is here, how to be told at what is on its way."""
    if clip.video_path:
        share_menu(clip, "generate")
    bell([clip])


def on_stage(clips: list[Clip]) -> Clip | None:
    """Return the clip of the last press here, or the newest: what the queue sends takes nobody's own off the stage.

    Who comes back after a reload has pressed nothing here; of the newest, what was sent from the form comes first.
    """
    pressed_id = state_of(GenerateState).pressed_id
    pressed = (clip for clip in clips if clip.press_id == pressed_id)
    of_a_form = (stack[0] for stack in stacks_of(clips)[:SHOWN_CLIPS] if not stack[0].plan_id)
    lead = next(chain(pressed, of_a_form, clips), None)
    while lead and lead.state in {State.FAILED, State.REFUSED}:
        # Another try takes the place of what failed.
        tried = studio().submission.retry_of(lead.id)
        if tried is None or tried.id not in {clip.id for clip in clips}:
            break
        lead = tried
    return lead


def _goes_on_from(clips: list[Clip]) -> Clip | None:
    """Return the clip that the form goes on from: it is looked at while the next is written, unless something runs."""
    parent_id = draft.form().parent_id
    parent = studio().get(parent_id) if parent_id and not any(clip.is_open for clip in clips) else None
    return parent if parent and parent.video_path else None


def results() -> None:
    """The stage: one clip, or all takes of its press; below it the running and the recent, a line each."""
    inbox.look()
    clips = studio().clips.page(limit=SHOWN_CLIPS * MOST_TAKES)
    parent = _goes_on_from(clips)
    if lead := parent or on_stage(clips):
        takes = [lead] if parent else studio().clips.takes_of(lead) or [lead]
        if len(takes) > 1:
            takes_card(takes, beside=functools.partial(bell, takes))
        else:
            clip_card(lead, "generate", plays=True, beside=functools.partial(share_and_bell, lead))
        shown = {take.id for take in takes}
        for stack in stacks_of([clip for clip in clips if clip.id not in shown])[: SHOWN_CLIPS - 1]:
            clip_card(stack[0], "generate", plays=False, stack=stack)
    if needs_full_rerun() or state_of(GenerateState).was_moving != bool(studio().active()):
        st.rerun()


def way_to_clips() -> None:
    """On a phone the clips are below the form: say what runs, and how the last one ended. CSS shows it there only."""
    state = state_of(GenerateState)
    lead, running = on_stage(studio().clips.page(limit=SHOWN_CLIPS * MOST_TAKES)), len(studio().active())
    takes = (studio().clips.takes_of(lead) or [lead]) if lead and running else []
    # What failed is told before what goes on elsewhere, once all of its press has.
    if lead and not any(take.is_open or take.video_path for take in takes):
        # Whoever wrote on, or came back, while it was made is told of its end as well.
        age = (datetime.now(UTC) - lead.finished_at).total_seconds() if lead.finished_at else TOLD_SECONDS
        if age < TOLD_SECONDS or (state.started and state.words == draft.prompt()):
            with st.container(key=f"ended_{lead.press_id}_{lead.state}"):  # told until it was seen
                _link(_ended(lead))
            return
    if running:
        words = ngettext("{count} running", "{count} running", running)
        _link(f":material/arrow_downward: {words}")
    else:
        st.empty()


def _link(words: str) -> None:
    st.markdown(f"[{words}](#{ANCHOR})")


def _ended(lead: Clip) -> str:
    """Say in a word how the clip on the stage ended."""
    if lead.video_path:
        ready = sum(bool(take.video_path) for take in studio().clips.takes_of(lead))
        words = ngettext("{count} ready", "{count} ready", ready) if ready > 1 else _("Play")
        return f":material/play_arrow: {words}"
    if lead.waits_to_be_sent:
        words = _("It waits")
        return f":material/schedule: {words}"
    words = _("Why it failed")
    return f":material/help: {words}"
