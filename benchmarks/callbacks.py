"""How long an end stays unknown, with and without callbacks: ``python -m benchmarks.callbacks`` (two minutes)."""

from __future__ import annotations

import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from statistics import median

from rivya import Client, GenerationRequest
from sandbox import DEMO_API_KEY, Sandbox
from studio import Settings, Studio
from studio.webhooks import task_of

CLIPS = 6
SECONDS = (7.0, 9.0, 11.0, 13.0)
"""How long generations take, so that no rhythm of polls fits them all."""

BETWEEN_SECONDS = 0.37


class _Calls(HTTPServer):
    """Hands each event to the studio that it is told of."""

    studio: Studio | None = None


class _Call(BaseHTTPRequestHandler):
    server: _Calls

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        task_id = task_of(body)
        if self.server.studio and task_id:
            self.server.studio.ask_now(task_id)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def lags(public_url: str | None, seconds: float, folder: Path) -> list[float]:
    """Return the seconds from each end to the moment at which the studio had seen it, with Rivya's own poll rhythm."""
    server = _Calls(("127.0.0.1", 0), _Call)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    with Sandbox(
        folder / "s", seconds=seconds, frames_per_drawing=48, balance=25 * CLIPS, deliver_webhooks_to=address
    ) as here:
        settings = Settings(
            api_key=DEMO_API_KEY, base_url=here.base_url, data_dir=folder / "data", public_url=public_url
        )
        with Studio(settings) as studio:
            server.studio = studio
            clips = []
            for n in range(CLIPS):
                clips.append(
                    studio.submit(
                        GenerationRequest(prompt="A paper boat", params={"resolution": "480p", "seed": n % 2})
                    )
                )
                time.sleep(BETWEEN_SECONDS)
            seen = [studio.wait(clip.id, 120) for clip in clips]
        with Client(DEMO_API_KEY, here.base_url) as client:
            ends = [client.generations.retrieve(clip.task_id or "").updated_at for clip in seen]
    server.shutdown()
    return [
        (one.finished_at - end).total_seconds() for one, end in zip(seen, ends, strict=True) if one.finished_at and end
    ]


def main() -> None:
    """Print both side by side."""
    print(
        f"{CLIPS * len(SECONDS)} generations of {SECONDS[0]:.0f} to {SECONDS[-1]:.0f} s, the studio's own poll rhythm"
    )
    for name, url in (("polling alone", None), ("callbacks as a hint", "https://studio.example.com")):
        found = []
        for seconds in SECONDS:
            with tempfile.TemporaryDirectory() as folder:
                found += lags(url, seconds, Path(folder))
        print(f"  {name:20} median {median(found):5.2f} s   worst {max(found):5.2f} s until it was known")


if __name__ == "__main__":
    main()
