"""What the tests share: a sandbox over real HTTP, a studio over real files, real databases, waiting for conditions."""

from __future__ import annotations

import gc
import io
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import av
import hypothesis
import numpy as np
import postgres
import pytest
import sqlalchemy as sa
from PIL import Image

from sandbox import DEMO_API_KEY, Sandbox
from studio import Settings, Studio, process
from studio.store.database import Database

hypothesis.settings.register_profile("studio", deadline=None)
hypothesis.settings.load_profile("studio")  # how long an example takes says how busy the machine is, and nothing else

SKETCHY: dict[str, Any] = {}
"""Options of a sandbox that serves ready clips: no drawing where it is not the subject."""
FAST: dict[str, Any] = {"poll_first_seconds": 0.1, "poll_min_seconds": 0.1, "poll_max_seconds": 0.2}
SMALL = {"resolution": "480p", "aspect_ratio": "1:1"}


def eventually(condition: Callable[[], Any], timeout_seconds: float = 30.0) -> Any:
    """Return the first truthy answer of ``condition``; fail when none comes in time."""
    deadline = time.monotonic() + timeout_seconds
    pause = __import__("threading").Event()
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, "the condition never came true"
        pause.wait(0.02)


def pytest_configure(config: pytest.Config) -> None:
    """Keep one video of each size and length from test to test and from run to run."""
    if cache := getattr(config, "cache", None):
        SKETCHY["ready_clips"] = cache.mkdir("ready-clips")
        FAST["demo_ready_clips"] = str(SKETCHY["ready_clips"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what a quick run leaves out and what coverage is measured by: see ``Makefile``."""
    folders = {"e2e": "browser", "chaos": "chaos", "tools": "drawing"}
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if "postgres_server" in names or "[postgresql" in item.name or "-postgresql" in item.name:
            item.add_marker("postgres")
        if mark := folders.get(item.path.parent.name):
            item.add_marker(mark)
        packages = set(item.path.relative_to(Path(__file__).parent).parts) & {"rivya", "studio"}
        is_elsewhere = not packages or item.path.name == "test_promises.py" or item.get_closest_marker("postgres")
        if not is_elsewhere and not getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("measured")


def pytest_collection_finish() -> None:
    """Look for garbage among what tests make, not among what was imported for them: an eighth of their time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(__import__("os").environ):
        if name.startswith("RIVYA_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def _migrated_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Begin each new SQLite history as a copy of one that was migrated: nine migrations less for a thousand tests."""
    template = tmp_path_factory.mktemp("template") / "studio.db"
    first = Database(f"sqlite:///{template}")
    first.migrate()
    first.close()
    migrate = Database.migrate

    def from_the_template(database: Database) -> None:
        if database.is_sqlite and not database.file.exists():
            # Whole at once: another thread of the test may open it meanwhile.
            copy = database.file.with_name(f"{uuid.uuid4().hex}.copy")
            shutil.copyfile(template, copy)
            with suppress(FileExistsError):
                database.file.hardlink_to(copy)
            copy.unlink()
        else:
            migrate(database)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "migrate", from_the_template)
        yield


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Have each database take over what SQLAlchemy compiled for those before it: nearly every test has a new one."""
    first: dict[str, sa.Engine] = {}
    create_engine = sa.create_engine

    def create_like_the_first(url: Any, **options: Any) -> sa.Engine:
        engine = create_engine(url, **options)
        like = first.setdefault(engine.name, engine)
        # What was compiled is kept for a dialect, and each engine has its own.
        engine.dialect = engine.pool._dialect = like.dialect
        engine._compiled_cache = like._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sa, "create_engine", create_like_the_first)
        yield


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A Rivya of our own that finishes a clip in a fifth of a second plus the rendering."""
    with Sandbox(tmp_path / "sandbox", seconds=0.2, **SKETCHY) as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path, sandbox: Sandbox) -> Settings:
    """Settings that point to the sandbox as to any other Rivya."""
    return Settings(api_key=DEMO_API_KEY, base_url=sandbox.base_url, data_dir=tmp_path / "data", **FAST)


@pytest.fixture
def studio(settings: Settings) -> Iterator[Studio]:
    """A running studio."""
    with Studio(settings) as running:
        yield running


@pytest.fixture
def shared(monkeypatch, settings):
    """The process's studio, pointed to the sandbox."""
    monkeypatch.setenv("RIVYA_API_KEY", settings.api_key.get_secret_value())
    monkeypatch.setenv("RIVYA_BASE_URL", settings.base_url)
    monkeypatch.setenv("RIVYA_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("RIVYA_POLL_FIRST_SECONDS", "0.1")
    monkeypatch.setenv("RIVYA_POLL_MIN_SECONDS", "0.1")
    monkeypatch.setenv("RIVYA_POLL_MAX_SECONDS", "0.2")
    yield process.studio()
    process.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A PostgreSQL server of our own for the whole session."""
    folder = postgres.binaries()
    if folder is None:
        pytest.skip(postgres.MISSING)
    with postgres.Server(folder) as running:
        yield running


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: postgres.Server) -> str:
    """The name of a database that was migrated and is empty."""
    name = "migrated"
    postgres_server.execute(f"CREATE DATABASE {name}")
    first = Database(postgres_server.url(name))
    first.migrate()
    first.close()
    return name


@pytest.fixture
def postgres_url(postgres_server: postgres.Server, migrated_postgres: str) -> Iterator[str]:
    """A database of its own on a real PostgreSQL server: migrated, and empty."""
    with postgres_server.database(migrated_postgres) as url:
        yield url


@pytest.fixture
def blank_postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    """A database of its own on a real PostgreSQL server, without a table."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A new SQLite file."""
    return f"sqlite:///{tmp_path}/studio.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn, fresh."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


def picture(size: tuple[int, int] = (64, 48), mode: str = "RGB", kind: str = "PNG", **options: Any) -> bytes:
    """Return the bytes of a small real picture."""
    buffer = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def tone(path: Path, seconds: float, *, rate: int = 44_100) -> bytes:
    """Return the bytes of a WAV file with one even tone."""
    with av.open(str(path), "w", format="wav") as output:
        stream = output.add_stream("pcm_s16le", rate=rate, layout="mono")
        wave = (0.5 * 32_767 * np.sin(np.arange(round(seconds * rate)) * 0.06)).astype(np.int16)[None, :]
        frame = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
        frame.sample_rate, frame.pts = rate, 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return path.read_bytes()


@contextmanager
def stopped_after(studio: Studio) -> Iterator[Studio]:
    """Start ``studio`` for a block."""
    studio.start()
    try:
        yield studio
    finally:
        studio.stop()
