"""Finding clips again: filters, labels, chains, people, prompts, and the trash; each on both databases."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from test_store import intent

from studio.maintenance import TRASH_SECONDS, Maintenance
from studio.media.archive import Archive
from studio.store import FILTERS, SORTS, ClipFilter, Store, search_terms
from studio.store.clip import Stage
from studio.store.schema import clips, video_checks


@pytest.fixture
def store(database_url, tmp_path):
    opened = Store(database_url, Archive(tmp_path), "test")
    yield opened
    opened.close()


def add(store, **values):
    return store.clips.insert(**intent(**{"stage": Stage.DONE, "status": "succeeded", **values}))


def ids(store, **only):
    return {clip.id for clip in store.clips.page(ClipFilter(**only))}


def test_every_filter_narrows(store):
    """Settings, mode, person, date, tag and collection; several at once."""
    wide = add(store, params={"aspect_ratio": "16:9", "duration": "5"}, person="Ada")
    tall = add(store, params={"aspect_ratio": "9:16", "duration": "10"}, reference_sha256="a" * 64)
    store.labels.add([tall.id], "tag", "নৌকা")
    store.labels.add([wide.id], "collection", "Spring")
    now = datetime.now(UTC)
    assert ids(store, settings=(("aspect_ratio", ("9:16", "1:1")),)) == {tall.id}
    assert ids(store, settings=(("aspect_ratio", ("9:16", "16:9")), ("duration", ("5",)))) == {wide.id}
    assert ids(store, settings=(("aspect_ratio", ()),)) == {wide.id, tall.id}
    assert (ids(store, mode="image"), ids(store, mode="text")) == ({tall.id}, {wide.id})
    assert ids(store, person="Ada") == {wide.id}
    assert (ids(store, tag="নৌকা"), ids(store, collection="Spring")) == ({tall.id}, {wide.id})
    assert ids(store, tag="Spring") == set()
    assert ids(store, since=now - timedelta(hours=1), until=now + timedelta(hours=1)) == {wide.id, tall.id}
    assert ids(store, since=now + timedelta(hours=1)) == set()
    assert ids(store, until=now - timedelta(hours=1)) == set()
    assert store.clips.count(ClipFilter(person="Ada", mode="image")) == 0
    assert store.clips.people() == ["Ada"]


@pytest.mark.parametrize("sort", SORTS)
def test_of_several_values_every_clip_is_found_once_in_its_order(store, sort):
    """Whatever is asked for, page after page, by number or behind a clip; and as many are counted."""
    rng = random.Random(sort)
    shapes, lengths = ("16:9", "9:16", "1:1"), ("5", "10")
    made = [
        add(store, prompt=f"{rng.choice('abc')} boat", params={"aspect_ratio": rng.choice(shapes), "duration": length})
        for length in rng.choices(lengths, k=40)
    ]
    for wanted in (shapes[:2], shapes[1:], shapes, ("1:1", "1:1"), ("21:9", "4:3"), ("21:9", "1:1")):
        only = ClipFilter(settings=(("aspect_ratio", wanted), ("duration", rng.choice([lengths, ("5",), ()]))))
        whole = store.clips.page(sort=sort, limit=100)
        fits = [
            clip.id for clip in whole
            if all(clip.params[key] in values for key, values in only.settings if values)
        ]  # fmt: skip
        assert [clip.id for clip in store.clips.page(only, sort=sort, limit=100)] == fits
        numbered, behind, last = [], [], None
        while len(page := store.clips.page(only, sort=sort, limit=7, offset=len(numbered))):
            numbered += [clip.id for clip in page]
        while page := store.clips.page(only, sort=sort, limit=7, behind=last):
            behind, last = [*behind, *(clip.id for clip in page)], page[-1]
        assert numbered == behind == fits
        assert store.clips.count(only) == len(fits)
        assert store.clips.count(only, at_most=5) == min(5, len(fits))
    assert len(whole) == len(made)


@pytest.mark.parametrize("few", [0, 6, 100], ids=["by words", "the rare one by its setting", "by the rarer"])
def test_words_with_a_setting_are_found_whichever_index_leads(store, monkeypatch, few):
    """Words of any script, in capitals or not, part of a word or quoted; page after page, and as many are counted."""
    monkeypatch.setattr("studio.store.access_paths.FEW_CLIPS", few)
    monkeypatch.setattr("studio.store.path_choice.HANDFUL", -1)
    asked = []
    sa.event.listen(store.database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    prompts = (
        "Élan of a BOAT at sea",
        "a boat, 50% off_sale",
        "নৌকা ভাসে",
        'the "slow" boat',
        "a 5 \N{MICRO SIGN}m kite",
        "ΚΟΣΜΟΣ",
    )
    # How a database folds a letter that has two small ones is PostgreSQL's own affair.
    greek = ("ΚΟΣ", "σμος", '"5 \N{GREEK SMALL LETTER MU}m"') if store.database.is_sqlite else ()
    made = [add(store, prompt=prompts[n % 6], params={"duration": "10" if n % 7 == 0 else "5"}) for n in range(35)]
    for words in (
        "boat",
        "BOAT sea",
        "élan",
        "নৌকা",
        '"a boat"',
        "50% off_",
        "oat",
        "kit",
        "zebra",
        'b "slow"',
        *greek,
    ):
        for length in ("5", "10"):
            only = ClipFilter(words=words, settings=(("duration", (length,)),))
            terms = [term.casefold() for term in search_terms(words)]
            fits = [
                clip.id for clip in reversed(made)
                if clip.params["duration"] == length and all(term in clip.prompt.casefold() for term in terms)
            ]  # fmt: skip
            assert [clip.id for clip in store.clips.page(only, limit=100)] == fits, words
            by_prompt = {clip.id for clip in store.clips.page(only, sort="prompt", limit=100)}
            assert by_prompt == set(fits)
            assert store.clips.count(only) == len(fits)
    if store.database.is_sqlite:
        newest = [text for text in asked if "ORDER BY clips" in text and "lower(substr" not in text]
        by_setting, by_words = ([text for text in newest if name in text] for name in ("holds(", "MATCH"))
        assert by_words
        assert bool(by_setting) == (few > 0)


NOUNS, PEOPLE, LENGTHS, SHAPES = ("boat", "paper fox", "নৌকা"), ("Ada", "Bo", None), ("5", "10"), ("16:9", "9:16", "1:1")
ENDS = [(Stage.DONE, "succeeded"), (Stage.DONE, "failed"), (Stage.REFUSED, None), (Stage.UNKNOWN, None)]


def varied(store, rng, count=70):
    """Return clips of every kind, of which the later ones may have been made before: they were brought in."""
    now = datetime.now(UTC)
    for number in range(count):
        stage, status = rng.choice([*ENDS, *[ENDS[0]] * 4, (Stage.RUNNING, "running")])
        clip = store.clips.insert(
            **intent(
                prompt=f"a {rng.choice(NOUNS)} {number % 5}", stage=stage, status=status, person=rng.choice(PEOPLE),
                params={"duration": rng.choice(LENGTHS), "aspect_ratio": rng.choice(SHAPES), "resolution": "720p"},
                reference_sha256=rng.choice([None, "a" * 64]),
            )
        )  # fmt: skip
        values = {
            "created_at": now - timedelta(days=rng.randrange(9)),
            "starred_at": rng.choice([None, None, now]),
            "deleted_at": rng.choice([None, None, None, now]),
            "purged_at": None,
        }
        with store.database.write() as connection:
            connection.execute(sa.update(clips).where(clips.c.id == clip.id).values(**values))
        if rng.random() < 0.5:
            store.labels.add([clip.id], rng.choice(["tag", "collection"]), rng.choice(["spring", "autumn"]))
    return store.clips.by_ids([clip.id for clip in everything(store)])


def everything(store):
    return [*store.clips.page(limit=500), *store.clips.page(ClipFilter("deleted"), limit=500)]


def any_filter(rng):
    """Return a question with each part now and then."""

    def now_and_then(*values):
        return rng.choice([*values, *[None] * (2 * len(values))])

    now, lengths = datetime.now(UTC), now_and_then(("5",), ("10", "5"), ("99",))
    shapes = now_and_then(("1:1",), ("9:16", "16:9"))
    since = now_and_then(now - timedelta(days=5), now + timedelta(days=1))
    return ClipFilter(
        rng.choice(FILTERS),
        now_and_then("boat", "ox", "fox 3", "NO", "nothing", '"paper fox"', "নৌকা") or "",
        tuple((key, value) for key, value in (("duration", lengths), ("aspect_ratio", shapes)) if value),
        now_and_then("text", "image") or "",
        now_and_then("Ada", "Bo", "nobody") or "",
        now_and_then("spring", "nothing") or "",
        now_and_then("autumn", "spring") or "",
        since,
        now_and_then(now - timedelta(days=2)),
    )


def fits(clip, only, labels):
    """Say by hand whether a clip is asked for."""
    stands = {
        "all": True, "deleted": True, "starred": bool(clip.starred_at), "succeeded": clip.status == "succeeded",
        "failed": clip.status == "failed", "refused": clip.stage == Stage.REFUSED,
        "unknown": clip.stage == Stage.UNKNOWN, "running": clip.stage == Stage.RUNNING,
    }  # fmt: skip
    return (
        stands[only.shown]
        and (only.shown == "deleted") == bool(clip.deleted_at)
        and all(term.casefold() in clip.prompt.casefold() for term in search_terms(only.words))
        and all(clip.params[key] in values for key, values in only.settings)
        and only.mode in {"", "image" if clip.reference_sha256 else "text"}
        and only.person in {"", clip.person}
        and all(not name or name in labels[kind] for kind, name in (("tag", only.tag), ("collection", only.collection)))
        and (only.since is None or clip.created_at >= only.since)
        and (only.until is None or clip.created_at < only.until)
    )


@pytest.mark.parametrize("few", [0, 9, 10_000], ids=["along the order", "by what is seldom", "by the smallest part"])
def test_whatever_is_asked_the_same_clips_are_found_along_each_index(store, monkeypatch, few):
    """Page after page in each order, and as many are counted; of some days those made last come first."""
    monkeypatch.setattr("studio.store.access_paths.FEW_CLIPS", few)
    monkeypatch.setattr("studio.store.path_choice.HANDFUL", -1)
    rng = random.Random(few)
    made = varied(store, rng)
    labels = store.labels.of([clip.id for clip in made])
    found = 0
    for _ in range(80):
        only = any_filter(rng)
        expected = [clip for clip in made if fits(clip, only, labels[clip.id])]
        expected.sort(key=lambda clip: (clip.created_at, clip.seq) if only.has_days else clip.seq)
        oldest = [clip.id for clip in expected]
        in_prompts = {clip.id: clip.prompt.lower() for clip in expected}
        for sort in SORTS:
            behind, last = [], None
            while page := store.clips.page(only, sort=sort, limit=7, behind=last):
                behind, last = [*behind, *(clip.id for clip in page)], page[-1]
            assert behind == [clip.id for clip in store.clips.page(only, sort=sort, limit=100)], only
            if sort == "prompt":
                assert set(behind) == set(oldest), only
                assert [in_prompts[one] for one in behind] == sorted(in_prompts.values()), only
            else:
                assert behind == (oldest if sort == "oldest" else oldest[::-1]), only
        assert store.clips.count(only) == len(oldest), only
        assert store.clips.count(only, at_most=3) == min(3, len(oldest)), only
        found += bool(oldest)
    assert found > 10


def test_labels_are_given_and_taken(store):
    """Once each, trimmed, counted outside the trash only."""
    one, two = add(store), add(store)
    store.labels.add([one.id, two.id], "tag", "  summer   sale ")
    store.labels.add([one.id], "tag", "summer sale")
    store.labels.add([one.id], "tag", "   ")
    store.labels.add([one.id], "collection", "x" * 200)
    assert store.labels.names("tag") == {"summer sale": 2}
    assert store.labels.of([one.id, two.id]) == {
        one.id: {"tag": ["summer sale"], "collection": ["x" * 60]},
        two.id: {"tag": ["summer sale"], "collection": []},
    }
    store.labels.remove([two.id], "tag", "summer sale")
    store.clips.set_deleted([one.id], deleted=True)
    assert store.labels.names("tag") == {}


def test_a_chain_is_found_from_any_link(store):
    """What led to a clip and what continues it; the newest branch, and no circle holds it."""
    first = add(store)
    second = add(store, parent_id=first.id)
    add(store, parent_id=second.id)
    third = add(store, parent_id=second.id)
    for clip in (first, second, third):
        assert [each.id for each in store.clips.chain(clip.id)] == [first.id, second.id, third.id]
    with store.database.write() as connection:
        connection.execute(sa.update(clips).where(clips.c.id == first.id).values(parent_id=third.id))
    assert len(store.clips.chain(first.id)) <= 6
    assert store.clips.chain("nothing") == []


def test_takes_are_found_from_any_of_them(store):
    """All clips of one press, in the order of their seeds; a clip of another press, or in the trash, is not among them."""
    alone = add(store, draft_id="test b")
    takes = [add(store, draft_id=name) for name in ("test a", "test a:1", "test a:2")]
    nameless = add(store)
    for take in takes:
        assert [each.id for each in store.clips.takes_of(take)] == [each.id for each in takes]
    assert [each.id for each in store.clips.takes_of(alone)] == [alone.id]
    assert store.clips.takes_of(nameless) == []
    store.clips.set_deleted([takes[1].id], deleted=True)
    assert [each.id for each in store.clips.takes_of(takes[0])] == [takes[0].id, takes[2].id]


def test_neighbours_pass_over_the_trash(store):
    """The next newer and the next older clip; nothing beyond the ends."""
    first, gone, last = add(store), add(store), add(store)
    store.clips.set_deleted([gone.id], deleted=True)
    assert store.clips.neighbours(first) == (last.id, None)
    assert store.clips.neighbours(last) == (None, first.id)
    assert store.clips.neighbours(gone) == (last.id, first.id)


def test_prompts_come_back_once_each(store):
    """The newest first, and searched."""
    for prompt in ("boat", "kite", "boat", "নৌকা"):
        add(store, prompt=prompt)
    assert store.clips.prompts("", limit=9) == ["নৌকা", "boat", "kite"]
    assert store.clips.prompts("নৌ", limit=9) == ["নৌকা"]


def lying(store, tmp_path, clip, name="f" * 64):
    """Give a clip a video."""
    path = Archive(tmp_path).video_path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"video")
    path.with_suffix(".webp").write_bytes(b"poster")
    with store.database.write() as connection:
        connection.execute(sa.update(clips).where(clips.c.id == clip.id).values(video_sha256=name))
    return path


def days_ago(store, clip, days):
    with store.database.write() as connection:
        moment = datetime.now(UTC) - timedelta(days=days)
        connection.execute(sa.update(clips).where(clips.c.id == clip.id).values(deleted_at=moment))


def test_the_trash_keeps_for_thirty_days(store, tmp_path):
    """A day less and it can be undone; a day more and the video is gone, the receipt is not."""
    young, old = add(store, task_id="t1", credits_final=25.0), add(store, task_id="t2", credits_final=25.0)
    kept, gone = lying(store, tmp_path, young, "a" * 64), lying(store, tmp_path, old, "b" * 64)
    days_ago(store, young, 29)
    days_ago(store, old, 31)
    maintenance = Maintenance(store, Archive(tmp_path))
    assert maintenance.empty_trash() == 1
    assert (kept.exists(), gone.exists(), gone.with_suffix(".webp").exists()) == (True, False, False)
    assert ids(store, shown="deleted") == {young.id}
    assert store.clips.get(old.id).purged_at is not None
    assert store.clips.get(old.id).video_path is None
    assert len(store.receipts.accepted()) == 2
    assert sum(store.video_health.counts().values()) == 1
    assert TRASH_SECONDS == 30 * 86400
    assert maintenance.empty_trash() == 0


def test_a_video_that_cannot_be_removed_goes_the_next_time(store, tmp_path):
    """A disk that refuses breaks no promise for long; meanwhile the video is shown nowhere."""
    clip = add(store)
    path = lying(store, tmp_path, clip)
    days_ago(store, clip, 31)
    path.unlink()
    path.mkdir()
    maintenance = Maintenance(store, Archive(tmp_path))
    assert maintenance.empty_trash() == 0
    assert path.exists()
    assert (store.clips.get(clip.id).video_path, store.clips.get(clip.id).video_sha256) == (None, None)
    assert store.video_health.to_check(older_than_seconds=0, limit=9) == []
    path.rmdir()
    path.write_bytes(b"video")
    assert maintenance.empty_trash() == 1
    assert not path.exists()
    assert maintenance.empty_trash() == 0


def test_every_video_is_checked_once_more_when_somebody_asks(store, tmp_path):
    """The oldest check first, what was never checked before all; what is checked since is due no more."""
    made = [add(store) for _ in range(3)]
    for clip in made:
        lying(store, tmp_path, clip)
    store.clips.set_deleted([clip.id for clip in made], deleted=False)
    never, first, last = (clip.id for clip in made)

    def due(limit=9):
        return [clip.id for clip in store.video_health.to_check(older_than_seconds=3600, limit=limit)]

    assert set(due()) == {never, first, last}
    for clip_id in (first, last):
        store.video_health.record(clip_id, "safe", fetch_again=False)
    assert due() == [never]
    store.video_health.ask_for_all()
    assert (due(), due(limit=2), due(limit=1)) == ([never, first, last], [never, first], [never])
    store.video_health.record(first, "safe", fetch_again=False)
    assert due() == [never, last]
    with store.database.write() as connection:
        connection.execute(sa.update(video_checks).values(asked_at=datetime.now(UTC) + timedelta(days=1)))
    assert due() == [never], "a clock that was put back has nothing checked for ever"


def test_a_video_that_two_clips_show_stays(store, tmp_path):
    """Content is shared; the trash of one is not the loss of the other."""
    one, two = add(store), add(store)
    path = lying(store, tmp_path, one)
    lying(store, tmp_path, two)
    days_ago(store, one, 31)
    assert Maintenance(store, Archive(tmp_path)).empty_trash() == 0
    assert path.exists()
    days_ago(store, two, 31)
    assert Maintenance(store, Archive(tmp_path)).empty_trash() == 1
    assert not path.exists()


@pytest.mark.parametrize("stage", [Stage.RUNNING, Stage.SAVING, Stage.UNKNOWN])
def test_what_is_still_under_way_is_never_given_up(store, stage):
    """A clip on which money hangs stays, however long it lay in the trash."""
    clip = add(store, stage=stage, status=None)
    days_ago(store, clip, 90)
    store.trash.purge(older_than_seconds=0)
    assert store.clips.get(clip.id).purged_at is None


def test_templates_are_kept_under_their_names(store):
    """Written, replaced, dropped."""
    store.templates.save("Boat", "A paper boat on {place}")
    store.templates.save("Boat", "A boat on {place}")
    store.templates.save("নৌকা", "{জায়গা}")
    assert store.templates.all() == {"Boat": "A boat on {place}", "নৌকা": "{জায়গা}"}
    store.templates.forget("Boat")
    assert list(store.templates.all()) == ["নৌকা"]


def test_only_what_was_seen_is_removed(store, tmp_path):
    """Another person's deletion a moment later keeps its thirty days, and a purged clip does not come back half."""
    seen, later = add(store), add(store)
    gone, kept = lying(store, tmp_path, seen, "a" * 64), lying(store, tmp_path, later, "b" * 64)
    store.clips.set_deleted([seen.id, later.id], deleted=True)
    maintenance = Maintenance(store, Archive(tmp_path))
    assert maintenance.empty_trash(older_than_seconds=0, only=[seen.id]) == 1
    assert (gone.exists(), kept.exists()) == (False, True)
    store.clips.set_deleted([seen.id, later.id], deleted=False)
    store.video_health.record(seen.id, "remote", fetch_again=True)
    assert ids(store) == {later.id}
    assert store.clips.get(seen.id).stage is Stage.DONE


