"""Who may enter the real app, by real requests and in a real browser."""

from __future__ import annotations

import base64
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from conftest import FAST, SKETCHY, SMALL, eventually
from playwright.sync_api import expect

from e2e.conftest import ROOT, App, settled, visit, watch
from rivya import Client, GenerationRequest
from sandbox import DEMO_API_KEY, Sandbox
from studio import Settings, Studio
from studio.access import SESSION_COOKIE, TRIES_FOR_EACH_ADDRESS
from studio.store.clip import State
from studio.webhooks import WEBHOOKS_PATH

WORDS = "four plain words here"
KEY = "rvya_sk_0123456789abcdef"
PUBLIC = "studio.example.com"
OPEN = {"/healthz", "/readyz", "/sign-in", "/sign-out", "/metrics"}
"""``/metrics`` is open to this machine, from which the tests ask."""

LIST_ROUTES = """
import json, app
def walk(routes):
    for route in routes:
        yield [route.path, sorted(getattr(route, "methods", None) or [type(route).__name__])]
print(json.dumps(list(walk(app.app._build_starlette_app().routes))))
"""
REQUIRED = {
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory) -> Iterator[App]:
    """The app with a key, a passphrase and a public address; what it writes is kept. Rivya is out of reach."""
    folder = tmp_path_factory.mktemp("guarded")
    running = App(
        folder / "data",
        RIVYA_API_KEY=KEY,
        RIVYA_BASE_URL="http://127.0.0.1:9",
        RIVYA_PASSPHRASE=WORDS,
        RIVYA_PUBLIC_URL=f"https://{PUBLIC}",
    )
    running.log = folder / "log"
    yield running.start()
    running.stop()


def sign_in(app: App, words: str = WORDS, **headers: str) -> httpx.Response:
    return httpx.post(f"{app.url}/sign-in", data={"passphrase": words, "next": "/"}, headers=headers)


def shake_hands(app: App, **headers: str) -> int:
    """Ask for Streamlit's WebSocket and return the status of the answer."""
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
    }
    with httpx.stream("GET", f"{app.url}/_stcore/stream", headers={**upgrade, **headers}) as answer:
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        return answer.status_code


