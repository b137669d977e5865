"""Pictures of a clip: badge, poster, player, progress, chips, receipt."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Literal

import streamlit as st

from rivya.spec import SEED_RANDOM, ordered_shape
from studio.i18n import N_
from studio.reports.delivery import mismatches
from studio.store.clip import MOST_TAKES, Clip, Health, State
from studio.studio import UsualTime
from ui import draft
from ui.feedback import clip_problem, doubt_line, plain, run_action
from ui.i18n import _, clock_text, ngettext, number, rounded_seconds, seconds_text
from ui.labels import clip_label, clip_look, param_label, setting_text
from ui.panels.inbox import new_badge
from ui.runtime import clip_url, is_phone, studio

CLIP_PAGE = "clip.py"
JOIN = "join"
"""In an address: the clip's story is to be joined, so what joins it is open."""

UNSAID = {("camera_fixed", "false"), ("enable_safety_checker", "true"), ("seed", SEED_RANDOM)}
SHORT_SECONDS = 20.0
SHORT_PROMPT_CHARACTERS = 90
HEADING_CHARACTERS = 48
STAGE_PROMPT_CHARACTERS = 60
SMALL_PROMPT_CHARACTERS = 34
HEALTH_LOOKS: dict[str, tuple[str, str, Literal["green", "orange"]]] = {
    Health.SAFE: (N_("Safe here"), ":material/verified_user:", "green"),
    Health.REMOTE: (N_("Only at Rivya, being fetched"), ":material/cloud_download:", "orange"),
    Health.DAMAGED: (N_("Damaged here, being fetched again"), ":material/healing:", "orange"),
}
USUAL_SHAPE = Fraction(16, 9)
"""The box of a video whose shape nobody ordered, until it is here."""

TALLEST_VIEW = "50vh"
ROW_OF_UPRIGHT = 3
"""The height that a video takes at most, so that its words and buttons stay on the screen with it."""


def video(clip: Clip, *, autoplay: bool = False) -> None:
    """Show the video, its place while it is on its way, or what stands for it; and how far it is."""
    if clip.video_path:
        player(clip, autoplay=autoplay)
    elif clip.is_open:
        waiting_box(clip)
    else:
        poster(clip)
    if clip.is_open:
        progress(clip)


def empty_state(title: str, text: str, *, page: str = "", link: str = "") -> None:
    """Say kindly that there is nothing yet and what would be here, with a way to it."""
    with st.container(border=True, height=220, horizontal_alignment="center", vertical_alignment="center"):
        st.header(title, anchor=False, text_alignment="center", width="content")
        st.caption(text, text_alignment="center")
        if page:
            st.page_link(page, label=link, icon=":material/arrow_forward:")


def state_badge(clip: Clip) -> None:
    """Show the status word with its colour and icon: never colour alone."""
    color, icon = clip_look(clip)
    st.badge(clip_label(clip), icon=icon, color=color)


def short_prompt(clip: Clip, characters: int = SHORT_PROMPT_CHARACTERS) -> str:
    """Return the first words of the prompt on one line."""
    words = " ".join(clip.prompt.split())
    if len(words) <= characters:
        return words
    # At the end of a word, unless that would leave out half: not every script has spaces.
    cut = words[:characters].rfind(" ")
    return f"{words[: cut if cut >= characters // 2 else characters - 1].rstrip(' ,;:')}…"


def _fraction(clip: Clip) -> Fraction:
    if clip.video_width and clip.video_height and "aspect_ratio" not in clip.params:
        return Fraction(clip.video_width, clip.video_height)
    return ordered_shape(clip.params) or USUAL_SHAPE


def width_over_height(clip: Clip) -> float:
    """Return the shape that was ordered, or came where none was ordered."""
    return float(_fraction(clip))


def _ratio(clip: Clip) -> str:
    fraction = _fraction(clip)
    return f"{fraction.numerator} / {fraction.denominator}"


