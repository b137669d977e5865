"""What one click costs when the network fails, ours and the peers' SDKs in one run: ``make bench-faults``.

Each cell is one fresh process that makes one create call at its default settings, against a server on loopback
(``faulty_server``) that does the paid work and then misbehaves. It takes about three minutes. What is counted:

* *POSTs*: requests that reached the create endpoint. *With key*: those of them that carried an ``Idempotency-Key``.
* *Paid tasks*: one for each POST, unless its ``Idempotency-Key`` was seen before: then it is the same task.
* *Knows*: how many of these tasks the client could name when its process ended. The others are paid and orphaned.
* *Found again after a restart*. A peer: whether its SDK left any file in its home, working or temporary folder (all
  three are one empty folder made for the run). Ours: a run of its own, killed with SIGKILL as soon as the fault has
  struck once (without a fault: once it has ended) and started again on the same data folder; the dead process's lease
  of 30 s runs out in between.

"Every answer lost" lasts for a peer as long as its SDK tries; for ours, which repeats for 20 hours, until the 8th loss.
In "killed before the answer" the server holds its answer back, the process gets SIGKILL, and the same program is
started again: a peer's calls ``create`` anew, ours looks into its history first.

What it cannot tell: whether a real service knows a repeat by other means than the key, and what an application around a
peer's SDK could store by itself. The row "no fault" shows that each SDK was driven rightly.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.faulty_server import Act, Fault, FaultyServer

ROOT = Path(__file__).resolve().parent.parent
PEERS_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
PEERS_PROGRAM = ROOT / "benchmarks" / "peers.py"
PEERS = ("replicate", "fal", "runway", "luma", "openai", "ark")
OURS = "ours"

TIMEOUT_SECONDS = 300.0
AT_ONCE = 6
"""Processes at a time: nearly all of a run is waiting for somebody's backoff."""

NO_FAULT = Fault("no fault", Act.ANSWER)
LOST_ONCE = Fault("answer lost once", Act.LOSE)
LOST_ALWAYS = Fault("every answer lost", Act.LOSE, times=sys.maxsize)
LOST_8_TIMES = Fault("every answer lost", Act.LOSE, times=8)
BROKEN_ONCE = Fault("500 after the task was made", Act.FAIL)
HELD = Fault("killed before the answer", Act.HOLD)
FAULTS = (NO_FAULT, LOST_ONCE, LOST_ALWAYS, BROKEN_ONCE, HELD)

Command = Callable[[str, Path], list[str]]
"""From the server's address and the run's own folder to what is started."""


@dataclass(frozen=True, slots=True)
class Run:
    """What was measured of one click: by the server, and of what the client had in the end."""

    posts: int
    posts_with_key: int
    tasks: list[str]
    outcome: dict[str, str | None]
    files_left: list[str]

    @property
    def known(self) -> int:
        """How many of the paid tasks the client can name."""
        return int(self.outcome.get("task_id") in self.tasks)

    @property
    def not_run(self) -> str | None:
        """Why this says nothing about the client, ``None`` when it does."""
        if self.outcome.get("not_run"):
            return self.outcome["not_run"]
        return None if self.posts else f"no create arrived: {self.outcome.get('error')}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    fault: Fault
    client: str
    run: Run
    again: str

    def cells(self, names: dict[str, str]) -> list[str]:
        """Return the line's cells, with ``names`` of the clients."""
        head = [self.fault.title, names[self.client]]
        if self.run.not_run:
            return [*head, f"not run: {self.run.not_run}", "", "", "", ""]
        tasks = len(self.run.tasks)
        knows = f"{self.run.known} of {tasks}"
        return [*head, str(self.run.posts), str(self.run.posts_with_key), str(tasks), knows, self.again]


def peer_command(peer: str, base_url: str, _: Path) -> list[str]:
    """Start a peer's one call; ``-P`` keeps our own modules out of its sight, ``-B`` leaves no bytecode behind."""
    return [str(PEERS_PYTHON), "-P", "-B", str(PEERS_PROGRAM), peer, base_url]


def our_command(base_url: str, folder: Path) -> list[str]:
    """Start the studio with its data in ``folder``; ``env`` becomes Python, so a kill meets the right process."""
    return [
        "env",
        f"PYTHONPATH={ROOT}",
        sys.executable,
        "-B",
        "-m",
        "benchmarks.one_click",
        base_url,
        str(folder / "data"),
    ]


def start(command: list[str], folder: Path) -> subprocess.Popen[str]:
    """Start a process that sees no key, no proxy and no folder but its own."""
    env = {
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT) if OURS in folder.name else "",
    }
    env |= dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), str(folder))
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=env, stdout=pipe, stderr=pipe, text=True)