def test_a_key_is_not_shared_without_a_way_in(tmp_path):
    """The process ends with two lines that say what to set."""
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", "--server.port=0"]
    environment = {**os.environ, "RIVYA_DATA_DIR": str(tmp_path), "RIVYA_API_KEY": KEY}
    ended = subprocess.run(
        [*command, "--server.address=0.0.0.0"],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 2
    assert "RIVYA_PASSPHRASE" in ended.stderr
    assert KEY not in ended.stdout + ended.stderr


def test_every_route_is_closed_before_somebody_signs_in(guarded, tmp_path):
    """All routes that the app has, Streamlit's own too, with every method; and each answer has the headers."""
    environment = {**os.environ, "RIVYA_DATA_DIR": str(tmp_path)}
    listed = subprocess.run(
        [sys.executable, "-c", LIST_ROUTES], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    routes = json.loads(listed.stdout.splitlines()[-1])
    paths = {path for path, _ in routes}
    assert {"/clips/{clip_id}.{extension}", "/edits/{name}", "/doctor/upload", "/_stcore/stream"} <= paths
    with httpx.Client(base_url=guarded.url) as client:
        for path, methods in [*routes, ["/history", ["GET"]], ["/app/static/studio.css", ["GET"]]]:
            filled = re.sub(r"\{[^}]*\}", "x", path) or "/static/x"
            for method in {"GET", "HEAD", "POST"} | {one for one in methods if one.isupper()}:
                answer = client.request(method, filled)
                assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], (method, path)
                assert {name: answer.headers[name] for name in REQUIRED} == REQUIRED
                assert answer.headers["referrer-policy"] in {"same-origin", "no-referrer"}
                assert not any(secret in answer.text for secret in (KEY, WORDS))
                if path.startswith("/guest/") or (path.startswith(WEBHOOKS_PATH) and method == "POST"):
                    assert answer.status_code in {404, 405}, (method, path)
                elif path not in OPEN:
                    assert answer.status_code == 401, (method, path)
    assert shake_hands(guarded) == 401


def test_a_callback_comes_in_by_its_address_alone(tmp_path):
    """Rivya cannot sign in: the app hears it, asks once, and believes nothing; polls would come in five minutes."""
    app = App(
        tmp_path / "data", RIVYA_API_KEY=DEMO_API_KEY, RIVYA_PASSPHRASE=WORDS, RIVYA_PUBLIC_URL=f"https://{PUBLIC}",
        **dict.fromkeys(("RIVYA_POLL_FIRST_SECONDS", "RIVYA_POLL_MIN_SECONDS", "RIVYA_POLL_MAX_SECONDS"), "300"),
    )  # fmt: skip
    with Sandbox(tmp_path / "s", seconds=0.5, **SKETCHY, deliver_webhooks_to=app.url) as sandbox:
        app.environment["RIVYA_BASE_URL"] = sandbox.base_url
        settings = Settings(
            api_key=DEMO_API_KEY,
            base_url=sandbox.base_url,
            data_dir=app.data_dir,
            run_engine=False,
            public_url="https://x",
        )
        with app.running(), Client(DEMO_API_KEY, sandbox.base_url) as client, Studio(settings) as beside:
            [endpoint] = eventually(client.webhooks.list)
            path = endpoint.url.removeprefix(f"https://{PUBLIC}")
            assert path == f"{WEBHOOKS_PATH}{beside.webhooks.token}"
            clip = beside.submit(GenerationRequest(prompt="A paper boat", **SMALL))
            assert beside.wait(clip.id, 60).state is State.SUCCEEDED
            here = f"{app.url}{path}"
            assert httpx.post(here, content=b"{").status_code == 204
            assert httpx.post(here, content=b"x" * 65_537).status_code == 413
            assert httpx.post(f"{app.url}{WEBHOOKS_PATH}{'0' * 64}", json={}).status_code == 404
            assert httpx.get(here).status_code == 401
            assert sandbox.report()["tasks_created"] == 1


def test_a_session_opens_everything_and_only_an_honest_one(guarded):
    """HttpOnly, SameSite, new at each sign-in, Secure under the public https address; signing out ends it at once."""
    answer = sign_in(guarded)
    attributes = answer.headers["set-cookie"]
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert {"httponly", "samesite=lax", "path=/"} <= set(attributes.lower().split("; "))
    assert "Secure" in sign_in(guarded, Host=PUBLIC, Origin=f"https://{PUBLIC}").headers["set-cookie"]
    token = answer.cookies[SESSION_COOKIE]
    mine = {SESSION_COOKIE: token}
    assert httpx.get(f"{guarded.url}/clips/none.mp4", cookies=mine).status_code == 404
    assert shake_hands(guarded, Cookie=f"{SESSION_COOKIE}={token}") == 101
    for forged in ("x", token[:-6] + "AAAAAA", "A" + token[1:], token.rsplit(".", 1)[0]):
        assert httpx.get(f"{guarded.url}/clips/none.mp4", cookies={SESSION_COOKIE: forged}).status_code == 401
        assert shake_hands(guarded, Cookie=f"{SESSION_COOKIE}={forged}") == 401
    again = httpx.post(f"{guarded.url}/sign-in", data={"passphrase": WORDS}, cookies=mine)
    assert again.cookies[SESSION_COOKIE] != token
    assert httpx.get(f"{guarded.url}/clips/none.mp4", cookies=mine).status_code == 401
    renewed = {SESSION_COOKIE: again.cookies[SESSION_COOKIE]}
    assert httpx.post(f"{guarded.url}/sign-out", cookies=renewed).status_code == 303
    assert httpx.get(f"{guarded.url}/clips/none.mp4", cookies=renewed).status_code == 401


def test_foreign_names_and_foreign_pages_are_refused(guarded, stocked):
    """DNS rebinding, a page elsewhere, another port of this machine: pages, files, uploads, sign-in and WebSocket."""
    for app in (guarded, stocked):
        for path in ("/", "/healthz", "/sign-in", "/clips/none.mp4", "/_stcore/health"):
            assert httpx.get(app.url + path, headers={"Host": "evil.example"}).status_code == 403
            assert httpx.get(app.url + path, headers={"Origin": "https://evil.example"}).status_code == 403
        assert shake_hands(app, Host="evil.example", Origin="http://evil.example") == 403
        for origin in ("https://evil.example", "http://localhost:3000", "null"):
            assert shake_hands(app, Origin=origin) == 403
            assert httpx.post(f"{app.url}/doctor/upload", headers={"Origin": origin}).status_code == 403
    assert sign_in(guarded, Origin="https://evil.example").status_code == 403
    assert shake_hands(stocked, Origin=stocked.url) == 101


def test_figures_are_for_this_machine_and_for_those_who_signed_in(guarded, stocked):
    """A proxy on this machine is not this machine; probes need no cookie and learn no figure."""
    far = {"X-Forwarded-For": "203.0.113.7"}
    session = {SESSION_COOKIE: sign_in(guarded).cookies[SESSION_COOKIE]}
    assert "studio_engine_up 1.0" in httpx.get(f"{guarded.url}/metrics").text
    assert httpx.get(f"{guarded.url}/metrics", headers=far).status_code == 401
    assert httpx.get(f"{guarded.url}/metrics", headers=far, cookies=session).status_code == 200
    assert httpx.get(f"{stocked.url}/metrics", headers=far).status_code == 401
    ready = httpx.get(f"{guarded.url}/readyz", headers=far)
    assert ready.json() == {"status": "ready", "database": "ok", "engine": "ok", "disk": "ok"}


def test_a_link_to_the_way_in_does_not_lead_elsewhere(guarded):
    """What stands in ``next`` is a path of this server or nothing."""
    for target in (
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\n//x",
        "/a\tb",
    ):
        answer = httpx.post(f"{guarded.url}/sign-in", data={"passphrase": WORDS, "next": target})
        assert answer.headers["location"] == "/", target
    page = httpx.get(f"{guarded.url}/?clip=%22%3E%3Cscript%3E", headers={"Accept": "text/html"}, follow_redirects=True)
    assert page.status_code == 200
    assert "<script" not in page.text


def test_tries_are_limited_and_nothing_secret_is_written(guarded):
    """After ten wrong ones the right one has to wait too; neither key nor passphrase reach the log."""
    wrong = [sign_in(guarded, "not these words", **{"X-Forwarded-For": "203.0.113.7"}) for _ in range(10)]
    assert TRIES_FOR_EACH_ADDRESS == 10
    assert [answer.status_code for answer in wrong] == [403] * 10
    refused = sign_in(guarded, **{"X-Forwarded-For": "203.0.113.7"})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert "Too many tries" in refused.text
    assert sign_in(guarded).status_code == 303
    written = Path(guarded.log).read_text()
    assert not any(secret in written for secret in (KEY, WORDS, "not these words"))


def test_the_way_in_and_out_in_a_browser(guarded, context):
    """In the reader's language, without JavaScript, by keyboard; then the studio, and out again."""
    for language, title in (("en-US", "Sign in"), ("bn-BD", "সাইন ইন")):
        plain = context.browser.new_context(locale=language, java_script_enabled=False, color_scheme="dark")
        tab = plain.new_page()
        tab.goto(f"{guarded.url}/history?lang=en")
        expect(tab.get_by_role("heading", name=title)).to_be_visible()
        expect(tab.locator("input[type=password]")).to_be_focused()
        tab.keyboard.type("not these words")
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("alert")).to_be_visible()
        plain.close()
    tab = context.new_page()
    tab.goto(f"{guarded.url}/?remix=unknown")
    complaints = watch(tab)
    tab.get_by_label("Team passphrase").fill(WORDS)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("heading", level=1, name="Generate")).to_be_visible()
    settled(tab)
    visit(tab, guarded, "Settings")
    other = context.new_page()
    visit(other, guarded)
    tab.get_by_role("link", name="Sign out").click()
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_label("Team passphrase")).to_be_visible()
    assert complaints == []
    # Whether or not the server has hung up on it yet, which makes the link grey.
    other.get_by_role("link", name="History", exact=True).click(force=True)
    expect(other.locator("[data-testid=stTopNavLink][disabled]").first).to_be_visible()
    expect(other.get_by_role("heading", level=1, name="History")).to_have_count(0)