def _box(clip: Clip) -> str:
    """Return the style of a box in the clip's shape that fits the column and leaves room for words below it."""
    fraction = _fraction(clip)
    width = f"min(100%, {TALLEST_VIEW} * {float(fraction):.4f})"
    return (
        f"display:block;width:{width};aspect-ratio:{_ratio(clip)};border-radius:12px;background:#0d0c0b;margin:0 auto"
    )


def player(clip: Clip, *, autoplay: bool = False) -> None:
    """Show the video in a box of its own shape, so that nothing jumps when it arrives.

    With ``autoplay`` it plays by itself, muted and looping, where ``gallery_keys`` finds that the reader wants motion.
    """
    life = "muted loop data-autoplay" if autoplay else ""
    name = html.escape(_("Clip: {prompt}", prompt=short_prompt(clip)), quote=True)
    st.html(
        f'<video src="{clip_url(clip)}" poster="{clip_url(clip, "webp")}" controls playsinline preload="metadata" '
        f'{life} aria-label="{name}" style="{_box(clip)};object-fit:contain"></video>'
    )


def waiting_box(clip: Clip) -> None:
    """Hold the video's place, in its shape, until it is here."""
    st.html(f'<div class="studio-skeleton" style="{_box(clip)}"></div>')


def poster(clip: Clip, *, plays: bool = False, own_shape: bool = False) -> None:
    """Show the poster, filling a box of one shape for all or of its ``own_shape``; an empty box before it.

    With ``plays`` it is given life by ``gallery_keys``: hover or tap plays it, Enter opens the clip.
    """
    name = html.escape(short_prompt(clip), quote=True)
    quiet = "background:color-mix(in srgb, currentColor 8%, transparent)"
    ratio = _ratio(clip) if own_shape else "4 / 3"
    shape = f"display:block;width:100%;aspect-ratio:{ratio};border-radius:10px;object-fit:cover;{quiet}"
    if clip.poster_path:
        life = ""
        if plays:
            name = html.escape(
                _("Video: {prompt}. Space plays it, Enter opens it.", prompt=short_prompt(clip)), quote=True
            )
            life = f'data-video="{clip_url(clip)}" data-clip="{clip.id}" tabindex="0" role="button"'
        st.html(f'<img src="{clip_url(clip, "webp")}" alt="{name}" loading="lazy" style="{shape}" {life}>')
    else:
        middle, words = "display:grid;place-content:center", html.escape(clip_label(clip))
        kind = 'class="studio-skeleton"' if clip.is_open else ""
        life = ""
        if plays:
            label = _("{state}: {prompt}. Enter opens it.", state=clip_label(clip), prompt=short_prompt(clip))
            label = html.escape(label, quote=True)
            life = f'data-clip="{clip.id}" tabindex="0" role="button" aria-label="{label}"'
        st.html(f'<div {kind} style="{shape};{middle}" {life}><span style="opacity:.75">{words}</span></div>')


def watch_seconds(clips: Sequence[Clip]) -> float | None:
    """Return how often a page looks at what runs: each second where the newest takes seconds, ``None`` when none runs.

    Of a minute nobody sees the second that the end comes later, and a tab costs half (benchmarks/tabs.py).
    """
    if not clips:
        return None
    return 1.0 if studio().usual_time(clips[0].params, model=clips[0].model).median < SHORT_SECONDS else 2.0


def usual_text(usual: UsualTime) -> str:
    """Say how long a clip usually takes: one rounded figure, and none that was not measured."""
    if not usual.is_measured:
        return _("usually under a minute")
    return _("usually about {time}", time=seconds_text(rounded_seconds(usual.median)))


def progress(clip: Clip) -> None:
    """Show how far a running clip is, measured against the usual time of its settings."""
    if clip.state is State.UNKNOWN:
        return
    usual, elapsed = studio().usual_time(clip.params, model=clip.model), clip.elapsed_seconds
    so_far = _("{time} so far", time=clock_text(elapsed))
    st.progress(usual.share(elapsed), text=f"{_time_left(clip, usual, elapsed)} · {so_far}")


