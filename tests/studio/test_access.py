"""Who may enter: hosts, origins, tries, sessions, and when a server must not start."""

from __future__ import annotations

import stat

import pytest
from itsdangerous import URLSafeTimedSerializer
from pydantic import SecretStr, ValidationError

from studio import Settings
from studio.access import (
    SESSION_SECONDS,
    TRIES_FOR_EACH_ADDRESS,
    TRIES_IN_TOTAL,
    TRIES_WINDOW_SECONDS,
    Access,
    Hosts,
    Sessions,
    Tries,
    refusal,
)

WORDS = "four plain words here"
PUBLIC = "https://studio.example.com"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def settings(tmp_path, **values):
    return Settings(data_dir=tmp_path, **values)


@pytest.fixture
def clock(monkeypatch):
    """The clock by which sessions are signed and read."""
    clock = Clock()
    monkeypatch.setattr("itsdangerous.timed.time.time", clock)
    return clock


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8501", "LOCALHOST:8501", "localhost.", "127.0.0.1:8501", "[::1]:8501", "192.168.1.5:8501"],
)
def test_our_own_names_and_addresses_are_known(host):
    """An address in digits cannot be rebound; this machine's name is its own."""
    assert Hosts("127.0.0.1", None).allows_host(host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "evil.example:8501",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "localhost:8501@evil.example",
        "localhost/evil.example",
        "localhost:99999",
        "[::1",
        "studio.example.com",
        "localhost, evil.example",
    ],
)
def test_foreign_and_malformed_hosts_are_not(host):
    """Whatever name another page gave this server."""
    assert not Hosts("127.0.0.1", None).allows_host(host)


def test_the_public_name_and_the_bound_name_are_known():
    """And nothing beside them."""
    hosts = Hosts("studio.lan", PUBLIC)
    assert hosts.allows_host("studio.example.com")
    assert hosts.allows_host("studio.lan:8501")
    assert not hosts.allows_host("www.studio.example.com")


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, "localhost:8501", True),
        ("http://localhost:8501", "localhost:8501", True),
        ("http://localhost:3000", "localhost:8501", False),
        ("http://127.0.0.1:8501", "localhost:8501", False),
        ("https://evil.example", "localhost:8501", False),
        ("null", "localhost:8501", False),
        ("", "localhost:8501", False),
        ("http://", None, False),
        (PUBLIC, "studio.example.com", True),
        (PUBLIC, "127.0.0.1:8501", True),
        ("http://studio.example.com", "studio.example.com", False),
        ("https://studio.example.com.evil.example", "studio.example.com", False),
    ],
)
def test_only_our_own_pages_may_speak_to_us(origin, host, allowed):
    """Same scheme, same name, same port; behind a proxy the public address."""
    assert Hosts("127.0.0.1", PUBLIC).allows_origin(origin, host) is allowed


def test_wrong_tries_run_out_for_one_address_and_come_back():
    """Another address goes on; after a quarter of an hour so does this one."""
    clock = Clock()
    tries = Tries(clock)
    for _ in range(TRIES_FOR_EACH_ADDRESS):
        assert tries.wait_seconds("203.0.113.1") == 0
        tries.failed("203.0.113.1")
        clock.now += 1
    assert tries.wait_seconds("203.0.113.1") == TRIES_WINDOW_SECONDS - TRIES_FOR_EACH_ADDRESS
    assert tries.wait_seconds("203.0.113.2") == 0
    clock.now += tries.wait_seconds("203.0.113.1")
    assert tries.wait_seconds("203.0.113.1") == 0


def test_wrong_tries_run_out_in_total_too():
    """However many addresses somebody has; one IPv6 subscriber is one address."""
    clock = Clock()
    tries = Tries(clock)
    for n in range(TRIES_IN_TOTAL):
        tries.failed(f"203.0.{n}.1")
    assert tries.wait_seconds("198.51.100.1") == TRIES_WINDOW_SECONDS
    neighbours = Tries(clock)
    for n in range(TRIES_FOR_EACH_ADDRESS):
        neighbours.failed(f"2001:db8::{n:x}")
    assert neighbours.wait_seconds("2001:db8::ffff") > 0
    assert neighbours.wait_seconds("2001:db8:0:1::1") == 0
    neighbours.failed("::ffff:203.0.113.9")
    assert neighbours.wait_seconds("203.0.113.9") == 0


def test_a_session_is_good_for_thirty_days(tmp_path, clock):
    """In every process of the data folder, and not a second longer."""
    token = Sessions(tmp_path, SecretStr(WORDS)).open()
    sessions = Sessions(tmp_path, SecretStr(WORDS))
    clock.now += SESSION_SECONDS
    assert sessions.is_open(token)
    clock.now += 1
    assert not sessions.is_open(token)


