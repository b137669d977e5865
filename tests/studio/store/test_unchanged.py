"""What costs much is found out once for as long as nothing is written, by whatever process."""

from __future__ import annotations

import pytest

from studio.store import unchanged
from studio.store.database import Database
from studio.store.unchanged import Unchanged


@pytest.fixture
def database(tmp_path):
    """A database, and another opening of it, as a second process has one."""
    mine, theirs = (Database(f"sqlite:///{tmp_path}/studio.db") for _ in range(2))
    mine.migrate()
    yield mine, theirs
    mine.close()
    theirs.close()


def test_it_is_found_out_anew_once_somebody_has_written(database):
    """My own commit counts, and another process's; a mere reading does not."""
    mine, theirs = database
    answers = iter(range(9))
    kept = Unchanged(mine)
    assert [kept.get(lambda: next(answers)) for _ in range(3)] == [0, 0, 0]
    with mine.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM clips").all()
    assert kept.get(lambda: next(answers)) == 0
    for one in (mine, theirs):
        with one.write() as connection:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS t (a)")
            connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        before = kept.get(lambda: next(answers))
        assert before == kept.get(lambda: next(answers))
    assert before == 2


def test_what_is_written_while_it_is_found_out_counts(database):
    """The answer may have missed it, so the next question is answered anew."""
    mine, theirs = database
    kept = Unchanged(mine)

    def slow() -> str:
        with theirs.write() as connection:
            connection.exec_driver_sql("CREATE TABLE t (a)")
        return "before"

    assert kept.get(slow) == "before"
    assert kept.get(lambda: "after") == "after"


def test_it_does_not_get_old(database, monkeypatch):
    """Days end without anything being written."""
    kept = Unchanged(database[0])
    monkeypatch.setattr(unchanged, "FRESH_SECONDS", 0.0)
    assert kept.get(lambda: "yesterday") == "yesterday"
    assert kept.get(lambda: "today") == "today"


def test_each_question_has_an_answer_of_its_own(database, monkeypatch):
    """Also when there are more of them than are kept."""
    monkeypatch.setattr(unchanged, "MOST_QUESTIONS", 2)
    kept, asked = Unchanged(database[0]), []

    def find_out(question: int) -> int:
        asked.append(question)
        return question

    assert [kept.get(lambda number=number: find_out(number), number) for number in (1, 2, 1, 2)] == [1, 2, 1, 2]
    assert asked == [1, 2]
    assert [kept.get(lambda number=number: find_out(number), number) for number in (3, 1)] == [3, 1]
