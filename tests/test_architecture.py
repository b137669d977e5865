"""What import-linter (``make lint``) cannot see: pages, keys and names."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def imports(path: Path) -> set[str]:
    """Return every module, and every name in one, that ``path`` imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_only_draw(path):
    """Pages know the studio and its words; HTTP, SQL, threads and the engine are none of their business."""
    found = imports(path)
    assert not {name.split(".")[0] for name in found} & {"httpx", "sqlalchemy", "threading", "requests", "sqlite3"}
    assert not {name.split(".")[0] for name in found} & {"sandbox", "tools", "tests"}
    assert not found & {"rivya.client", "studio.engine", "studio.steps", "studio.store.outbox", "studio.media.archive"}


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_opens_has_a_key(path):
    """Without one it is known by its place, and closes under a reader's eyes when something above it comes or goes."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    opens = [call for call in calls if getattr(call.func, "attr", "") in {"expander", "popover", "tabs"}]
    nameless = [call.lineno for call in opens if "key" not in {word.arg for word in call.keywords}]
    assert nameless == []


def test_every_asset_of_the_components_is_used():
    """A script, style or page that no component asks for is dead; one that is asked for and missing fails at import."""
    folder = ROOT / "pages" / "ui" / "components"
    assets = {path.name for path in folder.iterdir() if path.suffix in {".js", ".css", ".html"}}
    asked = re.findall(
        r'"([\w.]+[.](?:js|css|html))"', "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    )
    assert assets == set(asked)


@pytest.mark.parametrize("name", ["rivya", "studio"])
def test_every_public_name_is_there_and_sorted(name):
    """A package's face is flat and sorted."""
    package = importlib.import_module(name)
    assert package.__all__ == sorted(package.__all__)
    assert all(getattr(package, public) for public in package.__all__)


def test_nothing_names_a_machine():
    """No absolute path of a developer's machine and no rooms without a meaning."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    texts = [ROOT / name for name in files if name.endswith((".py", ".md", ".toml", ".po", "Makefile"))]
    marks = re.compile(r"/(work|root|home/\w+|Users/\w+)/")
    assert [path.name for path in texts if path.exists() and marks.search(path.read_text(encoding="utf-8"))] == []
    assert not {Path(name).name for name in files} & {"utils.py", "common.py", "helpers.py", "manager.py"}