def test_a_refusal_is_claimed_by_nobody(store):
    """No engine looks at it again by itself."""
    store.clips.insert(**intent(stage=Stage.REFUSED))
    assert store.outbox.claim("engine", lease_seconds=60, limit=1) == []


@pytest.mark.parametrize("sort", ["newest", "oldest", "prompt"])
def test_rows_do_not_slide_when_clips_arrive(store, sort):
    """Behind the last clip of a page comes the next one, whatever was made or deleted meanwhile."""
    prompts = ["b boat", "A boat", "c boat", "a boat", "নৌকা", "B boat"]
    made = [add(store, prompt=prompt) for prompt in prompts]
    order = [clip.id for clip in store.clips.page(sort=sort, limit=9)]
    first = store.clips.page(sort=sort, limit=2)
    for prompt in ("0 boat", "b boat", "z boat"):
        add(store, prompt=prompt)
    old = {clip.id for clip in made}
    rest = [clip.id for clip in store.clips.page(sort=sort, limit=9, behind=first[-1]) if clip.id in old]
    assert rest == order[2:]
    store.clips.set_deleted([first[-1].id], deleted=True)
    assert [clip.id for clip in store.clips.page(sort=sort, limit=9, behind=first[-1]) if clip.id in old] == order[2:]


@pytest.mark.parametrize(
    ("words", "hits"),
    [
        ("boat paper", 2),
        ("paper boat", 2),
        ('"paper boat"', 1),
        ("boat of", 1),
        ("b p", 2),
        ('boat "', 0),
        ("নৌকা কাগজ", 1),
    ],
)
def test_words_are_found_in_any_order(store, words, hits):
    """Each word somewhere in the prompt; what stands in quotes as one."""
    for prompt in ("A paper boat", "A boat of paper", "কাগজের নৌকা", "A kite"):
        add(store, prompt=prompt)
    assert store.clips.count(ClipFilter(words=words)) == hits


