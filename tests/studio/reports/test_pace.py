"""Until when the credits last: a day and its range, and nothing where there is no pace."""

from __future__ import annotations

from datetime import date, timedelta

from studio.reports.pace import FURTHEST_DAYS, forecast
from studio.store import DaySpend

TODAY = date(2026, 11, 24)


def week(*clips: int) -> list[DaySpend]:
    return [DaySpend(TODAY - timedelta(days=n), 25.0 * made, 0.0, 0.0, made) for n, made in enumerate(clips)]


def test_the_day_and_its_range_follow_the_pace():
    """Seven clips in seven days are 25 credits a day; the fewer clips, the wider the range."""
    found = forecast(250, week(1, 1, 1, 1, 1, 1, 1), TODAY)
    assert found.likely == TODAY + timedelta(days=10)
    assert found.earliest < found.likely < found.latest
    many = forecast(2500, week(10, 10, 10, 10, 10, 10, 10), TODAY)
    assert many.likely == TODAY + timedelta(days=10)
    assert many.latest - many.earliest < found.latest - found.earliest


def test_no_pace_is_no_promise():
    """Three clips say nothing; credits for a year are not counted by days."""
    assert forecast(250, week(1, 1, 1), TODAY) is None
    assert forecast(250, week(0, 0), TODAY) is None
    assert forecast(250, [], TODAY) is None
    assert forecast(25.0 * (FURTHEST_DAYS + 1) * 2, week(1, 1, 1, 1, 1, 1, 1), TODAY).likely is None
