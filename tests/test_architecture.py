"""Imports go one way, and the rooms stay what they are."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LEAVES = {"rivya.i18n", "rivya.errors", "rivya.words", "rivya.models", "rivya.spec", "rivya.clip"}
ALLOWED = {
    "rivya.spec": set(),
    "rivya.i18n": set(),
    "rivya.words": {"rivya.i18n"},
    "rivya.errors": {"rivya.i18n", "rivya.words"},
    "rivya.models": {"rivya.errors", "rivya.i18n", "rivya.spec"},
    "rivya.clip": {"rivya.models"},
    "rivya.config": set(),
    "rivya.images": {"rivya.errors", "rivya.i18n", "rivya.spec"},
    "rivya.tables": {"rivya.errors", "rivya.i18n", "rivya.spec"},
    "rivya.templates": {"rivya.errors", "rivya.i18n", "rivya.spec", "rivya.tables"},
    "rivya.batch": {"rivya.errors", "rivya.i18n", "rivya.models", "rivya.spec", "rivya.tables", "rivya.templates"},
    "rivya.builder": {"rivya.i18n"},
    "rivya.retry": {"rivya.errors"},
    "rivya.polling": set(),
    "rivya.client": {
        "rivya.images",
        "rivya.polling",
        "rivya.spec",
        "rivya.retry",
        "rivya.models",
        "rivya.errors",
        "rivya.config",
    },
    "rivya.archive": {"rivya.errors"},
    "rivya.journal": set(),
    "rivya.advice": {"rivya.i18n", "rivya.spec"},
    "rivya.audit": {"rivya.clip"},
    "rivya.spending": {"rivya.store"},
    "rivya.delivery": {"rivya.clip", "rivya.spec"},
    "rivya.difference": {"rivya.clip"},
    "rivya.mp4": {"rivya.errors", "rivya.i18n"},
    "rivya.title_card": {"rivya.errors", "rivya.i18n"},
    "rivya.splice": {"rivya.mp4", "rivya.title_card"},
    "rivya.film": {"rivya.errors", "rivya.i18n", "rivya.mp4", "rivya.splice"},
    "rivya.inscription": {"rivya.errors", "rivya.i18n"},
    "rivya.edits": set(),
    "rivya.backup": {"rivya.errors"},
    "rivya.doctor": {"rivya.client", "rivya.errors", "rivya.i18n", "rivya.spec", "rivya.store", "rivya.studio"},
    "rivya.queue": LEAVES | {"rivya.images", "rivya.store"},
    "rivya.remote": {"rivya.errors"},
    "rivya.vault": {"rivya.archive", "rivya.clip", "rivya.errors", "rivya.store"},
    "rivya.store": LEAVES | {"rivya.archive", "rivya.store"},
    "rivya.steps": LEAVES
    | {"rivya.client", "rivya.store", "rivya.archive", "rivya.polling", "rivya.retry", "rivya.config"}
    | {"rivya.journal", "rivya.vault"},
    "rivya.engine": LEAVES | {"rivya.steps", "rivya.store"},
    "rivya.export": {"rivya.clip", "rivya.inscription", "rivya.tables"},
    "rivya.intents": LEAVES | {"rivya.archive", "rivya.images", "rivya.journal", "rivya.store"},
    "rivya.studio": LEAVES
    | {
        "rivya.intents",
        "rivya.film",
        "rivya.engine",
        "rivya.steps",
        "rivya.store",
        "rivya.images",
        "rivya.config",
        "rivya.archive",
        "rivya.client",
    }
    | {
        "rivya.polling",
        "rivya.sandbox",
        "rivya.audit",
        "rivya.journal",
        "rivya.edits",
        "rivya.queue",
        "rivya.remote",
        "rivya.vault",
    },
    "rivya.process": {"rivya.config", "rivya.studio"},
    "rivya.sandbox": {"rivya.spec", "rivya.sandbox"},
}
PAGES_MAY = LEAVES | {"rivya.studio", "rivya.process", "rivya.images", "rivya.export", "rivya.store", "rivya"}
PAGES_MAY |= {"rivya.difference", "rivya.advice", "rivya.audit", "rivya.delivery", "rivya.doctor", "rivya.spending"}
PAGES_MAY |= {"rivya.templates", "rivya.batch", "rivya.builder"}
PAGES_MAY |= {"rivya.film", "rivya.inscription"}


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:2])


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" if node.module == "rivya" else node.module for alias in node.names}
    return found


MODULES = [path for path in sorted((ROOT / "rivya").rglob("*.py")) if path.name != "__main__.py"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path):
    """Each module imports only from the rooms below it, and nothing in rivya knows Streamlit."""
    if path.parent.name == "rivya" and path.name == "__init__.py":
        return
    ours = {".".join(name.split(".")[:2]) for name in imports(path) if name.startswith("rivya.")}
    assert ours <= ALLOWED[room(path)] | {room(path)}
    assert not any(name.split(".")[0] == "streamlit" for name in imports(path))


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_only_draw(path):
    """Pages know the studio and its words; HTTP, SQL and threads are none of their business."""
    found = imports(path)
    assert {".".join(name.split(".")[:2]) for name in found if name.startswith("rivya")} <= PAGES_MAY
    assert not {name.split(".")[0] for name in found} & {"httpx", "sqlalchemy", "threading", "requests", "sqlite3"}


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_opens_has_a_key(path):
    """Without one it is known by its place, and closes under a reader's eyes when something above it comes or goes."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    opens = [call for call in calls if getattr(call.func, "attr", "") in {"expander", "popover", "tabs"}]
    nameless = [call.lineno for call in opens if "key" not in {word.arg for word in call.keywords}]
    assert nameless == []


def test_one_module_talks_http():
    """Only the client imports httpx."""
    assert [path.name for path in MODULES if "httpx" in {n.split(".")[0] for n in imports(path)}] == ["client.py"]


def test_every_public_name_is_there_and_sorted():
    """The package's face is flat and sorted."""
    import rivya

    assert rivya.__all__ == sorted(rivya.__all__)
    assert all(getattr(rivya, name) for name in rivya.__all__)


def test_nothing_names_a_machine():
    """No absolute path of a developer's machine and no rooms without a meaning."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    texts = [ROOT / name for name in files if name.endswith((".py", ".md", ".toml", ".po", "Makefile"))]
    marks = re.compile(r"/(work|root|home/\w+|Users/\w+)/")
    assert [path.name for path in texts if path.exists() and marks.search(path.read_text(encoding="utf-8"))] == []
    assert not {Path(name).name for name in files} & {"utils.py", "common.py", "helpers.py", "manager.py"}
