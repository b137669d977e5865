"""The form's values: filled from a link, a clip or what was kept, read at each press, and kept at each change."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

import streamlit as st

from rivya import images
from rivya.errors import InvalidRequestError
from rivya.spec import DEFAULT_MODEL
from studio.draft import Draft, Replaced, check_press, comes_from, new_draft_id, read_seed
from studio.i18n import N_
from studio.prompts.remix import read_remix
from studio.reports.difference import are_unlike
from studio.store.clip import Clip
from ui.components.browser_memory import kept_draft, remember_draft
from ui.i18n import _
from ui.runtime import actor, person, studio
from ui.session import say, state_of

PARAM_KEYS = {param.key: f"generate_{param.key}" for param in DEFAULT_MODEL.params}
TOGGLES = {"camera_fixed", "enable_safety_checker"}
_DRAFT_ID = re.compile(r"[0-9a-f]{16}")
"""Anything else in a link could be the name of something that is no draft, such as a plan."""

KNOWN_CLIPS = 24

Filling = tuple[str, dict[str, Any], str | None, str | None]
"""Prompt, settings, reference image (SHA-256) and the clip that it continues."""


@dataclass
class FormState:
    """The form's values that are no widget.

    ``filling`` waits for the next visit, ``prompt_filling`` for the form's next run. ``whole`` is the picture before it
    was cut or padded, with its bytes as it came. ``used_up`` is the draft that was pressed last, ``pressed_words`` and
    ``pressed_picture`` what it sent; whether it ``went_on`` from a clip.
    """

    draft_id: str = ""
    saved: dict[str, Any] | None = None
    reference_sha256: str | None = None
    parent_id: str | None = None
    used_up: str = ""
    pressed_words: str = ""
    pressed_picture: str | None = None
    went_on: bool = False
    original_bytes: int = 0
    whole: tuple[str, int] | None = None
    is_cropping: bool = False
    replaced: Replaced | None = None
    source: str = ""
    source_words: str = ""
    filling: Filling | None = None
    filling_source: str = ""
    prompt_filling: str | None = None


@dataclass
class UploadState:
    """What became of the uploader's file: ``turn`` counts the uploaders, ``read_id`` names the file that was read."""

    turn: int = 0
    read_id: str | None = None
    photo_id: str | None = None
    problem: Exception | None = None


def form() -> FormState:
    """Return this session's form."""
    return state_of(FormState)


def prompt() -> str:
    """Return what stands in the prompt box."""
    return st.session_state.get("generate_prompt") or ""


def open_draft() -> None:
    """Fill the form's widgets once per visit: from "use these settings", from a draft, or with defaults.

    The draft is the one that the link names, this session's own, or the one that this browser was writing last.
    """
    state = form()
    filling, state.filling = state.filling, None
    source, state.filling_source = state.filling_source, ""
    filling = filling or (_remix() if "remix" in st.query_params else None)
    if filling:
        replaced = _about_to_be_replaced(filling)
        _fill(*filling)
        state.replaced = replaced
        state.source, state.source_words = source, filling[0]
        _begin(new_draft_id())
        state.saved = {}
    elif "generate_prompt" not in st.session_state:
        asked = str(st.query_params.get("draft") or state.draft_id or kept_draft())
        _open(asked if _DRAFT_ID.fullmatch(asked) else new_draft_id())
    remember_draft(state.draft_id)


def _about_to_be_replaced(filling: Filling) -> Replaced:
    """Return what stands in the form before ``filling`` takes its place; settings only where it goes on from a clip."""
    state = form()
    words, _params, by_picture, parent_id = filling
    kept = studio().drafts.open(draft_id) if (draft_id := state.draft_id or _kept_draft()) else Draft("")
    before = state.replaced if state.parent_id else None
    written = kept.prompt.strip()
    if written and state.replaced and written == words.strip() == state.replaced.by_words.strip():
        return state.replaced  # pressed twice
    picture = None if state.parent_id or state.reference_sha256 == by_picture else state.reference_sha256
    if not state.draft_id:  # Generate was not seen yet in this session
        picture = None if kept.parent_id else kept.reference_sha256
        if _is_in_a_clip(written, picture):
            written, picture = "", None
    if before and not written:  # from one continuation to another, or pressed twice
        written, picture = before.words, before.picture
    own = before.params if before else kept.params
    return Replaced(written, picture, words, by_picture, own if parent_id else None)


def _kept_draft() -> str:
    """Return the id of the draft that this browser was writing last, empty for none."""
    asked = kept_draft()
    return asked if _DRAFT_ID.fullmatch(asked) else ""


def _open(draft_id: str) -> None:
    kept = studio().drafts.open(draft_id)
    _fill(kept.prompt, kept.params, kept.reference_sha256, kept.parent_id)
    form().saved, form().source, form().source_words = None, kept.source, kept.prompt
    form().replaced = kept.replaced
    _begin(kept.id)


