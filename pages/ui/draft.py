"""What somebody is writing: the form's values, kept in the store so that a reload or a second tab finds them again.

A draft has an id, and an id becomes one clip at most: a double click, a rerun or a second tab with the same draft
cannot pay twice.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
import uuid
import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from rivya import images
from rivya.errors import InvalidRequestError
from rivya.models import GenerationRequest, find_problems
from rivya.spec import DEFAULT_MODEL, SEED_RANDOM
from studio.errors import StoreError
from studio.i18n import N_
from studio.store import storable
from studio.store.clip import Clip
from ui.components.browser_memory import recall_draft
from ui.i18n import _
from ui.runtime import person, studio

PARAM_KEYS = {param.key: f"generate_{param.key}" for param in DEFAULT_MODEL.params}
TOGGLES = {"camera_fixed", "enable_safety_checker"}
MAX_REMIX_BYTES = 200_000
LARGEST_SEED = DEFAULT_MODEL.param("seed").maximum or 0
_DRAFT_ID = re.compile(r"[0-9a-f]{16}")
"""Anything else in a link could be the name of something that is no draft, such as a plan."""

SAME_CLICK_SECONDS = 1.5
"""Two presses with the same contents within this time are one press of a nervous finger."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The form as it stands: what would be sent."""

    id: str
    takes: int
    prompt: str
    params: dict[str, Any]
    reference_sha256: str | None
    parent_id: str | None = None

    @property
    def problems(self) -> list[Any]:
        """What keeps it from being sent, in the order of the form."""
        return find_problems(self.prompt, self.params)

    def as_body(self) -> dict[str, Any]:
        """Return what is kept in the store."""
        return {"prompt": self.prompt.replace("\0", ""), "params": self.params, "reference": self.reference_sha256,
                "parent": self.parent_id}  # fmt: skip

    @property
    def requests(self) -> list[GenerationRequest]:
        """What would be sent: a request for each take, each with a seed of its own."""
        seeds = [self._seed(take) for take in range(self.takes)]
        return [GenerationRequest(prompt=self.prompt, params={**self.params, "seed": seed}) for seed in seeds]

    def _seed(self, take: int) -> int:
        """Return the seed of a take: drawn where none is given, so that the best of several can be refined by it.

        It is drawn from the draft's name: the same press heard twice must ask for the very same clips.
        """
        given: int = self.params["seed"]
        if given != SEED_RANDOM:
            return (given + take) % (LARGEST_SEED + 1)
        if self.takes == 1:
            return SEED_RANDOM
        drawn = hashlib.sha256(f"{self.id} {take}".encode()).digest()
        return int.from_bytes(drawn[:8]) % (LARGEST_SEED + 1)


def open_draft() -> None:
    """Fill the form's widgets once per visit: from "use these settings", from the link's draft, or with defaults."""
    fill = st.session_state.pop("generate_fill", None)
    remix = _read_remix() if "remix" in st.query_params else None
    if fill or remix:
        _fill(*(fill or remix))
        _begin(_new_id())
        st.session_state["draft_saved"] = {}
    elif "generate_prompt" not in st.session_state:
        asked = str(st.query_params.get("draft") or st.session_state.get("draft_id") or "")
        is_known = bool(_DRAFT_ID.fullmatch(asked))
        _open(asked if is_known else _new_id())
        st.session_state["draft_is_fresh"] = not is_known
    _find_again()


def _find_again() -> None:
    """Go on with the draft that this browser has kept, when the address names none and nothing is written yet."""
    is_fresh = bool(st.session_state.get("draft_is_fresh")) and not _is_touched()
    kept = recall_draft(st.session_state["draft_id"], asks=is_fresh)
    st.session_state["draft_is_fresh"] = is_fresh and kept is None
    if kept and _DRAFT_ID.fullmatch(kept) and kept != st.session_state["draft_id"]:
        _open(kept)


def _is_touched() -> bool:
    return bool(st.session_state.get("generate_prompt") or st.session_state.get("draft_reference"))


def _open(draft_id: str) -> None:
    body = studio().drafts.get(draft_id) or {}
    _fill(body.get("prompt", ""), body.get("params", {}), body.get("reference"), body.get("parent"))
    st.session_state.pop("draft_saved", None)
    _begin(draft_id)