def test_every_page_works_under_the_policy(stocked, page):
    """Chart, camera, player, downloads and components; a violation is a console error, and ``page`` fails on one."""
    with closing(sqlite3.connect(stocked.data_dir / "studio.db")) as store, store:  # a second day, for a chart
        store.execute(
            "INSERT INTO credit_sums (account, quarter, kept, refunded, reserved, clips) "
            "SELECT account, quarter - 96, 25, 0, 0, 1 FROM credit_sums LIMIT 1"
        )
    answer = page.goto(stocked.url)
    assert "script-src 'self' blob: 'sha256-" in answer.headers["content-security-policy"]
    for name in ("Generate", "History", "Queue", "Compare", "Credits", "Settings", "Help"):
        visit(page, stocked, name)
        if name == "Credits":
            expect(page.get_by_test_id("stVegaLiteChart").locator("canvas, svg")).to_be_visible()
    assert page.evaluate("document.featurePolicy.allowsFeature('camera')")


@pytest.fixture(scope="module")
def private_app(tmp_path_factory) -> Iterator[tuple[App, dict[str, str]]]:
    """A studio with private histories and the ids of a clip of Mo's, one of Vik's, and one from before names."""
    data_dir = tmp_path_factory.mktemp("private") / "data"
    with Studio(Settings(data_dir=data_dir, demo_seconds=0.3, **FAST)) as studio:
        ids = {}
        for name in ("Mo", "Vik", ""):
            request = GenerationRequest(prompt=f"A boat of {name or 'nobody'}", **SMALL)
            ids[name] = studio.wait(studio.submit(request, person=name or None).id, 60).id
    ways_in = {"RIVYA_PASSPHRASE": WORDS, "RIVYA_LEAD_PASSPHRASE": "the leads know this"}
    running = App(data_dir, RIVYA_HISTORY="private", **ways_in).start()
    yield running, ids
    running.stop()


