"""The phone's own way to share a file, where it has one; elsewhere nothing is drawn."""

from __future__ import annotations

import streamlit as st

from ui.components import asset

_component = st.components.v2.component(
    "studio_share_file", html=asset("share_file.html"), css=asset("share_file.css"), js=asset("share_file.js")
)


def share_file(key: str, label: str, *, url: str, name: str, title: str, mime_type: str = "video/mp4") -> None:
    """Draw a button that hands the file at ``url`` to the device's share sheet under ``name``; one page has several."""
    data = {"label": label, "url": url, "name": name, "title": title, "type": mime_type}
    _component(key=key, data=[data], height="content")
