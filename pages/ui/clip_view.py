"""Pictures of a clip: badge, poster, player, progress, chips, receipt."""

from __future__ import annotations

import base64
import html
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Literal

import streamlit as st
from PIL import Image, ImageOps

from rivya.spec import SEED_RANDOM, ordered_shape
from server.timers import timed
from studio.i18n import N_
from studio.reports.delivery import mismatches
from studio.store.clip import Clip, Health, State
from studio.store.clips import TIMED_PARAMS
from studio.usual_time import UsualTime
from ui.feedback import plain
from ui.i18n import _, clock_text, number, pixels_text, rounded_seconds, seconds_text
from ui.labels import clip_label, clip_look, param_label, setting_text
from ui.runtime import clip_url, studio

UNSAID = {("camera_fixed", "false"), ("enable_safety_checker", "true"), ("seed", SEED_RANDOM)}
SHORT_SECONDS = 20.0
LONG_FRESH_SECONDS = 3.5
"""So old may the bar of a clip be that takes a minute or so, while nothing is written about it."""

SHORT_PROMPT_CHARACTERS = 90
HEADING_CHARACTERS = 56
HEALTH_LOOKS: dict[str, tuple[str, str, Literal["green", "orange"]]] = {
    Health.SAFE: (N_("Saved here"), ":material/verified_user:", "green"),
    Health.REMOTE: (N_("Only at Rivya, being fetched"), ":material/cloud_download:", "orange"),
    Health.DAMAGED: (N_("Damaged here, being fetched again"), ":material/healing:", "orange"),
}
USUAL_SHAPE = Fraction(16, 9)
"""The box of a video whose shape nobody ordered, until it is here."""

SAME_SHAPE = 0.01
MOST_BLURRED_PIXELS = 24
PIECE_PIXELS = 320
TALLEST_VIEW = "var(--studio-tallest, 50vh)"
"""The height that a video takes at most, so that its words and buttons stay on the screen with it: see studio.css."""


@cache
def _clip_page() -> st.Page:
    return st.Page("clip.py")


def clip_link(
    clip_id: str,
    label: str,
    *,
    icon: str | None = None,
    tip: str | None = None,
    disabled: bool = False,
    width: Literal["content", "stretch"] = "content",
    also: Mapping[str, str] | None = None,
) -> None:
    """Lead to a clip's page; ``also`` is said in its address.

    By the page itself: by the name of its file Streamlit would look for that file for each of some thirty links, a
    tenth of the server's time for History (cProfile).
    """
    st.page_link(
        _clip_page(), label=label, icon=icon, help=tip, disabled=disabled, width=width,
        query_params={"clip": clip_id, **(also or {})},
    )  # fmt: skip


def video(clip: Clip, *, autoplay: bool = False, is_small: bool = False) -> None:
    """Show the video, its place while it is on its way, or what stands for it; and how far it is.

    One that ``is_small`` has room for what is left of the time alone.
    """
    if clip.video_path:
        player(clip, autoplay=autoplay)
    elif clip.is_open:
        waiting_box(clip)
    else:
        poster(clip)
    if clip.is_open:
        progress(clip, is_small=is_small)


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


def take_name(clip: Clip, presses: Mapping[str, int]) -> str:
    """Name a clip by its take, where its press made more than one of those looked at; ``presses`` counts them."""
    return _("Take {number}", number=number(clip.take)) if presses[clip.press_id] > 1 else ""


def short_prompt(clip: Clip, characters: int = SHORT_PROMPT_CHARACTERS) -> str:
    """Return the first words of the prompt on one line."""
    return shortened(clip.prompt, characters)


def shortened(text: str, characters: int) -> str:
    """Return the first words of a text on one line."""
    words = " ".join(text.split())
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
    # What came in the shape that was ordered fills its box: by half a pixel there would be a black line beside it.
    came = clip.video_width / clip.video_height if clip.video_width and clip.video_height else 0
    fit = "cover" if abs(came / width_over_height(clip) - 1) < SAME_SHAPE else "contain"
    name = html.escape(_("Clip: {prompt}", prompt=short_prompt(clip)), quote=True)
    st.html(
        f'<video src="{clip_url(clip)}" poster="{clip_url(clip, "webp")}" controls playsinline preload="metadata" '
        f'{life} aria-label="{name}" style="{_box(clip)};object-fit:{fit}"></video>'
    )


def piece_player(clip: Clip, start_seconds: float, end_seconds: float) -> None:
    """Play a piece of the video round and round, as ``gallery_keys`` finds it; another one in the same player."""
    shape = f"display:block;width:min(100%, {PIECE_PIXELS}px, {PIECE_PIXELS}px * {width_over_height(clip):.4f})"
    name = html.escape(_("The chosen part of the video"), quote=True)
    st.html(
        f'<video src="{clip_url(clip)}" poster="{clip_url(clip, "webp")}" controls playsinline preload="none" muted '
        f'aria-label="{name}" style="{shape};aspect-ratio:{_ratio(clip)};border-radius:12px"></video>'
    )
    st.html(f'<span data-from="{start_seconds:.1f}" data-to="{end_seconds:.1f}"></span>')


