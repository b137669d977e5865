"""May work be sent here, and what an operator sees: against a real engine, a real database and a real disk."""

from __future__ import annotations

from types import SimpleNamespace

import sqlalchemy as sa
from conftest import SMALL

from rivya import GenerationRequest
from server.metrics import prometheus_text
from studio.readiness import readiness
from studio.store.schema import clips


def test_a_running_studio_is_ready_and_a_stopped_one_is_not(studio):
    """The engine's end and a closed database are told apart."""
    assert readiness(studio).is_ready
    studio.stop()
    assert not readiness(studio).engine


def test_a_full_disk_and_a_lost_database_are_told(studio, monkeypatch):
    """Neither raises."""
    monkeypatch.setattr("studio.readiness.shutil.disk_usage", lambda _: SimpleNamespace(free=0))
    assert not readiness(studio).disk
    with studio.store.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE alembic_version RENAME TO gone")
    found = readiness(studio)
    assert (found.database, found.engine, found.is_ready) == (False, True, False)


def test_the_figures_follow_what_happened(studio):
    """One clip kept, one failed with its code, credits by fate, and no prompt or key."""
    for prompt in ("A paper boat", "A paper kite #fail"):
        studio.wait(studio.submit(GenerationRequest(prompt=prompt, **SMALL)).id)
    studio.test_connection()
    text = prometheus_text(studio).decode()
    with studio.store.database.read() as connection:
        code = connection.execute(sa.select(clips.c.error_code).where(clips.c.error_code.is_not(None))).scalar_one()
    assert f'studio_clips_failed{{code="{code}"}} 1.0' in text
    for line in (
        'studio_clips_open{stage="running"} 0.0',
        'studio_credits{fate="kept"} 25.0',
        'studio_videos{health="safe"} 1.0',
        "studio_clips_planned 0.0",
        "studio_oldest_due_seconds 0.0",
        "studio_engine_up 1.0",
        "studio_credits_left 475.0",
    ):
        assert line in text, line
    assert "paper" not in text
    assert studio.settings.api_key.get_secret_value() not in text
