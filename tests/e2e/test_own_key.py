"""A person's own key in the real app: typed into a plain form, checked, used, gone with a restart, and entered again."""

from __future__ import annotations

import os
from pathlib import Path

from conftest import SKETCHY, eventually
from playwright.sync_api import expect

from e2e.conftest import App
from sandbox import DEMO_API_KEY, Sandbox


def enter(page, app: App, key: str) -> None:
    page.goto(f"{app.url}/own-key")
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Check and use it").click()


def test_an_own_key_pays_is_forgotten_by_a_restart_and_goes_on_when_it_is_entered(tmp_path, context, browser):
    # A tab that nobody watches: a refused key is answered 422, which the console counts as an error.
    page = context.new_page()
    with Sandbox(tmp_path / "rivya", seconds=3, balance=50, **SKETCHY) as rivya:
        app = App(tmp_path / "data", RIVYA_BASE_URL=rivya.base_url)
        with app.running():
            page.goto(f"{app.url}/settings")
            page.get_by_role("link", name="Use a key of your own").click()
            page.get_by_label("API key").fill("rvya_sk_of_nobody_at_all")
            page.get_by_role("button", name="Check and use it").click()
            expect(page.get_by_role("alert")).to_be_visible()
            page.get_by_label("API key").fill(DEMO_API_KEY)
            page.get_by_role("button", name="Check and use it").click()
            expect(page.get_by_role("button", name="50 credits")).to_be_visible()
            expect(page.get_by_text("Demo")).to_have_count(0)
            page.get_by_role("textbox", name="Prompt").fill("A paper boat drifts by")
            page.get_by_role("button", name="Generate · 25 credits").click()
            eventually(lambda: rivya.report()["tasks_created"])
            # Somebody else at the same server sees the demo, and nothing of this.
            other = browser.new_page(locale="en-US")
            other.goto(f"{app.url}/history")
            expect(other.get_by_text("Demo · no real credits").first).to_be_visible()
            expect(other.get_by_text("A paper boat drifts by")).to_have_count(0)
            other.close()
        with app.running():
            page.goto(app.url)
            page.get_by_role("link", name="Enter your key to go on").click()
            assert rivya.report()["tasks_created"] == 1
            shot(page, "key")
            page.get_by_label("API key").fill(DEMO_API_KEY)
            page.get_by_role("button", name="Check and use it").click()
            page.goto(f"{app.url}/history")
            expect(page.locator("img").first).to_be_visible()
            assert rivya.report()["tasks_created"] == 1
            assert rivya.report()["balance"] == 25
            page.goto(f"{app.url}/own-key")
            page.get_by_role("button", name="Stop using my key").click()
            expect(page.get_by_text("Demo · no real credits").first).to_be_visible()
        held = [path for path in app.data_dir.rglob("*") if path.is_file()]
        assert not [path for path in held if DEMO_API_KEY.encode() in path.read_bytes() and "sandbox" not in path.parts]


def shot(page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")
