"""One sheet that helps with the prompt: ideas, a builder, templates of one's own, and what was written before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from rivya.errors import RivyaError
from studio.prompts.builder import PARTS, compose
from studio.prompts.templates import Template, fill, parse, placeholders, ready, to_csv, to_json
from ui import draft
from ui.feedback import error_text, plain
from ui.i18n import _, ngettext
from ui.panels.frame_desk import frames_of_earlier_clips
from ui.panels.improve_desk import improve_desk
from ui.panels.reference import FRAMES_DESK, DeskState, close_desk, uploader_takes
from ui.panels.starters import starter_cards
from ui.runtime import studio
from ui.session import state_of

EARLIER_PROMPTS = 12
PROMPT_DESK = "prompt"


@dataclass
class TemplateState:
    """The template that was deleted last (name and text), and the file that was read last."""

    deleted: tuple[str, str] | None = None
    read_id: str | None = None


def desk_button() -> None:
    """Draw the one button that opens the desk."""
    if st.button(_("Inspire me"), key="desk", icon=":material/lightbulb:", type="tertiary"):
        state_of(DeskState).tool = PROMPT_DESK
        st.rerun()


def prompt_desk() -> None:
    """Draw the sheet that is open, if any. It stays open when the page refreshes behind it."""
    tool = state_of(DeskState).tool
    if tool == FRAMES_DESK:
        title, icon = _("Frame of an earlier clip"), ":material/movie:"
        st.dialog(title, icon=icon, width="medium", on_dismiss=close_desk)(_frames)()
    elif tool:
        st.dialog(_("Inspire me"), icon=":material/lightbulb:", width="medium", on_dismiss=close_desk)(_desk)()


def _desk() -> None:
    """Draw the tools behind one switch; once a press has closed the sheet, draw the page without it."""
    tools: dict[str, tuple[str, Callable[[], None]]] = {
        "ideas": (_("Ideas"), _ideas),
        "improve": (_("Improve"), improve_desk),
        "builder": (_("Builder"), _builder),
        "templates": (_("Templates"), _templates),
        "earlier": (_("Earlier prompts"), _earlier),
    }
    if not state_of(DeskState).tool:
        st.rerun()
    chosen = st.pills(
        _("Where from"), list(tools), key="desk_tool", default="ideas", required=True, persist_state="session",
        label_visibility="collapsed", format_func=lambda name: tools[name][0],
    )  # fmt: skip
    with st.container(key=f"desk_{chosen}"):
        tools[chosen or "ideas"][1]()


def _use(prompt: str, source: str = "") -> None:
    """Write ``prompt`` into the form and close the desk; what stood there can be put back."""
    draft.fill_prompt(prompt, source=source)
    close_desk()


def _ideas() -> None:
    st.caption(_("Press one: it fills the form, and you change what you like. Nothing is sent."))
    starter_cards("desk", before=close_desk)


def _builder() -> None:
    st.caption(_("Choose or type your own words; leave out what you do not need."))
    parts = {}
    with st.grid(min_column_width=260, gap="small"):
        for part in PARTS:
            parts[part.key] = st.selectbox(
                _(part.label), [_(suggestion.text) for suggestion in part.suggestions], key=f"builder_{part.key}",
                index=None, accept_new_options=True, placeholder=_("Choose or type"), help=_(part.hint),
                persist_state="session",
            ) or ""  # fmt: skip
    prompt = compose(parts)
    with st.container(border=True, height=110):
        st.markdown(plain(prompt) if prompt else _("*The prompt appears here.*"))
    with st.container(horizontal=True, gap="small"):
        st.button(
            _("Use this prompt"), key="builder_use", type="primary", disabled=not prompt, on_click=_use, args=(prompt,)
        )
        st.button(_("Begin again"), key="builder_clear", type="tertiary", on_click=_clear_builder)


def _clear_builder() -> None:
    for part in PARTS:
        st.session_state[f"builder_{part.key}"] = None


def _templates() -> None:
    kept = studio().templates.all()
    shelf = {**kept, **{name: text for name, text in ready(_).items() if name not in kept}}
    name = st.selectbox(
        _("Template"), list(shelf), key="templates_name", index=None, placeholder=_("Choose one, and fill its gaps")
    )
    if name:
        _filled(name, shelf[name], is_ours=name in kept)
    elif not kept:
        st.caption(_("A template is a prompt with gaps, such as: A {colour} boat drifts down a {place}."))
    _save_form()
    _exchange(kept)


def _filled(name: str, text: str, *, is_ours: bool) -> None:
    values = {gap: st.text_input(gap, key=f"templates_gap_{gap}", live=True) for gap in placeholders(text)}
    prompt = fill(text, values)
    with st.container(border=True):
        st.markdown(plain(prompt))
    with st.container(horizontal=True, gap="small"):
        st.button(
            _("Use this prompt"), key="templates_use", type="primary", on_click=_use, args=(prompt, f"template:{name}")
        )
        if is_ours:
            st.button(
                _("Delete this template"), key="templates_delete", type="tertiary", icon=":material/delete:",
                on_click=_delete, args=(name, text),
            )  # fmt: skip


def _delete(name: str, text: str) -> None:
    studio().templates.forget(name)
    state_of(TemplateState).deleted = (name, text)


def _undo_delete() -> None:
    state = state_of(TemplateState)
    if state.deleted:
        studio().templates.save(*state.deleted)
        state.deleted = None


def _save_form() -> None:
    gone = state_of(TemplateState).deleted
    if gone:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(_("{name} is deleted.", name=plain(gone[0])), width="content")
            st.button(_("Undo"), key="templates_undo_delete", icon=":material/undo:", on_click=_undo_delete)
    with st.expander(_("New template"), key="template_new", icon=":material/add:"):
        name = st.text_input(_("Name"), key="templates_new_name", max_chars=80)
        text = st.text_area(
            _("Text with {gaps}"), key="templates_new_text", height=90,
            placeholder=draft.prompt() or _("A {colour} boat drifts down a {place}"),
        )  # fmt: skip
        st.button(_("Save"), key="templates_save", disabled=not (name or "").strip(), on_click=_save, args=(name, text))


def _save(name: str, text: str | None) -> None:
    words = text or draft.prompt()
    if words.strip():
        _keep([Template(name.strip(), words)])
        st.session_state["templates_new_name"] = st.session_state["templates_new_text"] = ""


def _exchange(kept: dict[str, str]) -> None:
    with st.expander(_("Import and export"), key="template_files", icon=":material/swap_vert:"):
        found = st.file_uploader(_("CSV or JSON"), type=["csv", "json", "txt"], key="templates_import")
        uploader_takes("templates", _("CSV or JSON"))
        state = state_of(TemplateState)
        if found is not None and state.read_id != found.file_id:
            state.read_id = found.file_id
            try:
                _keep(parse(found.getvalue(), found.name))
                st.rerun()
            except RivyaError as error:
                st.warning(error_text(error), icon=":material/info:")
        templates = [Template(name, text) for name, text in kept.items()]
        with st.container(horizontal=True, gap="small"):
            for kind, write in (("csv", to_csv), ("json", to_json)):
                st.download_button(
                    kind.upper(), data=write(templates), file_name=f"seedance-templates.{kind}", disabled=not templates,
                    icon=":material/download:", key=f"templates_export_{kind}", on_click="ignore",
                )  # fmt: skip


def _keep(templates: list[Template]) -> None:
    for template in templates:
        studio().templates.save(template.name, template.text)
    if templates:
        words = ngettext("{count} template is kept.", "{count} templates are kept.", len(templates))
        st.toast(words, icon=":material/library_books:")


def _frames() -> None:
    if not state_of(DeskState).tool:
        st.rerun()
    frames_of_earlier_clips(then=close_desk)


def _earlier() -> None:
    words = st.text_input(
        _("Search"), key="earlier_search", live=True, placeholder=_("Search in prompts"), icon=":material/search:"
    )
    found = studio().clips.prompts(words or "", limit=EARLIER_PROMPTS)
    if not found:
        st.caption(_("What you generate is listed here, to be used again."))
    for number, prompt in enumerate(found):
        short = " ".join(prompt.split())
        label = plain(short if len(short) <= 140 else f"{short[:139]}…")
        st.button(label, key=f"earlier_{number}", width="stretch", wrap=True, on_click=_use, args=(prompt,))
