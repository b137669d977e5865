"""Cards of clips, and what can be done with several at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from studio.errors import RoleError
from studio.reports.export import clips_zip
from studio.store import ALL, ClipFilter, LabelKind, search_terms
from studio.store.clip import Clip, State
from studio.studio import Studio
from ui.clip_actions import compare_link, star_button
from ui.clip_view import clip_link, poster, short_prompt, state_badge, width_over_height
from ui.feedback import error_text, plain, run_action
from ui.i18n import _, local_day, megabytes, ngettext, short_day
from ui.labels import option_label
from ui.panels.clip_card import takes_badge
from ui.panels.inbox import is_new, new_badge
from ui.panels.label_fields import KINDS, label_popovers
from ui.runtime import actor, is_phone, studio
from ui.session import came_from, say, state_of, visit

TITLE_CHARACTERS = 72
"""As much as the widest card has room for; a narrower one ends it with dots."""

NAME_CHARACTERS = 40
NO_BREAK_SPACE = "\u00a0"
SHOWN_TAGS = 3
NARROWEST_SHARE = 0.75
"""Narrower, a card has no room for its words: of an upright picture its middle is shown."""

NOTHING_SHARE = 1.1
"""What failed is smaller than the usual shape, and has room for its words."""

MOST_ZIP_BYTES = 500 * 1024 * 1024
"""A ZIP is made in the server's memory, beside the engine."""


@dataclass
class GalleryState:
    """The chosen clips in the order of choosing, those deleted last and at which visit, and what is looked through."""

    selected: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    deleted_at_visit: int = 0
    only: ClipFilter = ALL


def selected() -> list[str]:
    """Return the ids of the chosen clips, in the order of choosing."""
    return state_of(GalleryState).selected


def _choose(key: str, clip_ids: list[str]) -> None:
    chosen = [each for each in selected() if each not in clip_ids]
    state_of(GalleryState).selected = [*chosen, *clip_ids] if st.session_state[key] else chosen


def stacks_of(clips: list[Clip]) -> list[list[Clip]]:
    """Put the takes of one press into one stack, where the first of them stands; the kept or first playable one on top.

    What the queue sent meanwhile may stand between them.
    """
    stacks: dict[str, list[Clip]] = {}
    for clip in clips:
        stacks.setdefault(clip.press_id, []).append(clip)
    return [
        sorted(takes, key=lambda take: (take.starred_at is None, take.video_path is None))
        for takes in stacks.values()
    ]  # fmt: skip


def choose_all(clips: list[Clip]) -> None:
    """Choose every clip that is shown, besides those chosen already."""
    state_of(GalleryState).selected = list(dict.fromkeys([*selected(), *(clip.id for clip in clips)]))


def forget_selection() -> None:
    """Choose nothing."""
    state_of(GalleryState).selected = []


def look_through(only: ClipFilter) -> None:
    """Remember which clips are shown here: a clip that is opened from here is followed by the next of them."""
    state_of(GalleryState).only = only


def looked_through() -> ClipFilter:
    """Return which clips somebody looks through who opened one of them in History; all, who came another way."""
    return state_of(GalleryState).only if came_from() == "history" else ALL


def rows_of_one_height(clips: list[Clip]) -> None:
    """Have the cards of ``clips`` share rows by their shapes: an upright clip is as large as a wide one."""
    rules = [
        f"[data-testid=stLayoutWrapper]:has(> .st-key-card_{clip.id}) {{ --ratio: {_share_of_row(clip):.3f} }}"
        for clip in clips
    ]
    st.html(f"<style>{' '.join(rules)}</style>")


def _share_of_row(clip: Clip) -> float:
    """Return a clip's width in its row over the row's height; what failed has nothing to show and is small."""
    return NOTHING_SHARE if _is_nothing(clip) else max(width_over_height(clip), NARROWEST_SHARE)


def _is_nothing(clip: Clip) -> bool:
    return clip.state in {State.FAILED, State.REFUSED}


