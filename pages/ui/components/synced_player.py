"""Two to four videos that play as one: one play button, one scrub bar, one frame step, one sound switch.

Streamlit's players know nothing of each other, so this is a component of our own: no build step, nothing foreign.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from studio.store.clip import Clip
from ui.clip_view import short_prompt, width_over_height
from ui.components import asset
from ui.i18n import _, language, number
from ui.runtime import clip_url

_component = st.components.v2.component(
    "studio_synced_player",
    html=asset("synced_player.html"),
    css=asset("synced_player.css"),
    js=asset("synced_player.js"),
)


KEY = "synced_player"


def synced_player(clips: list[Clip], *, on_keep: Callable[[str], None]) -> str | None:
    """Draw the videos of ``clips`` side by side, led by the first; return the id of the one whose page is asked for.

    ``on_keep`` gets the id of the clip whose *Keep* was pressed.
    """
    videos = [
        {
            "id": clip.id, "url": clip_url(clip), "poster": clip_url(clip, "webp"), "name": short_prompt(clip),
            "number": number(place), "ratio": width_over_height(clip), "kept": clip.starred_at is not None,
        }
        for place, clip in enumerate(clips, 1)
    ]  # fmt: skip
    words = {
        "play": _("Play"),
        "pause": _("Pause"),
        "back": _("Previous frame"),
        "step": _("Next frame"),
        "sound": _("Sound"),
        "scrub": _("Position in all videos"),
        "large": _("See it large"),
        "keep": _("Keep"),
        "kept": _("Kept"),
        "open": _("Open it"),
        "locale": language(),
    }
    pressed = _component(
        key=KEY,
        data=[{"clips": videos, "words": words}],
        on_keep_change=lambda: on_keep(str(st.session_state[KEY].keep)),
        on_open_change=lambda: None,
    )
    return pressed.open if pressed.open in {clip.id for clip in clips} else None
