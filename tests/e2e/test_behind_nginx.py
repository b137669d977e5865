"""Two processes behind a real nginx with the committed configuration, on PostgreSQL: one is killed, nothing is lost."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import SKETCHY, eventually
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.sync_api import Page, expect

from e2e.conftest import ROOT, App, settled, unused_port
from sandbox import DEMO_API_KEY, Sandbox

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
WORDS = "four plain words here"
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not here and could not be installed")


@dataclass
class Site:
    """Two apps, what is in front of them, and the Rivya behind them."""

    url: str
    apps: list[App]
    sandbox: Sandbox


def certificate(folder: Path) -> None:
    """Write a certificate for this machine that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1)
    )
    (folder / "fullchain.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )


def configuration(folder: Path, port: int, apps: list[App]) -> Path:
    """Return the committed configuration with this test's ports, names and certificate, inside a whole one."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    servers = "\n".join(f"    server 127.0.0.1:{app.port};" for app in apps)
    for committed, here in (
        ("    server 127.0.0.1:8501;", servers),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("listen 80;", f"listen 127.0.0.1:{unused_port()};"),
        ("studio.example.com", "localhost"),
        ("/etc/letsencrypt/live/localhost", str(folder)),
    ):
        assert committed in text
        text = text.replace(committed, here)
    paths = "\n".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = folder / "nginx.conf"
    whole.write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}\n{text}\n}}\n"
    )
    return whole


@pytest.fixture
def site(tmp_path, blank_postgres_url) -> Iterator[Site]:
    """A studio with a key and a passphrase at https, as `docs/deploy.md` describes it for several processes."""
    certificate(tmp_path)
    port = unused_port()
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(tmp_path / "rivya", seconds=5, **SKETCHY))
        environment = {
            "RIVYA_API_KEY": DEMO_API_KEY,
            "RIVYA_BASE_URL": sandbox.base_url,
            "RIVYA_DATABASE_URL": blank_postgres_url,
            "RIVYA_PASSPHRASE": WORDS,
            "RIVYA_PUBLIC_URL": f"https://localhost:{port}",
        }
        apps = [stack.enter_context(App(tmp_path / "data", **environment).running()) for _ in range(2)]
        proxy = subprocess.Popen([NGINX, "-p", str(tmp_path), "-c", str(configuration(tmp_path, port, apps))])
        stack.callback(proxy.wait, 10)
        stack.callback(proxy.terminate)
        eventually(lambda: answers(port))
        yield Site(f"https://localhost:{port}", apps, sandbox)


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


def make(page: Page, words: str) -> None:
    page.get_by_label("Prompt", exact=True).fill(words)
    page.get_by_role("button", name="Generate · 25 credits").click()
    expect(page.get_by_text(words).nth(1)).to_be_visible()


def test_a_killed_process_loses_neither_the_clip_nor_the_browser(site, browser):
    """Whichever of the two held the browser or the clip: the page comes back by itself, and each clip is paid once."""
    page = browser.new_page(ignore_https_errors=True, locale="en-US", reduced_motion="reduce")
    page.goto(site.url)
    page.get_by_label("Team passphrase").fill(WORDS)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1, name="Generate")).to_be_visible()
    [cookie] = [each for each in page.context.cookies() if each["name"] == "studio_session"]
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")
    settled(page)
    for number, (app, words) in enumerate(
        zip(site.apps, ("A paper boat drifts by", "A kite flies far"), strict=True), 1
    ):
        make(page, words)
        eventually(lambda number=number: site.sandbox.report()["tasks_created"] == number)
        app.kill()
        expect(page.locator('[class*="st-key-card_generate_clip"]').first).to_contain_text("Succeeded", timeout=90_000)
        expect(page.locator('[class*="st-key-card_generate_clip"]').first).to_contain_text(words)
        expect(page.get_by_text(f"{500 - 25 * number} credits").first).to_be_visible()
        app.start()
    assert site.sandbox.report()["tasks_created"] == 2
    assert site.sandbox.report()["balance"] == 450
    page.close()
