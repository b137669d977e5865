"""How long a clip usually takes: until it is here, and slow only well past that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rivya.spec import DEFAULT_MODEL
from studio.store.clip import Stage
from studio.usual_time import DEMO_SAVING_SECONDS, learned

PARAMS = {"resolution": "720p", "duration": "5"}


def test_what_took_about_as_long_is_not_slow_a_second_later():
    usual = learned([12.0, 12.5, 13.0] * 4)
    assert usual.median == 12.5
    assert usual.slow > 13.0 + 5
    assert usual.is_measured


def test_what_took_much_longer_now_and_then_is_slow_only_then():
    assert learned([10.0] * 8 + [60.0] * 4).slow == 60.0


def test_before_the_first_clip_only_the_demo_knows():
    assert not learned([]).is_measured
    assert learned([], demo_seconds=8.0).median == 8.0 + DEMO_SAVING_SECONDS


@pytest.mark.parametrize(
    ("saved_after", "seconds"),
    [(62.0, 62.0), (None, 60.0), (86_400.0, 60.0), (58.0, 60.0)],
    ids=["saved", "not-saved", "fetched-anew-a-day-later", "clocks-that-differ"],
)
def test_people_wait_until_it_is_here(studio, saved_after, seconds):
    start = datetime.now(UTC) - timedelta(days=2)
    studio.store.clips.insert(
        id="c", idempotency_key="k", client_request_id="c", model=DEFAULT_MODEL.id, prompt="boat", params=PARAMS,
        price=25, stage=Stage.DONE, status="succeeded", submitted_at=start, finished_at=start + timedelta(seconds=60),
        saved_at=None if saved_after is None else start + timedelta(seconds=saved_after),
    )  # fmt: skip
    asked = {"model": DEFAULT_MODEL.id, "params": PARAMS}
    assert studio.store.clips.recent_seconds(**asked, with_saving=True) == [seconds]
    assert studio.store.clips.recent_seconds(**asked) == [60.0]
