"""What a press writes down, to the letter: the engine and Rivya are not needed for it."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import SMALL, picture

from rivya import GenerationRequest, images
from rivya.errors import ImageError, InvalidRequestError
from rivya.models import ReferenceMedia
from rivya.spec import DEFAULT_MODEL
from studio.errors import BudgetError, PlanWithdrawnError, StoreError
from studio.i18n import translation
from studio.journal import Journal
from studio.media.archive import Archive
from studio.settings import Settings
from studio.store import Store
from studio.store.budget import NO_LIMITS, Limits
from studio.store.clip import Clip, Stage
from studio.submission import Submission
from studio.team import Team
from studio.work_signal import Chore, WorkSignal


@dataclass
class Desk:
    """A submission with everything it writes to."""

    root: Path
    store: Store
    archive: Archive
    journal: Journal
    signal: WorkSignal
    submission: Submission

    def ended(self, clip: Clip, **values) -> Clip:
        """Write down that nothing goes on by itself."""
        self.store.outbox.claim("engine", lease_seconds=60, limit=99)
        return self.store.outbox.save(clip.id, "engine", delay_seconds=None, **values)

    def refused(self, clip: Clip) -> Clip:
        return self.ended(clip, stage=Stage.REFUSED, error_code="insufficient_credits")


def open_desk(root: Path, account: str = "test", limits: Limits = NO_LIMITS) -> Desk:
    archive, signal = Archive(root), WorkSignal()
    store = Store(f"sqlite:///{root}/studio.db", archive, account)
    journal = Journal(root / "journal.jsonl", account)
    team = Team(store.members, Settings(data_dir=root))
    submission = Submission(store, archive, journal, signal, team, account=account, limits=limits)
    return Desk(root, store, archive, journal, signal, submission)


@pytest.fixture
def desk(tmp_path):
    opened = open_desk(tmp_path)
    yield opened
    opened.store.close()


def ask(prompt="A paper boat", **values) -> GenerationRequest:
    return GenerationRequest(prompt=prompt, **{**SMALL, **values})


def test_a_press_is_written_down_whole_before_anything_is_sent(desk):
    """The row with its own key and its exact body, a line in the journal, and a word to the engine."""
    desk.store.balances.add(475)
    clip = desk.submission.submit(ask(), person="নীল", parent_id="clip_before")
    key = uuid.UUID(clip.idempotency_key)
    assert clip.id == f"clip_{uuid.uuid5(key, 'clip').hex[:20]}"
    assert clip.request_body == ask(client_request_id=clip.id).frozen_body()
    assert (clip.model, clip.prompt, clip.params, clip.price) == (DEFAULT_MODEL.id, "A paper boat", ask().params, 25)
    assert (clip.stage, clip.client_request_id, clip.reference_sha256) == (Stage.PENDING, clip.id, None)
    assert (clip.reference_mime_type, clip.balance_before) == (None, 475)
    assert (clip.person, clip.parent_id, clip.account) == ("নীল", "clip_before", "test")
    (entry,) = desk.journal.read()
    assert (entry.clip_id, entry.idempotency_key, entry.task_id) == (clip.id, clip.idempotency_key, None)
    assert desk.signal.take() == {Chore.CLAIM}
    assert desk.store.clips.get(clip.id) == clip


def test_without_a_draft_each_press_is_a_clip(desk):
    """With keys of their own, before any balance was seen too."""
    made = [desk.submission.submit(ask()) for _ in range(2)]
    assert len({clip.idempotency_key for clip in made}) == 2
    assert [clip.balance_before for clip in made] == [None, None]


def test_an_id_that_the_caller_gave_goes_along(desk):
    """In the body and in the row."""
    clip = desk.submission.submit(ask(client_request_id="mine-7"))
    assert (clip.client_request_id, clip.request_body) == ("mine-7", ask(client_request_id="mine-7").frozen_body())


@pytest.mark.parametrize("form", ["bytes", "path", "checked"])
def test_a_picture_is_kept_and_the_body_waits_for_its_address(desk, form):
    """However it was given."""
    path = desk.root / "boat.png"
    path.write_bytes(picture())
    checked = images.check(path.read_bytes())
    clip = desk.submission.submit(ask(), {"bytes": picture(), "path": path, "checked": checked}[form])
    assert (clip.request_body, clip.reference_mime_type) == (None, checked.mime_type)
    assert clip.reference_sha256 == hashlib.sha256(checked.data).hexdigest()
    assert clip.reference_path.read_bytes() == checked.data
    assert desk.submission.reference_image(clip).data == checked.data


def test_only_one_picture_goes_along(desk):
    """A second one is refused in words for which there is a translation, and nothing is stored."""
    media = ReferenceMedia(url="https://a/b.png", name="b.png", mime_type="image/png")
    with pytest.raises(InvalidRequestError, match="Only 1 reference image") as caught:
        desk.submission.submit(ask().with_reference(media), picture())
    assert (caught.value.field, caught.value.values["limit"]) == ("referenceMediaItems", 1)
    assert translation("bn").gettext(caught.value.user_message) != caught.value.user_message
    assert desk.store.clips.count() == 0
    assert desk.submission.submit(ask().with_reference(media)).request_body is not None


def test_a_picture_is_held_against_what_its_model_takes(desk, monkeypatch):
    """Another model has other limits."""
    sketch = replace(DEFAULT_MODEL, id="sketch-2", upload=replace(DEFAULT_MODEL.upload, max_bytes=10))
    monkeypatch.setattr("rivya.models.MODELS", {DEFAULT_MODEL.id: DEFAULT_MODEL, sketch.id: sketch})
    with pytest.raises(ImageError):
        desk.submission.submit(ask(model="sketch-2"), picture())
    assert desk.store.clips.count() == 0


def test_a_disk_that_keeps_no_picture_keeps_no_clip(desk):
    """The reason is the disk's own."""
    (desk.root / "references").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match=r"cannot keep the reference image: (Not a directory|File exists)"):
        desk.submission.submit(ask(), picture())
    assert desk.store.clips.count() == 0