def card(
    stack: list[Clip],
    names: dict[str, list[str]],
    search: str,
    *,
    with_day: bool,
    is_replaced: bool,
    on_name: Callable[[LabelKind, str], None],
) -> None:
    """Draw one clip of the gallery, or the top one of a stack of takes.

    Poster, star, words, tags and collections, of which ``on_name`` hears when one is pressed, a box to choose all of
    the stack; on the poster what is out of the ordinary. ``with_day`` is for where no heading says the day.
    """
    clip = stack[0]
    is_stack = len(stack) > 1
    is_marked = is_stack or is_replaced or is_new(clip) or clip.state is not State.SUCCEEDED
    # Each box costs 0.3 ms of the server's time and more of the browser's, and there are 24 cards: none without a need.
    with st.container(gap="xxsmall", key=f"card_{clip.id}"):
        with (
            st.container(gap=None, key=f"{'stack' if is_stack else 'marked'}_{clip.id}") if is_marked else nullcontext()
        ):
            poster(clip, plays=True, own_shape=True)
            if is_marked:
                with st.container(horizontal=True, width="content", gap="xxsmall", key=f"badges_{clip.id}"):
                    if clip.state is not State.SUCCEEDED:
                        state_badge(clip)
                    if is_replaced:  # as a shot of its storyboard: its twin is another clip
                        st.badge(_("Replaced"), icon=":material/autorenew:", color="gray")
                    new_badge(clip)
                    takes_badge(stack)
        _words(clip, search)
        with st.container(
            horizontal=True, vertical_alignment="center", gap=None, width="content", key=f"marks_{clip.id}"
        ):
            if clip.deleted_at:
                _restore_button(clip)
            elif clip.starred_at or not _is_nothing(clip):
                star_button(clip, "history", words=False)
            _box(clip, [take.id for take in stack])
        _small_print(clip, names, with_day=with_day, on_name=on_name)


def _restore_button(clip: Clip) -> None:
    label = _("Restore")
    st.button(
        label, key=f"icon_history_restore_{clip.id}", icon=":material/undo:", type="tertiary", help=label,
        on_click=_restore_one, args=(clip.id,),
    )  # fmt: skip


def _restore_one(clip_id: str) -> None:
    bring_back([clip_id])
    say(_("Back in History."))


def _words(clip: Clip, search: str) -> None:
    words = _excerpt(clip, search)
    clip_link(clip.id, words, tip=plain(short_prompt(clip)))


def _box(clip: Clip, clip_ids: list[str]) -> None:
    key = f"history_select_{clip.id}"
    st.session_state[key] = set(clip_ids) <= set(selected())
    name = _("Select: {prompt}", prompt=short_prompt(clip, NAME_CHARACTERS))
    st.checkbox(name, key=key, label_visibility="collapsed", on_change=_choose, args=(key, clip_ids))


def _small_print(
    clip: Clip, names: dict[str, list[str]], *, with_day: bool, on_name: Callable[[LabelKind, str], None]
) -> None:
    parts = [option_label("duration", str(clip.params["duration"]))] if "duration" in clip.params else []
    parts += [str(clip.params[key]) for key in ("aspect_ratio", "resolution") if key in clip.params]
    parts += [short_day(local_day(clip.created_at))] if with_day else []
    parts += [clip.person] if clip.person else []
    # A day and its month stay together where the line is broken.
    line = " · ".join(plain(part.replace(" ", NO_BREAK_SPACE)) for part in parts)
    named = [(kind, name) for kind in KINDS for name in names[kind]]
    if not named:
        st.caption(line)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption(line, width="content")
        for kind, name in named[:SHOWN_TAGS]:
            if clip.deleted_at:  # the filters know only what is not in the trash
                st.badge(plain(name), color="gray")
                continue
            key = f"name_{kind}_{clip.id}_{name}"
            st.button(plain(name), key=key, type="tertiary", on_click=on_name, args=(kind, name))