def outcome_of(process: subprocess.Popen[str]) -> dict[str, str | None]:
    """Wait for the end of a process and read the line that it printed."""
    try:
        output, errors = process.communicate(timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return {"error": f"still trying after {TIMEOUT_SECONDS:.0f} s"}
    try:
        answer: dict[str, str | None] = json.loads(output.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return {"error": (errors.strip().splitlines() or ["no output"])[-1]}
    return answer


def kill_once_struck(process: subprocess.Popen[str], server: FaultyServer) -> None:
    """SIGKILL the process as soon as the server has misbehaved; one that ends before that is left alone."""
    while process.poll() is None and not server.struck.wait(0.05):
        pass
    process.kill()
    process.communicate()


def click(client: str, command: Command, fault: Fault, *, kill: bool) -> Run:
    """Let a client click once at a server with ``fault``; with ``kill``, kill and restart it once the fault struck."""
    with tempfile.TemporaryDirectory(prefix=f"faults-{client}-") as name, FaultyServer(fault) as server:
        folder = Path(name)
        if kill:
            kill_once_struck(start(command(server.base_url, folder), folder), server)
        outcome = outcome_of(start(command(server.base_url, folder), folder))
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        return Run(server.posts, server.posts_with_key, list(server.tasks), outcome, files)


def peer_row(peer: str, fault: Fault) -> Row:
    """Measure a peer."""
    run = click(peer, partial(peer_command, peer), fault, kill=fault is HELD)
    again = f"it left {', '.join(run.files_left)}" if run.files_left else "no: nothing on disk"
    return Row(fault, peer, run, again)


def our_row(fault: Fault, undisturbed: Future[Run], killed: Future[Run]) -> Row:
    """Lay the two runs of ours side by side."""
    again = killed.result()
    found = "yes" if again.known and len(again.tasks) == 1 else f"NO, {again.outcome}"
    return Row(fault, OURS, undisturbed.result(), f"{found} (POSTs: {again.posts}, paid tasks: {len(again.tasks)})")


def our_rows(pool: ThreadPoolExecutor) -> Callable[[], list[Row]]:
    """Start all runs of ours: each fault with and without a kill, but where the kill is the fault."""
    runs = {}
    for fault in (LOST_8_TIMES, HELD, LOST_ONCE, BROKEN_ONCE, NO_FAULT):
        killed = pool.submit(click, OURS, our_command, fault, kill=True)
        runs[fault] = killed if fault is HELD else pool.submit(click, OURS, our_command, fault, kill=False), killed
    return lambda: [our_row(fault, *pair) for fault, pair in runs.items()]


def peer_rows(pool: ThreadPoolExecutor, peers: Iterable[str]) -> Callable[[], list[Row]]:
    """Start all runs of the peers that are installed, those with the most losses first."""
    faults = sorted(FAULTS, key=lambda fault: -fault.times)
    rows = [pool.submit(peer_row, peer, fault) for fault in faults for peer in peers]
    return lambda: [row.result() for row in rows]


def measure(peers: Iterable[str]) -> list[Row]:
    """Run every cell and return the lines in the order of the table."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        waits = our_rows(pool), peer_rows(pool, peers)
        rows = [row for wait in waits for row in wait()]
    found = {(row.fault.title, row.client): row for row in rows}
    nothing = Run(0, 0, [], {"not_run": "not installed in .venv-bench"}, [])
    places = [(fault, client) for fault in FAULTS for client in (*PEERS, OURS)]
    return [found.get((fault.title, client)) or Row(fault, client, nothing, "") for fault, client in places]


def installed() -> dict[str, str]:
    """Return the name and version of each peer in ``.venv-bench``."""
    command = [str(PEERS_PYTHON), "-P", "-B", str(PEERS_PROGRAM), "versions"]
    if not PEERS_PYTHON.exists():
        return {}
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(asked.stdout) if asked.returncode == 0 else {}


def table(heads: list[str], lines: list[list[str]]) -> str:
    """Return a Markdown table whose columns are as wide as their widest cell."""
    widths = [max(len(line[n]) for line in [heads, *lines]) for n in range(len(heads))]
    drawn = [
        " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in [heads, *lines]
    ]
    return "\n".join(f"| {line} |" for line in [drawn[0], " | ".join("-" * width for width in widths), *drawn[1:]])


def summary(rows: list[Row], names: dict[str, str]) -> str:
    """Return the paid tasks of one click: a line for each fault, a column for each client."""
    by_place = {(row.fault.title, row.client): row.run for row in rows}
    clients = (*PEERS, OURS)
    lines = [[fault.title, *(_short(by_place[fault.title, client]) for client in clients)] for fault in FAULTS]
    return table(["paid tasks of one click", *(names[client] for client in clients)], lines)


def _short(run: Run) -> str:
    if run.not_run:
        return "not run"
    orphans = len(run.tasks) - run.known
    return f"{len(run.tasks)}, {orphans} orphaned" if orphans else str(len(run.tasks))


def main() -> None:
    """Measure and print both tables."""
    began = time.monotonic()
    peers = installed()
    names = {peer: peer for peer in PEERS} | peers | {OURS: "this studio"}
    rows = measure(peers)
    heads = ["fault", "client", "POSTs", "with key", "paid tasks", "knows", "found again after a restart"]
    print(summary(rows, names), table(heads, [row.cells(names) for row in rows]), sep="\n\n")
    print(f"\nPython {sys.version.split()[0]}, loopback, one run of {time.monotonic() - began:.0f} s.")


if __name__ == "__main__":
    main()
