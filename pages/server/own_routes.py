"""The paths that this server answers beside the pages, known at once; what answers is imported when first asked.

The studio, SQLAlchemy and httpx take 0.3 s to import: a reader's browser fetches Streamlit meanwhile.
"""

from __future__ import annotations

import anyio.to_thread
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from studio import process
from studio.access import Access

PATHS = (
    "/guest/{token}",
    "/guest/{token}/{name}",
    "/healthz",
    "/readyz",
    "/metrics",
    "/manifest.webmanifest",
    "/doctor/upload",
    "/webhooks/{token}",
    "/edits/{name}",
    "/clips/{clip_id}.{extension}",
    "/sign-in",
    "/sign-out",
    "/own-key",
    "/own-key/forget",
)


class OwnRoutes:
    """ASGI app: the routes of a server with these rules."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._router: Router | None = None
        self.routes = [Route(path, self) for path in PATHS]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, once the studio is open: some ask it in the loop, which must not stand still."""
        if self._router is None:
            await anyio.to_thread.run_sync(process.studio)
            self._router = await anyio.to_thread.run_sync(self.router)
        await self._router(scope, receive, send)

    def router(self) -> Router:
        """Import what answers, and return it."""
        from server.own_key import OwnKey  # noqa: PLC0415 - see above
        from server.routes import ROUTES  # noqa: PLC0415
        from server.sign_in import SignIn  # noqa: PLC0415

        return Router([*ROUTES, *SignIn(self._access).routes, *OwnKey(self._access).routes])
