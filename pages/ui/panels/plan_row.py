"""One planned clip in its row: its words, its place, and what may be done with it by whom."""

from __future__ import annotations

import html
from collections.abc import Callable

import streamlit as st

from rivya.spec import DEFAULT_MODEL
from studio.store import Plan
from studio.store.members import Role
from ui.clip_view import settings_of, small_picture
from ui.feedback import plain, run_action
from ui.i18n import _, number
from ui.panels.plan_desk import is_open, open_plan, plan_fields
from ui.runtime import actor, may, studio

PROMPT_CHARACTERS = 110
PICTURE_PIXELS = 48
PRICE = DEFAULT_MODEL.base_credits


def startable(plans: list[Plan]) -> list[Plan]:
    """Return what a press may start: neither started nor waiting for a lead's word, and no colleague's."""
    team = studio().team
    return [
        plan for plan in plans
        if not plan.released_at and not plan.asked_at and team.may_start(actor(), plan.person)
    ]  # fmt: skip


def plan_row(
    plan: Plan,
    place: int,
    count: int,
    *,
    is_next: bool,
    is_first: bool,
    on_pay: Callable[[Plan], None],
    on_remove: Callable[[list[str]], None],
) -> None:
    """Draw one of ``count`` planned clips: its words, its settings, and the button that pays for it alone.

    The first that nobody has started has the button that most people want.
    """
    with st.container(border=True, gap="xsmall", key=f"plan_{plan.id}"):
        if is_open(plan):
            plan_fields(plan)
            return
        words = " ".join(plan.prompt.split())
        shown = words if len(words) <= PROMPT_CHARACTERS else f"{words[: PROMPT_CHARACTERS - 1]}…"
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
            _picture(plan)
            st.markdown(f"{number(place + 1)}. {plain(shown)}")
        st.caption(settings_of(plan.params, with_reference=plan.reference_sha256 is not None))
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            if plan.released_at:
                words = _("Next up") if is_next else _("In line")
                st.badge(words, icon=":material/schedule:", color="violet")
            elif plan.asked_at:
                _question(plan)
            elif not studio().team.may_start(actor(), plan.person):
                st.caption(_("Planned by {name}", name=plain(plan.person or _("Somebody"))))
            else:
                st.button(
                    _("Start · {price} credits", price=number(PRICE)), key=f"queue_pay_{plan.id}",
                    type="primary" if is_first else "secondary", icon=":material/play_arrow:", on_click=run_action,
                    args=(on_pay, plan),
                )  # fmt: skip
            if not (plan.waits_for_a_lead and may(Role.LEAD)):
                _tools(plan, place, count, on_remove)


def _picture(plan: Plan) -> None:
    """Show what the clip starts from beside its words: a picture that nobody meant is seen before it is paid for."""
    path = studio().archive.reference_path(plan.reference_sha256) if plan.reference_sha256 else None
    if data := small_picture(str(path), 2 * PICTURE_PIXELS) if path and path.is_file() else "":
        name = html.escape(_("Reference image"), quote=True)
        style = f"display:block;width:{PICTURE_PIXELS}px;height:{PICTURE_PIXELS}px;object-fit:cover;border-radius:8px"
        st.html(f'<img src="{data}" alt="{name}" style="{style}">', width="content")


def _tools(plan: Plan, place: int, count: int, on_remove: Callable[[list[str]], None]) -> None:
    """Move a planned clip, or take it out."""
    for by, icon, label, off in (
        ()
        if not may(Role.MAKER)
        else (
            (-1, "arrow_upward", _("Earlier"), place == 0),
            (1, "arrow_downward", _("Later"), place == count - 1),
        )
    ):
        st.button(
            label, key=f"icon_queue_{icon}_{plan.id}", icon=f":material/{icon}:", help=label, type="tertiary",
            disabled=off, on_click=studio().queue.move, args=(plan.id,), kwargs={"by": by},
        )  # fmt: skip
    if may(Role.MAKER) and not plan.released_at and not plan.asked_at:
        st.button(
            _("Edit"), key=f"icon_queue_edit_{plan.id}", icon=":material/edit:", type="tertiary", on_click=open_plan,
            args=(plan.id,), help=_("Edit"),
        )  # fmt: skip
    st.button(
        _("Remove"), key=f"icon_queue_remove_{plan.id}", icon=":material/delete:", help=_("Remove"), type="tertiary",
        on_click=on_remove, args=([plan.id],),
    )  # fmt: skip


def _question(plan: Plan) -> None:
    """What somebody asked a lead for: a lead decides, the others read how it stands."""
    who = plain(plan.person or _("Somebody"))
    if plan.is_declined:
        words = _("Declined by {name}", name=plain(plan.decided_by or ""))
        st.badge(words, icon=":material/block:", color="gray")
        if plan.reason:
            st.caption(plain(plan.reason))
        return
    st.badge(_("{name} asks", name=who), icon=":material/front_hand:", color="orange")
    if not may(Role.LEAD):
        st.caption(_("A lead decides."))
        return
    st.button(
        _("Approve · {price} credits", price=number(PRICE)), key=f"queue_approve_{plan.id}", icon=":material/check:",
        on_click=run_action, args=(_decide, plan, True), kwargs={"done": _("Approved. It goes in its turn.")},
    )  # fmt: skip
    with st.popover(_("Decline"), icon=":material/block:", type="tertiary", key=f"queue_declining_{plan.id}"):
        hint = _("Optional: {name} reads it", name=who)
        st.text_input(_("Reason"), key=f"queue_reason_{plan.id}", max_chars=200, placeholder=hint)
        st.button(
            _("Decline"), key=f"queue_decline_{plan.id}", on_click=run_action, args=(_decide, plan, False),
            kwargs={"done": _("Declined. Nothing was spent.")},
        )  # fmt: skip


def _decide(plan: Plan, approved: bool) -> None:
    reason = "" if approved else st.session_state.get(f"queue_reason_{plan.id}") or ""
    studio().queue.decide(plan, by=actor(), approved=approved, reason=reason)
