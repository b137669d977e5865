"""A file is what its content says, never what its name or its sender says."""

from __future__ import annotations

import io
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from secrets import token_hex
from typing import Final

from PIL import Image
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from rivya.spec import DEFAULT_MODEL, MODELS, UploadSpec
from sandbox.errors import ApiError, invalid
from sandbox.ledger import StoredFile
from sandbox.responses import timestamp
from sandbox.validation import read_client_request_id, read_model

MAX_PIXELS = 64_000_000
"""A small file may unfold into a huge picture; Rivya's own limit is not documented."""

_FORM_OVERHEAD = 64 * 1024
_FIELDS = {"file", "kind", "model", "client_request_id"}
_MIME_TYPES: Final = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_DECODERS: Final = ("JPEG", "PNG", "WEBP")
_EXTENSIONS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A checked upload, not stored yet."""

    data: bytes
    name: str
    kind: str
    mime_type: str
    client_request_id: str | None

    def store(self, folder: Path) -> StoredFile:
        """Write the content into ``folder`` under a fresh id."""
        file_id = f"file_{token_hex(12)}"
        stored_as = f"{file_id}.{_EXTENSIONS[self.mime_type]}"
        (folder / stored_as).write_bytes(self.data)
        return StoredFile(
            id=file_id,
            kind=self.kind,
            name=self.name,
            stored_as=stored_as,
            mime_type=self.mime_type,
            size_bytes=len(self.data),
            client_request_id=self.client_request_id,
            created_at=timestamp(datetime.now(UTC)),
        )


async def bounded_body(request: Request, limit: int) -> bytes:
    """Read the whole body, or raise ``ApiError`` (413) as soon as it is larger than ``limit`` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise ApiError("validation_failed", f"body: is larger than {limit} bytes.", status=413)
    return bytes(body)


async def read_upload(request: Request) -> Upload:
    """Read and check a multipart upload."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise ApiError("validation_failed", "body: must be multipart/form-data.")
    largest = max(spec.upload.max_bytes for spec in MODELS.values())
    form = await _parse(request, await bounded_body(request, largest + _FORM_OVERHEAD))
    try:
        return await _check(form)
    finally:
        await form.close()


async def _parse(request: Request, body: bytes) -> FormData:
    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        return await MultiPartParser(request.headers, whole(), max_files=1, max_fields=len(_FIELDS)).parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as error:
        raise ApiError("validation_failed", "body: is not a valid multipart form.") from error


async def _check(form: FormData) -> Upload:
    unknown = sorted(set(form) - _FIELDS)
    if unknown:
        raise invalid("body", f"unknown field {unknown[0][:80]!r}.")
    spec = read_model(form["model"]) if "model" in form else DEFAULT_MODEL
    if not spec.takes_reference:
        raise invalid("model", "takes no files.")
    if form.get("kind") != spec.upload.kind:
        raise invalid("kind", f'must be "{spec.upload.kind}".')
    own_id = read_client_request_id(form["client_request_id"]) if "client_request_id" in form else None
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise invalid("file", "is required, as a file part.")
    data = await file.read()
    mime_type = image_mime_type(data, spec.upload)
    name = PurePosixPath((file.filename or "").replace("\\", "/")).name.replace("\0", "")[:255]
    return Upload(data, name or f"upload.{_EXTENSIONS[mime_type]}", spec.upload.kind, mime_type, own_id)


def image_mime_type(data: bytes, upload: UploadSpec) -> str:
    """Decode an image and return its MIME type; raise ``ApiError`` when ``upload`` does not take it."""
    if len(data) > upload.max_bytes:
        raise ApiError("validation_failed", f"file: is larger than {upload.max_bytes} bytes.", status=413)
    try:
        with Image.open(io.BytesIO(data), formats=_DECODERS) as image:
            small = image.width * image.height <= MAX_PIXELS
            if small:
                image.load()
            mime_type = _MIME_TYPES[image.format or ""]
    except Exception as error:
        # Decoders meet hostile bytes here and raise whatever they like.
        raise invalid("file", f"is not a whole image of the types {', '.join(upload.mime_types)}.") from error
    if not small:
        raise invalid("file", f"has more than {MAX_PIXELS} pixels.")
    if mime_type not in upload.mime_types:
        raise invalid("file", f"is {mime_type}; allowed are {', '.join(upload.mime_types)}.")
    return mime_type
