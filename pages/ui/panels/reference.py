"""The reference image's place in the form: choose, paste, photograph or cut it, and see it as it will be sent."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import streamlit as st
from PIL import Image, ImageEnhance

from rivya import images
from rivya.errors import ImageError, RivyaError
from rivya.spec import BYTES_PER_MB, aspect_fraction
from studio.errors import StoreError, VideoError
from studio.i18n import SOURCE_LANGUAGE
from studio.media import editing, metadata, mp4
from studio.prompts.advice import is_far_apart, nearest_ratio
from studio.prompts.remix import believable
from ui import draft
from ui.components.crop_frame import crop_frame
from ui.feedback import error_text
from ui.i18n import _, language, megabytes, pixels_text
from ui.runtime import studio
from ui.session import say, state_of

KEY = "generate_reference"
SAME_SHAPE = 0.02
THUMBNAIL_PIXELS = 72
SHARP_PIXELS = 3 * THUMBNAIL_PIXELS
"""For the screens of phones, which draw up to three dots for one pixel of a page."""
CUT_BRIGHTNESS = 0.35
FRAMES_DESK = "frames"
CAMERA_PIXELS = 360
"""A fixed width: each change of it starts the camera anew, and a press in that moment takes no photo."""


@dataclass
class DeskState:
    """Which sheet over the form is open, empty for none."""

    tool: str = ""


def close_desk() -> None:
    """Close the sheet over the form."""
    state_of(DeskState).tool = ""


def reference_field() -> float | None:
    """Draw the uploader, the preview, and what is wrong with a file that cannot be sent.

    Returns the picture's width over its height, ``None`` when there is none.
    """
    upload = state_of(draft.UploadState)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="generate_picture_line"):
        uploaded = st.file_uploader(
            _("Reference image"),
            key=f"{KEY}_{upload.turn}",
            label_visibility="collapsed",
            max_upload_size=images.MAX_FILE_BYTES // BYTES_PER_MB,
        )
        _uploader_words()
        _other_sources()
    if uploaded is not None and upload.read_id != uploaded.file_id:
        _take(uploaded.getvalue(), uploaded.file_id)
    elif uploaded is None and upload.read_id is not None:
        upload.read_id = upload.problem = None
        draft.set_reference(None)
    _problem(uploaded)
    return _preview()


def translate_uploaders() -> None:
    """Have every uploader's button speak the reader's language: Streamlit knows its own words in English alone."""
    button = ".stApp [data-testid=stFileUploaderDropzone] button p"
    if language() == SOURCE_LANGUAGE:
        st.empty()
        return
    content = _css_text(_("Upload"))
    st.html(f"<style>{button} {{ font-size: 0 }} {button}::after {{ content: {content}; font-size: 1rem }}</style>")


def _uploader_words() -> None:
    """Say in the form's own uploader what it is for."""
    button = f'.stApp [class*="st-key-{KEY}_"] [data-testid=stFileUploaderDropzone] button p'
    label = _("Add a picture")
    st.html(f"<style>{button}::after {{ content: {_css_text(label)} }}</style>")


def uploader_takes(key: str, words: str) -> None:
    """Say in the uploaders whose keys begin with ``key`` what they take, in the reader's language."""
    place = f'.stApp [class*="st-key-{key}_"] [data-testid=stFileUploaderDropzoneInstructions]'
    size = f"{place}, {place} * {{ font-size: 0 }}"
    st.html(
        f"<style>{size} {place}::after {{ content: {_css_text(words)}; font-size: 0.875rem; opacity: 0.7 }}</style>"
    )


def _css_text(text: str) -> str:
    return '"' + text.replace("\\", "").replace('"', "\\22 ").replace("<", "\\3c ") + '"'


def _other_sources() -> None:
    """Offer the camera and the frames of earlier clips; an uploader with a file keeps its line for itself."""
    with st.popover(
        _("Camera"), icon=":material/photo_camera:", type="tertiary", key="icon_generate_camera",
        on_change="rerun", help=_("Take a photo"),
    ) as camera:  # fmt: skip
        if camera.open:
            photo = st.camera_input(
                _("Camera"), key="generate_photo", label_visibility="collapsed", width=CAMERA_PIXELS
            )
            upload = state_of(draft.UploadState)
            if photo is not None and upload.photo_id != photo.file_id:
                upload.photo_id = photo.file_id
                _take(photo.getvalue(), None)
                st.rerun()
    if st.button(
        _("From a clip"), key="icon_generate_frames", icon=":material/movie:", type="tertiary",
        help=_("Frame of an earlier clip"),
    ):  # fmt: skip
        state_of(DeskState).tool = FRAMES_DESK
        st.rerun()


