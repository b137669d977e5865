"""The process: a Streamlit app, the engine beside it, and the routes that hand out videos.

Run it with ``make run`` (``streamlit run app.py``).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from studio import process

MEDIA_TYPES = {"mp4": "video/mp4", "webp": "image/webp", "gif": "image/gif", "png": "image/png"}
MAX_PROBE_BYTES = 64 * 1024 * 1024
SAFE_HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; media-src 'self'"}


def deliver_all_that_is_drawn() -> None:
    """Have a page reach the browser whole, also when a fragment runs before all of it is sent.

    Streamlit 1.67 takes that fragment's part out of the queue then, and still says that the page is complete. The
    browser removes what did not come, all behind it moves up, and the next part goes into something that is no
    container: "'setIn' cannot be called on an ElementNode", and the page is gone.
    """
    clear = ForwardMsgQueue.clear

    def clear_for_pages_only(
        queue: ForwardMsgQueue, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None
    ) -> None:
        clear(queue, retain_lifecycle_msgs, None if fragment_ids_this_run is None else [])

    ForwardMsgQueue.clear = clear_for_pages_only  # type: ignore[method-assign, assignment]


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Run the engine exactly as long as the server."""
    await anyio.to_thread.run_sync(process.studio)
    try:
        yield
    finally:
        await anyio.to_thread.run_sync(process.stop)


async def healthz(_: Request) -> Response:
    """Say whether the engine runs."""
    studio = await anyio.to_thread.run_sync(process.studio)
    status = "ok" if studio.is_running else "stopped"
    answer = {"status": status, "demo": studio.settings.is_demo, "engine": studio.engine_state}
    return JSONResponse(answer, 200 if studio.is_running else 503)


async def doctor_upload(request: Request) -> Response:
    """Count the bytes of a body and forget them: shows what a proxy in front lets through."""
    counted = 0
    async for chunk in request.stream():
        counted += len(chunk)
        if counted > MAX_PROBE_BYTES:
            return PlainTextResponse("too large", 413)
    return PlainTextResponse(str(counted))


async def clip_file(request: Request) -> Response:
    """Serve an archived video or its poster, with Range and ETag; ``?download`` names it for saving."""
    clip_id, extension = request.path_params["clip_id"], request.path_params["extension"]
    studio = await anyio.to_thread.run_sync(process.studio)
    clip = await anyio.to_thread.run_sync(studio.get, clip_id)
    path = None if clip is None else {"mp4": clip.video_path, "webp": clip.poster_path}.get(extension)
    here = (
        clip is not None and clip.video_sha256 and await anyio.to_thread.run_sync(studio.archive.has, clip.video_sha256)
    )
    if clip is None or path is None or not here:
        return PlainTextResponse("This clip is not here.", 404)
    headers = {**SAFE_HEADERS, "Cache-Control": "private, max-age=31536000, immutable"}
    filename = f"{clip.id}.{extension}" if "download" in request.query_params else None
    return FileResponse(path, media_type=MEDIA_TYPES[extension], headers=headers, filename=filename)


async def edit_file(request: Request) -> Response:
    """Serve what somebody made out of videos; it is kept for a day."""
    studio = await anyio.to_thread.run_sync(process.studio)
    path = studio.edits.path(request.path_params["name"])
    if path is None:
        return PlainTextResponse("This is no longer here. Make it again.", 404)
    return FileResponse(path, media_type=MEDIA_TYPES[path.suffix[1:]], headers=SAFE_HEADERS)


deliver_all_that_is_drawn()
app = st.App(
    "pages/navigation.py",
    lifespan=lifespan,
    routes=[
        Route("/healthz", healthz),
        Route("/doctor/upload", doctor_upload, methods=["POST"]),
        Route("/edits/{name}", edit_file),
        Route("/clips/{clip_id}.{extension}", clip_file),
    ],
)
