"""A connection that can be cut: uvicorn's own protocol, which hands itself to the application.

ASGI has no word for "no answer at all". The application finds the protocol in the scope's extensions and closes the
socket under the feet of the client.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from contextlib import suppress
from typing import Any

from starlette.types import Receive, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

EXTENSION = "sandbox.connection"
_RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class CuttableConnection(H11Protocol):
    """A connection that the application may cut or hold; one that is held does not delay the end of the server."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Stand between uvicorn and its application."""
        super().__init__(*args, **kwargs)
        self._served = self.app
        self.app = self._serve
        self._held = False

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        scope.setdefault("extensions", {})[EXTENSION] = self
        await self._served(scope, receive, send)

    async def reset(self, receive: Receive) -> None:
        """Close at once with RST: nothing that was written counts."""
        with suppress(OSError):  # a client that has gone already needs no reset
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.transport.abort()
        await _gone(receive)

    async def finish(self, receive: Receive) -> None:
        """Send what was written and close, wherever the answer stands."""
        self.transport.close()
        await _gone(receive)

    async def hold(self, receive: Receive, seconds: float) -> bool:
        """Do nothing for some seconds; say whether the client is still there after them."""
        self._held = True
        try:
            async with asyncio.timeout(seconds):
                await _gone(receive)
        except TimeoutError:
            return True
        finally:
            self._held = False
        return False

    def shutdown(self) -> None:
        """End with the server."""
        if self._held:
            self.transport.abort()
        else:
            super().shutdown()


def connection_of(scope: Scope) -> CuttableConnection:
    """Return the connection of a request."""
    connection: CuttableConnection = scope["extensions"][EXTENSION]
    return connection


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