def _take(data: bytes, file_id: str | None) -> None:
    """Take a file's content into the draft; ``file_id`` is the uploader's name for it, ``None`` for a photo.

    Only at the end does the file count as read: nothing is paid while one is not.
    """
    upload = state_of(draft.UploadState)
    upload.problem = None
    draft.set_reference(None)
    try:
        if mp4.is_mp4(data):
            _take_video(data)
        else:
            draft.set_reference(images.check(data))
    except (ImageError, VideoError, StoreError) as error:
        upload.problem = error
    except OSError:
        upload.problem = StoreError()
    upload.read_id = file_id


def _take_video(data: bytes) -> None:
    """Bring back the settings that a video carries; one without settings gives its last picture."""
    settings = metadata.read(data)
    if settings:
        draft.fill(*believable(settings.get("prompt"), settings.get("params")))
        say(_("The form is filled as this video says. Nothing is sent."))
        return
    picture = editing.last_still(data)
    draft.set_reference(images.check(picture))
    say(_("This video carries no settings; its last picture is the reference image now."))


def _problem(uploaded: Any) -> None:
    error = state_of(draft.UploadState).problem
    if not isinstance(error, RivyaError) or uploaded is None:
        st.empty()
        st.empty()
        return
    st.warning(error_text(error), icon=":material/image:")
    if not getattr(error, "convertible", False):
        st.button(_("Remove"), key="generate_remove_bad", icon=":material/close:", on_click=remove_picture)
    else:
        st.button(
            _("Use a copy that fits"),
            key="generate_convert",
            icon=":material/transform:",
            on_click=_convert,
            args=(uploaded,),
        )


def _convert(uploaded: Any) -> None:
    upload = state_of(draft.UploadState)
    try:
        draft.set_reference(images.convert(uploaded.getvalue()))
        upload.problem = None
    except RivyaError as error:
        upload.problem = error


def _preview() -> float | None:
    try:
        image = draft.reference()
    except ImageError as error:
        st.warning(error_text(error), icon=":material/image:")
        draft.set_reference(None)
        return None
    if image is None:
        st.empty()
        st.empty()
        return None
    name = str(st.session_state[draft.PARAM_KEYS["aspect_ratio"]])
    ratio = float(aspect_fraction(name))
    if draft.form().is_cropping:
        _cropping(image, ratio, name)
        return image.width / image.height
    if draft.form().parent_id and _has_shape(image, ratio):
        # The card of what is continued shows this frame already, and a way out of it.
        st.empty()
        st.empty()
        return image.width / image.height
    with st.container(
        border=True, horizontal=True, wrap=False, vertical_alignment="center", gap="small", key="generate_picture"
    ):
        seen = _seen_of(image, ratio, draft.form().reference_sha256 or "")
        st.image(seen, width=THUMBNAIL_PIXELS, alt=_("The reference image as it will be sent"))
        with st.container(gap=None, width="stretch"):
            with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall"):
                st.caption(_sent_as(image, is_cut=not _has_shape(image, ratio)), width="stretch")
                st.button(
                    _("Remove"), key="icon_generate_remove_reference", type="tertiary", icon=":material/close:",
                    on_click=remove_picture, help=_("Remove"),
                )  # fmt: skip
            with st.container(horizontal=True, gap="small", key="generate_picture_tools"):
                _buttons(image, ratio, name)
    st.empty()
    return image.width / image.height


def _has_shape(image: images.ReferenceImage, ratio: float) -> bool:
    return abs(image.width / image.height / ratio - 1) < SAME_SHAPE


def _is_advised(image: images.ReferenceImage, ratio: float) -> bool:
    """Whether the advice at the prompt says already that the clip has another shape, and offers the nearest."""
    return is_far_apart(image.width / image.height, ratio) and bool(draft.prompt().strip())


