"""Before the click: advice, the price, the time, and a clip that one owns already."""

from __future__ import annotations

import streamlit as st

from rivya.advice import advise
from rivya.spec import DEFAULT_MODEL
from ui import draft
from ui.components import CLIP_PAGE
from ui.i18n import _, number, seconds_text, time_text
from ui.runtime import studio
from ui.terms import option_label, param_label

SHOWN_ADVICE = 2


def advice_lines(now: draft.Draft, image_ratio: float | None) -> None:
    """Show the weightiest advice on the draft, each with a button that settles it."""
    found = advise(now.prompt, now.params, image_ratio=image_ratio) if now.prompt.strip() else []
    for place in range(SHOWN_ADVICE):
        if place >= len(found):
            st.empty()
            continue
        advice = found[place]
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"advice_{advice.code}"):
            st.markdown(f":material/lightbulb: {_(advice.message)}", width="stretch")
            if advice.fix:
                ((key, value),) = advice.fix.items()
                label = f"{param_label(key)}: {option_label(key, value)}"
                st.button(label, key=f"fix_{advice.code}", on_click=draft.change, kwargs=advice.fix)


def price_line(now: draft.Draft) -> None:
    """Say that every setting costs the same, and how long each usually takes here."""
    price = number(DEFAULT_MODEL.base_credits)
    words = [_("Every setting costs the same {price} credits.", price=price)]
    times = {r: studio().usual_time({**now.params, "resolution": r}) for r in DEFAULT_MODEL.param("resolution").options}
    if all(usual.known for usual in times.values()):
        each = ", ".join(f"{name} {seconds_text(usual.median)}" for name, usual in times.items())
        words.append(_("Usual time here: {each}.", each=each))
    usual = times[now.params["resolution"]]
    if usual.known:
        half, most = seconds_text(usual.median), seconds_text(usual.slow)
        words.append(_("As chosen: half are done in {half}, 9 of 10 in {most}.", half=half, most=most))
        if usual.queue is not None:
            run = max(usual.median - usual.queue, 0)
            words.append(
                _(
                    "Of that {queue} in the queue, {run} at work.",
                    queue=seconds_text(usual.queue),
                    run=seconds_text(run),
                )
            )
    st.caption(" ".join(words))


def twin_guard(now: draft.Draft) -> None:
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
            st.page_link(CLIP_PAGE, label=_("Open it"), icon=":material/movie:", query_params={"clip": twin.id})
            st.button(
                _("Take a new seed"),
                key="twin_new_seed",
                icon=":material/casino:",
                on_click=draft.change,
                kwargs={"seed": None},
            )
        st.caption(_("Or generate it again all the same: it will be charged again."))
