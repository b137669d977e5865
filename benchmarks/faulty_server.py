"""A server on loopback that does the paid work and then misbehaves, as told by a ``Fault``.

It counts every POST to a create endpoint, and each makes a paid task, unless an ``Idempotency-Key`` comes that was seen
before: then it is the same task (and with another body a 409, as at Rivya).
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

BROKEN = {"error": {"code": "internal_error", "message": "The task was made; the answer was not."}}
CONFLICT = {"error": {"code": "idempotency_conflict", "message": "Another body came with this key."}}
UNKNOWN_PATH = {"error": {"code": "not_found", "message": "The benchmark does not speak this path."}}


class Act(Enum):
    """What becomes of an answer to a create, after its task was made."""

    ANSWER = "it is sent"
    LOSE = "the connection is closed without a byte"
    FAIL = "a 500 is sent instead"
    HOLD = "nothing happens until the driver lets go"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first ``times`` creates meet ``act``; those after them are answered."""

    title: str
    act: Act
    times: int = 1

    def act_of(self, post: int) -> Act:
        """Return what becomes of the answer to POST number ``post``, counted from 1."""
        return self.act if post <= self.times else Act.ANSWER


def _replicate(task: str, _: str) -> dict[str, Any]:
    urls = {"get": f"https://api.replicate.com/v1/predictions/{task}"}
    nothing_yet = {"output": None, "logs": "", "error": None, "metrics": None, "created_at": "2026-11-22T08:00:00Z"}
    seedance = {"model": "bytedance/seedance-1-pro", "version": "hidden"}
    return {"id": task, "status": "starting", "input": {}, "urls": urls, **seedance, **nothing_yet}


def _fal(task: str, base_url: str) -> dict[str, Any]:
    url = f"{base_url}/fal-ai/bytedance/requests/{task}"
    return {"request_id": task, "response_url": url, "status_url": f"{url}/status", "cancel_url": f"{url}/cancel"}


def _openai(task: str, _: str) -> dict[str, Any]:
    form = {"model": "sora-2", "seconds": "4", "size": "720x1280"}
    return {"id": task, "object": "video", "status": "queued", "progress": 0, "created_at": 1795334400, **form}


def _rivya(task: str, _: str) -> dict[str, Any]:
    return {"id": task, "status": "queued", "model": "seedance-1-0-pro", "reserved_credits": 25, "final_credits": 0}


CREATES: dict[str, Callable[[str, str], dict[str, Any]]] = {
    "/v1/models/bytedance/seedance-1-pro/predictions": _replicate,
    "/fal-ai/bytedance/seedance/v1/pro/text-to-video": _fal,
    "/v1/image_to_video": lambda task, _: {"id": task, "estimatedCost": {"credits": 25}},
    "/dream-machine/v1/generations": lambda task, _: {"id": task, "state": "queued", "model": "ray-2"},
    "/dream-machine/v1/generations/video": lambda task, _: {"id": task, "state": "queued", "model": "ray-2"},
    "/v1/videos": _openai,
    "/api/v3/contents/generations/tasks": lambda task, _: {"id": task},
    "/api/v1/generations": _rivya,
}
"""The create endpoint of each API and the smallest answer that its SDK takes for a yes."""


class FaultyServer(ThreadingHTTPServer):
    """Use it as a context manager. ``struck`` is set once the fault has happened; ``let_go`` ends every ``HOLD``."""

    daemon_threads = True

    def __init__(self, fault: Fault) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fault = fault
        self.posts = 0
        self.posts_with_key = 0
        self.tasks: list[str] = []
        self.struck = threading.Event()
        self.let_go = threading.Event()
        self._by_key: dict[str, tuple[str, bytes]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go.set()
        self.shutdown()
        self.server_close()

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def create(self, key: str | None, body: bytes) -> tuple[Act, str | None]:
        """Count a POST, make its task or find it by its key; ``None`` for a key that came with another body."""
        with self._lock:
            self.posts += 1
            self.posts_with_key += key is not None
            known = self._by_key.get(key) if key else None
            if known:
                return self.fault.act_of(self.posts), known[0] if known[1] == body else None
            task = f"task_{len(self.tasks) + 1}"
            self.tasks.append(task)
            if key:
                self._by_key[key] = (task, body)
            return self.fault.act_of(self.posts), task

    def handle_error(self, *_: object) -> None:
        """Say nothing about clients that were killed in the middle of a request."""


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: FaultyServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = CREATES.get(self.path)
        if answer is None:
            self._send(404, UNKNOWN_PATH)
            return
        act, task = self.server.create(self.headers.get("Idempotency-Key"), body)
        if act is Act.LOSE:
            self._hang_up()
        elif act is Act.FAIL:
            self._send(500, BROKEN)
        elif act is Act.HOLD:
            self.server.struck.set()
            self.server.let_go.wait()
            self._hang_up()
        else:
            self._send(*((200, answer(task, self.server.base_url)) if task else (409, CONFLICT)))
        if act is not Act.ANSWER:
            self.server.struck.set()

    def do_GET(self) -> None:
        if self.path == "/api/v1/credits":
            self._send(200, {"current_credits": 500})
        elif self.path.startswith("/api/v1/generations/"):
            self._send(200, _rivya(self.path.rpartition("/")[2], ""))
        else:
            self._send(404, UNKNOWN_PATH)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""