@st.cache_data(max_entries=32, show_spinner=False)
def _seen_of(_image: images.ReferenceImage, ratio: float, sha256: str) -> bytes:  # noqa: ARG001 - it names the picture
    """Return a small picture of the image, what the clip's shape cuts off in the dark."""
    picture: Image.Image = Image.open(io.BytesIO(_image.data))
    picture.draft("RGB", (SHARP_PIXELS, SHARP_PIXELS))
    if picture.mode.startswith("I"):
        picture = picture.convert("I").point(lambda value: value / 257)
    picture.thumbnail((SHARP_PIXELS, SHARP_PIXELS))
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture.convert("RGBA"))
    picture = ground.convert("RGB")
    kept = (min(picture.width, round(picture.height * ratio)), min(picture.height, round(picture.width / ratio)))
    left, top = (picture.width - kept[0]) // 2, (picture.height - kept[1]) // 2
    seen = ImageEnhance.Brightness(picture).enhance(CUT_BRIGHTNESS)
    seen.paste(picture.crop((left, top, left + kept[0], top + kept[1])), (left, top))
    encoded = io.BytesIO()
    seen.save(encoded, "JPEG", quality=88)
    return encoded.getvalue()


def _sent_as(image: images.ReferenceImage, *, is_cut: bool) -> str:
    """Say what is sent, and of a picture that has not the clip's shape, what becomes of it where nothing is done."""
    size = pixels_text(image.width, image.height)
    kind = image.mime_type.removeprefix("image/").upper()
    words = " · ".join([kind, size, megabytes(len(image.data)), *([_("its edges are cut off")] if is_cut else [])])
    before = draft.form().original_bytes
    was = _("before: {bytes}", bytes=megabytes(before)) if before > 2 * len(image.data) else ""
    return f"{words} ({was})" if was else words


def _buttons(image: images.ReferenceImage, ratio: float, name: str) -> None:
    """Offer to bring the picture into the clip's shape when it has another."""
    if draft.form().whole:
        st.button(_("Undo"), key="generate_fit_undo", type="tertiary", icon=":material/undo:", on_click=_whole_again)
    if _has_shape(image, ratio):
        st.empty()
        return
    st.button(
        _("Crop to {ratio}", ratio=name),
        key="generate_fit_crop",
        type="tertiary",
        icon=":material/crop:",
        on_click=_crop,
        args=(True,),
    )
    st.button(
        _("Pad to {ratio}", ratio=name), key="generate_fit_fit_screen", icon=":material/fit_screen:",
        type="tertiary", on_click=_pad, args=(image, ratio),
    )  # fmt: skip
    nearest = nearest_ratio(image.width / image.height)
    if nearest != name and not _is_advised(image, ratio):
        st.button(
            _("Make it {value}", value=nearest), key="generate_nearest", icon=":material/aspect_ratio:",
            type="tertiary", help=_("The shape that loses least of this picture."), on_click=draft.change,
            kwargs={"aspect_ratio": nearest},
        )  # fmt: skip


def _cropping(image: images.ReferenceImage, ratio: float, name: str) -> None:
    box = crop_frame(image.data, ratio=ratio, key="generate_crop_frame")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            _("Keep this part"), key="generate_crop_keep", type="primary", icon=":material/crop:", on_click=_cut,
            args=(image, ratio, box),
        )  # fmt: skip
        st.button(_("Cancel"), key="generate_crop_cancel", type="tertiary", on_click=_crop, args=(False,))
        st.caption(_("Drag the frame; its shape is {ratio}, as the clip's.", ratio=name), width="content")


def _pad(image: images.ReferenceImage, ratio: float) -> None:
    _changed(images.fit(image, ratio, crop=False))


def _crop(on: bool) -> None:
    draft.form().is_cropping = on


def _cut(image: images.ReferenceImage, ratio: float, box: tuple[float, float, float, float] | None) -> None:
    _crop(False)
    try:
        _changed(images.cut(image, box) if box else images.fit(image, ratio, crop=True))
    except ImageError as error:
        say(error_text(error))


def _changed(image: images.ReferenceImage) -> None:
    """Take another form of the picture; the whole one can be had back."""
    state = draft.form()
    whole = state.whole or (state.reference_sha256 or "", state.original_bytes)
    draft.set_reference(image, parent=state.parent_id)
    state.original_bytes, state.whole = whole[1] or image.original_bytes, whole


def _whole_again() -> None:
    state = draft.form()
    if state.whole is None:
        return
    sha256, before = state.whole
    draft.set_reference(studio().submission.stored_reference(sha256), parent=state.parent_id)
    state.original_bytes = before


def remove_picture() -> None:
    """Take the picture out of the form, and out of its uploader."""
    _crop(False)
    draft.set_reference(None)
    draft.forget_upload()