def _excerpt(clip: Clip, search: str) -> str:
    """Return the first words of the prompt, or those around what was searched for, with it marked."""
    prompt, terms = " ".join(clip.prompt.split()), search_terms(search)
    wanted = re.compile("|".join(map(re.escape, terms)), re.IGNORECASE) if terms else None
    found = wanted.search(prompt) if wanted else None
    if wanted is None or found is None:
        return plain(short_prompt(clip, TITLE_CHARACTERS))
    room = TITLE_CHARACTERS - (found.end() - found.start())
    start = max(found.start() - room // 2, 0) if found.end() > TITLE_CHARACTERS else 0
    end = max(start + TITLE_CHARACTERS, found.end())
    shown = prompt[start:end]
    pieces, at = [], 0
    for hit in wanted.finditer(shown):
        pieces += [plain(shown[at : hit.start()]), f":violet-background[{plain(hit.group())}]"]
        at = hit.end()
    return f"{'…' if start else ''}{''.join(pieces)}{plain(shown[at:])}{'…' if end < len(prompt) else ''}"


def selection_bar(*, trash: bool) -> None:
    """Offer, at the bottom of the page, what can be done with the chosen clips."""
    clips = studio().clips.by_ids(selected())
    if not clips:
        return
    ids = [clip.id for clip in clips]
    with st.bottom, st.container(horizontal=True, vertical_alignment="center", gap="small", key="history_bar"):
        words = ngettext("**{count} selected**", "**{count} selected**", len(ids))
        if (cards := len({clip.press_id for clip in clips})) < len(clips):
            stacked = ngettext("in {count} card", "in {count} cards", cards)
            words = f"{words} {stacked}"
        st.markdown(words, width="content")
        if trash:
            st.button(_("Restore"), key="history_restore", icon=":material/undo:", on_click=_restore, args=(ids,))
        else:
            _bar_of_living(clips, ids)
        st.button(_("Clear"), key="history_clear", type="tertiary", on_click=forget_selection)


def _bar_of_living(clips: list[Clip], ids: list[str]) -> None:
    videos = [clip for clip in clips if clip.video_path]
    size = sum(clip.video_bytes or 0 for clip in videos)
    too_large = _("These videos are {size} together, and a ZIP takes up to {limit}. Choose fewer, and make several.",
                  size=megabytes(size), limit=megabytes(MOST_ZIP_BYTES))  # fmt: skip
    st.download_button(
        _("ZIP") if is_phone() else _("Download as ZIP"),
        data=partial(_zipped, studio(), videos),
        file_name="seedance-studio-clips.zip",
        mime="application/zip",
        icon=":material/folder_zip:",
        key="history_zip",
        on_click="ignore",
        disabled=not videos or size > MOST_ZIP_BYTES,
        help=too_large if size > MOST_ZIP_BYTES else None,
    )
    label_popovers(ids, "history")
    starred = all(clip.starred_at for clip in clips)
    st.button(
        _("Keep no longer") if starred else _("Keep"),
        key="history_bar_star",
        icon=":material/star:",
        on_click=studio().clips.set_starred,
        args=(ids,),
        kwargs={"starred": not starred},
    )
    # The takes of one press beside each other; of several presses one each, the kept one.
    stacks = stacks_of(videos)
    shown = [stack[0] for stack in stacks] if len(stacks) > 1 else videos
    label = _("Compare") if len(shown) == len(videos) or is_phone() else _("Compare {count} of them", count=len(shown))
    tip = _("Two to four finished clips can be compared.")
    compare_link([clip.id for clip in shown], label, keeps_place=len(clips) > 1, tip=tip)
    words = _("Trash") if is_phone() else _("Move to trash")
    st.button(words, key="history_delete", icon=":material/delete:", on_click=_delete, args=(ids,))


def _zipped(shown: Studio, videos: list[Clip]) -> bytes:
    """Make the ZIP when it is asked for. A rerun at that press would take it away before it is made."""
    clip_ids = [clip.id for clip in videos]
    shown.clips.set_downloaded(clip_ids)
    return clips_zip(videos, shown.labels.of(clip_ids))


def _delete(ids: list[str]) -> None:
    throw_away(ids)


def throw_away(ids: list[str]) -> bool:
    """Move clips to the trash and offer to undo it; say why not, and return false, where one may not."""
    try:
        studio().trash(ids, deleted=True, by=actor())
    except RoleError as error:
        say(error_text(error))
        return False
    state_of(GalleryState).deleted, state_of(GalleryState).deleted_at_visit = ids, visit()
    forget_selection()
    return True


def _restore(ids: list[str]) -> None:
    bring_back(ids)
    say(_("Back in History."))
    forget_undo()
    forget_selection()


def bring_back(ids: list[str]) -> None:
    """Take clips out of the trash; of what can be undone, what is still there remains."""
    run_action(partial(studio().trash, deleted=False, by=actor()), ids)
    state = state_of(GalleryState)
    state.deleted = [clip_id for clip_id in state.deleted if clip_id not in ids]


def thrown_away() -> list[str]:
    """Return the ids of the clips whose deletion can be undone."""
    return state_of(GalleryState).deleted


def has_just_thrown_away() -> bool:
    """Whether the page that was left for this one is where something was thrown away."""
    return bool(state_of(GalleryState).deleted) and state_of(GalleryState).deleted_at_visit == visit() - 1


def forget_undo() -> None:
    """Offer to undo nothing any more."""
    state_of(GalleryState).deleted = []


def undo_line(*, at_bottom: bool = True) -> None:
    """Offer to undo the last deletion, where the press was that did it, until something else is done."""
    ids = state_of(GalleryState).deleted
    if not ids:
        return
    with (
        st.bottom if at_bottom else nullcontext(),
        st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small", key="history_undone"),
    ):
        words = ngettext("{count} clip is in the trash", "{count} clips are in the trash", len(ids))
        if any(clip.is_open for clip in studio().clips.by_ids(ids)):
            goes_on = _("What is being made goes on and stays paid.")
            words = f"{words}. {goes_on}"
        st.markdown(f":material/delete: {words}", width="stretch")
        st.button(_("Undo"), key="history_undo_delete", icon=":material/undo:", on_click=_restore, args=(ids,))
        st.button(_("Close"), key="history_undo_close", type="tertiary", on_click=forget_undo)
