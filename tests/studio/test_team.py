"""Who may spend, who decides for others, and that a role which is gone is gone at the next press."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from conftest import SMALL, eventually, stopped_after
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from typer.testing import CliRunner

from rivya import GenerationRequest
from rivya.errors import InvalidRequestError
from studio import Settings, Studio
from studio.__main__ import cli
from studio.access import Access
from studio.draft import Draft
from studio.errors import BudgetError, RoleError
from studio.store import Store
from studio.store.members import EVERYBODY, MOST_NAME_CHARACTERS, Member, Role, clean_name, person_key
from studio.store.schema import activity

GUARDED = {"passphrase": "four plain words here", "leads": "Asha, Lead Two"}


def guarded(settings: Settings, **more) -> Settings:
    return Settings(**{**settings.model_dump(exclude_unset=True), **GUARDED, **more})


@pytest.fixture
def team(settings):
    """A studio with two leads by RIVYA_LEADS; its engine waits to be started."""
    studio = Studio(guarded(settings))
    yield studio
    studio.stop()


def ask(prompt="A paper boat") -> GenerationRequest:
    return GenerationRequest(prompt=prompt, **SMALL)


def asked(studio, prompt="A paper boat", person="Vik"):
    studio.queue.plan([ask(prompt)], person=person, asks=True)
    return studio.queue.waiting()[-1]


def deeds(studio) -> list[tuple[str | None, str, str]]:
    return [(deed.person, deed.action, deed.subject) for deed in studio.team.deeds()]


def test_without_a_lead_everybody_may_everything(settings):
    """One's own machine stays as simple as it was, a name or none; and roles need a sign-in that vouches for names."""
    for more in ({}, {"leads": "Asha"}):
        studio = Studio(settings.model_copy(update=more))
        studio.team.give("Vik", Role.VIEWER, by=None)
        assert not studio.team.has_roles
        assert studio.team.role("Vik") is studio.team.role("") is Role.LEAD
        assert studio.submission.submit(ask(), by="Vik").person is None
        studio.stop()


def test_a_role_is_given_and_holds_whatever_the_spelling(team):
    """By RIVYA_LEADS, in the table, or as everybody; nobody gets another by writing their name otherwise."""
    assert team.team.role("Mo") is Role.MAKER
    team.team.give(" vik ", Role.VIEWER, by="Asha")
    assert team.team.role("VIK") is team.team.role("v\u200bik") is Role.VIEWER
    assert team.team.role("\N{FULLWIDTH LATIN SMALL LETTER A}sha") is Role.LEAD
    assert team.team.role("") is Role.VIEWER
    team.team.give(EVERYBODY, Role.VIEWER, by="Lead Two")
    assert team.team.role("Mo") is team.team.role_of_others() is Role.VIEWER
    [member] = team.team.members()
    assert (member.name, member.role, member.changed_by) == ("vik", Role.VIEWER, "Asha")
    assert deeds(team) == [("Lead Two", "role", "*: viewer"), ("Asha", "role", "vik: viewer")]


@pytest.mark.parametrize(("by", "name"), [("Mo", "Vik"), ("Vik", "Asha"), ("", "Vik")])
def test_only_a_lead_gives_roles(team, by, name):
    team.team.give("Vik", Role.VIEWER, by=None)
    with pytest.raises(RoleError):
        team.team.give(name, Role.LEAD, by=by)
    assert team.team.members() == [Member("Vik", Role.VIEWER, team.team.members()[0].changed_at, None)]


@pytest.mark.parametrize("name", ["asha", " ", "\u200b", EVERYBODY + " "])
def test_nobody_changes_their_own_role_or_that_of_no_name(team, name):
    with pytest.raises(InvalidRequestError):
        team.team.give(name, Role.VIEWER, by="Asha")
    assert team.team.members() == []


