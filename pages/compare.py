"""Two to four clips side by side, playing as one, with what differs between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import streamlit as st

from rivya.errors import RivyaError
from rivya.spec import SEED_RANDOM
from studio.reports.difference import are_unlike, setting_differences
from studio.store import ClipFilter
from studio.store.clip import Clip
from ui.clip_view import empty_state, short_prompt, take_name
from ui.components.synced_player import synced_player
from ui.difference import marked_difference
from ui.feedback import error_text, plain
from ui.i18n import _, number, time_text
from ui.labels import param_label, setting_text
from ui.panels.way_back import Compared, way_back
from ui.runtime import is_phone, studio
from ui.session import state_of

CHOICES = 60
REFERENCE_PIXELS = 96
LEAST_CLIPS, MOST_CLIPS = 2, 4


def asked_for() -> list[str]:
    return str(st.query_params.get("clips", "")).replace("\0", "").split(",")[:MOST_CLIPS]


def chosen(clips: dict[str, Clip]) -> list[Clip]:
    asked = [clip_id for clip_id in asked_for() if clip_id in clips]
    if "compare_clips" not in st.session_state:
        st.session_state["compare_clips"] = asked if any(asked_for()) else list(clips)[:2]
        if any(asked_for()) and not asked:
            st.toast(_("The clips of this link are not here. Choose others."), icon=":material/info:")
    presses = Counter(clip.press_id for clip in clips.values())
    is_chosen = len(st.session_state["compare_clips"]) >= LEAST_CLIPS
    with st.expander(_("Compare other clips"), not is_chosen, key="compare_others", icon=":material/tune:"):
        picked = st.multiselect(
            _("Clips to compare"),
            list(clips),
            key="compare_clips",
            max_selections=MOST_CLIPS,
            format_func=lambda clip_id: _choice(clips[clip_id], presses),
        )
    st.query_params["clips"] = ",".join(picked)
    state_of(Compared).clip_ids = picked
    return [clips[clip_id] for clip_id in picked]


def _choice(clip: Clip, presses: Counter[str]) -> str:
    """Name a clip; the takes of one press differ in nothing but their number."""
    return " · ".join(filter(None, (take_name(clip, presses), short_prompt(clip, 40), time_text(clip.created_at))))


def differences(clips: list[Clip]) -> None:
    """What was asked for in other words, from another picture, with other settings."""
    st.header(_("What differs"), anchor=False)
    settings = setting_differences(clips)
    references = {clip.reference_sha256 for clip in clips}
    are_alike = len({clip.prompt for clip in clips}) == 1
    if are_alike and len(references) == 1 and set(settings) == {"seed"}:
        st.caption(_("Same prompt and settings; chance alone differs, by the seed."))
    if any(are_unlike(clips[0].prompt, clip.prompt) for clip in clips[1:]):
        # Marked word by word nobody could read what shares so little.
        side_by_side(_("Prompt"), clips, lambda clip: st.markdown(plain(clip.prompt)), "compare_prompts")
    else:
        for clip in clips[1:]:
            if clip.prompt != clips[0].prompt:
                st.markdown(marked_difference(clips[0].prompt, clip.prompt))
    if len(references) > 1:
        side_by_side(_("Reference image"), clips, reference, "compare_references")
    if settings:
        table = {_("Setting"): [param_label(key) for key in settings]}
        for place, clip in enumerate(clips, 1):
            words = "" if are_alike or is_phone() else f" · {plain(short_prompt(clip, 24))}"
            table[f"{number(place)}{words}"] = [_value(key, clip.params.get(key, "")) for key in settings]
        st.table(table, border="horizontal")
    elif len(references) == 1 and are_alike:
        st.caption(_("Same prompt and settings; only the seed differs."))


def _value(key: str, value: object) -> str:
    """Return a setting's value where its name stands beside it."""
    return str(value) if key == "seed" and value != SEED_RANDOM else setting_text(key, value)


def side_by_side(title: str, clips: list[Clip], draw: Callable[[Clip], object], key: str) -> None:
    """Draw one thing of each clip below its number."""
    st.caption(title)
    with st.grid(columns=len(clips), gap="medium", key=key):
        for place, clip in enumerate(clips, 1):
            with st.container(gap="xxsmall"):
                st.caption(number(place))
                draw(clip)


def reference(clip: Clip) -> None:
    """Show the picture that the clip began from, or that it had none."""
    if clip.reference_sha256 is None:
        st.markdown(_("None, from words alone"))
        return
    try:
        picture = studio().submission.stored_reference(clip.reference_sha256)
    except RivyaError as error:
        st.caption(error_text(error))
        return
    st.image(picture.data, width=REFERENCE_PIXELS, alt=_("Reference image"))


def playing(clips: list[Clip]) -> None:
    """The videos as one, and what can be done with each."""
    kept = {clip.id: clip.starred_at is not None for clip in clips}

    def keep(clip_id: str) -> None:
        if clip_id in kept:
            studio().clips.set_starred([clip_id], starred=not kept[clip_id])

    if opened := synced_player(clips, on_keep=keep):
        st.switch_page("clip.py", query_params={"clip": opened})


way_back()
newest = studio().clips.page(ClipFilter("succeeded"), limit=CHOICES)
made = {clip.id: clip for clip in [*newest, *studio().clips.by_ids(asked_for())] if clip.video_path}
stage = st.container()
if len(made) < LEAST_CLIPS:
    empty_state(
        _("Two clips are needed"),
        _("Make a second one, and both play here side by side."),
        page="generate.py",
        link=_("Make another clip"),
    )
elif len(compared_clips := chosen(made)) >= LEAST_CLIPS:
    with stage:
        playing(compared_clips)
        differences(compared_clips)
else:
    stage.caption(_("Choose two to four clips."))