def test_one_draft_with_other_contents_is_one_more_clip(desk):
    """Another prompt, setting or picture; each of them once, with its own origin, and the first stays the draft's."""
    first = desk.submission.submit(ask(), draft_id="d", person="নীল")
    others = [(ask("A kite"), None), (ask(seed=7), None), (ask(), picture()), (ask(), picture(size=(80, 60)))]
    made = [desk.submission.submit(*contents, draft_id="d", person="Ada") for contents in others]
    assert len({clip.id for clip in (first, *made)}) == 5
    assert [clip.person for clip in made] == ["Ada"] * 4
    assert [clip.request_body is None for clip in made] == [False, False, True, True]
    assert [clip.reference_mime_type for clip in made[2:]] == ["image/png"] * 2
    kept = [images.check(image).data for _, image in others[2:]]
    assert [clip.reference_path.read_bytes() for clip in made[2:]] == kept
    assert [desk.submission.submit(*contents, draft_id="d").id for contents in others] == [clip.id for clip in made]
    assert desk.submission.submit(ask(), draft_id="d").id == first.id
    assert desk.submission.submit(ask(), draft_id="e").id not in {clip.id for clip in (first, *made)}
    assert desk.store.clips.count() == 6


def test_drafts_of_two_accounts_are_two(desk):
    """The same id in a demo and in an account is not the same press, and neither are its other contents."""
    demo = open_desk(desk.root, "demo")
    for contents in (ask(), ask("A kite")):
        clips = [where.submission.submit(contents, draft_id="d") for where in (desk, demo)]
        assert [clip.account for clip in clips] == ["test", "demo"]
    demo.store.close()


def test_a_plan_has_the_same_key_wherever_it_is_restored(desk):
    """Made of the account and the plan's id by a rule that no later version may change."""
    desk.store.plans.add([{"prompt": "A paper boat", "params": {}}])
    (plan,) = desk.store.plans.waiting()
    with pytest.raises(PlanWithdrawnError):
        desk.submission.submit(ask(), plan_id=plan.id)
    desk.store.plans.approve([plan.id])
    clip = desk.submission.submit(ask(), plan_id=plan.id)
    assert clip.idempotency_key == str(uuid.uuid5(uuid.NAMESPACE_URL, f"test {plan.id}"))


