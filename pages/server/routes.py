"""What answers beside the pages: is it alive, the videos, and what a proxy in front lets through."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import quote

import anyio.to_thread
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from server import guest
from server.first_paint import wanted_language
from server.headers import FILE_POLICY
from server.identity import studio_of
from server.metrics import prometheus_text
from studio import process
from studio.i18n import translation
from studio.readiness import readiness
from studio.reports.export import file_name, inscribed_video
from studio.settings import WEBHOOKS_PATH
from studio.store.clip import Clip
from studio.webhooks import MAX_EVENT_BYTES, task_of

MEDIA_TYPES = {"mp4": "video/mp4", "webp": "image/webp", "gif": "image/gif", "png": "image/png"}
MAX_PROBE_BYTES = 64 * 1024 * 1024
SAFE_HEADERS = {"Content-Security-Policy": FILE_POLICY}


async def healthz(_: Request) -> Response:
    """Say whether the engine runs."""
    studio = await anyio.to_thread.run_sync(process.studio)
    status = "ok" if studio.is_running else "stopped"
    answer = {"status": status, "demo": studio.settings.is_demo, "engine": studio.engine_state}
    return JSONResponse(answer, 200 if studio.is_running else 503)


async def readyz(_: Request) -> Response:
    """Say whether this process may be sent work."""
    studio = await anyio.to_thread.run_sync(process.studio)
    found = await anyio.to_thread.run_sync(readiness, studio)
    parts = {name: "ok" if is_well else "trouble" for name, is_well in asdict(found).items()}
    answer = {"status": "ready" if found.is_ready else "not ready", **parts}
    return JSONResponse(answer, 200 if found.is_ready else 503)


async def metrics(_: Request) -> Response:
    """Give Prometheus its figures; the gate lets this machine and whoever signed in ask."""
    studio = await anyio.to_thread.run_sync(process.studio)
    return Response(await anyio.to_thread.run_sync(prometheus_text, studio), media_type=CONTENT_TYPE_LATEST)


async def doctor_upload(request: Request) -> Response:
    """Count the bytes of a body and forget them: shows what a proxy in front lets through."""
    counted = 0
    async for chunk in request.stream():
        counted += len(chunk)
        if counted > MAX_PROBE_BYTES:
            return PlainTextResponse("too large", 413)
    return PlainTextResponse(str(counted))


async def webhook(request: Request) -> Response:
    """Hear from Rivya that a generation ended, and have it looked at. Nothing that it says is believed."""
    studio = await anyio.to_thread.run_sync(process.studio)
    if studio.webhooks is None or not studio.webhooks.fits(request.path_params["token"]):
        return PlainTextResponse("Nothing is here.", 404)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_EVENT_BYTES:
            return PlainTextResponse("too large", 413)
    if task_id := task_of(body):
        await anyio.to_thread.run_sync(studio.ask_now, task_id)
    return Response(status_code=204)


async def clip_file(request: Request) -> Response:
    """Serve an archived video or its poster, with Range and ETag; ``?download`` names it for saving, and counts."""
    extension = request.path_params["extension"]
    clip = await anyio.to_thread.run_sync(_clip_here, request)
    path = None if clip is None else {"mp4": clip.video_path, "webp": clip.poster_path}.get(extension)
    if clip is None or path is None:
        return PlainTextResponse("This clip is not here.", 404)
    if "settings" in request.query_params and extension == "mp4":
        return await _with_settings(clip)
    headers = {**SAFE_HEADERS, "Cache-Control": "private, max-age=31536000, immutable"}
    filename = f"{file_name(clip)}.{extension}" if "download" in request.query_params else None
    return FileResponse(path, media_type=MEDIA_TYPES[extension], headers=headers, filename=filename)


async def _with_settings(clip: Clip) -> Response:
    """Give the video with its prompt and settings written into it, for saving. Held in memory."""
    named = {"Content-Disposition": f"attachment; filename*=utf-8''{quote(file_name(clip))}.mp4"}
    body = await anyio.to_thread.run_sync(inscribed_video, clip)
    return Response(body, media_type="video/mp4", headers={**SAFE_HEADERS, **named})


def _clip_here(request: Request) -> Clip | None:
    """Return the clip that is asked for, when whoever asks may see it and its video is here."""
    studio = studio_of(request.cookies)
    clip = studio.get(request.path_params["clip_id"])
    if clip is None or clip.video_sha256 is None or not studio.archive.has(clip.video_sha256):
        return None
    if "download" in request.query_params and clip.downloaded_at is None:
        studio.clips.set_downloaded([clip.id])
    return clip


async def edit_file(request: Request) -> Response:
    """Serve what somebody made out of videos; it is kept for 30 days."""
    studio = await anyio.to_thread.run_sync(process.studio)
    path = studio.edits.path(request.path_params["name"])
    if path is None:
        return PlainTextResponse("This is no longer here. Make it again.", 404)
    return FileResponse(path, media_type=MEDIA_TYPES[path.suffix[1:]], headers=SAFE_HEADERS)


async def manifest(request: Request) -> Response:
    """Say what a phone or desktop installs."""
    words = translation(wanted_language(request.headers)).gettext
    name, _, tagline = words("Seedance Studio: short videos from a sentence or a picture").partition(": ")
    sizes = (192, 512)
    return JSONResponse(
        {
            "name": name,
            "short_name": name,
            "description": tagline,
            "start_url": "/",
            "display": "standalone",
            "background_color": "#fbfaf8",
            "theme_color": "#5b3fd1",
            "icons": [
                {"src": f"/app/static/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"}
                for size in sizes
            ],
        },
        media_type="application/manifest+json",
    )


ROUTES = [
    *guest.ROUTES,
    Route("/healthz", healthz),
    Route("/readyz", readyz),
    Route("/metrics", metrics),
    Route("/manifest.webmanifest", manifest),
    Route("/doctor/upload", doctor_upload, methods=["POST"]),
    Route(WEBHOOKS_PATH + "{token}", webhook, methods=["POST"]),
    Route("/edits/{name}", edit_file),
    Route("/clips/{clip_id}.{extension}", clip_file),
]