def read_seed(text: str) -> int | str:
    """Return the number that was typed as a seed, in any digits; what is no number comes back as it is."""
    try:
        return int(text.strip().replace("\u2212", "-")) if text.strip() else SEED_RANDOM
    except ValueError:
        return text


def change(**changes: Any) -> None:
    """Set settings of the form from a button: ``change(aspect_ratio="9:16")``."""
    for key, value in changes.items():
        if key == "prompt":
            st.session_state["generate_prompt_before"] = st.session_state["generate_prompt"].strip()
            st.session_state["generate_prompt"] = value
            continue
        st.session_state[PARAM_KEYS[key]] = value == "true" if key in TOGGLES else value


def fill(prompt: str, params: dict[str, Any], reference: str | None = None, parent: str | None = None) -> None:
    """Have the form filled at its next visit; ``parent`` is the clip that the reference continues."""
    st.session_state["generate_fill"] = (prompt, params, reference, parent)


def take_along() -> None:
    """Have the form filled as it was left, with the reference that was chosen on another page."""
    body = studio().drafts.get(st.session_state.get("draft_id", "")) or {}
    fill(body.get("prompt", ""), body.get("params", {}), st.session_state.get("draft_reference"))


def _fill(prompt: str, params: dict[str, Any], reference: str | None = None, parent: str | None = None) -> None:
    st.session_state["generate_prompt"] = prompt
    for param in DEFAULT_MODEL.params:
        value = params.get(param.key, param.default)
        if param.key in TOGGLES:
            value = value == "true"
        elif param.key == "seed":
            value = "" if value in (-1, None, "") else str(value)
        elif value not in param.options:
            value = param.default
        st.session_state[PARAM_KEYS[param.key]] = value
    st.session_state["draft_reference"] = reference
    st.session_state["draft_parent"] = parent
    for key in ("draft_reference_was", "draft_reference_whole", "generate_cropping", "generate_prompt_before"):
        st.session_state.pop(key, None)
    forget_upload()


def remix_code(prompt: str, params: dict[str, Any], *, with_picture: bool = False) -> str:
    """Return prompt and settings as a text for a link; never a key, never a picture, only that there was one."""
    parts = [prompt, params, with_picture]
    packed = zlib.compress(json.dumps(parts, ensure_ascii=False).encode(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def readable(prompt: object, params: object) -> tuple[str, dict[str, Any]]:
    """Return what is possible of a prompt and settings that came from outside, in a link or a film."""
    known = params if isinstance(params, dict) else {}
    return storable(str(prompt or "")), {
        key: value for key, value in known.items() if not find_problems("x", {key: value})
    }


def _read_remix() -> tuple[str, dict[str, Any]] | None:
    code = str(st.query_params.get("remix", ""))
    del st.query_params["remix"]
    try:
        unpacked = zlib.decompressobj().decompress(
            base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)), MAX_REMIX_BYTES
        )
        prompt, params, *with_picture = json.loads(unpacked)
        if with_picture == [True]:
            st.session_state["said"] = _(
                "The clip of this link began with a picture, which is not in the link. Add yours."
            )
        return readable(prompt, params)
    except (ValueError, TypeError, AttributeError, zlib.error, RecursionError):
        st.session_state["said"] = _("This link could not be read; the form is as it was.")
        return None


def _new_id() -> str:
    return uuid.uuid4().hex[:16]


def _begin(draft_id: str) -> None:
    st.session_state["draft_id"] = draft_id
    st.query_params["draft"] = draft_id


def current() -> Draft:
    """Return the form's values as the wire will spell them, and save them when they changed."""
    params: dict[str, Any] = {}
    for param in DEFAULT_MODEL.params:
        value = st.session_state.get(PARAM_KEYS[param.key])
        if param.key in TOGGLES:
            value = "true" if value else "false"
        elif param.key == "seed":
            value = read_seed(value or "")
        params[param.key] = param.default if value is None else value
    prompt = st.session_state.get("generate_prompt") or ""
    draft = Draft(
        st.session_state["draft_id"],
        st.session_state.get("generate_takes") or 1,
        prompt,
        params,
        st.session_state.get("draft_reference"),
        st.session_state.get("draft_parent"),
    )
    _save_if_changed(draft)
    return draft