def waiting_box(clip: Clip) -> None:
    """Hold the video's place, in its shape and in the colours of its picture, until it is here."""
    st.html(f'<div class="studio-skeleton studio-waiting" style="{_box(clip)}{_colours(clip)}"></div>')


def _colours(clip: Clip) -> str:
    """Return the style that gives a clip on its way the colours of its picture, empty for one without."""
    path = clip.reference_path
    pixels = small_picture(str(path), MOST_BLURRED_PIXELS) if path and path.is_file() else ""
    return f";--studio-colours:url({pixels})" if pixels else ""


@st.cache_data(max_entries=64, show_spinner=False)
def small_picture(path: str, most_pixels: int) -> str:
    """Return a reference image as an address that holds it, so wide or high at most; empty when unreadable."""
    try:
        with Image.open(path) as opened:
            opened.draft("RGB", (most_pixels, most_pixels))  # a JPEG is not decoded as a whole
            small = ImageOps.exif_transpose(opened).convert("RGB")
    except OSError:  # a picture that was damaged since is no reason to show no page
        return ""
    small.thumbnail((most_pixels, most_pixels))
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=60)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def poster(clip: Clip, *, plays: bool = False, own_shape: bool = False) -> None:
    """Show the poster, filling a box of one shape for all or of its ``own_shape``; an empty box before it.

    With ``plays`` it is given life by ``gallery_keys``: hover or Space plays it, a press or Enter opens the clip.
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
        # Where its word stands below, a sign is enough; what is on its way has a life of its own.
        sign = "" if clip.is_open else '<span class="studio-icon" aria-hidden="true">videocam_off</span>'
        middle, words = "display:grid;place-content:center", sign if plays else html.escape(clip_label(clip))
        kind = f'class="studio-skeleton{" studio-waiting" if plays else ""}"' if clip.is_open else ""
        middle += _colours(clip) if clip.is_open and plays else ""
        life = ""
        if plays:
            label = _("{state}: {prompt}. Enter opens it.", state=clip_label(clip), prompt=short_prompt(clip))
            label = html.escape(label, quote=True)
            life = f'data-clip="{clip.id}" tabindex="0" role="button" aria-label="{label}"'
        st.html(f'<div {kind} style="{shape};{middle}" {life}><span style="opacity:.6">{words}</span></div>')


def watched(draw: Callable[[], None], clips: Sequence[Clip]) -> Callable[[], None]:
    """Return ``draw`` as a part of the page that follows what runs: how far it is, each second where it takes seconds.

    Of a minute nobody sees the second that its bar moves later, and a tab costs half (benchmarks/tabs.py).
    """
    if not clips:
        return timed(draw, None)
    is_short = studio().usual_time(clips[0].params, model=clips[0].model).median < SHORT_SECONDS
    return timed(draw, 1.0 if is_short else 2.0, fresh_seconds=0.0 if is_short else LONG_FRESH_SECONDS)


def usual_text(usual: UsualTime) -> str:
    """Say how long a clip usually takes: one rounded figure, and none that was not measured."""
    if not usual.is_measured:
        return _("usually under a minute")
    return _("usually about {time}", time=seconds_text(rounded_seconds(usual.median)))


def time_together(each_params: Iterable[Mapping[str, object]]) -> str:
    """Say how long clips of these settings take one after the other; an empty text while that is only guessed.

    Costs a query for each sharpness and length among them, however many wait.
    """
    alike = Counter(tuple((key, params[key]) for key in TIMED_PARAMS if key in params) for params in each_params)
    usual = {timed_params: studio().usual_time(dict(timed_params)) for timed_params in alike}
    if not usual or not all(each.is_measured for each in usual.values()):
        return ""
    seconds = sum(count * usual[timed_params].median for timed_params, count in alike.items())
    return _("about {time} to make", time=seconds_text(rounded_seconds(seconds)))


def progress(clip: Clip, *, is_small: bool = False) -> None:
    """Show how far a running clip is, measured against the usual time of its settings."""
    if clip.state is State.UNKNOWN:
        return
    usual, elapsed = studio().usual_time(clip.params, model=clip.model), clip.elapsed_seconds
    so_far = "" if is_small else _("{time} so far", time=clock_text(elapsed))
    st.progress(usual.share(elapsed), text=" · ".join(filter(None, (_time_left(clip, usual, elapsed), so_far))))


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


def settings_line(clip: Clip, *, with_seed: bool = True) -> None:
    """Show a clip's settings in one quiet line; its exact ones, where there is room for the seed."""
    # What goes on from a clip leads there in the line below.
    has_picture = clip.reference_sha256 is not None and clip.parent_id is None
    shown = {key: value for key, value in clip.params.items() if with_seed or key != "seed"}
    st.caption(settings_of(shown, with_reference=has_picture))


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
        size = pixels_text(clip.video_width, clip.video_height or 0)
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
