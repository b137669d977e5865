"""A better wording of the prompt, shown as what would change: by rule, or by a writer that the team has set."""

from __future__ import annotations

from concurrent.futures import Future, wait
from dataclasses import dataclass

import streamlit as st

from rivya.errors import RivyaError
from studio.prompts.improver import improved
from ui import draft
from ui.difference import marked_difference
from ui.feedback import error_text
from ui.i18n import _
from ui.panels.reference import close_desk
from ui.runtime import studio
from ui.session import state_of

QUICK_SECONDS = 1.0
LOOK_SECONDS = 0.5


@dataclass
class WriterState:
    """What the writer was asked, and its answer."""

    asked: str = ""
    answer: Future[str] | None = None


def improve_desk() -> None:
    """Show what the prompt leaves open and what would be added; nothing changes before it is accepted."""
    prompt = draft.prompt().strip()
    if not prompt:
        st.caption(_("Write a few words first; here they are filled out."))
        return
    camera_fixed = bool(st.session_state.get(draft.PARAM_KEYS["camera_fixed"]))
    better = improved(prompt, camera_fixed=camera_fixed, translate=_)
    if better == prompt:
        st.caption(_("Nothing to improve: it already says how it is filmed and lit."))
    else:
        _offer(prompt, better, key="rules")
    if studio().writer.is_set:
        _writer(prompt)


def _offer(prompt: str, better: str, *, key: str) -> None:
    with st.container(border=True, gap="small", key=f"improve_{key}"):
        st.markdown(marked_difference(prompt, better))
        st.button(_("Use this prompt"), key=f"improve_use_{key}", type="primary", on_click=_use, args=(better,))


def _use(better: str) -> None:
    draft.fill_prompt(better, source=draft.form().source)
    close_desk()


def _writer(prompt: str) -> None:
    state = state_of(WriterState)
    st.button(
        _("Ask your writer"), key="improve_ask", icon=":material/edit_note:", on_click=_ask, args=(prompt,),
        help=_("Sends the prompt, and nothing else, to the address that your team has set."),
    )  # fmt: skip
    if state.answer is None or state.asked != prompt:
        return
    wait([state.answer], timeout=QUICK_SECONDS)
    st.fragment(_answer, run_every=None if state.answer.done() else LOOK_SECONDS)(prompt)


def _ask(prompt: str) -> None:
    state = state_of(WriterState)
    state.asked = prompt
    state.answer = studio().in_background(lambda: studio().writer.improve(prompt))


def _answer(prompt: str) -> None:
    answer = state_of(WriterState).answer
    if answer is None or not answer.done():
        st.caption(_("Your writer is at work …"))
        return
    try:
        _offer(prompt, answer.result(), key="writer")
    except RivyaError as error:
        st.warning(error_text(error), icon=":material/info:")
