"""Before the click: advice, and a clip that one owns already."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from studio.draft import Draft
from studio.prompts.advice import advise
from studio.reports.worth import Worth, better_value
from ui import draft
from ui.clip_view import clip_link
from ui.feedback import plain
from ui.i18n import _, time_text
from ui.labels import option_label, param_label, setting_text
from ui.panels.reference import remove_picture
from ui.runtime import is_phone, studio
from ui.session import choice, state_of

HINT_SECONDS = 60.0


def advice_line(now: Draft, image_ratio: float | None) -> None:
    """Show the weightiest advice on the draft with the button that settles it; the caller gives it a place of its own.

    One at a time: the place keeps its height, so that nothing moves under the pointer.
    """
    if not now.prompt.strip():
        words = _("Say what moves, how it ends and what the camera does.")
        with st.container(key="advice_first"):
            st.caption(f":material/lightbulb: {words}")
        return
    if draft.carries_old_picture(now):
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small", key="advice_picture"):
            words = _("The picture of the clip before goes with these words, too.")
            st.caption(f":material/image: {words}", width="stretch")
            st.button(_("Leave it out"), key="fix_picture", on_click=remove_picture)
        return
    found = advise(now.prompt, now.params, image_ratio=image_ratio)
    if not found:
        _hint(now)
        return
    advice = found[0]
    with st.container(
        horizontal=True, wrap=False, vertical_alignment="center", gap="small", key=f"advice_{advice.code}"
    ):
        st.caption(f":material/lightbulb: {_(advice.message)}", width="stretch")
        if advice.fix:
            st.button(_fix_label(advice.fix), key=f"fix_{advice.code}", on_click=draft.change, kwargs=dict(advice.fix))


HINTS_COOKIE, OFF = "studio_hints", "off"


@dataclass
class HintState:
    """How the settings did when they were counted last, and when that was."""

    rows: list[Worth] = field(default_factory=list)
    counted_at: float = -HINT_SECONDS


def wants_hints() -> bool:
    """Whether hints from what was kept are wanted in this browser."""
    return choice(HINTS_COOKIE) != OFF


def _hint(now: Draft) -> None:
    """Say quietly that another setting was kept clearly more often; it can be switched off in Settings."""
    state = state_of(HintState)
    if wants_hints() and time.monotonic() - state.counted_at > HINT_SECONDS:
        state.rows, state.counted_at = studio().worth(), time.monotonic()
    better = better_value(state.rows, now.params) if wants_hints() else None
    if better is None:
        if is_phone() or now.reference_sha256:
            st.empty()
        else:
            st.caption(_(":material/keyboard: Ctrl or ⌘ + Enter generates."))
        return
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small", key="advice_worth"):
        words = _("Kept most often: {what} ({kept} of {made})", what=setting_text(better.key, better.value),
                  kept=better.kept, made=better.made)  # fmt: skip
        st.caption(f":material/monitoring: {plain(words)}", width="stretch")
        fix = {better.key: better.value}
        st.button(_fix_label(fix), key="fix_worth", on_click=draft.change, kwargs=fix)


def _fix_label(fix: Mapping[str, str]) -> str:
    ((key, value),) = fix.items()
    if key == "prompt":
        return _("Change the prompt")
    if key == "camera_fixed":
        return f"{param_label(key)}: {option_label(key, value)}"
    return _("Make it {value}", value=option_label(key, value))


def twin_guard(now: Draft) -> None:
    """Tell when these very words, settings, seed and image made a clip already."""
    twin = None if now.problems else studio().twin(now.prompt, now.params, now.reference_sha256)
    if twin is None:
        st.empty()
        return
    with st.container(border=True, gap="small", key="twin_guard"):
        owned = _(
            "You own this clip already, made {time} for {price} credits.",
            time=time_text(twin.created_at),
            price=twin.price,
        )
        st.markdown(f":material/content_copy: {owned}")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            clip_link(twin.id, _("Open it"), icon=":material/movie:")
            st.button(
                _("Take a new seed"),
                key="twin_new_seed",
                icon=":material/casino:",
                on_click=draft.change,
                kwargs={"seed": ""},
            )
        st.caption(_("Or generate it again all the same: it will be charged again."))