def _time_left(clip: Clip, usual: UsualTime, elapsed: float) -> str:
    left = usual.median - elapsed
    if clip.is_saving:
        return _("Finished, saving the video here")
    if elapsed > usual.slow:
        return _("Slower than usual; it goes on")
    if not usual.is_measured:
        return _("Usually under a minute")
    if left <= 0:
        return _("Should be ready any moment")
    words = _("about {time} left", time=seconds_text(rounded_seconds(left)))
    return _("In line · {words}", words=words) if clip.state is State.QUEUED else words[:1].upper() + words[1:]


def settings_of(params: Mapping[str, object], *, with_reference: bool) -> str:
    """Return settings as one quiet line; what is as usual and cannot be seen is left out."""
    parts = [setting_text(key, value) for key, value in params.items() if (key, value) not in UNSAID]
    if with_reference:
        parts.append(_("with a reference image"))
    return " · ".join(plain(part) for part in parts)


def settings_line(clip: Clip) -> None:
    """Show a clip's exact settings in one quiet line."""
    # What goes on from a clip leads there in the line below.
    has_picture = clip.reference_sha256 is not None and clip.parent_id is None
    st.caption(settings_of(clip.params, with_reference=has_picture))


def receipt_line(clip: Clip) -> None:
    """Say what it cost, how long it took and what was delivered."""
    parts = []
    if clip.state is State.SUCCEEDED:
        parts.append(_("{credits} credits", credits=number(clip.credits_final)))
    elif clip.state is State.FAILED:
        parts.append(_("{credits} credits came back", credits=number(clip.credits_reserved - clip.credits_final)))
    elif clip.credits_reserved:
        parts.append(_("{credits} credits reserved", credits=number(clip.credits_reserved)))
    if clip.queue_seconds is not None:
        parts.append(_("{time} in line", time=seconds_text(clip.queue_seconds)))
    if clip.render_seconds is not None and clip.finished_at:
        parts.append(_("{time} to render", time=seconds_text(clip.render_seconds)))
    if clip.video_width:
        size = f"{number(clip.video_width)} × {number(clip.video_height or 0)}"
        parts.append(_("delivered {size}, {seconds} s", size=size, seconds=number(round(clip.video_seconds or 0, 2))))
    st.caption(" · ".join(parts))
    for mismatch in mismatches(clip):
        what = param_label(mismatch.key)
        words = _("{what}: {ordered} was ordered and {delivered} came. Details has a text for support.",
                  what=what, ordered=mismatch.ordered, delivered=mismatch.delivered)  # fmt: skip
        st.warning(words, icon=":material/straighten:")


def safety_badge(clip: Clip) -> None:
    """Show whether the paid video is whole here, only at Rivya, or damaged."""
    if clip.state is State.SUCCEEDED:
        label, icon, color = HEALTH_LOOKS[clip.health or Health.REMOTE]
        st.badge(_(label), icon=icon, color=color)


def star_button(clip: Clip, place: str, *, words: bool = True, is_take: bool = False) -> None:
    """Give the clip a star, or take it back; without ``words`` the star alone is drawn. A take is kept by it."""
    starred = clip.starred_at is not None
    name = (_("Kept") if starred else _("Keep")) if is_take else _("Starred") if starred else _("Star")
    with st.container(key=f"{'starred' if starred else 'plain'}_{place}_{clip.id}", width="content"):
        _star(clip, place, name, words=words)


def _star(clip: Clip, place: str, name: str, *, words: bool) -> None:
    starred = clip.starred_at is not None
    st.button(
        name,
        help=None if words else name,
        key=f"{'' if words else 'icon_'}{place}_star_{clip.id}",
        icon=":material/star:" if starred else ":material/star_border:",
        type="tertiary",
        on_click=studio().clips.set_starred,
        args=([clip.id],),
        kwargs={"starred": not starred},
    )


