"""From an error to words: what happened, what helps, and the button that does it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from rivya.errors import APIStatusError, InvalidRequestError, RivyaError
from rivya.spec import DEFAULT_MODEL
from studio.i18n.messages import explain, is_safety_stop
from studio.store.clip import Clip, State
from ui import draft
from ui.i18n import _, ngettext, number
from ui.labels import option_label, param_label
from ui.runtime import actor, balance, studio
from ui.session import is_announcing, say


def error_text(error: RivyaError) -> str:
    """Return cause and remedy of ``error`` in the reader's language."""
    if isinstance(error, APIStatusError):
        words = explain(error.code, error.http_status)
        return " ".join((_(words.cause), _(words.remedy)))
    values = dict(error.values)
    if isinstance(error, InvalidRequestError) and "key" in values:
        values["key"] = param_label(str(values["key"]))
        if "options" in values:
            options = str(values["options"]).split(", ")
            values["options"] = ", ".join(option_label(error.field, option) for option in options)
    return _(error.user_message, **values)


def clip_problem(clip: Clip) -> None:
    """Say what is wrong with a clip, calmly unless it failed, with its remedy as a button."""
    if clip.error is None:
        return
    words = explain(clip.error.code, clip.error.http_status, clip.error.message)
    text = f"{_(words.cause)}\n\n{_(words.remedy)}"
    tried = _retry_of(clip)
    can_be_sent = clip.waits_for_credits and tried is None and _has_been_filled_up(clip)
    if tried and clip.waits_for_credits:
        text = _(words.cause)
    elif can_be_sent:
        text = _("Nothing was charged. There are enough credits again: send it when you like.")
    elif clip.waits_for_credits and studio().settings.is_demo:
        remedy = _("Nothing was charged. Refill the demo, then press Send now: this clip is waiting.")
        text = f"{_(words.cause)}\n\n{remedy}"
    with st.container(key=f"problem_{clip.id}", gap="small"):
        if clip.state is State.FAILED:
            st.error(text, icon=":material/error:")
        elif clip.state in {State.REFUSED, State.UNKNOWN}:
            st.warning(text, icon=":material/info:")
        else:
            st.caption(text)
        is_said = is_safety_stop(clip.error.code, clip.error.message)
        if clip.error.message and clip.state in {State.FAILED, State.REFUSED} and not is_said and not can_be_sent:
            st.caption(_("Rivya says: {message}", message=plain(clip.error.message)))
        _remedy_button(clip, tried)


def _retry_of(clip: Clip) -> Clip | None:
    """Return the clip that was made of this one after it ended, or was sent in its place."""
    has_ended = clip.state in {State.FAILED, State.REFUSED} or clip.needs_decision
    return studio().submission.retry_of(clip.id) if has_ended and not clip.is_rescued else None


def doubt_line(clip: Clip) -> None:
    """Tell how a doubt ended, with the balance before and after it."""
    if clip.unknown_at is None or clip.state is State.UNKNOWN:
        return
    if clip.task_id:
        words = _("Rivya's answer was lost, so the same request was repeated: one clip, charged once.")
    else:
        words = _("Rivya's answer was lost, so the same request was repeated: nothing had been started or charged.")
    before, after = clip.balance_before, clip.balance_after
    if before is not None and after is not None and before - after == clip.credits_final:
        sums = _("Balance before {before}, after {after}.", before=before, after=after)
        words = f"{words} {sums}"
    st.caption(words)


def _remedy_button(clip: Clip, tried: Clip | None) -> None:
    if clip.is_rescued:
        return
    if tried:
        st.page_link(
            "clip.py",
            label=_("Tried again: open that clip"),
            icon=":material/arrow_forward:",
            query_params={"clip": tried.id},
        )
    if clip.state in {State.FAILED, State.REFUSED}:
        if tried:
            return
        _once_more(clip)
    elif clip.needs_decision:
        _decision(clip, may_make_anew=tried is None)
    elif clip.state is State.UNKNOWN:
        st.button(
            _("Ask Rivya again"),
            key=f"ask_{clip.id}",
            icon=":material/sync:",
            on_click=studio().submission.ask_again,
            args=(clip.id,),
            help=_("The very same request is repeated, which cannot be charged twice."),
        )


def _begin_again(action: Callable[..., Clip], clip_id: str) -> None:
    """Send or make a clip once more, and lead from the page of what failed to what was made of it."""
    made = action(clip_id, by=actor())
    if "clip" in st.query_params:
        st.query_params["clip"] = made.id