WHO = {"Mo": WORDS, "vik": WORDS, "Stranger": WORDS, "Asha": "the leads know this", "": ""}
"""Who asks, by the passphrase that they say: a maker, one in other letters, a new name, a lead, nobody at all."""


@pytest.mark.parametrize("asks", WHO)
@pytest.mark.parametrize("owner", ["Mo", "Vik", ""])
def test_files_are_for_their_owner_and_leads(private_app, owner, asks):
    """Each file route, whole and in part, for each pair of who owns and who asks."""
    app, ids = private_app
    with httpx.Client(base_url=app.url, follow_redirects=False) as client:
        if asks:
            entered = client.post("/sign-in", data={"passphrase": WHO[asks], "name": asks, "next": "/"})
            assert entered.status_code == 303
        may = asks == "Asha" or asks.casefold() == owner.casefold() != ""
        for path in ("mp4", "webp", "mp4?download", "webp?download=1"):
            for headers in ({}, {"Range": "bytes=0-3"}):
                answer = client.get(f"/clips/{ids[owner]}.{path}", headers=headers)
                expected = {200, 206} if may else {404} if asks else {401}
                assert answer.status_code in expected, (path, headers)


def test_a_private_history_shows_ones_own_by_any_address(private_app, browser):
    """A person's pages: History, a link to somebody else's clip, Compare by ids, the queue and the drawer."""
    app, ids = private_app
    page = browser.new_page(locale="en-US", reduced_motion="reduce")
    page.goto(app.url)
    page.get_by_label("Your name").fill("Mo")
    page.get_by_label("Team passphrase").fill(WORDS)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for address in ("/history", "/", f"/compare?clips={ids['Vik']},{ids['Mo']}", "/queue", "/credits", "/storyboard"):
        page.goto(app.url + address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        settled(page)
        assert page.get_by_text("A boat of Vik").count() == 0, address
        assert page.get_by_text("A boat of nobody").count() == 0, address
    page.goto(f"{app.url}/history")
    expect(page.get_by_text("1 clip", exact=True)).to_be_visible()
    page.goto(f"{app.url}/?clip={ids['Vik']}")
    expect(page.get_by_text("This clip is not here").first).to_be_visible()
    page.goto(f"{app.url}/?clip={ids['Mo']}")
    expect(page.get_by_role("heading", name="A boat of Mo")).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0
    page.close()


def test_the_log_tells_what_happened_and_no_secret(tmp_path):
    """Each request with its id, each step of a clip; no prompt, key, passphrase, query or guest link."""
    app = App(tmp_path / "data", RIVYA_PASSPHRASE=WORDS, RIVYA_LOG_FORMAT="json", RIVYA_DEMO_SECONDS="0.3")
    app.log = tmp_path / "log"
    with app.running(), httpx.Client(base_url=app.url) as client:
        client.post("/sign-in", data={"passphrase": WORDS, "name": "Mina"})
        answer = client.get("/history?words=secret-words", headers={"X-Request-Id": "from-the-proxy-1"})
        assert answer.headers["x-request-id"] == "from-the-proxy-1"
        assert client.get("/guest/secret-link").headers["x-request-id"] != "from-the-proxy-1"
        assert re.fullmatch(r"[0-9a-f]{16}", client.get("/x", headers={"X-Request-Id": 'a"b'}).headers["x-request-id"])
        beside = Studio(Settings(data_dir=app.data_dir, run_engine=False))
        with beside:
            clip = beside.submit(GenerationRequest(prompt="secret words of a boat", **SMALL))
            beside.wait(clip.id, 60)
    lines = [json.loads(line) for line in app.log.read_text().splitlines() if line.startswith("{")]
    asked = {line["request_id"]: line for line in lines if line["message"] == "request"}
    assert asked["from-the-proxy-1"]["path"] == "/history"
    assert asked["from-the-proxy-1"]["status"] == 200
    assert "/guest/…" in {line["path"] for line in asked.values()}
    moved = [line["stage"] for line in lines if line.get("clip_id") == clip.id and line["message"] == "clip moved"]
    assert moved[-1] == "done"
    assert "secret" not in app.log.read_text()
    assert WORDS not in app.log.read_text()


def test_forty_uploads_at_once_leave_the_memory_as_it_was(tmp_path):
    """Of a session that is none they are refused unread, and the doctor counts and forgets them."""
    with App(tmp_path / "data").running() as app:
        status = Path(f"/proc/{app.process.pid}/status")
        if not status.exists():
            pytest.skip("only Linux tells how much memory was held at most")

        def held_mb(kind: str) -> float:
            return int(re.search(rf"{kind}:\s+(\d+)", status.read_text())[1]) / 1024

        def upload(place: int) -> tuple[int, int]:
            with httpx.Client(base_url=app.url, timeout=120, headers={"Origin": app.url}) as client:
                file = {"file": ("a.jpg", LARGE_BODY)}
                refused = client.put(f"/_stcore/upload_file/of-nobody/{place}", files=file)
                return refused.status_code, client.post("/doctor/upload", content=LARGE_BODY).status_code

        before = held_mb("VmRSS")
        with ThreadPoolExecutor(UPLOADS) as pool:
            assert set(pool.map(upload, range(UPLOADS))) == {(403, 200)}
        assert held_mb("VmHWM") - before < 2 * len(LARGE_BODY) / 2**20


UPLOADS = 40
LARGE_BODY = b"x" * (50 * 1024 * 1024)
