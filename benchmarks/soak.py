"""A working day of a busy team, sixty times as fast: ``python -m benchmarks.soak [minutes [clips]]`` (Linux).

Eight hours become eight minutes: twenty tabs that go from page to page, some of which are closed and opened anew, and
1,250 clips, each of which takes 0.75 s at Rivya instead of 45. A line for every half hour says what the process holds.
What grew is told from the time on when as many sessions of closed tabs are forgotten as come to be: Streamlit keeps
each for two minutes, and those do not pass sixty times as fast. ``python -m benchmarks.soak 8 5000`` makes 5,000 clips.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from benchmarks.press import started
from rivya import GenerationRequest
from sandbox import DEMO_API_KEY
from studio import Settings, Studio
from studio.store.clip import State

arguments = [float(each) for each in sys.argv[1:]]
MINUTES, CLIPS = arguments[0] if arguments else 8.0, int(arguments[1]) if len(arguments) > 1 else 1_250
PORT, RIVYA_PORT = 8796, 8795
TABS = 20
HOURS = 8
RENDER_SECONDS = 0.75
LOOKS = 16
LINGER_SECONDS = (4.0, 12.0)
TABS_CLOSE_AFTER_PAGES = 8
PRICE = 25
FORGOTTEN_SECONDS = 150.0
"""Streamlit keeps a closed tab's session for two minutes, in case it comes back."""
FAST = {"RIVYA_POLL_FIRST_SECONDS": "0.5", "RIVYA_POLL_MIN_SECONDS": "0.5", "RIVYA_POLL_MAX_SECONDS": "1"}


