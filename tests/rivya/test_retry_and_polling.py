"""When to ask again: pure rules, tested as such."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rivya.errors import (
    APIConnectionError,
    APIResponseError,
    AuthenticationError,
    NotFoundError,
    RateLimitedError,
    ServerError,
    ServiceUnavailableError,
)
from rivya.polling import Durations, next_poll_delay
from rivya.retry import parse_retry_after, retry_delay, should_retry

NOW = datetime(2026, 5, 11, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7), ("0", 0), ("1.5", 1.5), ("-3", 0), ("99999999", None), ("inf", None), ("nan", None), ("soon", None),
        ("", None), (None, None), ("Mon, 11 May 2026 12:00:30 GMT", 30), ("Mon, 11 May 2026 11:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None), ("Mon, 11 May 2026 12:00:30 +99999999999999", None), ("Mon, 99 May 2026", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_date(value, seconds):
    """Absurd values neither stop the studio nor crash it."""
    assert parse_retry_after(value, now=NOW) == seconds


@given(st.integers(-5, 10_000), st.none() | st.floats(0, 1e9), st.integers())
def test_a_delay_is_never_shorter_than_asked_and_never_absurd(attempt, asked, seed):
    """At least what Rivya asked for (up to an hour), at most an hour, at least half a second."""
    delay = retry_delay(attempt, asked, rng=random.Random(seed))
    assert min(asked or 0, 3600) <= delay <= 3600
    assert delay >= 0.5


class Spread(random.Random):
    """Chance that always falls on one share of the range it is asked for."""

    share = 1.0

    def uniform(self, a: float, b: float) -> float:
        return a + (b - a) * self.share


@pytest.mark.parametrize(
    ("attempt", "ceiling"),
    [(-5, 1), (0, 1), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (17, 60), (18, 60), (10_000, 60)],
)
def test_delays_double_from_one_second_to_a_minute(attempt, ceiling):
    """At most the ceiling, at least half of it."""
    chance = Spread()
    assert retry_delay(attempt, rng=chance) == ceiling
    chance.share = 0.0
    assert retry_delay(attempt, rng=chance) == ceiling / 2
    assert ceiling / 2 <= retry_delay(attempt) <= ceiling


@pytest.mark.parametrize(("asked", "delay"), [(None, 4), (0.0, 4), (3.9, 4), (4.1, 4.1), (3600, 3600), (3601, 3600)])
def test_a_pause_that_was_asked_for_is_kept_up_to_an_hour(asked, delay):
    """The longer of the two waits counts."""
    assert retry_delay(3, asked, rng=Spread()) == delay


def test_an_hour_is_the_longest_pause_that_is_believed():
    """As seconds and as a date."""
    assert parse_retry_after("3600", now=NOW) == 3600
    assert parse_retry_after("3600.1", now=NOW) is None
    assert parse_retry_after("Mon, 11 May 2026 13:00:00 GMT", now=NOW) == 3600
    assert parse_retry_after("Mon, 11 May 2026 13:00:01 GMT", now=NOW) is None
    assert parse_retry_after("Mon, 11 May 2026 12:00:30 -0000", now=NOW) == 30
    assert parse_retry_after("Mon, 11 May 2026 14:00:30 +0200", now=NOW) == 30


def test_a_date_is_held_against_the_clock_unless_another_moment_is_named():
    """What has passed already asks for no wait."""
    assert parse_retry_after("Sat, 01 Jan 2000 00:00:00 GMT") == 0


@pytest.mark.parametrize(("status", "again"), [(200, True), (399, True), (400, False), (499, False), (500, True)])
def test_an_unreadable_answer_is_asked_again_unless_it_refuses(status, again):
    """A page of HTML with 4xx is a refusal all the same."""
    assert should_retry(APIResponseError("html", http_status=status)) is again


def test_what_passes_by_itself_is_asked_again_and_what_does_not_is_not():
    """Lost answers, breakdowns and pauses pass; a wrong key does not."""
    status = {"http_status": 500, "request_id": None}
    assert should_retry(APIConnectionError())
    assert should_retry(ServerError("internal", "", **status))
    assert should_retry(RateLimitedError("rate_limited", "", http_status=429))
    assert should_retry(ServiceUnavailableError("public_api_disabled", "", http_status=503))
    assert should_retry(APIResponseError("html", http_status=200))
    assert not should_retry(AuthenticationError("api_key_invalid", "", http_status=401))
    assert not should_retry(NotFoundError("not_found", "", http_status=404))


@given(st.floats(0, 1e6), st.lists(st.floats(0.1, 5000), max_size=60))
def test_polls_keep_to_the_documented_rhythm_until_a_task_is_far_overdue(elapsed, past):
    """5 to 10 s in the usual time, a sixth of it for long videos; slower later, never more than a minute, never stopping."""
    durations = Durations.learn(past)
    delay = next_poll_delay(elapsed, durations)
    assert 5 <= delay <= 60
    if elapsed <= 3 * durations.quantile(0.9):
        assert delay <= max(10, durations.quantile(0.5) / 6) + 1e-6


def test_long_videos_are_looked_at_more_seldom_while_they_cannot_be_ready():
    """As Rivya advises; near their usual end as often as others, and a longest delay that somebody set stays one."""
    long = Durations(math.log(120.0), 0.2)
    assert next_poll_delay(2.5, long) == pytest.approx(20)
    assert next_poll_delay(115, long) == pytest.approx(5)
    assert next_poll_delay(2.5, long, max_seconds=300.0) > 60
    assert next_poll_delay(2.5, Durations(math.log(3600.0), 0.2)) == pytest.approx(60)
    assert next_poll_delay(2.5, Durations(math.log(45.0), 0.2)) == 10


def test_polls_are_densest_where_the_end_is_likely():
    """With a steady history of 60 s, there is no hurry at 10 s and there is at 58 s."""
    steady = Durations.learn([60.0 + n % 5 for n in range(50)])
    assert next_poll_delay(10, steady) > next_poll_delay(58, steady)


def test_quantiles_follow_the_history():
    """Half of all clips end within the median."""
    learned = Durations.learn([30.0] * 25 + [50.0] * 25)
    assert 35 < learned.quantile(0.5) < 45
    assert learned.quantile(0.9) > learned.quantile(0.5)


def test_without_a_history_a_clip_is_thought_to_take_a_minute():
    """What is no duration teaches nothing; what took less than a second does."""
    guess = Durations(math.log(60.0), 0.5)
    assert Durations.learn([]) == guess == Durations()
    assert Durations.learn([0.0, -3.0]) == guess
    assert Durations.learn([0.5]).mu == pytest.approx((2 * math.log(60.0) + math.log(0.5)) / 3)


def test_the_first_guess_weighs_as_much_as_two_clips():
    """Six clips of a minute halve its spread, and ten thousand leave a twentieth."""
    learned = Durations.learn([60.0] * 6)
    assert (learned.mu, learned.sigma) == (pytest.approx(math.log(60.0)), pytest.approx(0.25))
    assert Durations.learn([60.0] * 10_000).sigma == 0.05
    assert Durations.learn([30.0, 120.0]).sigma == pytest.approx(math.sqrt((0.5 + 2 * math.log(2) ** 2) / 4))


def test_shares_and_seconds_are_two_sides_of_one_curve():
    """Nothing ends before it began, and the spread counts."""
    brief = Durations(0.0, 0.4)
    assert brief.quantile(NormalDist().cdf(1.0)) == pytest.approx(math.exp(0.4))
    assert brief.cdf(math.exp(-0.4)) == pytest.approx(NormalDist().cdf(-1.0))
    assert (brief.cdf(0.0), brief.cdf(-1.0)) == (0.0, 0.0)


@pytest.mark.parametrize(
    "durations", [Durations(0.0, 0.4), Durations(1.0, 1.0), Durations(), Durations(math.log(60), 0.1)]
)
@pytest.mark.parametrize("elapsed", [0.0, 0.5, 1.0, 3.0, 45.0, 62.0])
@pytest.mark.parametrize("delay", [0.4, 5.0, 10.0])
def test_the_lag_of_a_wait_is_the_mean_over_all_possible_ends(durations, elapsed, delay):
    """The closed form is what adding up the chance of having ended gives, moment by moment."""
    ended = NormalDist(durations.mu, durations.sigma)
    chance = [ended.cdf(math.log(elapsed + delay * (n + 0.5) / 2000)) for n in range(2000)]
    before = ended.cdf(math.log(elapsed)) if elapsed else 0.0
    expected = delay if before > 1 - 1e-9 else delay * sum(each - before for each in chance) / 2000 / (1 - before)
    assert durations.expected_lag(elapsed, delay) == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_an_overdue_task_is_asked_for_ever_more_seldom():
    """From three times the usual on, a second more for each ten that have passed, up to a minute."""
    steady = Durations(math.log(60.0), 0.05)
    late = 3 * steady.quantile(0.9)
    for overdue, delay in [(-1, 5), (0.8, 5.08), (20, 7), (100, 15), (540, 59), (10_000, 60)]:
        assert next_poll_delay(late + overdue, steady) == pytest.approx(delay, abs=1e-6)
    assert next_poll_delay(late + 20, steady, min_seconds=8.0, max_seconds=9.0) == pytest.approx(10)
    assert next_poll_delay(1, steady) == 10


def test_a_look_is_due_when_its_wait_would_cost_as_much_as_a_request():
    """The lag that the delay may cause is the price of one request."""
    durations = Durations()
    delay = next_poll_delay(40, durations, min_seconds=0.0, max_seconds=600.0, price_seconds=2.0)
    assert durations.expected_lag(40, delay) == pytest.approx(2.0)
    assert durations.expected_lag(40, next_poll_delay(40, durations, max_seconds=600.0)) == pytest.approx(0.35)