def test_a_viewer_spends_in_no_way(team, sandbox):
    """Not by a press, a draft, a retry, a resend, a queue or a storyboard: nothing is stored and nothing is sent."""
    refused = team.submission.submit(ask("refused"), by="Mo")
    team.store.outbox.claim("engine", lease_seconds=60, limit=9)
    team.store.outbox.save(refused.id, "engine", delay_seconds=None, stage="refused", error_code="insufficient_credits")
    team.queue.plan([ask("planned")], person="Mo")
    plan = team.queue.waiting()[0]
    team.team.give("Mo", Role.VIEWER, by="Asha")
    presses = [
        lambda: team.submission.submit(ask(), by="Mo"),
        lambda: team.drafts.send(Draft("d" * 16, "A kite", dict(ask().params)), person="Mo"),
        lambda: team.submission.send(refused.id, by="Mo"),
        lambda: team.submission.retry(refused.id, by="Mo"),
        lambda: team.queue.approve([plan.id], by="Mo"),
        lambda: team.storyboards.start([plan.id], by="Mo"),
    ]
    for press in presses:
        with pytest.raises(RoleError):
            press()
    with stopped_after(team):
        eventually(lambda: team.engine_state == "working")
        assert team.clips.count() == 1
        assert team.get(refused.id).state == "refused"
        assert team.queue.waiting()[0].released_at is None
        assert sandbox.report()["tasks_created"] == 0


def test_what_a_colleague_planned_is_started_by_them_or_a_lead(team):
    """It would count against the colleague's limits: nothing of it is started, and one's own with it neither."""
    for name in ("Mo", "Vik"):
        team.queue.plan([ask(name)], person=name)
    mine, theirs = team.queue.waiting()
    for press in (
        lambda: team.queue.approve([mine.id, theirs.id], by="Mo"),
        lambda: team.storyboards.start([theirs.id], by="Mo"),
    ):
        with pytest.raises(RoleError) as told:
            press()
        assert "colleague" in told.value.user_message
        assert [plan.released_at for plan in team.queue.waiting()] == [None, None]
    team.queue.approve([mine.id], by="mo")
    team.queue.approve([theirs.id], by="Asha")
    assert all(plan.released_at for plan in team.queue.waiting())
    with pytest.raises(RoleError):
        team.queue.take_back([theirs.id], by="mo")
    assert team.queue.take_back([mine.id], by="mo") == 1


def test_a_role_that_was_taken_away_is_gone_within_the_transaction(team):
    """The same object, the next press."""
    team.submission.submit(ask("one"), by="Mo")
    team.team.give("Mo", Role.VIEWER, by="Asha")
    with pytest.raises(RoleError):
        team.submission.submit(ask("two"), by="Mo")
    team.team.give("Mo", Role.MAKER, by="Asha")
    team.submission.submit(ask("three"), by="Mo")
    assert [clip.prompt for clip in team.clips.page()] == ["three", "one"]


def test_what_was_asked_for_is_paid_once_a_lead_approves(settings, sandbox):
    """Beyond the person's own limit; nothing moves before; who approved is kept at the clip and in the log."""
    with stopped_after(Studio(guarded(settings, person_daily_credit_limit=0))) as studio:
        with pytest.raises(BudgetError):
            studio.submission.submit(ask(), by="Mo", person="Mo")
        plan = asked(studio, person="Mo")
        studio.queue.approve([plan.id], by="Mo")
        for by in ("Mo", "", "Vik"):
            with pytest.raises(RoleError):
                studio.queue.decide(plan, by=by, approved=True)
        assert sandbox.report()["tasks_created"] == 0
        assert studio.queue.waiting()[0].waits_for_a_lead
        studio.queue.decide(plan, by="Asha", approved=True)
        clip = eventually(lambda: next(iter(studio.clips.page()), None))
        assert (clip.person, clip.approved_by) == ("Mo", "Asha")
        assert studio.wait(clip.id, 60).state == "succeeded"
        assert sandbox.report()["tasks_created"] == 1
        assert ("Asha", "approve", "A paper boat (Mo)") in deeds(studio)


