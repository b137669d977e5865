"""Prompt and settings inside an MP4, in a box at its end that players pass over.

The box is an XMP packet, as Adobe's XMP specification, part 3, places it in MP4 files: other tools show the prompt as
the video's description. It is appended, so that no offset in the video changes and nothing is encoded anew. What is
read may come from anyone: it is checked for size and form first, and anything odd is no inscription.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from studio.errors import VideoError
from studio.i18n import N_

NAMESPACE = "https://seedance.studio/ns/1.0/"
XMP_BOX = UUID("BE7ACFCB-97A9-42E8-9C71-999491E3AFAC").bytes
"""The box type that the XMP specification sets for MP4."""

MAX_PAYLOAD_BYTES = 200_000
"""A prompt of 10,000 characters, twice and in the widest spelling, needs less."""

MAX_BOXES = 4096
"""A video has about four; a file of many more is not worth the walk."""

_WRITTEN = ("prompt", "params", "model")
_PARAM_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_PRIVATE_NAME = re.compile(r"key|token|secret|account|user|(^|_)id$", re.IGNORECASE)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_XML_IN_JSON = re.compile("[\ud800-\udfff\ufffe\uffff]")
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:studio="{namespace}">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{description}</rdf:li></rdf:Alt></dc:description>
<studio:settings>{settings}</studio:settings>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


class _Box(NamedTuple):
    kind: bytes
    start: int
    content: int
    end: int
    is_open: bool


def inscribe(video: bytes, settings: Mapping[str, object]) -> bytes:
    """Return ``video`` with the ``prompt``, ``params`` and ``model`` of ``settings`` in a box at its end.

    An earlier inscription is replaced. Everything else in ``settings`` is left out, and so are params that are no
    plain text, number or truth, or whose names speak of keys, accounts or ids. Any character comes back from ``read``
    but half surrogate pairs, which become "?"; the description for other tools leaves out control characters. Raises
    ``VideoError`` when ``video`` is no whole MP4 or the settings need more than 200,000 bytes.
    """
    boxes = _boxes(video)
    if boxes is None or not any(box.kind == b"moov" for box in boxes):
        raise VideoError(
            N_("This video is damaged or is no MP4 video, so nothing can be written into it. Save it again.")
        )
    payload = _payload(settings)
    last = boxes[-1]
    parts = [video]
    if _is_ours(video, last):
        parts = [video[: last.start]]
    elif last.is_open:  # a box that ends where the video ends must say its size before another can follow
        parts = [_closed(video, last)]
    whole = bytearray().join([*parts, struct.pack(">I4s", 24 + len(payload), b"uuid"), XMP_BOX, payload])
    for box in boxes[:-1]:
        if _is_ours(video, box):
            whole[box.start + 4 : box.start + 8] = b"free"
            whole[box.content : box.end] = bytes(box.end - box.content)
    return bytes(whole)


def read(video: bytes) -> dict[str, Any] | None:
    """Return ``{"prompt", "params", "model"}`` as ``inscribe`` wrote them, ``None`` where there is nothing to trust.

    Never raises. Costs a walk over the outermost boxes and the parsing of one packet of at most 200,000 bytes. The
    values are checked for their kinds only: whether the model takes them, ``models.find_problems`` says.
    """
    ours = [box for box in _boxes(video) or () if _is_ours(video, box)]
    if not ours:
        return None
    try:
        text = video[ours[-1].content + len(XMP_BOX) : ours[-1].end].decode("utf-8")
        if "<!" in text:  # a document type could define entities that grow without end
            return None
        root = ET.fromstring(text)  # noqa: S314 - small, and without a document type  # nosec B314
        found = root.findtext(f".//{{{NAMESPACE}}}settings")
        return _checked(json.loads(found or ""))
    except (ValueError, ET.ParseError, RecursionError):
        return None


def _boxes(video: bytes) -> list[_Box] | None:
    """Return the outermost boxes; ``None`` when they do not fill the file exactly."""
    found: list[_Box] = []
    for box in _walk(video):
        if box is None or len(found) == MAX_BOXES:
            return None
        found.append(box)
    return found or None


def _walk(video: bytes) -> Iterator[_Box | None]:
    start = 0
    while start < len(video):
        if start + 8 > len(video):
            yield None
            return
        size, kind = struct.unpack_from(">I4s", video, start)
        content = start + 8
        if size == 1 and start + 16 <= len(video):
            (size,) = struct.unpack_from(">Q", video, content)
            content += 8
        end = start + size if size else len(video)
        if not content <= end <= len(video):
            yield None
            return
        yield _Box(kind, start, content, end, is_open=not size)
        start = end


def _is_ours(video: bytes, box: _Box) -> bool:
    """Whether the box is an XMP packet with our namespace; others' packets are left alone."""
    return (
        box.kind == b"uuid"
        and len(XMP_BOX) <= box.end - box.content <= len(XMP_BOX) + MAX_PAYLOAD_BYTES
        and video.startswith(XMP_BOX, box.content)
        and video.find(NAMESPACE.encode(), box.content, box.end) >= 0
    )


def _closed(video: bytes, last: _Box) -> bytes:
    size = last.end - last.start
    if size >= 2**32:
        raise VideoError(N_("This video is larger than 4 GB, so nothing can be written into it. Use a shorter part."))
    return video[: last.start] + struct.pack(">I", size) + video[last.start + 4 :]


def _payload(settings: Mapping[str, object]) -> bytes:
    prompt, params = str(settings.get("prompt") or ""), settings.get("params")
    kept = {
        "prompt": prompt,
        "params": {str(key): value for key, value in params.items() if _is_plain(key, value)}
        if isinstance(params, Mapping)
        else {},
        "model": str(settings.get("model") or ""),
    }
    text = _without_halves(json.dumps(kept, ensure_ascii=False))
    packet = _PACKET.format(
        namespace=NAMESPACE,
        description=escape(_NOT_XML.sub("", prompt)),
        settings=escape(text),
    ).encode()
    if len(packet) > MAX_PAYLOAD_BYTES:
        raise VideoError(
            N_("Prompt and settings need {size} bytes and at most {limit} fit into a video. Shorten the prompt."),
            size=len(packet),
            limit=MAX_PAYLOAD_BYTES,
        )
    return packet


def _without_halves(text: str) -> str:
    def spelled(found: re.Match[str]) -> str:
        return f"\\u{ord(found[0]):04x}" if found[0] > "\udfff" else "?"

    return _NOT_XML_IN_JSON.sub(spelled, text)


def _is_plain(key: object, value: object) -> bool:
    return (
        isinstance(key, str)
        and _PARAM_NAME.fullmatch(key) is not None
        and _PRIVATE_NAME.search(key) is None
        and (isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)))
    )


def _checked(found: Any) -> dict[str, Any] | None:
    if not isinstance(found, dict) or any(key not in found for key in _WRITTEN):
        return None
    prompt, params, model = (found[key] for key in _WRITTEN)
    if not (isinstance(prompt, str) and isinstance(model, str) and isinstance(params, dict)):
        return None
    if not all(_is_plain(key, value) for key, value in params.items()):
        return None
    checked = {"prompt": prompt, "params": params, "model": model}
    json.dumps(checked, ensure_ascii=False, allow_nan=False).encode()
    return checked
