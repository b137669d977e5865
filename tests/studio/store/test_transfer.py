"""A history moves from one database into another, whole."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from test_store import intent

from studio.errors import StoreError
from studio.media.archive import Archive
from studio.store import ClipFilter, Store
from studio.store.clip import Stage
from studio.store.members import Role
from studio.store.schema import clip_sums, credit_sums, metadata
from studio.store.transfer import copy_history

PROMPTS = ["A paper boat", "বৃষ্টিভেজা রাস্তায় একটি কাগজের নৌকা", 'He says "hi" 50%']


@pytest.fixture(params=["to_postgresql", "to_sqlite", "to_another_file"])
def ways(request, tmp_path):
    """Source and target, each way."""
    files = [f"sqlite:///{tmp_path}/one.db", f"sqlite:///{tmp_path}/two.db"]
    if request.param == "to_another_file":
        return files
    urls = [files[0], request.getfixturevalue("postgres_url")]
    return urls if request.param == "to_postgresql" else urls[::-1]


def opened(url, tmp_path):
    return Store(url, Archive(tmp_path), "test")


def fill(store):
    """Write rows of every table, a deleted clip among them."""
    for prompt in PROMPTS:
        store.clips.insert(**intent(prompt=prompt, draft_id=f"draft {prompt}"))
    (claimed, *others) = store.outbox.claim("a", lease_seconds=60, limit=9)
    store.outbox.save(
        claimed.id, "a", stage=Stage.DONE, status="succeeded", task_id="task", raw={"নৌকা": [1, None]},
        credits_reserved=25.0, credits_final=25.0, delay_seconds=None, submitted_at=claimed.created_at,
    )  # fmt: skip
    store.outbox.release("a")
    store.clips.set_deleted([others[0].id], deleted=True)
    store.balances.add(500)
    store.balances.add(475)
    store.uploads.add("abc", "https://a/b", {"url": "https://a/b"})
    store.drafts.save("d", {"prompt": "নৌকা"})
    store.outbox.pause(60, "rate_limited")
    store.templates.save("Boat", "A paper boat on {place}")
    store.storyboards.add({"name": "The boat"})
    store.guests.add(claimed.id)
    store.labels.add([claimed.id], "tag", "নৌকা")
    store.plans.add([{"prompt": "নৌকা", "params": {"seed": 7}}])
    store.plans.pause("by_hand")
    store.members.give("নীল", Role.LEAD, by=None)


def dump(store):
    """Return every row of every table."""
    with store.database.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sa.select(table)).all()))
            for table in metadata.sorted_tables
            if table not in {credit_sums, clip_sums}
        }


def test_everything_arrives_and_works(ways, tmp_path):
    """Every value of every row is the same; search, numbers and drafts go on from there."""
    source = opened(ways[0], tmp_path)
    fill(source)
    counts = {"balances": 2, "clips": 3, "drafts": 1, "pauses": 1, "budgets": 0, "uploads": 1}
    assert copy_history(*ways) == counts | {
        "labels": 1,
        "plans": 1,
        "queues": 1,
        "storyboards": 1,
        "templates": 1,
        "guest_links": 1,
        "members": 1,
        "activity": 1,
        "limits": 0,
        "budget_notices": 0,
        "kept_secrets": 0,
        "video_checks": 0,
    }
    target = opened(ways[1], tmp_path)
    assert dump(target) == dump(source)
    assert target.receipts.totals() == source.receipts.totals() == (25, 0, 0)
    assert [plan.released_at for plan in target.plans.waiting()] == [None]
    assert [clip.prompt for clip in target.clips.page(ClipFilter(words="BOAT"))] == [PROMPTS[0]]
    assert len(target.clips.page(ClipFilter("deleted", "নৌকা"))) == 1
    assert target.clips.insert(**intent(draft_id=f"draft {PROMPTS[0]}")).prompt == PROMPTS[0]
    assert target.clips.insert(**intent(prompt="নতুন নৌকা")).seq > max(clip.seq for clip in source.clips.page())
    assert target.clips.count(ClipFilter(words="নৌকা")) == 1
    target.balances.add(450)
    assert target.balances.last().credits == 450
    source.close()
    target.close()


def test_many_rows_go_in_parts(ways, tmp_path, monkeypatch):
    """A history larger than a part arrives in its order."""
    monkeypatch.setattr("studio.store.transfer.ROWS_AT_ONCE", 3)
    source = opened(ways[0], tmp_path)
    ids = [source.clips.insert(**intent()).id for _ in range(10)]
    assert copy_history(*ways)["clips"] == 10
    target = opened(ways[1], tmp_path)
    assert [clip.id for clip in target.clips.page()] == ids[::-1]
    source.close()
    target.close()


def test_a_target_with_a_history_is_refused(ways, tmp_path):
    """Two histories are never mixed, and the refused target stays as it was."""
    for url in ways:
        store = opened(url, tmp_path)
        store.clips.insert(**intent())
        store.close()
    with pytest.raises(StoreError, match="already holds clips"):
        copy_history(*ways)
    target = opened(ways[1], tmp_path)
    assert target.clips.count() == 1
    target.close()


def test_a_source_at_work_is_refused(ways, tmp_path):
    """While a studio holds leases, a copy would give its clips to two studios."""
    source = opened(ways[0], tmp_path)
    source.clips.insert(**intent())
    source.outbox.claim("a", lease_seconds=60, limit=1)
    with pytest.raises(StoreError, match="still works"):
        copy_history(*ways)
    source.close()


def test_nothing_of_a_failed_copy_stays(ways, tmp_path, monkeypatch):
    """What fails in the last table leaves the target empty, and the next try goes through."""
    source = opened(ways[0], tmp_path)
    fill(source)
    with source.database.write() as connection:
        connection.execute(
            sa.text("UPDATE uploads SET raw = '{broken'" if source.database.is_sqlite else "DROP TABLE uploads")
        )
    with pytest.raises((StoreError, ValueError)):
        copy_history(*ways)
    target = opened(ways[1], tmp_path)
    assert not any(dump(target).values())
    source.close()
    target.close()


def test_an_empty_history_moves_too(ways, tmp_path):
    """A studio without a clip may change its database as well."""
    opened(ways[0], tmp_path).close()
    assert set(copy_history(*ways).values()) == {0}
    target = opened(ways[1], tmp_path)
    assert target.clips.insert(**intent()).seq == 1
    target.close()


def test_a_source_that_is_none_is_refused_and_not_made(tmp_path, blank_postgres_url):
    """A wrong path makes no file, and a database of something else gets no tables of ours."""
    target = f"sqlite:///{tmp_path}/target.db"
    with pytest.raises(StoreError, match="no file"):
        copy_history(f"sqlite:///{tmp_path}/missing.db", target)
    with pytest.raises(StoreError, match="not a history"):
        copy_history(blank_postgres_url, target)
    assert list(tmp_path.glob("*.db")) == []