def test_a_lead_lifts_a_persons_limit_but_not_the_studios(settings, sandbox):
    with stopped_after(Studio(guarded(settings, daily_credit_limit=0))) as studio:
        studio.queue.decide(asked(studio), by="Asha", approved=True)
        eventually(lambda: studio.queue.pause_reason() == "budget")
        assert (studio.clips.count(), sandbox.report()["tasks_created"]) == (0, 0)


def test_the_first_decision_stands(team):
    """Two leads at once: what was declined is not paid by the other's press, and its reason is there to read."""
    plan = asked(team)
    team.queue.decide(plan, by="Asha", approved=False, reason=" too dark ")
    team.queue.decide(plan, by="Lead Two", approved=True)
    [declined] = team.queue.waiting()
    assert (declined.is_declined, declined.decided_by, declined.reason) == (True, "Asha", "too dark")
    assert declined.released_at is None
    assert [deed[:2] for deed in deeds(team)] == [("Asha", "decline"), ("Vik", "ask")]
    team.queue.approve([plan.id], by="Asha")
    assert team.queue.waiting()[0].released_at is None


def test_a_persons_limit_does_not_hold_the_queue_for_others(settings):
    """Their planned clip asks a lead instead; the next one of somebody else goes."""
    with stopped_after(Studio(guarded(settings, person_daily_credit_limit=25))) as studio:
        studio.queue.plan([ask("one"), ask("two")], person="Mo")
        studio.queue.plan([ask("three")], person="Vik")
        studio.queue.approve([plan.id for plan in studio.queue.waiting()], by="Asha")
        eventually(lambda: studio.clips.count() == 2 and not studio.active(), 60)
        assert studio.queue.pause_reason() is None
        [waiting] = studio.queue.waiting()
        assert (waiting.prompt, waiting.waits_for_a_lead) == ("two", True)


def test_others_clips_and_removing_for_good_are_for_a_lead(team):
    """One's own go to the trash and back; the log keeps who did it."""
    mine, theirs = (team.submission.submit(ask(name), by=name, person=name) for name in ("Mo", "Vik"))
    for act in (
        lambda: team.trash([mine.id, theirs.id], deleted=True, by="Mo"),
        lambda: team.remove_for_good([mine.id], by="Mo"),
    ):
        with pytest.raises(RoleError):
            act()
    assert team.clips.count() == 2
    team.trash([mine.id], deleted=True, by="Mo")
    team.trash([theirs.id], deleted=True, by="Asha")
    assert deeds(team) == [("Asha", "trash", "Vik"), ("Mo", "trash", "Mo")]
    team.trash([mine.id], deleted=False, by="Mo")
    assert [clip.id for clip in team.clips.page()] == [mine.id]


def test_the_activity_is_searched_and_only_ever_added_to(database_url, settings):
    """Not even with the database in hand is a line changed or removed."""
    with stopped_after(Studio(guarded(settings, database_url=database_url, run_engine=False))) as studio:
        studio.team.give("Vik", Role.VIEWER, by="Asha")
        studio.team.note("Mo", "trash", ["100 % paper", "boat"])
        assert [deed.subject for deed in studio.team.deeds("100 %")] == ["100 % paper"]
        assert [deed.subject for deed in studio.team.deeds("VIK")] == ["Vik: viewer"]
        store: Store = studio.store
        for change in (sa.delete(activity), sa.update(activity).values(subject="x")):
            with pytest.raises(Exception, match="append-only"), store.database.write() as connection:
                connection.execute(change)
        assert len(studio.team.deeds()) == 3


