"""Where the studio's key, data and words come from."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from rivya.errors import APIStatusError, RivyaError
from server.first_paint import THEME_COOKIE
from studio.doctor import NEARLY_FULL, Finding, examine
from studio.i18n import N_, languages
from studio.store.clip import Health
from ui.clip_view import HEALTH_LOOKS
from ui.components.browser_memory import remember_person
from ui.components.notifications import notification_settings
from ui.feedback import error_text, plain
from ui.i18n import _, choose_language, language, megabytes, number
from ui.panels.advice import HINTS_COOKIE, OFF, wants_hints
from ui.runtime import PersonState, is_own_key, is_phone, own_key_link, signed_name, studio
from ui.session import choice, remember_choice, say, state_of

QUICK_SECONDS = 1.0
LOOK_SECONDS = 0.5
THEMES = {"System": N_("As the device"), "Light": N_("Light theme"), "Dark": N_("Dark theme")}
MARKS: dict[str, str] = {"ok": N_("OK"), "untested": "–", "warning": N_("Look"), "problem": N_("Problem")}
FINDINGS = {
    "server": N_("Server"),
    "python": "Python",
    "engine": N_("Engine"),
    "key": N_("API key"),
    "credits:read": N_("Balance (credits:read)"),
    "generations:read": N_("Following clips (generations:read)"),
    "files:read": N_("Reading uploads (files:read)"),
    "generations:create": N_("Making clips (generations:create)"),
    "clock": N_("Clock"),
    "disk": N_("Disk"),
    "database": N_("Database"),
    "sums": N_("Sums of credits"),
    "videos": N_("Videos"),
    "codec": N_("Format"),
    "uploads": N_("Uploads"),
}


def connection() -> None:
    st.subheader(_("Connection"), anchor=False)
    settings = studio().settings
    if settings.is_demo:
        st.info(_("Demo: clips are simulated, and credits are not real."), icon=":material/science:")
        if not settings.own_keys:
            st.caption(_("To go live, whoever looks after this studio sets RIVYA_API_KEY and starts it again."))
    else:
        st.markdown(_("Rivya at `{url}`", url=settings.base_url))
        if is_own_key():
            key = _("Your own API key `{key}`", key=settings.masked_key) if settings.masked_key else _("No key is here")
            st.markdown(key)
        else:
            st.markdown(_("API key `{key}`, from the environment variable RIVYA_API_KEY", key=settings.masked_key))
        st.caption(_("The key stays in the memory of this server. It is never stored, logged or sent to your browser."))
    if settings.own_keys:
        own_key_link(_("Change or remove your key") if is_own_key() else _("Use a key of your own"))
    if settings.passphrase:
        words = _("Sign out")
        st.html(f'<a href="/sign-out" target="_self">{words}</a>')
    if settings.needs_key:
        return
    st.button(
        _("Test the connection"), key="settings_test", icon=":material/network_check:", on_click=_ask,
        args=("test", studio().test_connection),
    )  # fmt: skip
    _answer("test", _tested)


def _tested(future: Future[Any]) -> None:
    try:
        credits_now = future.result()
    except RivyaError as error:
        st.error(error_text(error), icon=":material/error:")
        if isinstance(error, APIStatusError) and error.request_id:
            st.caption(_("Request id for support: {id}", id=error.request_id))
    else:
        st.success(
            _("It works. The balance is {credits} credits.", credits=number(credits_now)),
            icon=":material/check_circle:",
        )


@dataclass
class SettingsState:
    """What was asked of Rivya and of the machine, by name."""

    asked: dict[str, Future[Any]] = field(default_factory=dict)


def _ask(name: str, work: Callable[[], Any]) -> None:
    state_of(SettingsState).asked[name] = studio().in_background(work)


def _answer(name: str, draw: Callable[[Future[Any]], None]) -> None:
    """Draw what came of a question; a quick answer at once, a slow one when it is here. The page does not wait."""
    future = state_of(SettingsState).asked.get(name)
    if future is None:
        st.empty()
        return
    wait([future], timeout=QUICK_SECONDS)
    st.fragment(_drawn, run_every=None if future.done() else LOOK_SECONDS)(name, draw)


def _drawn(name: str, draw: Callable[[Future[Any]], None]) -> None:
    future = state_of(SettingsState).asked[name]
    if future.done():
        draw(future)
    else:
        st.caption(_("Asking …"))


def words() -> None:
    st.header(_("Language"), anchor=False)
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


def appearance() -> None:
    st.header(_("Appearance"), anchor=False)
    chosen = choice(THEME_COOKIE)
    st.session_state["settings_theme"] = chosen if chosen in THEMES else "System"
    st.segmented_control(
        _("Appearance"),
        list(THEMES),
        key="settings_theme",
        required=True,
        format_func=lambda theme: _(THEMES[theme]),
        on_change=lambda: remember_choice(THEME_COOKIE, st.session_state["settings_theme"]),
        label_visibility="collapsed",
    )


def yourself() -> None:
    st.header(_("You"), anchor=False)
    if name := signed_name():
        st.markdown(_("Signed in as {name}", name=f"**{plain(name)}**"))
    elif not studio().team.wants_names:
        st.session_state["settings_person"] = state_of(PersonState).name or ""
        st.text_input(
            _("Your name"), key="settings_person", max_chars=60, width=320, placeholder=_("Optional"),
            help=_("Stands at the clips you make, so that colleagues can find theirs."),
            on_change=lambda: remember_person(st.session_state["settings_person"].strip()),
        )  # fmt: skip
    st.markdown(_("When a clip is done, tell me by:"))
    notification_settings()
    st.session_state["settings_hints"] = wants_hints()
    st.toggle(
        _("On Generate, suggest the settings whose clips were kept most often"), key="settings_hints",
        on_change=switch_hints, help=_("Counted from what was kept and downloaded here. Nothing is sent anywhere."),
    )  # fmt: skip


def switch_hints() -> None:
    remember_choice(HINTS_COOKIE, "on" if st.session_state["settings_hints"] else OFF)


def data() -> None:
    st.subheader(_("Data"), anchor=False)
    st.markdown(_("Folder `{folder}`", folder=studio().archive.root))
    used, quota_gb = studio().data_size_bytes(), studio().settings.disk_quota_gb
    if quota_gb is None:
        st.markdown(_("Size {size}", size=megabytes(used)))
    else:
        quota = quota_gb * 1024**3
        st.markdown(_("Size {size} of {quota}", size=megabytes(used), quota=megabytes(int(quota))))
        st.progress(min(used / quota, 1.0))
        if used >= NEARLY_FULL * quota:
            st.warning(_("Nearly full. Nothing you paid for is dropped; empty the trash, or give it more room."))
    if days := studio().settings.keep_days:
        st.caption(_("Clips that nobody kept go to the trash after {days} days.", days=number(days)))
    st.caption(_("Videos, posters and the history lie there. Back this folder up and nothing is lost."))


def videos() -> None:
    st.subheader(_("Videos"), anchor=False)
    counts = studio().archive_health()
    if not counts:
        st.caption(_("No videos yet. Each one is checked once a day, and fetched again if it is missing or damaged."))
        return
    with st.container(horizontal=True, gap="small"):
        for health, count in sorted(counts.items(), key=lambda item: item[0] != Health.SAFE):
            label, icon, color = HEALTH_LOOKS[health]
            st.badge(f"{_(label)} · {number(count)}", icon=icon, color=color)
    st.button(_("Check all videos now"), key="settings_check", icon=":material/verified_user:", on_click=check_videos)


def check_videos() -> None:
    studio().check_archive()
    say(_("Every video is being checked in the background; what is damaged is fetched again."))


def doctor() -> None:
    st.subheader(_("Doctor"), anchor=False)
    st.caption(_("Looks at key, wallet, clock, disk, database and videos. It spends nothing and shows no secret."))
    app_url = studio().settings.public_url
    st.button(
        _("Examine"), key="settings_doctor", icon=":material/stethoscope:", on_click=_ask,
        args=("doctor", lambda: examine(studio(), app_url=app_url)),
    )  # fmt: skip
    _answer("doctor", _examined)


def health() -> None:
    """Whether all is well, in one place: the way to Rivya, the videos, the folder, and a look at everything."""
    st.header(_("Health"), anchor=False)
    with st.grid(min_column_width=360, gap="small" if is_phone() else "large"):
        parts = (connection, videos, data) if studio().settings.needs_key else (connection, videos, data, doctor)
        for part in parts:
            with st.container(border=True, gap="small", key=f"health_{part.__name__}"):
                part()


def _examined(future: Future[Any]) -> None:
    found: list[Finding] = future.result()
    if any(f.verdict == "problem" for f in found):
        st.warning(_("Something needs a look."), icon=":material/stethoscope:")
    elif any(f.verdict == "warning" for f in found):
        st.info(_("It works. Something could be better."), icon=":material/stethoscope:")
    else:
        st.success(_("All is in order."), icon=":material/check_circle:")
    for each in found:
        if each.verdict in {"warning", "problem"}:
            _finding(each)
    with st.expander(_("What was looked at"), key="settings_found"):
        for each in found:
            if each.verdict in {"ok", "untested"}:
                _finding(each)


def _finding(each: Finding) -> None:
    words = plain(f"{_finding_name(each)}: {_(each.message, **each.values)}")
    color = {"ok": "green", "untested": "gray", "warning": "orange", "problem": "red"}[each.verdict]
    st.markdown(f":{color}-badge[{_(MARKS[each.verdict])}] {words}")


def _finding_name(finding: Finding) -> str:
    return _(FINDINGS[finding.name]) if finding.name in FINDINGS else finding.name


with st.grid(min_column_width=360, gap="small" if is_phone() else "large"):
    for column in ((words, appearance), (yourself,)):
        with st.container(gap="small"):
            for of_this_browser in column:
                of_this_browser()
health()