def clip_actions(clip: Clip, place: str, beside: Callable[[], None] = lambda: None) -> None:
    """Offer what is done most with a finished clip. ``place`` keeps the keys of two places apart."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if clip.video_path and clip.video_path.is_file():
            continue_button(clip, place)
            download_link(clip)
        beside()
        use_settings_button(clip, f"icon_{place}")
        star_button(clip, place, words=False)
        details_link(clip)


def download_link(
    clip: Clip, label: str = "", *, query: str = "download", kind: Literal["", "primary", "icon"] = ""
) -> None:
    """Offer the video as a file with a readable name, from where it lies.

    A link, because a download button's file goes with the page run that offered it: a press while the page is drawn
    anew would bring nothing.
    """
    words = html.escape(label or _("Download"))
    st.html(
        f'<a class="studio-button {kind}" href="{clip_url(clip)}?{query}" download title="{words}">'
        f'<span class="studio-icon" aria-hidden="true">download</span><span>{words}</span></a>',
        width="content",
    )


def use_settings_button(clip: Clip, place: str) -> None:
    """Offer to fill the form with this clip's prompt, settings and reference image; a kept seed is asked about."""
    if clip.params.get("seed", SEED_RANDOM) == SEED_RANDOM:
        use_settings(clip, place)
        return
    label = _("Use these settings")
    with st.popover(label, key=f"{place}_use_menu_{clip.id}", icon=":material/tune:", type="tertiary", help=label):
        use_settings(clip, place.removeprefix("icon_"))


def use_settings(clip: Clip, place: str) -> None:
    """Draw the one button, or the two where the clip has a seed, that fill the form like this clip."""
    if clip.params.get("seed", SEED_RANDOM) == SEED_RANDOM:
        label, is_icon = _("Use these settings"), place.startswith("icon_")
        st.button(
            label, key=f"{place}_use_{clip.id}", icon=":material/tune:", on_click=_fill_form, args=(clip,),
            type="tertiary" if is_icon else "secondary", help=label if is_icon else None,
        )  # fmt: skip
        return
    st.caption(_("Fills the form; nothing is paid. The same seed makes much the same clip again."))
    st.button(
        _("Same settings, new random seed"), key=f"{place}_use_{clip.id}", icon=":material/casino:",
        on_click=_fill_form, args=(clip,), kwargs={"seed": SEED_RANDOM},
    )  # fmt: skip
    keep = _("Same settings, same seed {seed}", seed=str(clip.params["seed"]))
    st.button(keep, key=f"{place}_keep_{clip.id}", on_click=_fill_form, args=(clip,))


def _fill_form(clip: Clip, **changes: object) -> None:
    draft.fill(clip.prompt, {**clip.params, **changes}, clip.reference_sha256, clip.parent_id)


def details_link(clip: Clip) -> None:
    """Lead to the clip's page by an icon; its word stays for those who hear the page."""
    with st.container(width="content", key=f"icon_page_{clip.id}"):
        st.page_link(CLIP_PAGE, label=_("Details"), icon=":material/info:", query_params={"clip": clip.id})


def continue_button(clip: Clip, place: str) -> None:
    """Offer to go on where the video ends: its last frame becomes the next reference image."""
    st.button(
        _("Continue"), key=f"{place}_continue_{clip.id}", icon=":material/resume:",
        on_click=run_action, args=(_continue, clip),
    )  # fmt: skip


def _continue(clip: Clip) -> None:
    frame = studio().keep_last_frame(clip)
    draft.fill("", {**clip.params, "seed": SEED_RANDOM}, frame, clip.id)


def parent_line(clip: Clip) -> None:
    """Lead from a clip that goes on from another to where both are joined; it stands there before it can be pressed."""
    if clip.parent_id:
        st.page_link(
            CLIP_PAGE, label=_("Join with the clip before it"), icon=":material/merge:",
            query_params={"clip": clip.id, JOIN: "1"}, disabled=not clip.video_path,
        )  # fmt: skip


def _small_card(clip: Clip, place: str, takes: int) -> None:
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
                takes_badge(takes)
                label = plain(short_prompt(clip, SMALL_PROMPT_CHARACTERS))
                st.page_link(CLIP_PAGE, label=label, query_params={"clip": clip.id})
            if clip.is_open:
                progress(clip)
            else:
                settings_line(clip)


