"""A guest's link: one clip, seven days, taken back at any time, and its token nowhere in the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from studio.media.archive import Archive
from studio.store import Store
from studio.store.guest_links import VALID_DAYS
from studio.store.schema import guest_links


@pytest.fixture
def store(database_url, tmp_path):
    """A store on each kind of database."""
    opened = Store(database_url, Archive(tmp_path), "test")
    yield opened
    opened.close()


def test_a_link_shows_its_clip_until_it_is_taken_back(store):
    """Two links to one clip, one to another; taking back is for one clip alone."""
    one, two, other = (store.guests.add(clip_id) for clip_id in ("clip_a", "clip_a", "clip_b"))
    assert [store.guests.clip_id(token) for token in (one, two, other)] == ["clip_a", "clip_a", "clip_b"]
    assert (store.guests.count("clip_a"), store.guests.count("clip_b")) == (2, 1)
    store.guests.revoke("clip_a")
    assert [store.guests.clip_id(token) for token in (one, two, other)] == [None, None, "clip_b"]
    assert len({one, two, other}) == 3
    assert min(map(len, (one, two, other))) >= 32


def test_a_link_ends_after_seven_days(store):
    """And it is forgotten when the next one is made."""
    token = store.guests.add("clip_a")
    with store.database.write() as connection:
        past = store.database.now(connection) - timedelta(days=VALID_DAYS)
        connection.execute(sa.update(guest_links).values(expires_at=past))
    assert store.guests.clip_id(token) is None
    assert store.guests.count("clip_a") == 0
    store.guests.add("clip_b")
    with store.database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(guest_links)).scalar_one() == 1


@pytest.mark.parametrize("token", ["", "x", "\0", "../..", "x" * 5000, "\ud800", "' OR 1=1 --"])
def test_what_is_no_token_opens_nothing(store, token):
    """Whatever stands in the address."""
    store.guests.add("clip_a")
    assert store.guests.clip_id(token) is None


def test_the_token_is_nowhere_in_the_database(store):
    """Who reads the history opens no link."""
    token = store.guests.add("clip_a", person="Ada")
    with store.database.read() as connection:
        (row,) = connection.execute(sa.select(guest_links)).all()
    assert token not in repr(row)
