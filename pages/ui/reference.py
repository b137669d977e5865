"""The reference image's place in the form: choose, see it as it will be sent, or take it out again."""

from __future__ import annotations

import streamlit as st

from rivya import images
from rivya.errors import ImageError, RivyaError, StoreError
from rivya.spec import BYTES_PER_MB, DEFAULT_MODEL, aspect_fraction
from ui import draft
from ui.feedback import error_text
from ui.i18n import _, megabytes, number

KEY = "generate_reference"
SAME_SHAPE = 0.02


def reference_field() -> float | None:
    """Draw the uploader, the preview, and what is wrong with a file that cannot be sent.

    Returns the picture's width over its height, ``None`` when there is none.
    """
    turn = st.session_state.setdefault("generate_reference_turn", 0)
    uploaded = st.file_uploader(
        _("Reference image"),
        key=f"{KEY}_{turn}",
        help=_(
            "Optional. The clip starts from this picture. JPEG, PNG or WebP, at most {limit} MB; "
            "other pictures can be converted.",
            limit=number(DEFAULT_MODEL.upload.max_bytes // BYTES_PER_MB),
        ),
        max_upload_size=images.MAX_FILE_BYTES // BYTES_PER_MB,
    )
    if uploaded is not None and st.session_state.get("generate_reference_file") != uploaded.file_id:
        _take(uploaded.getvalue(), uploaded.file_id)
    elif uploaded is None and st.session_state.pop("generate_reference_file", None):
        st.session_state.pop("generate_reference_problem", None)
        draft.set_reference(None)
    _problem(uploaded)
    return _preview()


def _take(data: bytes, file_id: str) -> None:
    st.session_state["generate_reference_file"] = file_id
    st.session_state.pop("generate_reference_problem", None)
    draft.set_reference(None)
    try:
        draft.set_reference(images.check(data))
    except ImageError as error:
        st.session_state["generate_reference_problem"] = error
    except OSError:
        st.session_state["generate_reference_problem"] = StoreError()


def _problem(uploaded: object) -> None:
    error: RivyaError | None = st.session_state.get("generate_reference_problem")
    if error is None or uploaded is None:
        return
    st.warning(error_text(error), icon=":material/image:")
    if getattr(error, "convertible", False):
        st.button(
            _("Use a copy that fits"),
            key="generate_convert",
            icon=":material/transform:",
            on_click=_convert,
            args=(uploaded,),
        )


def _convert(uploaded: object) -> None:
    try:
        draft.set_reference(images.convert(uploaded.getvalue()))  # type: ignore[attr-defined]
        st.session_state.pop("generate_reference_problem", None)
    except RivyaError as error:
        st.session_state["generate_reference_problem"] = error


def _preview() -> float | None:
    try:
        image = draft.reference()
    except ImageError as error:
        st.warning(error_text(error), icon=":material/image:")
        draft.set_reference(None)
        return None
    if image is None:
        return None
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", border=True):
        st.image(image.data, width=140, alt=_("The reference image as it will be sent"))
        with st.container(gap="small"):
            size = f"{number(image.width)} × {number(image.height)}"
            kind = image.mime_type.removeprefix("image/").upper()
            st.caption(
                _("Will be sent as {kind}, {size}, {bytes}", kind=kind, size=size, bytes=megabytes(len(image.data)))
            )
            with st.container(horizontal=True, gap="small"):
                st.button(_("Remove"), key="generate_remove_reference", icon=":material/close:", on_click=_remove)
                _shape_buttons(image)
    return image.width / image.height


def _shape_buttons(image: images.ReferenceImage) -> None:
    """Offer to bring the picture into the clip's shape when it has another."""
    ratio_name = str(st.session_state[draft.PARAM_KEYS["aspect_ratio"]])
    ratio = float(aspect_fraction(ratio_name))
    if abs(image.width / image.height / ratio - 1) < SAME_SHAPE:
        return
    for crop, label, icon in (
        (True, _("Crop to {ratio}", ratio=ratio_name), "crop"),
        (False, _("Pad to {ratio}", ratio=ratio_name), "fit_screen"),
    ):
        st.button(
            label, key=f"generate_fit_{icon}", icon=f":material/{icon}:", on_click=_fit, args=(image, ratio, crop)
        )


def _fit(image: images.ReferenceImage, ratio: float, crop: bool) -> None:
    draft.set_reference(images.fit(image, ratio, crop=crop))


def _remove() -> None:
    draft.set_reference(None)
    draft.forget_upload()
