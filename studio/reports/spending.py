"""What was spent, laid on the calendar: every day or month of a stretch, those without a clip too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from studio.store import DaySpend


def last_days(spent: Iterable[DaySpend], today: date, count: int) -> list[DaySpend]:
    """Return the ``count`` days that end with ``today``, oldest first, in credits."""
    by_day = {each.day: [each] for each in spent}
    days = [today - timedelta(days=back) for back in reversed(range(count))]
    return [_sum(day, by_day.get(day, [])) for day in days]


def last_months(spent: Iterable[DaySpend], today: date, count: int) -> list[DaySpend]:
    """Return the ``count`` months that end with that of ``today``, oldest first, each under its first day."""
    by_month: dict[date, list[DaySpend]] = {}
    for each in spent:
        by_month.setdefault(each.day.replace(day=1), []).append(each)
    now = today.year * 12 + today.month - 1
    months = [date(month // 12, month % 12 + 1, 1) for month in range(now - count + 1, now + 1)]
    return [_sum(month, by_month.get(month, [])) for month in months]


def _sum(day: date, parts: Sequence[DaySpend]) -> DaySpend:
    return DaySpend(
        day,
        kept=sum(each.kept for each in parts),
        refunded=sum(each.refunded for each in parts),
        reserved=sum(each.reserved for each in parts),
        clips=sum(each.clips for each in parts),
    )
