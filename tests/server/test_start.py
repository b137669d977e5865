"""The server listens before the studio is open, and ends where it cannot be opened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from server.own_routes import PATHS, OwnRoutes
from studio.access import Access
from studio.settings import Settings

ROOT = Path(__file__).parents[2]
IMPORTED = "import json, sys, app; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"


def run(arguments: list[str], data_dir: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "RIVYA_DATA_DIR": str(data_dir)}
    return subprocess.run(
        [sys.executable, *arguments], check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


def test_nobody_waits_for_what_only_the_studio_needs(tmp_path):
    """Together they take as long to import as all that a server needs to listen."""
    imported = json.loads(run(["-c", IMPORTED], tmp_path).stdout.splitlines()[-1])
    assert {"streamlit", "studio"} <= set(imported)
    assert not {"sqlalchemy", "httpx", "PIL", "sandbox", "prometheus_client"} & set(imported)


def test_every_path_has_somebody_who_answers(tmp_path):
    """The paths stand twice: once known at start, once with what answers."""
    own = OwnRoutes(Access(Settings(data_dir=tmp_path), "127.0.0.1"))
    assert {route.path for route in own.router().routes} == set(PATHS)


def test_a_server_that_cannot_open_its_history_ends_and_says_why(tmp_path):
    """With the exit code of a failed start, after the one reason."""
    (tmp_path / "studio.db").write_text("no database at all, and longer than a header of one would be")
    ended = run(["-m", "streamlit", "run", "app.py", "--server.headless=true", "--server.port=0"], tmp_path)
    assert ended.returncode == 3
    assert "Not started" in ended.stderr
    assert ended.stderr.rstrip().endswith("file is not a database")
    assert ended.stderr.count("Traceback") == 1
    assert (tmp_path / "studio.db").read_text().startswith("no database at all")
