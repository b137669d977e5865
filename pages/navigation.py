"""The session's entry: which pages there are, and the quiet line above them all."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

sys.path[:0] = [folder for folder in (str(Path(__file__).parent),) if folder not in sys.path]

import streamlit as st  # noqa: E402 - the pages' own folder has to be on the path first

from server.first_paint import LOST  # noqa: E402
from ui import draft  # noqa: E402
from ui.clip_view import HEADING_CHARACTERS, short_prompt  # noqa: E402
from ui.components.browser_memory import recall_person  # noqa: E402
from ui.feedback import plain  # noqa: E402
from ui.i18n import _, keep_language_in_link  # noqa: E402
from ui.panels import inbox  # noqa: E402
from ui.panels.header import header, phone_bar  # noqa: E402
from ui.panels.reference import translate_uploaders  # noqa: E402
from ui.runtime import asked_clip, studio  # noqa: E402
from ui.session import announced, arrive, say, take_announcement  # noqa: E402

running = len(studio().active())
title = f"({running}) Seedance Studio" if running else "Seedance Studio"
static = Path(__file__).parent / "static"
# Inside the page: a file of Streamlit's media store may be gone before the browser has asked for it.
icon = f"data:image/png;base64,{base64.b64encode((static / 'icon.png').read_bytes()).decode()}"
st.set_page_config(page_title=title, page_icon=icon, layout="wide")
st.logo(icon, size="small")
st.html(static / "studio.css")
keep_language_in_link()
translate_uploaders()

page = st.navigation(
    [
        st.Page("generate.py", title=_("Generate"), icon=":material/auto_awesome:", default=True),
        st.Page("history.py", title=_("History"), icon=":material/grid_view:"),
        st.Page("planned.py", title=_("Queue"), url_path="queue", icon=":material/playlist_play:"),
        st.Page("storyboard.py", title=_("Storyboard"), icon=":material/view_carousel:"),
        st.Page("credits.py", title=_("Credits"), icon=":material/toll:"),
        st.Page(
            "team.py",
            title=_("Team"),
            icon=":material/group:",
            visibility="visible" if studio().team.has_roles else "hidden",
        ),
        st.Page("settings.py", title=_("Settings"), icon=":material/settings:"),
        st.Page("help.py", title=_("Help"), icon=":material/help:"),
        st.Page("compare.py", title=_("Compare"), icon=":material/compare:", visibility="hidden"),
        st.Page("clip.py", title=_("Clip"), icon=":material/movie:", visibility="hidden"),
    ],
    position="top",
)
if page.url_path == "" and "clip" in st.query_params:
    st.switch_page("clip.py", query_params={"clip": st.query_params["clip"]})
if page.url_path != "" and draft.form().filling is not None:
    st.switch_page("generate.py")
if LOST in st.query_params:
    del st.query_params[LOST]
    say(_("There is no such page. This is Generate."))
arrive(page.url_path)
recall_person()
asked = asked_clip() if page.url_path == "clip" else None
if asked:
    inbox.opened(asked)
inbox.first_look()
tagline = _("Seedance Studio: short videos from a sentence or a picture") if page.url_path == "" else ""
header(plain(short_prompt(asked, HEADING_CHARACTERS)) if asked else page.title, tagline)
phone_bar(page.url_path)
if said := take_announcement():
    st.toast(said, icon=":material/info:")
page.run()
announced()
