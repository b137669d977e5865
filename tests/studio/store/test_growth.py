"""What is asked of a long history costs no more than of a short one: SQLite's steps are counted, not time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from test_store import intent

from studio.media.archive import Archive
from studio.store import SORTS, ClipFilter, Store
from studio.store.budget import Limits, budgets
from studio.store.clip import Stage
from studio.store.schema import clips

SHORT, LONG = 1_000, 4_000
FEW = 50
STEPS_AT_ONCE = 50
MUCH_MORE = 1.3
"""An index of four times as many rows is a level deeper now and then; to read them all would cost four times as much."""

A_LITTLE = 10
"""Of the words' index, whose levels are its own. To read 3,000 more clips would be 300 and more."""

NOW = datetime.now(UTC)
LAST_YEAR = NOW - timedelta(days=400)
LIMITS = Limits(day=10**6, month=10**6, person_day=10**6, person_month=10**6)

SELDOM = {
    "nobody's": ClipFilter(person="nobody"),
    "a label": ClipFilter(tag="spring"),
    "days without any": ClipFilter(since=NOW + timedelta(days=1)),
    "on their way": ClipFilter("running"),
    "with a star": ClipFilter("starred"),
    "in the trash": ClipFilter("deleted"),
    "failed": ClipFilter("failed"),
    "a setting": ClipFilter(settings=(("duration", ("10",)),)),
    "two values": ClipFilter(settings=(("resolution", ("480p", "720p")),)),
    "a word": ClipFilter(words="zebra"),
}
BESIDE = {
    "alone": {},
    "with a word that all have": {"words": "boat"},
    "with a person who made half": {"person": "Ada"},
    "with a setting that all have": {"settings": (("aspect_ratio", ("16:9",)),)},
}


def filled(folder, count):
    """Return a store of so many clips that are alike, all of last year, beside an account that has three."""
    store = Store(f"sqlite:///{folder}/studio.db", Archive(folder), "test")
    params = {"resolution": "1080p", "duration": "5", "aspect_ratio": "16:9"}
    with store.database.write() as connection:
        for account, many in (("test", count), ("other", 3)):
            rows = [
                intent(
                    prompt=f"a boat {number}", params=params, person="Ada" if number % 2 else "Bo", account=account,
                    stage=Stage.DONE, status="succeeded", created_at=LAST_YEAR, updated_at=LAST_YEAR,
                    submitted_at=LAST_YEAR, finished_at=LAST_YEAR, task_id=f"{account} {number}",
                )
                for number in range(many)
            ]  # fmt: skip
            connection.execute(sa.insert(clips), rows)
    store.credit_sums.add_up()
    store.spending.add_up()
    return store


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """A short history and a long one."""
    made = [filled(tmp_path_factory.mktemp(str(count)), count) for count in (SHORT, LONG)]
    yield made
    for store in made:
        store.close()


