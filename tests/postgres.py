"""A real PostgreSQL server that lives as long as a test session: loopback only, its data in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import psycopg

MISSING = "PostgreSQL is not installed here (no initdb): `make pytest` installs it where it may"
START_SECONDS = 60.0
SUPERUSER = "studio"
OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",  # a careless server: the studio must ask for durable commits by itself
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "max_connections": "60",
}


def binaries() -> Path | None:
    """Return the folder that holds ``initdb`` and ``postgres``, ``None`` when the machine has none."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    config = shutil.which("pg_config")
    if config:
        asked = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(asked.stdout.strip()))
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    return next((path for path in folders if (path / "initdb").is_file() and (path / "postgres").is_file()), None)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _ordinary_user() -> pwd.struct_passwd | None:
    """Return whom the server runs as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


class Server:
    """One server, stopped at the end of the ``with`` block; ``database`` makes a fresh database in it."""

    def __init__(self, folder: Path) -> None:
        self._binaries = folder
        self._home = Path(tempfile.mkdtemp(prefix="studio-pg-"))
        self._port = _free_port()
        user = _ordinary_user()
        self._as_user: dict[str, Any] = {}
        if user:
            os.chown(self._home, user.pw_uid, user.pw_gid)
            self._as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._initialise()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
        shutil.rmtree(self._home, ignore_errors=True)

    def url(self, database: str) -> str:
        """Return the address of a database as the studio's settings take it."""
        return f"postgresql+psycopg://{SUPERUSER}@127.0.0.1:{self._port}/{database}"

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Give the address of a copy of ``template`` that is dropped after the block, whoever is still connected."""
        name = f"t{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        """Run a statement of the server's owner."""
        with self._connect() as connection:
            connection.execute(statement)

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host="127.0.0.1", port=self._port, user=SUPERUSER, dbname="postgres", autocommit=True, connect_timeout=10
        )

    def _command(self, *arguments: str, log: Any) -> subprocess.Popen[bytes]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        command = [str(self._binaries / arguments[0]), *arguments[1:]]
        return subprocess.Popen(
            command, cwd=self._home, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._as_user
        )

    def _initialise(self) -> None:
        locale = "C.UTF-8" if sys.platform == "linux" else "C"
        options = [f"--username={SUPERUSER}", "--auth=trust", "--encoding=UTF8", f"--locale={locale}", "--no-sync"]
        with (self._home / "initdb.log").open("wb") as log:
            process = self._command("initdb", f"--pgdata={self._home / 'data'}", *options, log=log)
            code = process.wait(START_SECONDS)
        assert code == 0, (self._home / "initdb.log").read_text(errors="replace")

    def _start(self) -> None:
        options = [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]
        with (self._home / "server.log").open("wb") as log:
            self._process = self._command(
                "postgres", "-D", str(self._home / "data"), "-p", str(self._port), *options, log=log
            )
        deadline = time.monotonic() + START_SECONDS
        pause = threading.Event()
        while True:
            assert self._process.poll() is None, (self._home / "server.log").read_text(errors="replace")
            try:
                return self._connect().close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
            pause.wait(0.05)
