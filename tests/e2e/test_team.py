"""A team's first day: a lead at a desk and with a phone, a maker with a phone, somebody who only looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import eventually
from playwright.sync_api import Browser, Page, expect

from e2e.conftest import App, settled, turn_to, watch

TEAM, LEADS = "four plain words here", "the leads know this one"
DESK = {"viewport": {"width": 1280, "height": 720}, "locale": "en-US", "reduced_motion": "reduce"}
PHONE = {
    "viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "locale": "en-US",
    "reduced_motion": "reduce",
}  # fmt: skip
GENERATE, ASK = re.compile("^Generate ·"), re.compile("^Ask a lead ·")


@pytest.fixture
def team_app(tmp_path) -> Iterator[App]:
    """A studio with both passphrases; each person may spend 100 credits a day, which is four clips."""
    running = App(
        tmp_path / "data",
        RIVYA_DEMO_SECONDS="0.5",
        RIVYA_PASSPHRASE=TEAM,
        RIVYA_LEAD_PASSPHRASE=LEADS,
        RIVYA_PERSON_DAILY_CREDIT_LIMIT="100",
    )
    yield running.start()
    running.stop()


def sign_in(browser: Browser, app: App, name: str, words: str, **options) -> tuple[Page, list[str]]:
    page = browser.new_context(**options).new_page()
    errors = watch(page)
    page.goto(app.url)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Team passphrase").fill(words)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1, name="Generate")).to_be_visible()
    settled(page)
    return page, errors


def make_a_viewer(lead: Page, name: str) -> None:
    """Give a role on the page Team; the log says so."""
    lead.get_by_label("Name", exact=True).fill(name)
    lead.get_by_test_id("stForm").get_by_role("combobox").click()
    lead.get_by_role("option", name="Viewer").click()
    lead.get_by_role("button", name="Add", exact=True).click()
    expect(lead.get_by_text(f"{name}: viewer")).to_be_visible()


def looks_and_spends_nothing(browser: Browser, app: App, folder: Path) -> None:
    """Somebody whose role is to look: there is no button that spends, and the clips of others stay."""
    viewer, viewer_errors = sign_in(browser, app, "vik", TEAM, **DESK)
    viewer.get_by_label("Prompt", exact=True).fill("A kite")
    expect(viewer.get_by_role("button", name=ASK)).to_be_enabled()
    expect(viewer.get_by_role("button", name=GENERATE)).to_have_count(0)
    viewer.screenshot(path=folder / "viewer.png")
    turn_to(viewer, "History")
    viewer.get_by_test_id("stCheckbox").first.click()
    expect(viewer.get_by_text("1 selected").first).to_be_visible()
    viewer.get_by_role("button", name="Move to trash").click()
    expect(viewer.get_by_text("Only a lead may do this.").first).to_be_visible()
    expect(viewer.get_by_text(re.compile("^4 clips")).first).to_be_visible()
    viewer.context.close()
    assert viewer_errors == []


def test_a_team_works_within_its_budget(team_app, browser, tmp_path):
    """Four clips within the limit, the fifth asked for and approved on a phone; who only looks spends nothing."""
    lead, lead_errors = sign_in(browser, team_app, "Asha", LEADS, **DESK)
    turn_to(lead, "Team")
    make_a_viewer(lead, "Vik")
    lead.screenshot(path=tmp_path / "team.png")

    maker, maker_errors = sign_in(browser, team_app, "Mo", TEAM, **PHONE)
    prompt = maker.get_by_label("Prompt", exact=True)
    for takes, words, price, left in (("3×", "A kite flies", 75, 425), ("1×", "A paper boat drifts by", 25, 400)):
        prompt.fill(words)
        maker.get_by_role("radio", name=takes).click()
        maker.get_by_role("button", name=f"Generate · {price} credits").click()
        expect(maker.get_by_text(f"{left} credits").first).to_be_visible()
    expect(maker.get_by_role("button", name=ASK)).to_be_visible()
    expect(maker.get_by_text("Your 100 credits a day would be passed.")).to_be_visible()
    maker.screenshot(path=tmp_path / "stopped.png")
    expect(maker.get_by_role("button", name=GENERATE)).to_have_count(0)
    maker.get_by_role("button", name=ASK).click()
    expect(maker.get_by_text("costs nothing until a lead approves it").first).to_be_visible()
    turn_to(maker, "Queue")
    expect(maker.get_by_text("A lead decides.")).to_be_visible()
    expect(maker.get_by_role("button", name=re.compile("^(Start|Approve)"))).to_have_count(0)
    looks_and_spends_nothing(browser, team_app, tmp_path)

    hand, hand_errors = sign_in(browser, team_app, "Asha", LEADS, **PHONE)
    turn_to(hand, "Queue")
    expect(hand.get_by_text("Mo asks")).to_be_visible()
    hand.screenshot(path=tmp_path / "asked.png")
    hand.get_by_role("button", name=re.compile("^Approve ·")).click()
    expect(hand.get_by_text("375 credits").first).to_be_visible()
    expect(hand.get_by_text("Succeeded").first).to_be_visible()

    turn_to(maker, "Credits")
    expect(maker.get_by_text("375 credits").first).to_be_visible()
    turn_to(lead, "Generate")
    turn_to(lead, "Team")
    expect(lead.get_by_text("A paper boat drifts by (Mo)")).to_be_visible()
    for page in (lead, maker, hand):
        assert page.get_by_test_id("stException").count() == 0
        page.context.close()
    assert lead_errors + maker_errors + hand_errors == []


def test_a_name_of_a_lead_is_not_for_everybody(team_app, browser):
    """The team's passphrase opens it for others, not for a lead; and nobody comes in without a name."""
    lead, _errors = sign_in(browser, team_app, "Asha", LEADS, **DESK)
    lead.context.close()
    page: Page = browser.new_context(**DESK).new_page()
    page.goto(team_app.url)
    page.get_by_label("Your name").fill("ASHA")
    page.get_by_label("Team passphrase").fill(TEAM)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("lead's name")
    page.get_by_label("Your name").fill("\u00a0")
    page.get_by_label("Team passphrase").fill(TEAM)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Say who you are")
    page.context.close()


def test_a_role_that_is_taken_away_ends_at_the_next_press(team_app, browser):
    """In the middle of a session, with the form open: the press spends nothing and says why."""
    lead, _lead_errors = sign_in(browser, team_app, "Asha", LEADS, **DESK)
    maker, _maker_errors = sign_in(browser, team_app, "Mo", TEAM, **DESK)
    maker.get_by_label("Prompt", exact=True).fill("A paper boat")
    expect(maker.get_by_role("button", name=GENERATE)).to_be_enabled()
    turn_to(lead, "Team")
    make_a_viewer(lead, "Mo")
    maker.get_by_role("button", name=re.compile("^(Generate|Ask a lead) ·")).click()
    said = maker.get_by_text("You may look").or_(maker.get_by_text("costs nothing until a lead approves it"))
    expect(said.first).to_be_visible()
    expect(maker.get_by_role("button", name=GENERATE)).to_have_count(0)
    expect(maker.get_by_text("500 credits").first).to_be_visible()
    eventually(lambda: not list(Path(team_app.data_dir, "sandbox", "results").glob("*")))
    for page in (lead, maker):
        page.context.close()
