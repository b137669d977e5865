"""How long the credits last at this week's pace, said with its range: a week of few clips promises little."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from studio.store import DaySpend

WEEK_DAYS = 7
FURTHEST_DAYS = 90
FEWEST_CLIPS = 4
FEWEST_DAYS = 3
"""From fewer clips a week, or fewer days with any, nobody can tell a pace."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The days on which the credits end: ``likely``, and ``earliest`` and ``latest`` (``None``: not within 90 days)."""

    likely: date | None
    earliest: date | None
    latest: date | None


def forecast(credits_left: float, week: Sequence[DaySpend], today: date) -> Forecast | None:
    """Return when ``credits_left`` end at the pace of ``week`` (its days, in credits); ``None`` when there is no pace.

    The range is that of a Poisson count of as many clips, one standard deviation either way.
    """
    spent, clips = sum(day.kept for day in week), sum(day.clips for day in week if day.kept)
    if clips < FEWEST_CLIPS or sum(day.kept > 0 for day in week) < FEWEST_DAYS:
        return None
    a_day, off = spent / len(week), 1 / math.sqrt(clips)
    return Forecast(
        _ends(credits_left, a_day, today), _ends(credits_left, a_day * (1 + off), today),
        _ends(credits_left, a_day * (1 - off), today),
    )  # fmt: skip


def _ends(credits_left: float, a_day: float, today: date) -> date | None:
    days = credits_left / a_day if a_day > 0 else math.inf
    return today + timedelta(days=int(days)) if days <= FURTHEST_DAYS else None
