"""What the tab says about running clips when nobody looks at the page: by voice, by its icon, by sound, by a notice.

All of it happens in the browser. Python only hands over how many run and what ended last; each tab remembers what it
has told. Sound and notices are the person's choice, kept in the browser's own storage.
"""

from __future__ import annotations

import time

import streamlit as st

from ui.components import asset
from ui.i18n import _, ngettext

ICON = "app/static/icon.png"

_component = st.components.v2.component(
    "studio_companion",
    html=asset("notifications.html"),
    css=asset("hidden.css", "notifications.css"),
    js=asset("tell.js", "sheet.js", "notifications.js"),
    isolate_styles=False,
)
_settings = st.components.v2.component(
    "studio_companion_settings",
    html=asset("notification_settings.html"),
    css=asset("tell.css", "notification_settings.css"),
    js=asset("tell.js", "notification_settings.js"),
)


def notifications(
    *, running: int, ended: list[dict[str, str | float]], words: dict[str, str] | None = None, icon: str = ICON
) -> None:
    """Tell this tab's person what runs and what ended; call it in a fragment that looks every few seconds.

    ``ended`` are the newest ended clips, newest first: ``id``, ``state`` (succeeded, failed, refused or unknown),
    ``text``, ``url`` and ``ended_at`` (seconds since 1970). ``words`` replace our own; ``icon`` is the address of the
    page's icon. It takes no space.
    """
    said = ngettext("{count} running", "{count} running", running)
    spoken = {**_words(), "running": said, **(words or {})}
    data = {"running": running, "ended": ended, "icon": icon, "now": time.time(), "words": spoken}
    _component(key="studio_companion", data=[data])


def notification_settings(words: dict[str, str] | None = None) -> None:
    """Draw the same choice as two checkboxes, with a button to try it. ``words`` replace our own."""
    _settings(key="studio_companion_settings", data=[{"words": {**_words(), **(words or {})}}])


def _words() -> dict[str, str]:
    return {
        "title": "Seedance Studio",
        "offline": _("You are offline. Clips being made go on; wait with the rest until you are back."),
        "sound": _("Sound"),
        "notification": _("Notification"),
        "denied": _("The browser does not allow notifications here. Allow them beside the address, then try again."),
        "try": _("Try it"),
        "trial": _("This is how a finished clip is told."),
    }