def _once_more(clip: Clip) -> None:
    """Offer to send a clip that waits, or to make one like a clip that ended. Nothing is sent without this press."""
    label, icon, action = _("Try again · {price} credits", price=clip.price), "replay", studio().submission.retry
    done = _("Started again.")
    if clip.waits_to_be_sent:
        label, icon, action = _("Send now · {price} credits", price=clip.price), "send", studio().submission.send
        done = _("Sent.")
    is_stopped = bool(clip.error and is_safety_stop(clip.error.code, clip.error.message))
    with st.container(horizontal=True, gap="small"):
        if is_stopped:
            _edit_prompt_button(clip, kind="primary")
        st.button(
            label,
            key=f"again_{clip.id}",
            icon=f":material/{icon}:",
            on_click=run_action,
            args=(_begin_again, action, clip.id),
            kwargs={"done": done},
        )
        if clip.state is State.FAILED and not is_stopped:
            _edit_prompt_button(clip, kind="tertiary")
        if clip.waits_for_credits and not _has_been_filled_up(clip):
            _top_up(clip.id, clip.price)
        if clip.waits_to_be_sent:
            st.button(
                _("Move to trash"), key=f"give_up_{clip.id}", icon=":material/delete:", type="tertiary",
                on_click=run_action, args=(functools.partial(studio().trash, deleted=True, by=actor()), [clip.id]),
                help=_("Nothing was started or charged. It waits in the trash for 30 days."),
            )  # fmt: skip


def _edit_prompt_button(clip: Clip, *, kind: Literal["primary", "tertiary"]) -> None:
    st.button(
        _("Edit prompt"),
        key=f"edit_{clip.id}",
        icon=":material/edit:",
        type=kind,
        on_click=draft.fill,
        args=(clip.prompt, clip.params, clip.reference_sha256, clip.parent_id),
    )


def refill_button(place: str, *, price: float = DEFAULT_MODEL.base_credits) -> None:
    """Offer new credits in the demo when they do not reach for ``price``; ``place`` keeps the keys of two apart."""
    told = balance()
    if studio().settings.is_demo and told and told.credits < price:
        st.button(
            _("Refill the demo"),
            key=f"refill_{place}",
            icon=":material/water_drop:",
            on_click=run_action,
            args=(studio().refill_demo,),
            kwargs={"done": _("The demo has new credits. They are not real.")},
        )


def _has_been_filled_up(clip: Clip) -> bool:
    """Whether credits enough for ``clip`` were seen since it was refused for want of them."""
    seen = studio().balance()  # when it was seen counts here, which moves while the balance stands
    return seen is not None and seen.credits >= clip.price and seen.seen_at > clip.updated_at


def _top_up(place: str, price: float) -> None:
    refill_button(place, price=price)
    if not studio().settings.is_demo:
        st.link_button(_("Top up at Rivya"), studio().settings.base_url, icon=":material/open_in_new:")


def waiting_together(clips: list[Clip]) -> None:
    """Say once for takes of one press that they wait for credits, and offer to send all of them."""
    price = sum(clip.price for clip in clips)
    words = ngettext("{count} take waits for credits. Nothing was charged for it.",
                     "{count} takes wait for credits. Nothing was charged for them.", len(clips))  # fmt: skip
    st.warning(words, icon=":material/info:")
    with st.container(horizontal=True, gap="small"):
        label = ngettext("Send {count} now · {price} credits", "Send {count} now · {price} credits", len(clips),
                         price=number(price))  # fmt: skip
        st.button(
            label, key=f"again_all_{clips[0].id}", icon=":material/send:", on_click=run_action, args=(_send_all, clips),
            kwargs={"done": _("Sent.")},
        )  # fmt: skip
        _top_up(f"all_{clips[0].id}", price)


def _send_all(clips: list[Clip]) -> None:
    for clip in clips:
        studio().submission.send(clip.id, by=actor())


def too_few_credits(place: str, price: float) -> None:
    """Say, beside a button that cannot be pressed, that the credits do not reach for all; in the demo, have more."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{place}_too_few"):
        st.caption(_("There are too few credits for all of them."), width="content")
        refill_button(place, price=price)


def _decision(clip: Clip, *, may_make_anew: bool) -> None:
    """Offer the two ways out of a lasting doubt, each with what it may cost; a new clip is made of it once."""
    free = _(
        "Free if Rivya still knows the request. If it has forgotten it, this may start the clip and charge for it."
    )
    with st.container(horizontal=True, gap="small"):
        st.button(
            _("Ask Rivya again"),
            key=f"ask_{clip.id}",
            icon=":material/sync:",
            on_click=studio().submission.ask_again,
            args=(clip.id,),
            help=free,
        )
        if may_make_anew:
            st.button(
                _("Make it as a new clip · {price} credits", price=clip.price),
                key=f"anew_{clip.id}",
                icon=":material/add:",
                on_click=run_action,
                args=(functools.partial(studio().submission.resubmit_with_new_key, by=actor()), clip.id),
                kwargs={"done": _("Started again.")},
                help=_("If Rivya did start the first one, both are charged."),
            )


def run_action(action: Callable[..., object], *args: Any, done: str = "") -> None:
    """Do what a press asks for, as a widget's callback; say ``done``, or what is wrong, in passing."""
    try:
        action(*args)
    except RivyaError as error:
        say(error_text(error))
    else:
        if done:
            say(done)


def needs_full_rerun() -> bool:
    """Whether a press left something for the whole page: words to say in passing, or a form to be filled."""
    return is_announcing() or draft.form().filling is not None


def plain(text: str) -> str:
    """Return ``text`` so that Markdown shows it letter for letter."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()<>#+-.!|$:~&" else c for c in text.replace("\n", " "))
