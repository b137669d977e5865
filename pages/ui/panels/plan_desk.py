"""A clip that waits in the queue, written anew in its place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

import streamlit as st

from rivya.spec import DEFAULT_MODEL
from studio.store import Plan
from ui.feedback import run_action
from ui.i18n import _
from ui.labels import option_label, param_label
from ui.ratio_drawings import ratio_drawings
from ui.runtime import actor, studio
from ui.session import say, state_of

CHANGEABLE = ("aspect_ratio", "duration", "resolution")


@dataclass
class PlanState:
    """The planned clip that is written anew."""

    plan_id: str = ""


def open_plan(plan_id: str) -> None:
    """Write ``plan_id`` anew where it stands."""
    state_of(PlanState).plan_id = plan_id


def is_open(plan: Plan) -> bool:
    """Whether ``plan`` is written anew; what was started meanwhile is not."""
    return state_of(PlanState).plan_id == plan.id and not plan.released_at


def plan_fields(plan: Plan) -> None:
    """Draw its words and settings to be changed, and the two ways out; a picture is changed on Generate."""
    st.text_area(_("Prompt"), value=plan.prompt, key=_key("prompt", plan), height="content")
    _choice("aspect_ratio", plan)
    ratio_drawings(_key("aspect_ratio", plan))
    with st.container(horizontal=True, gap="small"):
        _choice("duration", plan)
        _choice("resolution", plan)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            _("Save"), key=_key("save", plan), type="primary", icon=":material/check:", on_click=run_action,
            args=(_save, plan),
        )  # fmt: skip
        st.button(_("Cancel"), key=_key("cancel", plan), type="tertiary", on_click=open_plan, args=("",))


def _choice(name: str, plan: Plan) -> None:
    st.segmented_control(
        param_label(name), DEFAULT_MODEL.param(name).options, key=_key(name, plan),
        default=str(plan.params.get(name, DEFAULT_MODEL.param(name).default)), required=True,
        format_func=partial(option_label, name), label_visibility="collapsed",
    )  # fmt: skip


def _key(name: str, plan: Plan) -> str:
    return f"plan_{name}_{plan.id}"


def save_open(plan_ids: Collection[str]) -> None:
    """Keep what is written of one of these before it is paid: what stands on the page is what is sent.

    Raises ``InvalidRequestError`` for what the model does not take.
    """
    plan = next((plan for plan in studio().queue.waiting() if plan.id in plan_ids and is_open(plan)), None)
    if plan and _key("prompt", plan) in st.session_state:
        _write(plan)


def _save(plan: Plan) -> None:
    is_changed = _write(plan)
    say(_("Changed. Nothing is paid yet.") if is_changed else _("It was started meanwhile, and stays as it was."))


def _write(plan: Plan) -> bool:
    params = {name: st.session_state[_key(name, plan)] for name in CHANGEABLE}
    is_changed = studio().queue.change(plan, prompt=st.session_state[_key("prompt", plan)], params=params, by=actor())
    open_plan("")
    return is_changed