def takes_badge(takes: int) -> None:
    """Say how many takes of one press a card stands for, when it is more than one."""
    if takes > 1:
        st.badge(ngettext("{count} take", "{count} takes", takes), icon=":material/stacks:", color="gray")


def clip_card(
    clip: Clip, place: str, *, plays: bool, takes: int = 1, beside: Callable[[], None] = lambda: None
) -> None:
    """Show one clip: large with its video or the place of it when it ``plays``, else in one line.

    ``beside`` draws what else belongs into the row of its buttons.

    The card of a running clip has the size that it will have in the end, so that nothing jumps. What waits for a
    person's decision is never small.
    """
    if not plays and clip.state not in {State.REFUSED, State.UNKNOWN}:
        _small_card(clip, place, takes)
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
                st.page_link(CLIP_PAGE, label=_("Details"), icon=":material/info:", query_params={"clip": clip.id})
                beside()


def _demo_note(clip: Clip, place: str) -> None:
    """Where pictures do not follow the words, say so: an idea has a picture of its own in the demo."""
    if studio().settings.is_demo and place == "generate" and clip.source is None:
        st.caption(_("The demo's pictures only hint at your words. With a key, Seedance draws them."))


def takes_card(takes: list[Clip], *, share: Callable[[Clip], None], beside: Callable[[], None]) -> None:
    """Show all takes of one press together: they play together, and one of them can be kept or gone on with.

    ``share`` draws how to share a take that is kept, ``beside`` what else belongs into the line of the prompt.
    """
    with st.container(border=True, gap="small", key=f"card_takes_{takes[0].id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(plain(short_prompt(takes[0], STAGE_PROMPT_CHARACTERS)), width="stretch")
            compare_link([take.id for take in takes if take.video_path])
            beside()
        _demo_note(takes[0], "generate")
        is_one_row = len(takes) == ROW_OF_UPRIGHT and width_over_height(takes[0]) < 1 and not is_phone()
        in_a_row, name = (ROW_OF_UPRIGHT, "three") if is_one_row else (2, "two")
        with st.grid(columns=in_a_row, wrap=False, gap="small", key=f"takes_grid_{name}_{takes[0].id}"):
            for place, take in enumerate(takes, 1):
                with st.container(gap="xsmall", key=f"take_{take.id}"):
                    _take(take, place, share)
        shared = {key: value for key, value in takes[0].params.items() if key != "seed"}
        st.caption(settings_of(shared, with_reference=takes[0].reference_sha256 is not None))


def compare_link(clip_ids: list[str], label: str = "") -> None:
    """Lead to the comparison of two to four clips; draw nothing for fewer or more."""
    if 2 <= len(clip_ids) <= MOST_TAKES:
        st.page_link(
            "compare.py",
            label=label or _("Compare"),
            icon=":material/compare:",
            query_params={"clips": ",".join(clip_ids)},
        )


def _take(take: Clip, place: int, share: Callable[[Clip], None]) -> None:
    video(take, autoplay=True)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall"):
        st.caption(_("Take {number}", number=number(place)), width="content")
        with st.container(horizontal=True, gap=None, width="content"):
            if take.starred_at and take.video_path:
                share(take)
            details_link(take)
    if not take.video_path:
        doubt_line(take)
        clip_problem(take)
        return
    with st.container(horizontal=True, gap="xsmall"):
        kept = take.starred_at is not None
        with st.container(width="content", key=f"{'starred' if kept else 'plain'}_take_{take.id}"):
            st.button(
                _("Kept") if kept else _("Keep"), key=f"take_keep_{take.id}",
                icon=":material/star:" if kept else ":material/star_border:", on_click=studio().clips.set_starred,
                args=([take.id],), kwargs={"starred": not kept},
            )  # fmt: skip
        if kept:
            continue_button(take, "take")
            download_link(take, kind="icon")
            return
        st.button(
            _("More like this"), key=f"take_more_{take.id}", icon=":material/tune:",
            on_click=_fill_form, args=(take,), kwargs={"seed": SEED_RANDOM},
        )  # fmt: skip