def test_old_clips_go_to_the_trash_and_starred_ones_stay(store, tmp_path):
    """By their age; what still runs stays, and all of it can be had back."""
    maintenance = Maintenance(store, Archive(tmp_path))
    stages = {"old": Stage.DONE, "starred": Stage.DONE, "running": Stage.RUNNING, "new": Stage.DONE}
    made = {name: add(store, prompt=name, stage=stage) for name, stage in stages.items()}
    with store.database.write() as connection:
        old = [made[name].id for name in ("old", "starred", "running")]
        month_ago = datetime.now(UTC) - timedelta(days=30)
        connection.execute(sa.update(clips).where(clips.c.id.in_(old)).values(created_at=month_ago))
    store.clips.set_starred([made["starred"].id], starred=True)
    assert [maintenance.expire(days) for days in (None, 31, 29, 29)] == [0, 0, 1, 0]
    assert {clip.prompt for clip in store.clips.page()} == {"starred", "running", "new"}
    store.clips.set_deleted([made["old"].id], deleted=False)
    assert store.clips.count() == 4


def test_what_is_old_goes_to_the_trash_and_stays_when_it_is_taken_out(store):
    """A star keeps it; and who takes one out of the trash has it for as many days more."""
    old, starred, young, restored = (add(store) for _ in range(4))
    store.clips.set_starred([starred.id], starred=True)
    with store.database.write() as connection:
        made = datetime.now(UTC) - timedelta(days=31)
        connection.execute(sa.update(clips).where(clips.c.id != young.id).values(created_at=made))
    store.clips.set_deleted([restored.id], deleted=True)
    store.clips.set_deleted([restored.id], deleted=False)
    maintenance = Maintenance(store, Archive(Path("unused")))
    assert maintenance.expire(None) == 0
    assert maintenance.expire(30) == 1
    assert ids(store, shown="deleted") == {old.id}
    with store.database.write() as connection:
        taken_out = datetime.now(UTC) - timedelta(days=31)
        connection.execute(sa.update(clips).where(clips.c.id == restored.id).values(restored_at=taken_out))
    assert maintenance.expire(30) == 1
    assert ids(store, shown="deleted") == {old.id, restored.id}


def test_videos_are_counted_by_their_health(store):
    """What has no video yet is only at Rivya; what is gone for good and what failed is none."""
    for place, health in enumerate((None, "remote", "safe", "safe", "safe", "damaged")):
        add(store, task_id=f"t{place}", credits_final=25.0, health=health)
    add(store, task_id="failed", status="failed")
    assert store.video_health.counts() == {"safe": 3, "remote": 2, "damaged": 1}
    (gone, *_rest) = store.clips.page(sort="oldest", limit=1)
    store.clips.set_deleted([gone.id], deleted=True)
    store.trash.purge(older_than_seconds=0)
    assert store.video_health.counts() == {"safe": 3, "remote": 1, "damaged": 1}


def test_so_much_that_ended_is_taken_bit_by_bit(store, monkeypatch):
    """The newest first, nothing twice, and never more than a page can hold."""
    monkeypatch.setattr("studio.store.clips.MOST_TAKEN", 2)
    made = [add(store, task_id=f"t{place}").id for place in range(3)]
    assert [clip.id for clip in store.clips.take_unseen()] == [made[2], made[1]]
    assert [clip.id for clip in store.clips.take_unseen()] == [made[0]]
    assert store.clips.take_unseen() == []