def test_a_days_limit_stops_presses_and_sendings(tmp_path):
    """A new clip and one that waited alike."""
    desk = open_desk(tmp_path, limits=Limits(day=25))
    waiting = desk.refused(desk.submission.submit(ask()))
    desk.submission.submit(ask("A kite"))
    for spend in (lambda: desk.submission.submit(ask("A moon")), lambda: desk.submission.send(waiting.id)):
        with pytest.raises(BudgetError):
            spend()
    desk.store.close()


def test_sending_wakes_what_waits_and_nothing_else(desk):
    """With its own key and body, once; a clip on its way is given back as it is."""
    clip = desk.submission.submit(ask())
    desk.signal.take()
    assert desk.submission.send(clip.id) == clip
    refused = desk.refused(clip)
    assert desk.signal.take() == set()
    sent = desk.submission.send(clip.id)
    assert (sent.id, sent.idempotency_key, sent.request_body) == (clip.id, clip.idempotency_key, clip.request_body)
    assert (sent.stage, sent.error, sent.attempts) == (Stage.SUBMITTING, None, 0)
    assert sent.confirmed_at >= refused.updated_at
    assert desk.signal.take() == {Chore.CLAIM}
    assert desk.submission.send(clip.id) == sent
    assert desk.signal.take() == set()


def test_what_was_refused_twice_goes_as_one_new_request(desk):
    """Sending the old one again gives the new one; it can be told from the old one."""
    clip = desk.refused(desk.submission.submit(ask()))
    assert desk.submission.retry_of(clip.id) is None
    desk.refused(desk.submission.send(clip.id))
    anew = desk.submission.send(clip.id)
    assert (anew.id != clip.id, anew.idempotency_key != clip.idempotency_key) == (True, True)
    assert desk.submission.send(clip.id).id == desk.submission.retry_of(clip.id).id == anew.id
    assert desk.store.clips.get(clip.id).stage is Stage.REFUSED


def test_what_was_made_anew_is_not_sent_as_well(desk):
    """Both would be paid."""
    clip = desk.refused(desk.submission.submit(ask()))
    again = desk.submission.retry(clip.id)
    assert desk.submission.send(clip.id).id == again.id
    assert desk.store.clips.get(clip.id).stage is Stage.REFUSED


def test_a_clip_that_is_made_once_more_is_the_same_in_all_that_was_asked(desk):
    """Model, words, settings, picture, person and what it continues; pressed twice it is one."""
    first = desk.submission.submit(ask(seed=7), picture(), person="নীল", parent_id="clip_before")
    clip = desk.ended(first, stage=Stage.DONE, status="failed")
    again = desk.submission.retry(clip.id)
    same = ("model", "prompt", "params", "reference_sha256", "reference_mime_type", "person", "parent_id", "price")
    assert [getattr(again, name) for name in same] == [getattr(clip, name) for name in same]
    assert (again.stage, again.id != clip.id) == (Stage.PENDING, True)
    assert desk.submission.retry(clip.id).id == desk.submission.retry_of(clip.id).id == again.id


def test_what_is_in_doubt_is_made_once_more_under_a_new_key(desk):
    """On a person's word only, and once; what may still be cleared up by itself is not."""
    clip = desk.submission.submit(ask())
    desk.store.outbox.claim("engine", lease_seconds=60, limit=9)
    desk.store.outbox.save(clip.id, "engine", stage=Stage.UNKNOWN, delay_seconds=60.0)
    with pytest.raises(KeyError, match=clip.id):
        desk.submission.resubmit_with_new_key(clip.id)
    desk.store.outbox.save(clip.id, "engine", delay_seconds=None)
    anew = desk.submission.resubmit_with_new_key(clip.id)
    assert anew.idempotency_key != clip.idempotency_key
    assert desk.submission.resubmit_with_new_key(clip.id).id == desk.submission.retry_of(clip.id).id == anew.id


