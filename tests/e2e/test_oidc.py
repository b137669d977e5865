"""Signing in by a real OpenID Connect provider, in a real browser: who may come in, as whom, and with which role."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import App, settled
from e2e.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as running:
        yield running


@pytest.fixture
def shared_app(tmp_path, provider) -> Iterator[App]:
    """A studio for the people of example.com and one guest; Asha leads."""
    app = App(
        tmp_path / "data",
        RIVYA_DEMO_SECONDS="0.5",
        RIVYA_ALLOWED_PEOPLE="@example.com, guest@elsewhere.org",
        RIVYA_LEADS="asha@example.com",
    )
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(
        f"""
[auth]
redirect_uri = "{app.url}/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
server_metadata_url = "{provider.url}/.well-known/openid-configuration"
"""
    )
    app.arguments.append(f"--secrets.files={secrets}")
    with app.running():
        yield app


def sign_in(page: Page, app: App, provider: Provider, **person: object) -> None:
    provider.person = {"email_verified": True, **person}
    page.goto(app.url)
    page.get_by_role("link", name="Sign in with your organization").click()


def test_people_of_the_house_come_in_as_themselves(shared_app, provider, browser):
    """The clip is theirs by the checked e-mail, whatever they call themselves; a lead has the page Team."""
    context = browser.new_context(locale="en-US", reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, shared_app, provider, email="Mo@Example.com", name="Asha")
    expect(page.get_by_role("heading", level=1, name="Generate")).to_be_visible()
    settled(page)
    page.get_by_label("Prompt", exact=True).fill("A paper boat drifts by")
    page.get_by_role("button", name=re.compile("^Generate ·")).click()
    expect(page.get_by_text("Succeeded").first).to_be_visible()
    page.goto(f"{shared_app.url}/team")
    expect(page.get_by_text("mo@example.com").first).to_be_visible()
    expect(page.get_by_role("button", name="Add", exact=True)).to_have_count(0)
    page.goto(f"{shared_app.url}/sign-out")
    page.get_by_role("button", name="Sign out").click()
    page.goto(shared_app.url)
    expect(page.get_by_role("link", name="Sign in with your organization")).to_be_visible()
    context.close()

    context = browser.new_context(locale="en-US", reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, shared_app, provider, email="asha@example.com", name="Somebody")
    expect(page.get_by_role("heading", level=1, name="Generate")).to_be_visible()
    page.goto(f"{shared_app.url}/team")
    expect(page.get_by_role("button", name="Add", exact=True)).to_be_visible()
    context.close()


@pytest.mark.parametrize(
    "person",
    [
        {"email": "mo@example.com.evil.org"},
        {"email": "mo@elsewhere.org"},
        {"email": "mo@example.com", "email_verified": False},
        {"name": "asha@example.com"},
    ],
)
def test_others_stay_outside(shared_app, provider, browser, person):
    """Another domain, another address, an e-mail that nobody checked, a name in its place: no page, no file."""
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    sign_in(page, shared_app, provider, **person)
    expect(page.get_by_role("link", name="Sign in with your organization")).to_be_visible()
    assert page.request.get(f"{shared_app.url}/clips/x.mp4").status == 401
    assert page.get_by_role("heading", level=1, name="Generate").count() == 0
    context.close()
