"""One clip for a guest: a plain page at an unguessable address, without a login, a script or a way further."""

from __future__ import annotations

from html import escape
from pathlib import Path

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from server.first_paint import wanted_language
from server.small_page import BENGALI_FONT
from studio import process
from studio.i18n import N_, translation
from studio.store.clip import Clip

POLICY = (
    "default-src 'none'; media-src 'self'; img-src 'self'; font-src 'self'; style-src 'unsafe-inline';"
    " frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
GONE = N_("This link is no longer valid. Ask for a new one.")
_STYLE = BENGALI_FONT + Path(__file__).with_name("guest.css").read_text("utf-8")


async def _clip(request: Request) -> Clip | None:
    def find() -> Clip | None:
        token = request.path_params["token"]
        studio, keys = process.studio(), process.own_keys()
        studio = (keys and keys.of_account(studio.guests.account(token) or "")) or studio
        clip_id = studio.guests.clip_id(token)
        clip = studio.get(clip_id) if clip_id else None
        is_shown = clip and clip.video_sha256 and not clip.deleted_at and studio.archive.has(clip.video_sha256)
        return clip if is_shown else None

    return await anyio.to_thread.run_sync(find)


async def guest_page(request: Request) -> Response:
    """Show the clip and its words."""
    clip, _ = await _clip(request), translation(wanted_language(request.headers)).gettext
    if clip is None:
        style = f"<style>{_STYLE}</style>"
        gone = f'<!doctype html><meta charset="utf-8"><title>Seedance Studio</title>{style}<p>{escape(_(GONE))}</p>'
        return HTMLResponse(gone, 404, headers=HEADERS)
    save = escape(_("Download"))
    place, prompt = f"/guest/{request.path_params['token']}", escape(clip.prompt)
    page = (
        f'<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{prompt[:80]}</title><style>{_STYLE}</style></head><body>"
        f'<video controls loop playsinline src="{place}/video.mp4" poster="{place}/poster.webp"></video>'
        f'<p dir="auto">{prompt}</p><p class="quiet"><a href="{place}/video.mp4" download>{save}</a>'
        " · Seedance Studio</p></body></html>"
    )
    return HTMLResponse(page, headers=HEADERS)


async def guest_file(request: Request) -> Response:
    """Serve the clip's video or poster, with Range."""
    clip = await _clip(request)
    name = request.path_params["name"]
    path = None if clip is None else {"video.mp4": clip.video_path, "poster.webp": clip.poster_path}.get(name)
    if path is None:
        return PlainTextResponse(GONE, 404, headers=HEADERS)
    return FileResponse(path, media_type="video/mp4" if name.endswith("mp4") else "image/webp", headers=HEADERS)


ROUTES = [Route("/guest/{token}", guest_page), Route("/guest/{token}/{name}", guest_file)]
