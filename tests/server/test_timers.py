"""A timer draws its part of a page when something was written, and when it has grown old; else it is not heard."""

from __future__ import annotations

import sqlite3
from types import SimpleNamespace

import pytest
from apptest import made, opened
from conftest import eventually
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession

from server import timers
from studio.store.database import Database


@pytest.fixture(autouse=True)
def _nothing_drawn(monkeypatch):
    monkeypatch.setattr(timers, "_parts", type(timers._parts)())


@pytest.fixture
def heard(monkeypatch):
    """What reaches Streamlit of the requests of a tab."""
    requests = []
    monkeypatch.setattr(AppSession, "request_rerun", lambda _session, client_state: requests.append(client_state))
    timers.hear_no_idle_timers()
    return requests


def ask(session_id: str, **values) -> None:
    AppSession.request_rerun(SimpleNamespace(id=session_id), ClientState(**values) if values else None)


def test_a_timer_is_heard_once_something_was_written(shared, heard):
    """By whomever; a person's own press is heard always, and so is what nobody has drawn yet."""
    eventually(lambda: shared.balance() is not None)  # the engine writes the first one down
    opened()
    parts = sorted(timers._parts)
    assert parts
    for session_id, fragment_id in parts:
        ask(session_id, fragment_id=fragment_id, is_auto_rerun=True)
    assert heard == []
    session_id, fragment_id = parts[0]
    ask(session_id, fragment_id=fragment_id)
    ask(session_id)
    ask("another tab", fragment_id=fragment_id, is_auto_rerun=True)
    assert len(heard) == 3
    with sqlite3.connect(shared.store.database.file) as another:
        another.execute("UPDATE clips SET seen_at = seen_at")
        another.execute("CREATE TABLE of_another_program (name)")
    ask(session_id, fragment_id=fragment_id, is_auto_rerun=True)
    assert len(heard) == 4


def test_what_a_part_says_of_the_time_grows_old(shared):
    """While a clip runs its bar moves without anything being written."""
    version = shared.store.database.version()
    timers._note(("tab", "bar"), timers._Drawn(version, until=0.0))
    timers._note(("tab", "page"), timers._Drawn(version, until=float("inf")))
    assert (timers.is_fresh("tab", "bar"), timers.is_fresh("tab", "page")) == (False, True)
    made(shared)
    assert not timers.is_fresh("tab", "page")


def test_tabs_that_are_gone_are_forgotten(shared, monkeypatch):
    """The oldest first; what is forgotten is drawn."""
    monkeypatch.setattr(timers, "MOST_PARTS", 2)
    drawn = timers._Drawn(shared.store.database.version(), until=float("inf"))
    for name in ("a", "b", "a", "c"):
        timers._note((name, "part"), drawn)
    assert [timers.is_fresh(name, "part") for name in ("a", "b", "c")] == [True, False, True]


def test_every_commit_moves_the_version(database_url):
    """Of one's own process as well; nothing moves it while nothing is written, and PostgreSQL has none."""
    database, another = Database(database_url), Database(database_url)
    database.migrate()
    versions = [database.version() for _ in range(3)]
    with database.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM clips")
    for writer in (database, another):
        with writer.write() as connection:
            connection.exec_driver_sql("UPDATE clips SET seen_at = seen_at")
            connection.exec_driver_sql("CREATE TABLE gone (name TEXT)")
            connection.exec_driver_sql("DROP TABLE gone")
        versions.append(database.version())
    database.close()
    another.close()
    if not database.is_sqlite:
        assert versions == [None] * 5
        return
    assert len(set(versions[:3])) == 1
    assert len(set(versions)) == 3