class Tab(threading.Thread):
    """A person who goes from page to page, and lets the parts that ask for it run again."""

    def __init__(self, number: int, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._chance = random.Random(number)
        self._over = over
        self.pages = 0
        self.exceptions: list[str] = []

    def run(self) -> None:
        """Open tabs, one after the other, until it is over."""
        while not self._over.is_set():
            with suppress(ConnectionClosed), connect(
                f"ws://localhost:{PORT}/_stcore/stream", subprotocols=["streamlit"], max_size=None  # type: ignore[list-item]
            ) as socket:  # fmt: skip
                self._live(socket)

    def _live(self, socket: ClientConnection) -> None:
        pages = [""]
        parts: dict[str, list[float]] = {}
        _ask(socket, BackMsg())
        for _ in range(TABS_CLOSE_AFTER_PAGES):
            until = time.monotonic() + self._chance.uniform(*LINGER_SECONDS)
            parts.clear()
            while (left := until - time.monotonic()) > 0 and not self._over.is_set():
                with suppress(TimeoutError):
                    message = ForwardMsg.FromString(socket.recv(timeout=min(left, 0.5)))
                    kind = message.WhichOneof("type")
                    if kind == "navigation":
                        pages = [page.page_script_hash for page in message.navigation.app_pages]
                    elif kind == "auto_rerun":
                        each = message.auto_rerun
                        parts[each.fragment_id] = [each.interval, time.monotonic() + each.interval]
                    elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
                        self.exceptions.append(message.delta.new_element.exception.message)
                for name, due in parts.items():
                    if due[1] < time.monotonic():
                        due[1] = time.monotonic() + due[0]
                        asked = BackMsg()
                        asked.rerun_script.fragment_id, asked.rerun_script.is_auto_rerun = name, True
                        _ask(socket, asked)
            if self._over.is_set():
                return
            self.pages += 1
            asked = BackMsg()
            asked.rerun_script.page_script_hash = self._chance.choice(pages)
            _ask(socket, asked)


def _ask(socket: ClientConnection, asked: BackMsg) -> None:
    asked.rerun_script.query_string = asked.rerun_script.query_string
    socket.send(asked.SerializeToString())


@dataclass(frozen=True)
class Look:
    """What the process holds at a moment."""

    megabytes: float
    threads: int
    files: int
    sockets: int
    wal_megabytes: float

    @classmethod
    def at(cls, pid: int, data_dir: Path) -> Look:
        """Look at a process."""
        held = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
        targets = [str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir() if each.is_symlink()]
        sockets = sum(target.startswith("socket:") for target in targets)
        wal = sum(each.stat().st_size for each in data_dir.glob("*-wal")) / 1e6
        threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
        return cls(held, threads, len(targets) - sockets, sockets, wal)

    def __str__(self) -> str:
        """Say it in a line."""
        return (
            f"{self.megabytes:6.0f} MB, {self.threads:3} threads, {self.files:3} files, {self.sockets:3} sockets,"
            f" write-ahead log {self.wal_megabytes:4.1f} MB"
        )


def _order(studio: Studio, over: threading.Event) -> None:
    begun = time.monotonic()
    for number in range(CLIPS):
        over.wait(begun + number * MINUTES * 60 / CLIPS - time.monotonic())
        if over.is_set():
            return
        studio.submit(GenerationRequest(prompt=f"A paper boat, number {number}", params={"resolution": "480p"}))


def _day(folder: Path) -> None:
    data_dir = folder / "data"
    os.environ.update(FAST)
    app = started(data_dir, f"http://127.0.0.1:{RIVYA_PORT}", PORT)
    over, looks = threading.Event(), []
    settings = Settings(
        api_key=DEMO_API_KEY, base_url=f"http://127.0.0.1:{RIVYA_PORT}", data_dir=data_dir, run_engine=False
    )
    tabs = [Tab(number, over) for number in range(TABS)]
    with Studio(settings) as studio:
        buyer = threading.Thread(target=_order, args=(studio, over), daemon=True)
        for thread in (*tabs, buyer):
            thread.start()
        for number in range(1, LOOKS + 1):
            time.sleep(MINUTES * 60 / LOOKS)
            looks.append(Look.at(app.pid, data_dir))
            done, open_ = studio.store.clips.count(), len(studio.active())
            print(f"  {number * HOURS / LOOKS:4.1f} h {looks[-1]}; {done} clips, {open_} on their way", flush=True)
        buyer.join()
        over.set()
        while studio.active():
            time.sleep(0.5)
        is_whole = studio.store.clips.count() == CLIPS
        failed = [clip.id for clip in studio.store.clips.page(limit=CLIPS) if clip.state != State.SUCCEEDED]
        spent = studio.store.receipts.totals()
    for tab in tabs:
        tab.join(20)
    time.sleep(FORGOTTEN_SECONDS)
    print(f"  later  {Look.at(app.pid, data_dir)}, without tabs")
    app.terminate()
    app.wait()
    middle = LOOKS // 2
    grown = _median(looks[-middle // 2 :]) / _median(looks[middle // 2 : middle])
    print(f"  memory of the last two hours over the third and fourth: x{grown:.3f} (goal 1.05)")
    exceptions = [each for tab in tabs for each in tab.exceptions]
    print(f"  {sum(tab.pages for tab in tabs)} pages, {exceptions or 'no exception'}")
    print(f"  all {CLIPS} clips there: {is_whole}; not succeeded: {failed or 'none'}; totals {spent}")


def _median(looks: list[Look]) -> float:
    return median(look.megabytes for look in looks)


def main() -> None:
    """Print what the process holds, every half hour."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "sandbox", "--data-dir", f"{folder}/rivya", "--port", str(RIVYA_PORT)]
        options = ["--seconds", RENDER_SECONDS, "--balance", PRICE * CLIPS, "--rate-per-minute", 0]
        with subprocess.Popen(
            [*command, *map(str, options), "--ready-clips", f"{folder}/ready"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as rivya:  # fmt: skip
            try:
                print(f"\n{HOURS} hours in {MINUTES:.0f} minutes: {TABS} tabs, {CLIPS} clips")
                _day(Path(folder))
            finally:
                rivya.terminate()


if __name__ == "__main__":
    main()
