"""A clip, or all takes of one press, in one card: its video, its words, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from rivya.spec import SEED_RANDOM
from studio.i18n.messages import explain
from studio.store.clip import Clip, State
from ui.clip_actions import (
    clip_actions,
    compare_link,
    continue_button,
    download_link,
    fill_form,
    parent_line,
)
from ui.clip_view import (
    clip_link,
    player,
    poster,
    progress,
    settings_line,
    settings_of,
    short_prompt,
    state_badge,
    video,
    waiting_box,
    width_over_height,
)
from ui.feedback import clip_problem, doubt_line, plain, waiting_together
from ui.i18n import _, ngettext, number
from ui.panels.inbox import new_badge
from ui.panels.share_menu import share_menu
from ui.runtime import is_phone, studio

STAGE_PROMPT_CHARACTERS = 60
SMALL_PROMPT_CHARACTERS = 72
ROW_OF_UPRIGHT = 3


def takes_badge(stack: Sequence[Clip]) -> None:
    """Say how many takes of one press a card stands for, when it is more than one, and how many of them were made."""
    count, made = len(stack), sum(take.state is State.SUCCEEDED for take in stack)
    if count == 1:
        return
    words = ngettext("{count} take", "{count} takes", count)
    if 0 < made < count:
        words = ngettext("{made} of {count} take made", "{made} of {count} takes made", count, made=number(made))
    st.badge(words, icon=":material/stacks:", color="gray")


def clip_card(
    clip: Clip, place: str, *, plays: bool, stack: Sequence[Clip] = (), beside: Callable[[], None] = lambda: None
) -> None:
    """Show one clip: large with its video or the place of it when it ``plays``, else in one line.

    ``beside`` draws what else belongs into the row of its buttons; ``stack`` are the takes that it stands for.

    The card of a running clip has the size that it will have in the end, so that nothing jumps. What waits for a
    person's decision is never small.
    """
    if not plays and clip.state not in {State.REFUSED, State.UNKNOWN}:
        _small_card(clip, place, stack or [clip])
        return
    with st.container(border=True, gap="small", key=f"card_{place}_{clip.id}"):
        if clip.video_path:
            player(clip, autoplay=True)
        elif clip.is_open and plays:
            waiting_box(clip)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            state_badge(clip)
            st.markdown(plain(short_prompt(clip, STAGE_PROMPT_CHARACTERS)), width="content")
        if clip.is_open:
            progress(clip)
        if clip.video_path:
            clip_actions(clip, place, beside)
        settings_line(clip)
        parent_line(clip)
        doubt_line(clip)
        clip_problem(clip)
        if clip.video_path:
            _demo_note(clip, place)
        else:
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                clip_link(clip.id, _("Details"), icon=":material/info:")
                beside()
            if clip.is_open and is_phone():  # so that the card is as high as it will be
                _demo_note(clip, place)


def _small_card(clip: Clip, place: str, stack: Sequence[Clip]) -> None:
    with st.container(border=True, key=f"card_{place}_{clip.id}"):
        row = st.container(
            horizontal=True, wrap=False, vertical_alignment="center", gap="small", key=f"small_{place}_{clip.id}"
        )
    with row:
        with st.container(width=112):
            poster(clip, plays=True)
        with st.container(gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                state_badge(clip)
                new_badge(clip)
                takes_badge(stack)
                label = plain(short_prompt(clip, SMALL_PROMPT_CHARACTERS))
                clip_link(clip.id, label)
            if clip.is_open:
                progress(clip)
            elif clip.state is State.FAILED:
                _why_it_failed(clip)
            else:
                settings_line(clip, with_seed=False)


def _why_it_failed(clip: Clip) -> None:
    """Say in one line why a clip failed and what came back."""
    words = explain(clip.error.code, clip.error.http_status, clip.error.message) if clip.error else None
    back = clip.credits_reserved - clip.credits_final
    credits_back = _("{credits} credits came back", credits=number(back)) if back > 0 else ""
    st.caption(" · ".join(filter(None, (_(words.cause).rstrip(".।") if words else "", credits_back))))


def _demo_note(clip: Clip, place: str) -> None:
    """Where pictures do not follow the words, say so: an idea has a picture of its own in the demo."""
    if studio().settings.is_demo and place == "generate" and clip.source is None:
        st.caption(_("The demo's pictures only hint at your words. With a key, Seedance draws them."))


def takes_card(takes: list[Clip], beside: Callable[[], None]) -> None:
    """Show all takes of one press together: they play together, and one of them can be kept or gone on with.

    ``beside`` draws what else belongs into the line of the prompt.
    """
    with st.container(border=True, gap="small", key=f"card_takes_{takes[0].id}"):
        name = f"heading_takes_{takes[0].id}"
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=name):
            st.markdown(plain(short_prompt(takes[0], STAGE_PROMPT_CHARACTERS)), width="stretch")
            compare_link([take.id for take in takes if take.video_path], keeps_place=True)
            beside()
        waiting = [take for take in takes if take.waits_for_credits]
        waiting = waiting if len(waiting) > 1 else []
        is_one_row = len(takes) == ROW_OF_UPRIGHT and width_over_height(takes[0]) < 1 and not is_phone()
        in_a_row, name = (ROW_OF_UPRIGHT, "three") if is_one_row else (2, "two")
        with st.grid(columns=in_a_row, wrap=False, gap="small", key=f"takes_grid_{name}_{takes[0].id}"):
            for place, take in enumerate(takes, 1):
                with st.container(gap="xsmall", key=f"take_{take.id}"):
                    _take(take, place, is_told=take in waiting)
        for place, take in enumerate(takes, 1):
            if take.starred_at and take.video_path:
                _kept_line(take, place)
        if waiting:
            waiting_together(waiting)
        shared = {key: value for key, value in takes[0].params.items() if key != "seed"}
        st.caption(settings_of(shared, with_reference=takes[0].reference_sha256 is not None))
        _demo_note(takes[0], "generate")


def _take(take: Clip, place: int, *, is_told: bool) -> None:
    """One take, its number in its corner leads to its page; keeping it changes nothing but its star."""
    with st.container(gap=None, key=f"frame_take_{take.id}"):
        video(take, autoplay=True, is_small=True)
        with st.container(width="content", key=f"number_take_{take.id}"):
            label = _("Take {number}", number=number(place))
            clip_link(take.id, label)
    kept = take.starred_at is not None
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", key=f"tools_take_{take.id}"):
        # They keep their place while it is made, so that nothing moves when it is here.
        if take.video_path or take.is_open:
            with st.container(width="content", key=f"{'starred' if kept else 'plain'}_take_{take.id}"):
                st.button(
                    _("Kept") if kept else _("Keep"), key=f"take_keep_{take.id}", disabled=not take.video_path,
                    icon=":material/star:" if kept else ":material/star_border:", on_click=studio().clips.set_starred,
                    args=([take.id],), kwargs={"starred": not kept},
                )  # fmt: skip
        if take.video_path:
            more = _("More like this")
            st.button(
                more, key=f"icon_take_more_{take.id}", icon=":material/tune:", help=more, on_click=fill_form,
                args=(take,), kwargs={"seed": SEED_RANDOM},
            )  # fmt: skip
            if not is_phone():  # there they come with *Keep*: a finger needs room
                continue_button(take, "icon_take")
                download_link(take, kind="icon")
    if not take.video_path:
        doubt_line(take)
        if not is_told:
            clip_problem(take)


def _kept_line(take: Clip, place: int) -> None:
    """Below all takes, so that none moves: where to go with one that was kept."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"kept_take_{take.id}"):
        label = _("Take {number}", number=number(place))
        st.markdown(f"**{label}**", width="content")
        continue_button(take, "take")
        if is_phone():  # elsewhere it stands at each take
            download_link(take)
        share_menu(take, f"take_{take.id}")
