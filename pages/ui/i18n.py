"""Words, numbers and dates in the reader's language."""

from __future__ import annotations

import math
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from babel import Locale, dates, numbers

from server.first_paint import LANGUAGE_COOKIE
from studio.i18n import languages, negotiate, translation
from ui.session import remember_choice, state_of

_PARAMETER = "lang"
RECENT_DAYS = 7
MOST_COUNTED = 10_000
"""So many are counted, and turned to by page number; who looks for more goes by days, words or from the other end."""

ZEROS = {"beng": 0x09E6, "deva": 0x0966, "arab": 0x0660, "arabext": 0x06F0, "thai": 0x0E50}
"""The zero of each numbering system: Babel formats with a language's signs but leaves the digits Latin."""

CLOCKS = {"bn": {"short": "B h:mm", "medium": "B h:mm:ss"}}
"""Where the CLDR's clock says AM in Latin letters: the part of the day, in the language's own words."""


KEPT_TEXTS = 4096
"""A page of a thousand numbers and times is drawn each two seconds: Babel takes 50 µs for each of them."""

_spoken: ContextVar[str] = ContextVar("_spoken", default="")
"""The language of this run, which has a thread and so a context of its own: it is asked for some 500 times."""


@dataclass
class LanguageState:
    """The language that somebody chose or asked for, empty before the first look."""

    code: str = ""


def language() -> str:
    """Return the session's language: what was chosen, else what the link, this browser's memory or its settings say."""
    code = _spoken.get()
    if not code:
        state = state_of(LanguageState)
        if state.code not in languages():
            asked = (str(st.query_params.get(_PARAMETER, "")), st.context.cookies.get(LANGUAGE_COOKIE, ""))
            known = [code for code in asked if code in languages()]
            state.code = known[0] if known else negotiate([st.context.locale or "en"])
        code = state.code
        _spoken.set(code)
    return code


def choose_language(code: str) -> None:
    """Speak ``code`` from now on, also after a reload and in new tabs of this browser."""
    state_of(LanguageState).code = code
    _spoken.set(code)
    remember_choice(LANGUAGE_COOKIE, code)
    st.query_params[_PARAMETER] = code


def keep_language_in_link() -> None:
    """Write a language that differs from the browser's into the link, so that a reload keeps it."""
    if language() != negotiate([st.context.locale or "en"]):
        st.query_params[_PARAMETER] = language()


def _(message: str, /, **values: object) -> str:
    """Translate ``message`` and fill in ``values``, numbers in the language's own digits."""
    text = translation(language()).gettext(message)
    local = {
        key: number(v) if isinstance(v, int | float) and not isinstance(v, bool) else v for key, v in values.items()
    }
    return text.format(**local) if values else text


def ngettext(one: str, many: str, count: float, /, **values: object) -> str:
    """Translate a message that depends on ``count``; ``{count}`` stands for the number in local digits."""
    text = translation(language()).ngettext(one, many, int(count))
    return text.format(count=number(count), **values)


def number(value: float) -> str:
    """Write a number with the language's digits and separators."""
    return _number(value, language())


@lru_cache(KEPT_TEXTS)
def _number(value: float, code: str) -> str:
    return _digits(numbers.format_decimal(value, locale=code, numbering_system="default"))


def percent(share: float) -> str:
    """Write a share of 1 as a percentage."""
    return _digits(numbers.format_percent(share, locale=language(), numbering_system="default"))


def _digits(text: str) -> str:
    zero = ZEROS.get(Locale.parse(language()).default_numbering_system)
    return text.translate({ord("0") + n: chr(zero + n) for n in range(10)}) if zero else text


def digits() -> list[str]:
    """Return the language's digits from zero to nine, for a chart's axis."""
    return list(_digits("0123456789"))


def pixels_text(width: int, height: int) -> str:
    """Write a size in pixels: ``1280 × 720``, without marks between thousands."""
    return _digits(f"{width} × {height}")


def seconds_text(seconds: float) -> str:
    """Write a duration as people say it: ``40 seconds``, ``2 minutes``."""
    rounded = max(round(seconds), 1) if seconds < 90 else round(seconds / 60) * 60
    return _digits(dates.format_timedelta(timedelta(seconds=rounded), threshold=1.5, locale=language()))


def rounded_seconds(seconds: float) -> float:
    """Round a time that is only roughly known up: to 5 seconds below a minute, to 15 below five, to a minute above.

    What is left begins with what was told before, and half of all do not wait for longer.
    """
    step = 5 if seconds < 60 else 15 if seconds < 300 else 60
    return max(math.ceil(seconds / step) * step, step)


def clock_text(seconds: float) -> str:
    """Write elapsed time as minutes and seconds: ``1:05``."""
    minutes, rest = divmod(int(seconds), 60)
    return _digits(f"{minutes}:{rest:02}")


def time_text(moment: datetime | None, *, with_seconds: bool = False) -> str:
    """Write a point in time by the reader's clock, to the minute unless its seconds matter."""
    if moment is None:
        return "–"
    # Without its zone: in two zones one moment is equal, and is not told by the same words.
    return _time(_local(moment).replace(tzinfo=None), "medium" if with_seconds else "short", language())


@lru_cache(KEPT_TEXTS)
def _time(local: datetime, clock: Literal["medium", "short"], code: str) -> str:
    day = dates.format_date(local, "medium", locale=code)
    time_of_day = dates.format_time(local, CLOCKS.get(code, {}).get(clock, clock), locale=code)
    both = str(dates.get_datetime_format("medium", locale=code))
    return _digits(both.replace("{0}", time_of_day).replace("{1}", day))


def today() -> date:
    """Return the day by the reader's calendar."""
    return local_day(datetime.now(tz=ZoneInfo("UTC")))


def period_text(day: date) -> str:
    """Write when a day was, the wider the longer ago: ``Today``, ``Yesterday``, ``Last 7 days``, or its month."""
    days_ago = (today() - day).days
    if days_ago <= 0:
        return _("Today")
    if days_ago == 1:
        return _("Yesterday")
    if days_ago < RECENT_DAYS:
        return _("Last 7 days")
    return month_text(day)


def month_text(day: date) -> str:
    """Write the month and year of a day."""
    return _digits(dates.format_skeleton("yMMMM", day, locale=language()))


def short_day(day: date) -> str:
    """Write a day in a few characters, for an axis."""
    return _digits(dates.format_skeleton("MMMd", day, locale=language()))


def short_month(day: date) -> str:
    """Write a month in a few characters, for an axis."""
    return _digits(dates.format_skeleton("yMMM", day, locale=language()))


def day_start(day: date) -> datetime:
    """Return the moment at which ``day`` begins by the reader's clock."""
    return datetime.combine(day, time.min, tzinfo=zone())


def day_end(day: date) -> datetime:
    """Return the moment at which ``day`` is over by the reader's clock."""
    return day_start(day + timedelta(days=1))


def local_day(moment: datetime) -> date:
    """Return the day of ``moment`` by the reader's calendar."""
    return _local(moment).date()


def megabytes(size_bytes: float) -> str:
    """Write a size in MB of 1024 x 1024 bytes, as limits are; a small one in KB of 1000, as the uploader counts."""
    if size_bytes < 1_000_000:
        return _("{size} KB", size=number(max(round(size_bytes / 1000), 1)))
    return _("{size} MB", size=number(round(size_bytes / 1024 / 1024, 1)))


def _local(moment: datetime) -> datetime:
    return moment.astimezone(zone())


def zone() -> ZoneInfo:
    """Return the reader's time zone, as the browser says it."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