@pytest.fixture(autouse=True)
def _many_are_more_than_few(monkeypatch):
    """Have the short history be a long one already."""
    monkeypatch.setattr("studio.store.access_paths.FEW_CLIPS", FEW)
    monkeypatch.setattr("studio.store.path_choice.HANDFUL", FEW // 5)
    monkeypatch.setattr("studio.store.queries.CLIPS_LOOKED_THROUGH", FEW)
    monkeypatch.setattr("studio.store.unchanged.FRESH_SECONDS", 0.0)


def steps(store, look):
    """Return how many steps SQLite takes to answer, by fifties."""
    taken = Counter()

    def count(connection, *_rest):
        connection.set_progress_handler(lambda: taken.update(steps=1), STEPS_AT_ONCE)

    sa.event.listen(store.database.engine, "checkout", count)
    look(store)
    sa.event.remove(store.database.engine, "checkout", count)
    store.database.engine.dispose()
    return taken["steps"] + 1


def costs_no_more(stores, look):
    short, long = (steps(store, look) for store in stores)
    assert long <= MUCH_MORE * short + A_LITTLE, f"{short} steps of {SHORT} clips, {long} of {LONG}"


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("seldom", SELDOM)
def test_what_few_clips_have_is_found_at_once_whatever_else_is_asked(stores, seldom, beside):
    """Neither a page in any order nor a count goes through those that have the other part."""
    both = {name: value for name, value in BESIDE[beside].items() if not getattr(SELDOM[seldom], name)}
    only = replace(SELDOM[seldom], **both)
    for sort in SORTS:
        costs_no_more(stores, lambda store, sort=sort: store.clips.page(only, sort=sort))
    costs_no_more(stores, lambda store: store.clips.count(only, at_most=1_000))


def test_what_had_many_clips_and_has_few_again_is_found_at_once(stores):
    """What has no order of its own is counted anew: a queue that is worked off, a tag that was taken from nearly all."""
    both = [Store(str(store.database.url), Archive(Path("unused")), "test") for store in stores]
    names = [(one, [clip.id for clip in one.clips.page(limit=2 * FEW)]) for one in both]
    for one, clip_ids in names:
        one.labels.add(clip_ids, "tag", "many")
        assert len(one.clips.page(ClipFilter(tag="many"), limit=3)) == 3
        one.labels.remove(clip_ids[1:], "tag", "many")
    costs_no_more(both, lambda store: store.clips.page(ClipFilter(tag="many")))
    for one, clip_ids in names:
        assert [clip.id for clip in one.clips.page(ClipFilter(tag="many"))] == clip_ids[:1]
        one.labels.remove(clip_ids[:1], "tag", "many")
        one.close()


MODEL = "seedance-1-0-pro"
OF_A_LONG_HISTORY = {
    "how long settings take that nobody used": lambda store: store.clips.recent_seconds(
        model=MODEL, params={"duration": "10", "resolution": "480p"}
    ),
    "how long a model takes that nobody used": lambda store: store.clips.recent_seconds(model="new", params={}),
    "a clip that would be the same": lambda store: store.clips.twin(
        model=MODEL, prompt="a boat", params={}, reference_sha256=None
    ),
    "earlier prompts with two letters": lambda store: store.clips.prompts("zz", limit=9),
    "what is left of the budgets": lambda store: budgets(
        store.database, LIMITS, account="test", person="Ada"
    ),
    "whether a budget was spent": lambda store: store.budget_notices.take_untold(LIMITS),
    "a press below the budgets": lambda store: store.clips.insert(limits=LIMITS, **intent(person="Ada")),
    "where the credits went since ever, by person": lambda store: store.spending.by("person"),
    "by source": lambda store: store.spending.by("mode"),
    "by end": lambda store: store.spending.by("status"),
    "what is owed": lambda store: store.receipts.owed(),
    "an engine that takes over": lambda store: store.outbox.take_over(),
    "an engine that gives its clips back": lambda store: store.outbox.release("engine"),
    "a check of all videos": lambda store: store.video_health.ask_for_all(),
    "videos to check": lambda store: store.video_health.to_check(older_than_seconds=60, limit=9),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_A_LONG_HISTORY)
def test_a_long_history_costs_no_more(stores, name):
    """What each page or each press asks."""
    costs_no_more(stores, OF_A_LONG_HISTORY[name])


OF_ANOTHER = {
    **{f"the page, {sort}": partial(lambda sort, store: store.clips.page(sort=sort), sort) for sort in SORTS},
    "the page of a word": lambda store: store.clips.page(ClipFilter(words="boat")),
    "the count": lambda store: store.clips.count(at_most=1_000),
    "what ended": lambda store: store.clips.ended(limit=8),
    "what was made last": lambda store: store.clips.made_last(limit=8),
    "how long clips take": lambda store: store.clips.recent_seconds(model=MODEL, params={}),
    "earlier prompts": lambda store: store.clips.prompts("boat", limit=9),
    "receipts": lambda store: store.receipts.accepted(limit=9),
    "a press below the budgets": lambda store: store.clips.insert(limits=LIMITS, **intent(person="Ada")),
}


@pytest.mark.parametrize("name", OF_ANOTHER)
def test_a_short_history_beside_a_long_one_costs_what_it_would_alone(stores, tmp_path, name):
    """A person with a key of their own shares the studio's database."""
    others = [Store(str(store.database.url), Archive(tmp_path), "other") for store in stores]
    assert [clip.account for clip in others[0].clips.page(limit=3)] == ["other"] * 3
    costs_no_more(others, OF_ANOTHER[name])
    for store in others:
        store.close()