def test_a_lead_who_is_locked_out_is_let_in_by_the_command_line(monkeypatch, tmp_path):
    monkeypatch.setenv("RIVYA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("RIVYA_PASSPHRASE", GUARDED["passphrase"])
    run = CliRunner()
    assert run.invoke(cli, ["team", "add-lead", "Neel"]).exit_code == 0
    listed = run.invoke(cli, ["team", "list"])
    assert listed.output.split() == ["lead", "Neel", "maker", "(everybody", "else)"]
    assert run.invoke(cli, ["team", "add-lead", " "]).exit_code == 3


def test_a_leads_name_needs_the_leads_passphrase(tmp_path):
    """Whoever knows only the team's cannot come in as a lead; a session says what it was opened with."""
    settings = Settings(data_dir=tmp_path, lead_passphrase="the leads know this", **{**GUARDED, "leads": "Asha"})
    access, studio = Access(settings, "127.0.0.1"), Studio(settings)
    assert access.is_passphrase(GUARDED["passphrase"])
    assert not access.is_lead_passphrase(GUARDED["passphrase"])
    assert access.is_passphrase("the leads know this")
    assert access.is_lead_passphrase(" the leads know this ")
    assert not studio.team.may_enter_as("ASHA", is_lead=False)
    assert studio.team.may_enter_as("Asha", is_lead=True)
    assert studio.team.may_enter_as("Mo", is_lead=False)
    studio.team.welcome_lead("Neel")
    assert not studio.team.may_enter_as("neel", is_lead=False)
    session = access.sessions.read(access.sessions.open("Neel", is_lead=True))
    assert (session.name, session.is_lead) == ("Neel", True)
    studio.stop()
    with pytest.raises(ValidationError, match="RIVYA_LEAD_PASSPHRASE needs RIVYA_PASSPHRASE"):
        Settings(data_dir=tmp_path, lead_passphrase="the leads know this")


@given(st.text())
def test_a_name_is_one_line_that_can_be_read(text):
    """Whatever was typed; cleaning twice changes nothing, and its key is the same."""
    name = clean_name(text)
    assert len(name) <= MOST_NAME_CHARACTERS
    assert name == " ".join(name.split())
    assert name.isprintable()
    assert name != EVERYBODY
    assert clean_name(name) == name
    assert person_key(name) == person_key(text)


def test_a_lead_sets_limits_that_hold_at_once(settings, sandbox):
    """In the next transaction of any process, beside the environment's: the tighter of two; and nobody else sets one."""
    studio = Studio(guarded(settings, daily_credit_limit=75))
    other = Studio(guarded(settings, daily_credit_limit=75))
    for by in ("Mo", ""):
        with pytest.raises(RoleError):
            studio.team.set_limit("day", 1000, by=by)
    for wrong in (-1, 10**10):
        with pytest.raises(InvalidRequestError):
            studio.team.set_limit("day", wrong, by="Asha")
    studio.team.set_limit("person_day", 25, by="Asha")
    studio.team.set_limit("day", 1000, by="Asha")
    other.submission.submit(ask("one"), by="Mo", person="Mo")
    with pytest.raises(BudgetError) as caught:
        other.submission.submit(ask("two"), by="Mo", person="Mo")
    assert (caught.value.whose, caught.value.values["limit"]) == ("person", 25)
    assert {(one.whose, one.limit, one.left) for one in other.budgets("Mo")} == {("person", 25, 0), ("studio", 75, 50)}
    studio.team.set_limit("person_day", None, by="Asha")
    other.submission.submit(ask("three"), by="Mo", person="Mo")
    assert [deed[1:] for deed in deeds(studio)] == [
        ("limit", "person_day: –"), ("limit", "day: 1000"), ("limit", "person_day: 25"),
    ]  # fmt: skip
    assert other.clips.count() == 2
    for one in (studio, other):
        one.stop()


def test_an_approval_lifts_a_limit_that_a_lead_has_set(settings, sandbox):
    with stopped_after(Studio(guarded(settings))) as studio:
        studio.team.set_limit("person_day", 0, by="Asha")
        studio.queue.decide(asked(studio), by="Lead Two", approved=True)
        eventually(lambda: studio.clips.count() == 1)
        assert studio.queue.pause_reason() is None


def test_a_viewer_moves_nothing_in_the_queue(team):
    """Neither on nor off: what somebody started goes on only by the word of who may spend; one's own may go."""
    plan = asked(team, person="Vik")
    team.queue.plan([ask("mine")], person="Mo")
    theirs = team.queue.waiting()[-1]
    team.queue.approve([theirs.id], by="Mo")
    team.queue.pause()
    team.team.give("Vik", Role.VIEWER, by="Asha")
    for press in (
        lambda: team.queue.go_on(by="Vik"),
        lambda: team.queue.pause(by="Vik"),
        lambda: team.queue.stop_after_this(by="Vik"),
        lambda: team.queue.remove([theirs.id], by="Vik"),
    ):
        with pytest.raises(RoleError):
            press()
    assert team.queue.pause_reason() == "by_hand"
    assert [each.id for each in team.queue.remove([plan.id], by="Vik")] == [plan.id]


def test_what_was_stopped_after_an_approval_is_a_question_again(team):
    """And no refusal in the lead's name; so is what was removed and put back."""
    plan = asked(team)
    team.queue.pause()
    for undo in (team.queue.stop_after_this, lambda: team.queue.put_back(team.queue.remove([plan.id]))):
        team.queue.decide(plan, by="Asha", approved=True)
        assert team.queue.waiting()[0].released_at
        undo()
        [again] = team.queue.waiting()
        assert (again.waits_for_a_lead, again.is_declined, again.decided_by) == (True, False, None)


def test_roles_stay_when_no_lead_is_left(settings):
    """Nobody becomes a lead by that; the last one is not erased, and leads cannot demote each other at once."""
    studio = Studio(guarded(settings, leads=""))
    studio.team.give("Lea", Role.LEAD, by=None)
    studio.team.give("Vik", Role.VIEWER, by="Lea")
    with pytest.raises(InvalidRequestError):
        studio.personal_data.erase("lea")
    studio.team.give("Lea", Role.MAKER, by=None)
    assert (studio.team.has_roles, studio.team.role("Vik"), studio.team.role("Lea")) == (True, Role.VIEWER, Role.MAKER)
    studio.stop()


def test_what_is_gone_for_good_is_never_paid_for(team):
    """Removed or erased, and an old tab still shows its button: no clip comes back to be paid for and lost."""
    refused = team.submission.submit(ask(), by="Mo", person="Mo", draft_id="one")
    team.store.outbox.claim("engine", lease_seconds=60, limit=9)
    team.store.outbox.save(refused.id, "engine", delay_seconds=None, stage="refused", error_code="insufficient_credits")
    assert team.personal_data.erase("Mo") == 1
    for press in (team.submission.send, team.submission.retry, team.submission.resubmit_with_new_key):
        with pytest.raises(KeyError):
            press(refused.id)
    team.clips.resume(refused.id)
    assert team.submission.submit(ask(), by="Mo", person="Mo", draft_id="one").id == refused.id
    assert (team.get(refused.id).stage, team.clips.count()) == ("refused", 0)


def test_nobody_is_erased_while_their_clip_is_on_its_way(team):
    """All or nothing: its words and its key stay as they were."""
    clip = team.submission.submit(ask(), by="Mo", person="Mo")
    with pytest.raises(InvalidRequestError):
        team.personal_data.erase("Mo")
    assert team.get(clip.id) == clip


def test_a_session_of_before_does_not_become_a_leads(tmp_path):
    """Somebody took a name with the team's passphrase; when its person leads, that session has no name any more."""
    settings = Settings(data_dir=tmp_path, lead_passphrase="the leads know this", **{**GUARDED, "leads": ""})
    access, studio = Access(settings, "127.0.0.1"), Studio(settings)
    theirs = access.sessions.read(access.sessions.open("Ana"))
    assert studio.team.may_enter_as(theirs.name, is_lead=theirs.is_lead)
    studio.team.welcome_lead("Ana")
    assert not studio.team.may_enter_as(theirs.name, is_lead=theirs.is_lead)
    studio.stop()
