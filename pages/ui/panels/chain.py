"""The whole story of a clip: what led to it, what continues it, and all of it joined into one video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from studio.media import editing
from studio.reports.export import file_name
from studio.store.clip import Clip
from ui.clip_actions import JOIN
from ui.clip_view import clip_link, poster, short_prompt
from ui.feedback import plain
from ui.i18n import _, ngettext, number
from ui.panels.made_to_order import ask_for, is_asked_for, made_by, offer_file
from ui.panels.title_and_music import title_fields
from ui.runtime import studio
from ui.session import state_of


@dataclass
class ChainState:
    """The clips, by id, whose stories were joined on the way to their pages."""

    joined: set[str] = field(default_factory=set)


def chain_strip(clip: Clip) -> None:
    """Show what led to this clip and what continues it, and offer to join all of it into one video."""
    chain = studio().clips.chain(clip.id)
    if len(chain) < 2:
        return
    st.header(_("The whole story"), anchor=False)
    videos = [link for link in chain if link.video_path and link.video_path.is_file()]
    came_to_join = JOIN in st.query_params and len(videos) > 1
    if came_to_join:
        # Whoever came to join them looks for what they became.
        _join(videos)
    with st.container(horizontal=True, gap="small", key="chain"):
        for place, link in enumerate(chain, 1):
            with st.container(gap="xxsmall", width=150, key=f"card_chain_{link.id}", border=True):
                poster(link, plays=True, own_shape=True)
                words = _("**{place}.** this one", place=place)
                if link.id != clip.id:
                    words = f"{number(place)}. {plain(short_prompt(link, 14))}"
                clip_link(link.id, words)
    if len(videos) > 1 and not came_to_join:
        _join(videos)


def _join(videos: Sequence[Clip]) -> None:
    label = ngettext("Join {count} video", "Join {count} videos", len(videos))
    wish, joined, came_to_join = f"join from {videos[0].id}", state_of(ChainState).joined, JOIN in st.query_params
    if came_to_join and videos[-1].id not in joined:
        # Whoever came to join them need not press again.
        joined.add(videos[-1].id)
        ask_for(wish)
    with st.expander(label, came_to_join, key="clip_join", icon=":material/merge:"):
        above, fields, below = st.container(), st.container(), st.container()
        with fields:
            title, credit = title_fields(f"chain_{videos[0].id}")
            how = _(
                "Videos of one size are joined without loss. With a title, or of several sizes, they become silent."
            )
            st.caption(" ".join((_("Joining is free."), how)))
        recipe = f"join {title!r} {credit!r} of {' '.join(str(link.video_sha256) for link in videos)}"
        paths = [link.video_path for link in videos if link.video_path]
        # The button stands below what it heeds; what it made is seen first.
        with above if is_asked_for(wish) or made_by(recipe, "mp4") else below:
            offer_file(
                _("Join them"), key="chain_join", icon=":material/merge:", wish=wish,
                recipe=recipe, extension="mp4", save_as=f"{file_name(videos[0])}_joined.mp4", clips=videos,
                write=lambda target: editing.join(paths, target, title=title, credit=credit),
            )  # fmt: skip
