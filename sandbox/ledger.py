"""Every credit that moves is a row that is never changed; the balance is their sum.

A task and the reservation of its credits are written in one transaction, and so are its end and the
settlement or refund. A connection is opened for each transaction and closed after it, so that any thread
may call anything here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from sandbox.errors import ApiError
from sandbox.responses import timestamp
from sandbox.validation import Order

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, stored_as TEXT NOT NULL, mime_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL, client_request_id TEXT, created_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY, status TEXT NOT NULL, model TEXT NOT NULL, prompt TEXT NOT NULL, params TEXT NOT NULL,
    file_id TEXT REFERENCES files (id), seed INTEGER NOT NULL, client_request_id TEXT, idempotency_key TEXT UNIQUE,
    body_hash TEXT NOT NULL, reserved_credits INTEGER NOT NULL, final_credits INTEGER NOT NULL DEFAULT 0,
    error_message TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS ledger (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('grant', 'reserve', 'settle', 'refund')),
    task_id TEXT REFERENCES tasks (id), amount INTEGER NOT NULL, created_at TEXT NOT NULL,
    UNIQUE (task_id, kind)
) STRICT;
CREATE TRIGGER IF NOT EXISTS ledger_keeps_rows BEFORE UPDATE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS ledger_loses_nothing BEFORE DELETE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""


@dataclass(frozen=True, slots=True)
class Task:
    """A stored generation."""

    id: str
    status: str
    model: str
    prompt: str
    params: Mapping[str, str | int]
    file_id: str | None
    seed: int
    reserved_credits: int
    final_credits: int
    error_message: str | None
    created_at: str
    updated_at: str

    @property
    def created(self) -> datetime:
        """The moment of creation."""
        return datetime.fromisoformat(self.created_at)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An uploaded file; ``stored_as`` is its name in the folder of uploads."""

    id: str
    kind: str
    name: str
    stored_as: str
    mime_type: str
    size_bytes: int
    client_request_id: str | None
    created_at: str


@dataclass(frozen=True, slots=True)
class Account:
    """What a task has cost so far: ``charged`` credits, by ``entries`` of these kinds."""

    task_id: str
    status: str
    reserved_credits: int
    charged: int
    entries: tuple[str, ...]