def test_forged_and_tampered_sessions_are_refused(tmp_path):
    """Each character is signed; a signature with another key or passphrase is none."""
    sessions = Sessions(tmp_path / "a", SecretStr(WORDS))
    token = sessions.open()
    assert sessions.is_open(token)
    tampered = [token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :] for n in range(len(token))]
    # The last character of base64 carries two bits that mean nothing; no other change may pass.
    assert [one for one in tampered[:-1] if sessions.is_open(one)] == []
    foreign = Sessions(tmp_path / "b", SecretStr(WORDS)).open()
    unsigned = URLSafeTimedSerializer("", salt="studio_session").dumps("0" * 32)
    assert not any(sessions.is_open(one) for one in (foreign, unsigned, None, "", ".", "a.b.c", "../../x"))
    assert not Sessions(tmp_path / "a", SecretStr("another passphrase")).is_open(token)


def test_signing_out_ends_one_session_everywhere(tmp_path):
    """A copy of the cookie is worth nothing afterwards; other sessions go on."""
    sessions, elsewhere = (Sessions(tmp_path, SecretStr(WORDS)) for _ in range(2))
    mine, theirs = sessions.open(), sessions.open()
    assert mine != theirs
    sessions.close(mine)
    assert not elsewhere.is_open(mine)
    assert elsewhere.is_open(theirs)


def test_the_signing_key_is_for_the_owner_only(tmp_path):
    """Nobody else on the machine may read it."""
    Sessions(tmp_path, SecretStr(WORDS))
    assert stat.S_IMODE((tmp_path / "session.key").stat().st_mode) == 0o600


def test_a_passphrase_is_the_same_from_every_keyboard(tmp_path):
    """Composed letters and blanks at the ends make no difference; anything else does."""
    access = Access(settings(tmp_path, passphrase="চাঁদের আলো café"), "127.0.0.1")
    assert access.is_passphrase("চাঁদের আলো cafe\u0301 ")
    assert not any(access.is_passphrase(text) for text in ("", "চাঁদের আলো cafe", "চাঁদের আলো café!", "\ud800"))
    assert not Access(settings(tmp_path), "127.0.0.1").is_passphrase("")


@pytest.mark.parametrize(
    ("values", "bound_to", "starts"),
    [
        ({}, "0.0.0.0", True),
        ({"api_key": "rvya_sk_1"}, "127.0.0.1", True),
        ({"api_key": "rvya_sk_1"}, "::1", True),
        ({"api_key": "rvya_sk_1", "public_url": "http://localhost:8501"}, "localhost", True),
        ({"api_key": "rvya_sk_1"}, "0.0.0.0", False),
        ({"api_key": "rvya_sk_1"}, "::", False),
        ({"api_key": "rvya_sk_1"}, "192.168.1.5", False),
        ({"api_key": "rvya_sk_1", "public_url": PUBLIC}, "127.0.0.1", False),
        ({"api_key": "rvya_sk_1", "public_url": PUBLIC, "passphrase": WORDS}, "0.0.0.0", True),
    ],
)
def test_what_costs_credits_is_shared_only_with_a_way_in(tmp_path, values, bound_to, starts):
    """The demo may be shared freely; a key may not. The words name what to set, and no secret."""
    why = refusal(settings(tmp_path, **values), bound_to)
    assert (why is None) is starts
    if why:
        assert len(why.splitlines()) == 2
        assert "RIVYA_PASSPHRASE" in why
        assert "rvya_sk_1" not in why


def test_without_a_way_in_only_this_machine_is_answered(tmp_path):
    """Also when something else than Streamlit's own setting opened the port."""
    alone = Access(settings(tmp_path, api_key="rvya_sk_1"), "127.0.0.1")
    assert [alone.admits_address(who) for who in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "203.0.113.1", None)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert Access(settings(tmp_path), "0.0.0.0").admits_address("203.0.113.1")


@pytest.mark.parametrize(
    "values",
    [{"passphrase": "short"}, {"public_url": "studio.example.com"}, {"public_url": "https://a.example/path"}],
)
def test_what_cannot_work_is_said_at_the_start(tmp_path, values):
    """Without repeating the secret."""
    with pytest.raises(ValidationError) as refused:
        settings(tmp_path, **values)
    assert "short" not in str(refused.value)


@pytest.mark.parametrize(
    ("claims", "admitted"),
    [
        ({"email": "Ada@Example.com"}, True),
        ({"email": "bob@team.example"}, True),
        ({"email": "eve@example.com"}, False),
        ({"email": "eve@evil.team.example"}, False),
        ({"email": "eve@team.example@evil.example"}, False),
        ({"email": "ada@example.com", "email_verified": False}, False),
        ({"email": "ada@example.com", "email_verified": "true"}, False),
        ({"email": "ada@example.com", "is_logged_in": False}, False),
        ({"email": "@"}, False),
        ({}, False),
    ],
)
def test_a_provider_lets_in_only_whom_we_named(tmp_path, claims, admitted):
    """By a checked address; an account at the provider is not enough."""
    rules = settings(tmp_path, allowed_people="ada@example.com, @team.example")
    access = Access(rules, "127.0.0.1", has_oidc=True)
    assert access.admits_person({"is_logged_in": True, "email_verified": True, **claims}) is admitted
    assert refusal(settings(tmp_path, api_key="rvya_sk_1"), "0.0.0.0", has_oidc=True) is not None
