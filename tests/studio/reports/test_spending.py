"""Days and months without a clip are there too, and no two years share a bar."""

from __future__ import annotations

from datetime import date

from studio.reports.spending import last_days, last_months
from studio.store import DaySpend

SPENT = [
    DaySpend(date(2025, 11, 22), kept=100, refunded=0, reserved=0, clips=4),
    DaySpend(date(2025, 12, 31), kept=50, refunded=25, reserved=0, clips=3),
    DaySpend(date(2026, 1, 1), kept=25, refunded=0, reserved=0, clips=1),
    DaySpend(date(2026, 11, 21), kept=25, refunded=0, reserved=0, clips=1),
    DaySpend(date(2026, 11, 22), kept=0, refunded=25, reserved=25, clips=2),
]
TODAY = date(2026, 11, 22)


def test_every_day_has_its_place():
    """Ten days are ten, the last is today, and those of last year stay out."""
    days = last_days(SPENT, TODAY, 10)
    assert [each.day.day for each in days] == list(range(13, 23))
    assert [each.kept for each in days] == [0] * 8 + [25, 0]
    assert days[-1] == SPENT[-1]


def test_every_month_has_its_place():
    """The first bar is the month eleven back; the same month of last year is in no bar, the turn of the year in two."""
    months = last_months(SPENT, TODAY, 12)
    assert [each.day.isoformat()[:7] for each in (months[0], months[1], months[-1])] == [
        "2025-12",
        "2026-01",
        "2026-11",
    ]
    assert [each.kept for each in months] == [50, 25, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25]
    assert (months[-1].refunded, months[-1].reserved, months[-1].clips) == (25, 25, 3)


def test_nothing_is_spent_at_first():
    """Empty months are months."""
    assert {each.kept for each in last_months([], date(2026, 1, 31), 3)} == {0}
    assert [each.day.month for each in last_months([], date(2026, 1, 31), 3)] == [11, 12, 1]