def _remix() -> Filling | None:
    remix = read_remix(str(st.query_params.get("remix", "")))
    del st.query_params["remix"]
    if remix is None:
        say(_("This link could not be read; the form is as it was."))
        return None
    if remix.had_picture:
        say(_("The clip of this link began with a picture, which is not in the link. Add yours."))
    return remix.prompt, remix.params, None, None


def change(**changes: Any) -> None:
    """Set settings of the form from a button: ``change(aspect_ratio="9:16")``; a prompt can be put back."""
    for key, value in changes.items():
        if key == "prompt":
            form().replaced = _replaced_by(value)
            st.session_state["generate_prompt"] = value
        else:
            st.session_state[PARAM_KEYS[key]] = value == "true" if key in TOGGLES else value


def fill(
    words: str, params: dict[str, Any], reference: str | None = None, parent: str | None = None, *, source: str = ""
) -> None:
    """Have the form filled at its next visit; ``parent`` is the clip that the reference continues."""
    state = form()
    state.filling, state.filling_source = (words, params, reference, parent), source


def fill_prompt(words: str, *, source: str = "") -> None:
    """Have ``words`` written into the prompt; what stood there can be put back."""
    state = form()
    state.replaced, state.prompt_filling = _replaced_by(words), words
    state.source, state.source_words = source, words


def _replaced_by(words: str) -> Replaced:
    """Return what ``words`` replace in the prompt; the settings before a continuation are not forgotten by it."""
    before = form().replaced
    return Replaced(prompt().strip(), by_words=words, params=before.params if before else None)


def replaced() -> Literal["words", "picture", ""]:
    """Tell what a filling replaced, as long as what stands there now is still mostly that filling."""
    before, now = form().replaced, prompt()
    if before is None:
        return ""
    is_filling = comes_from(before.by_words, now) if before.by_words.strip() else not now.strip()
    if not is_filling:
        return ""
    words = before.words and before.words != now.strip()
    return "words" if words else "picture" if _is_picture_as_filled(before) else ""


def _is_picture_as_filled(before: Replaced) -> bool:
    """Whether a filling took a picture's place and no other has come since."""
    return before.picture is not None and form().reference_sha256 == before.by_picture


def put_back() -> None:
    """Undo ``fill``, ``fill_prompt`` or a change of the prompt: the words come back, and a picture."""
    state = form()
    before = state.replaced
    if before is None or not (before.words or before.picture):  # nothing, or the second half of a double press
        return
    st.session_state["generate_prompt"] = before.words
    if _is_picture_as_filled(before):
        state.reference_sha256, state.parent_id = before.picture, None
        _set_params(before.params)
    state.replaced = Replaced(params=before.params)


def take_prompt_filling() -> None:
    """Write into the prompt what waits for it; call it before the prompt is drawn."""
    state = form()
    if state.prompt_filling is not None:
        st.session_state["generate_prompt"], state.prompt_filling = state.prompt_filling, None


def take_along() -> None:
    """Have the form filled as it was left, with the reference that was chosen on another page."""
    state = form()
    kept = studio().drafts.open(state.draft_id)
    fill(kept.prompt, kept.params, state.reference_sha256)


def _fill(words: str, params: dict[str, Any], reference: str | None = None, parent: str | None = None) -> None:
    st.session_state["generate_prompt"] = words
    _set_params(params)
    state = form()
    state.reference_sha256, state.parent_id = reference, parent
    state.original_bytes, state.whole, state.is_cropping, state.replaced = 0, None, False, None
    forget_upload()


def _set_params(params: dict[str, Any] | None) -> None:
    """Set the form's settings, missing ones to what is usual; ``None`` leaves them."""
    if params is None:
        return
    for param in DEFAULT_MODEL.params:
        value = params.get(param.key, param.default)
        if param.key in TOGGLES:
            value = value == "true"
        elif param.key == "seed":
            value = "" if value in (-1, None, "") else str(value)
        elif value not in param.options:
            value = param.default
        st.session_state[PARAM_KEYS[param.key]] = value


def _begin(draft_id: str) -> None:
    form().draft_id = draft_id
    st.query_params["draft"] = draft_id


def current() -> Draft:
    """Return the form's values as the wire will spell them, and keep them when they changed."""
    params: dict[str, Any] = {}
    for param in DEFAULT_MODEL.params:
        value = st.session_state.get(PARAM_KEYS[param.key])
        if param.key in TOGGLES:
            value = "true" if value else "false"
        elif param.key == "seed":
            value = read_seed(value or "")
        params[param.key] = param.default if value is None else value
    state = form()
    takes = st.session_state.get("generate_takes") or 1
    source = state.source if comes_from(state.source_words, prompt()) else ""
    draft = Draft(
        state.draft_id, prompt(), params, takes, state.reference_sha256, state.parent_id, source, state.replaced
    )
    body = draft.as_kept()
    if state.saved not in (body, None):
        studio().drafts.save(draft, person=person())
    state.saved = body
    return draft