def _save_if_changed(draft: Draft) -> None:
    body = draft.as_body()
    if st.session_state.get("draft_saved") not in (body, None):
        studio().drafts.save(st.session_state["draft_id"], body)
    st.session_state["draft_saved"] = body


def forget_upload() -> None:
    """Begin with an empty uploader: what was in it belongs to the draft now, or is gone."""
    st.session_state["generate_reference_turn"] = st.session_state.get("generate_reference_turn", 0) + 1
    st.session_state.pop("generate_reference_file", None)
    st.session_state.pop("generate_reference_problem", None)


def set_reference(reference: images.ReferenceImage | None, *, parent: str | None = None) -> None:
    """Take a checked image into the draft, or none; ``parent`` is the clip that it continues."""
    st.session_state["draft_parent"] = parent
    st.session_state.pop("draft_reference_whole", None)
    st.session_state["draft_reference"] = studio().archive.keep_reference(reference.data) if reference else None
    st.session_state["draft_reference_was"] = reference.original_bytes if reference else 0


def reference() -> images.ReferenceImage | None:
    """Return the draft's image as it would be sent. Raises ``ImageError`` when it is gone."""
    sha256 = st.session_state.get("draft_reference")
    return studio().submission.stored_reference(sha256) if sha256 else None


def as_pressed(shown: Draft) -> Draft:
    """Return the form as it is at this press; its id and price are those of the button that was ``shown``.

    What was changed in the same moment is heard together with the press, before it is drawn. Raises
    ``InvalidRequestError`` when that makes it another price or another picture than was shown, or impossible.
    """
    pressed = replace(current(), id=shown.id)
    if pressed.takes != shown.takes:
        raise InvalidRequestError(
            "takes", N_("The number of takes has just changed. Look at the price, and press again.")
        )
    if _is_picture_unread() or pressed.reference_sha256 != shown.reference_sha256:
        raise InvalidRequestError(
            "referenceMediaItems", N_("The picture has just changed. Look at it, and press again.")
        )
    if st.session_state.get("generate_cropping"):
        raise InvalidRequestError(
            "referenceMediaItems", N_("The picture is being cropped. Keep the part in the frame, or cancel, first.")
        )
    for problem in pressed.problems:
        raise problem
    return pressed


def _is_picture_unread() -> bool:
    """Whether a file or a photo has come, or gone, that the form has not looked at yet."""
    state = st.session_state
    uploaded = state.get(f"generate_reference_{state.get('generate_reference_turn')}")
    photo = state.get("generate_photo")
    is_other_file = (uploaded and uploaded.file_id) != state.get("generate_reference_file")
    return is_other_file or bool(photo and photo.file_id != state.get("generate_photo_taken"))


def submit(shown: Draft) -> list[Clip]:
    """Turn the draft into its takes and begin the next draft with the same contents.

    A press that was already under way when the last one ended is the same press, however long that one took.
    """
    draft = as_pressed(shown)
    body, last_body, last_time = draft.as_body(), *st.session_state.get("draft_sent", (None, 0.0))
    if body == last_body and time.monotonic() - last_time < SAME_CLICK_SECONDS:
        return []
    image = reference()
    origin = {"person": person(), "parent_id": draft.parent_id}
    clips = [
        studio().submit(request, image, draft_id=f"{draft.id}:{take}" if take else draft.id, **origin)
        for take, request in enumerate(draft.requests)
    ]
    _begin(_new_id())
    _keep_draft(body)
    st.session_state["draft_sent"] = (body, time.monotonic())
    return clips


def _keep_draft(body: dict[str, Any]) -> None:
    with suppress(StoreError):
        studio().drafts.save(st.session_state["draft_id"], body)


def plan(shown: Draft) -> None:
    """Put the draft's takes into the queue, unpaid. Raises ``InvalidRequestError`` when it is full."""
    draft = as_pressed(shown)
    studio().queue.plan(
        draft.requests, reference_sha256=draft.reference_sha256, person=person(), parent_id=draft.parent_id
    )
    _begin(_new_id())
    _keep_draft(draft.as_body())