class Ledger:
    """The sandbox's memory: credits, tasks and files, in one SQLite file."""

    def __init__(self, path: Path, *, opening_balance: int) -> None:
        """Open the file at ``path``; a new one starts with ``opening_balance`` credits."""
        self._path = path
        with closing(self._connect()) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_SCHEMA)
        with self._transaction() as db:
            if db.execute("SELECT 1 FROM ledger LIMIT 1").fetchone() is None:
                _book(db, "grant", None, opening_balance)

    def balance(self) -> int:
        """Return the credits that can be spent now."""
        with self._transaction() as db:
            return _balance(db)

    def grant(self, credits: int) -> None:  # noqa: A002 - the word of the API
        """Book new credits."""
        with self._transaction() as db:
            _book(db, "grant", None, credits)

    def books(self) -> tuple[int, int, list[Account]]:
        """Return the balance, the credits ever granted, and each task's account, oldest first; all of one moment."""
        with self._transaction() as db:
            granted = db.execute("SELECT TOTAL(amount) FROM ledger WHERE kind = 'grant'").fetchone()[0]
            rows = db.execute(
                "SELECT t.id, t.status, t.reserved_credits, -TOTAL(l.amount), GROUP_CONCAT(l.kind)"
                " FROM tasks t LEFT JOIN ledger l ON l.task_id = t.id GROUP BY t.id ORDER BY t.rowid"
            ).fetchall()
            return _balance(db), int(granted), [_account(row) for row in rows]

    def create(self, order: Order, idempotency_key: str | None, *, seed: int) -> tuple[Task, bool]:
        """Reserve the credits and store the task; return it, and whether it is new.

        A known ``idempotency_key`` gives back its first task. Raises ``ApiError``: ``idempotency_conflict`` when
        that task had a different body, ``insufficient_credits``, ``validation_failed`` for an unknown upload.
        """
        with self._transaction() as db:
            known = db.execute("SELECT * FROM tasks WHERE idempotency_key = ?", (idempotency_key,)).fetchone()
            if known is not None:
                if known["body_hash"] != order.body_hash:
                    raise ApiError("idempotency_conflict", "This Idempotency-Key was sent with a different body.")
                return _task(known), False
            file_id = _known_file(db, order)
            price, balance = order.spec.base_credits, _balance(db)
            if balance < price:
                raise ApiError("insufficient_credits", f"A run costs {price} credits; the balance is {balance}.")
            task_id = _insert_task(db, order, idempotency_key, file_id, seed)
            _book(db, "reserve", task_id, -price)
            return _task(db.execute("SELECT * FROM tasks WHERE id = ?", (task_id,)).fetchone()), True

    def task(self, task_id: str) -> Task:
        """Return a task; ``ApiError`` ``not_found`` when there is none."""
        with self._transaction() as db:
            row = db.execute("SELECT * FROM tasks WHERE id = ?", (task_id,)).fetchone()
        if row is None:
            raise ApiError("not_found", "There is no such generation.")
        return _task(row)

    def unfinished(self) -> list[Task]:
        """Return the tasks that an earlier start left queued or processing, oldest first."""
        with self._transaction() as db:
            rows = db.execute("SELECT * FROM tasks WHERE status IN ('queued', 'processing') ORDER BY rowid").fetchall()
        return [_task(row) for row in rows]

    def begin(self, task_id: str) -> None:
        """Mark a queued task as processing."""
        with self._transaction() as db:
            db.execute(
                "UPDATE tasks SET status = 'processing', updated_at = ? WHERE id = ? AND status = 'queued'",
                (_now(), task_id),
            )

    def settle(self, task_id: str) -> None:
        """End a task well: what was reserved is now spent."""
        self._end(task_id, "succeeded", None)

    def refund(self, task_id: str, reason: str) -> None:
        """End a task badly: what was reserved comes back."""
        self._end(task_id, "failed", reason)

    def add_file(self, file: StoredFile) -> None:
        """Remember an uploaded file."""
        values = [getattr(file, name) for name in StoredFile.__slots__]
        with self._transaction() as db:
            db.execute(f"INSERT INTO files ({', '.join(StoredFile.__slots__)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)  # noqa: S608 - our own column names  # nosec B608

    def file(self, file_id: str) -> StoredFile:
        """Return an uploaded file; ``ApiError`` ``not_found`` when there is none."""
        with self._transaction() as db:
            row = db.execute("SELECT * FROM files WHERE id = ?", (file_id,)).fetchone()
        if row is None:
            raise ApiError("not_found", "There is no such file.")
        return StoredFile(**row)

    def _end(self, task_id: str, status: str, reason: str | None) -> None:
        with self._transaction() as db:
            row = db.execute("SELECT * FROM tasks WHERE id = ?", (task_id,)).fetchone()
            if row["status"] in {"succeeded", "failed"}:
                return
            reserved = row["reserved_credits"]
            final = reserved if reason is None else 0
            db.execute(
                "UPDATE tasks SET status = ?, final_credits = ?, error_message = ?, updated_at = ? WHERE id = ?",
                (status, final, reason, _now(), task_id),
            )
            # The reservation already took the credits, so a settlement moves none.
            _book(db, "settle" if reason is None else "refund", task_id, reserved - final if reason else 0)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        db.row_factory = sqlite3.Row
        return db

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as db:
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")


def open_ledger(data_dir: Path, opening_balance: int) -> Ledger:
    """Open the ledger of a sandbox's data folder, which is made if need be."""
    data_dir.mkdir(parents=True, exist_ok=True)
    return Ledger(data_dir / "sandbox.sqlite3", opening_balance=opening_balance)


def _now() -> str:
    return timestamp(datetime.now(UTC))


def _balance(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT SUM(amount) FROM ledger").fetchone()[0])


def _book(db: sqlite3.Connection, kind: str, task_id: str | None, amount: int) -> None:
    db.execute(
        "INSERT INTO ledger (kind, task_id, amount, created_at) VALUES (?, ?, ?, ?)", (kind, task_id, amount, _now())
    )


def _known_file(db: sqlite3.Connection, order: Order) -> str | None:
    for file_id in order.reference_file_ids:
        if db.execute("SELECT 1 FROM files WHERE id = ?", (file_id,)).fetchone() is None:
            raise ApiError("validation_failed", f"params.referenceMediaItems: there is no upload {file_id}.")
    return next(iter(order.reference_file_ids), None)


def _insert_task(db: sqlite3.Connection, order: Order, key: str | None, file_id: str | None, seed: int) -> str:
    task_id, now = f"task_{token_hex(12)}", _now()
    db.execute(
        "INSERT INTO tasks (id, status, model, prompt, params, file_id, seed, client_request_id, idempotency_key,"
        " body_hash, reserved_credits, created_at, updated_at) VALUES (?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            task_id,
            order.spec.id,
            order.prompt,
            json.dumps(dict(order.params)),
            file_id,
            seed,
            order.client_request_id,
            key,
            order.body_hash,
            order.spec.base_credits,
            now,
            now,
        ),
    )
    return task_id


def _task(row: sqlite3.Row) -> Task:
    columns = {name: row[name] for name in Task.__slots__}
    return Task(**{**columns, "params": json.loads(row["params"])})


def _account(row: sqlite3.Row) -> Account:
    task_id, status, reserved, charged, entries = tuple(row)
    return Account(task_id, status, reserved, int(charged), tuple((entries or "").split(",")))