@pytest.mark.parametrize("word", ["send", "retry", "resubmit_with_new_key"])
def test_an_id_that_nobody_knows_is_named(desk, word):
    """Nothing is made of it."""
    with pytest.raises(KeyError, match="clip_nobody"):
        getattr(desk.submission, word)("clip_nobody")
    assert desk.store.clips.count() == 0


def test_what_runs_or_was_rescued_is_not_made_once_more(desk):
    """The one would be paid twice; of the other only its task is known."""
    running = desk.submission.submit(ask())
    desk.submission.add_rescued({"task_1": None, "task_2": None})
    failed, doubtful = [clip for clip in desk.store.clips.page() if clip.is_rescued]
    desk.ended(failed, stage=Stage.DONE, status="failed")
    desk.ended(doubtful, stage=Stage.UNKNOWN)
    for clip in (running, failed):
        with pytest.raises(KeyError, match=clip.id):
            desk.submission.retry(clip.id)
    with pytest.raises(KeyError, match=doubtful.id):
        desk.submission.resubmit_with_new_key(doubtful.id)
    assert desk.store.clips.count() == 3


def test_a_task_is_taken_back_in_once_by_its_id(desk):
    """It runs already and costs nothing; a model that is not known is taken for the usual one."""
    found = desk.submission.add_rescued({"task_1": DEFAULT_MODEL.id, "task_2": None, "task_3": "sketch-9"})
    assert found == {"task_1": True, "task_2": True, "task_3": True}
    assert desk.signal.take() == {Chore.CLAIM}
    assert desk.submission.add_rescued({"task_2": None, "task_4": None}) == {"task_2": False, "task_4": True}
    clip = next(clip for clip in desk.store.clips.page() if clip.task_id == "task_3")
    assert clip.id == clip.client_request_id == f"clip_{hashlib.sha256(b'task_3').hexdigest()[:20]}"
    assert (clip.model, clip.prompt, clip.params, clip.price) == (DEFAULT_MODEL.id, "(task_3)", {}, 25)
    assert (clip.stage, clip.idempotency_key, clip.is_rescued) == (Stage.RUNNING, "rescued:task_3", True)
    assert (clip.delay_seconds, clip.request_body) == (0, None)


def test_what_is_made_of_a_clip_is_its_own_models(desk, monkeypatch):
    """A rescued task and one that is made once more, each with its price."""
    sketch = replace(DEFAULT_MODEL, id="sketch-2", base_credits=30)
    for module in ("rivya.models", "studio.submission"):
        monkeypatch.setattr(f"{module}.MODELS", {DEFAULT_MODEL.id: DEFAULT_MODEL, sketch.id: sketch})
    desk.submission.add_rescued({"task_1": "sketch-2"})
    clip = desk.ended(desk.submission.submit(ask(model="sketch-2")), stage=Stage.DONE, status="failed")
    desk.submission.retry(clip.id)
    assert [(clip.model, clip.price) for clip in desk.store.clips.page()] == [("sketch-2", 30)] * 3


def test_a_picture_that_is_gone_is_told_in_the_readers_language(desk):
    """And a clip that had none has none."""
    assert desk.submission.reference_image(desk.submission.submit(ask())) is None
    with pytest.raises(ImageError, match="no longer in the data folder") as caught:
        desk.submission.stored_reference("a" * 64)
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    assert translation("bn").gettext(caught.value.user_message) != caught.value.user_message


def test_asking_again_is_a_persons_word_under_any_key(desk):
    """Due at once, confirmed now, and no longer bound to the key that it was sent with."""
    clip = desk.submission.submit(ask())
    doubt = desk.ended(clip, stage=Stage.UNKNOWN, sent_mark="another", sent_at=datetime.now(UTC) - timedelta(days=2))
    desk.signal.take()
    desk.submission.ask_again(clip.id)
    again = desk.store.clips.get(clip.id)
    assert (again.stage, again.sent_mark, again.sent_at) == (Stage.UNKNOWN, None, doubt.sent_at)
    assert datetime.now(UTC) - again.confirmed_at < timedelta(minutes=1)
    assert again.run_at == again.updated_at
    assert desk.signal.take() == {Chore.CLAIM}
