"""Where the studio's key, data and words come from."""

from __future__ import annotations

import streamlit as st

from rivya.errors import APIStatusError, RivyaError
from rivya.i18n import languages
from ui.feedback import error_text
from ui.i18n import _, choose_language, language, megabytes, number
from ui.runtime import studio


def connection() -> None:
    st.subheader(_("Connection"), anchor=False)
    settings = studio().settings
    if settings.is_demo:
        st.info(
            _(
                "Demo: no API key is set, so the studio plays with its own sandbox. Clips are simulated and credits "
                "are not real. To go live, set RIVYA_API_KEY in the environment and start the studio again."
            ),
            icon=":material/science:",
        )
    else:
        st.markdown(_("Rivya at `{url}`", url=settings.base_url))
        st.markdown(_("API key `{key}`, from the environment variable RIVYA_API_KEY", key=settings.masked_key))
        st.caption(_("The key stays in the memory of this server. It is never stored, logged or sent to your browser."))
    if st.button(_("Test the connection"), key="settings_test", icon=":material/network_check:"):
        test()


def test() -> None:
    try:
        credits_now = studio().test_connection()
    except RivyaError as error:
        st.error(error_text(error), icon=":material/error:")
        if isinstance(error, APIStatusError) and error.request_id:
            st.caption(_("Request id for support: {id}", id=error.request_id))
    else:
        st.success(
            _("It works. The balance is {credits} credits.", credits=number(credits_now)),
            icon=":material/check_circle:",
        )


def words() -> None:
    st.subheader(_("Language"), anchor=False)
    codes = list(languages())
    st.session_state["settings_language"] = language()
    st.segmented_control(
        _("Language"),
        codes,
        key="settings_language",
        required=True,
        format_func=languages().__getitem__,
        on_change=lambda: choose_language(st.session_state["settings_language"]),
        label_visibility="collapsed",
    )


def data() -> None:
    st.subheader(_("Data"), anchor=False)
    st.markdown(_("Folder `{folder}`", folder=studio().archive.root))
    st.markdown(_("Size {size}", size=megabytes(studio().data_size_bytes())))
    st.caption(_("Films, posters and the history lie there. Back this folder up and nothing is lost."))


connection()
words()
data()