def saved_params() -> dict[str, Any]:
    """Return the form's settings as they were drawn last, before that as this browser left them."""
    params: dict[str, Any] | None = (form().saved or {}).get("params")
    if params is None:
        asked = form().draft_id or _kept_draft()
        params = studio().drafts.open(asked).params if asked else {}
    return params


def forget_upload() -> None:
    """Begin with an empty uploader: what was in it belongs to the draft now, or is gone."""
    upload = state_of(UploadState)
    upload.turn, upload.read_id, upload.problem = upload.turn + 1, None, None


def carries_old_picture(now: Draft) -> bool:
    """Whether what was pressed last left its picture to words that are none of its own."""
    state = form()
    is_same = now.reference_sha256 is not None and now.reference_sha256 == state.pressed_picture
    return is_same and not now.parent_id and are_unlike(state.pressed_words, now.prompt)


def set_reference(reference: images.ReferenceImage | None, *, parent: str | None = None) -> None:
    """Take a checked image into the draft, or none; ``parent`` is the clip that it continues."""
    state = form()
    state.parent_id, state.whole = parent, None
    state.reference_sha256 = studio().archive.keep_reference(reference.data) if reference else None
    state.original_bytes = reference.original_bytes if reference else 0


def reference() -> images.ReferenceImage | None:
    """Return the draft's image as it would be sent. Raises ``ImageError`` when it is gone."""
    sha256 = form().reference_sha256
    return studio().submission.stored_reference(sha256) if sha256 else None


def _as_pressed(shown: Draft) -> Draft:
    if form().is_cropping:
        raise InvalidRequestError(
            "referenceMediaItems", N_("The picture is being cropped. Keep the part in the frame, or cancel, first.")
        )
    if form().used_up == shown.id:
        return shown  # pressed twice in a moment: the form has gone on from it, and the clips are on their way
    return check_press(current(), shown, is_picture_settled=not _is_picture_unread())


def _is_picture_unread() -> bool:
    """Whether a file or a photo has come, or gone, that the form has not looked at yet."""
    upload = state_of(UploadState)
    uploaded = st.session_state.get(f"generate_reference_{upload.turn}")
    photo = st.session_state.get("generate_photo")
    is_other_file = (uploaded and uploaded.file_id) != upload.read_id
    return is_other_file or bool(photo and photo.file_id != upload.photo_id)


def submit(shown: Draft) -> list[Clip]:
    """Send the form as it is at this press, and go on with the same contents under a new id."""
    clips, next_id = studio().drafts.send(_as_pressed(shown), person=actor())
    _go_on(shown, next_id)
    st.session_state["generate_takes"] = 1  # the next press is a decision of its own
    return clips


def plan(shown: Draft, *, asks: bool = False) -> None:
    """Put the form's takes into the queue, unpaid; who ``asks`` wants a lead to pay.

    Raises ``InvalidRequestError`` when it is full.
    """
    _go_on(shown, studio().drafts.plan(_as_pressed(shown), person=person(), asks=asks))


def _go_on(pressed: Draft, next_id: str) -> None:
    """Keep the form for the next press; but a clip is continued once, and the next prompt begins anew.

    Words that went on from a frame would make something else without it, and its clip's shape was nobody's choice. What
    somebody was writing when the frame took the form can be put back: by a press of its own, because a second press on
    the button that pays may still come. The second half of a double press brings the old words and settings with it.
    """
    state, before = form(), form().replaced
    is_second_half = pressed.id in {state.used_up, next_id}
    if not is_second_half:
        state.went_on, state.pressed_words, state.replaced = pressed.parent_id is not None, prompt().strip(), None
        state.pressed_picture = pressed.reference_sha256
    if next_id != pressed.id:  # else the form stays with it
        state.used_up = pressed.id
    _begin(next_id)
    if not state.went_on or prompt().strip() != state.pressed_words:
        return
    st.session_state["generate_prompt"] = ""
    start_fresh(before)
    if before and not is_second_half:
        offers = before.by_picture and not _is_in_a_clip(before.words, before.picture)
        state.replaced = Replaced(params=before.params)
        if offers:
            state.replaced = replace(state.replaced, words=before.words, picture=before.picture)


def _is_in_a_clip(words: str, picture: str | None) -> bool:
    """Whether one of the newest clips was made of these words, and this picture: they are in no danger then."""
    return any(
        clip.prompt.strip() == words and picture in {None, clip.reference_sha256}
        for clip in studio().clips.page(limit=KNOWN_CLIPS)
    )


def start_fresh(before: Replaced | None = None) -> None:
    """Let go of the clip that the form goes on from: its frame goes, and the settings are those from before it."""
    before = before or form().replaced
    set_reference(None)
    forget_upload()
    _set_params(before.params if before else None)
