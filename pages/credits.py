"""What is left, what is reserved, what was spent, and what came back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

from rivya.spec import DEFAULT_MODEL
from studio.i18n import N_
from studio.reports.audit import Audit, support_text
from studio.reports.export import clips_rows, spending_rows
from studio.reports.pace import Forecast, forecast
from studio.reports.spending import last_days, last_months
from studio.reports.spreadsheet import Rows, as_csv, as_xlsx
from studio.reports.worth import SOURCE, Worth
from studio.store import DaySpend
from studio.store.clip import Clip, State
from studio.store.spending import DIMENSIONS, Dimension
from ui.clip_view import take_name
from ui.feedback import plain, refill_button
from ui.i18n import _, day_start, digits, ngettext, number, percent, short_day, short_month, time_text, today, zone
from ui.labels import clip_label, setting_text
from ui.panels.credit_row import credit_row
from ui.panels.starters import STARTERS
from ui.runtime import balance, clip_url, is_phone, studio

TABLE_ROWS = 100
ROW_PIXELS, POSTER_PIXELS = 52, 88
PHONE_ROWS, ROW_CHARACTERS = 20, 60
ENOUGH_FOR_A_SHARE = 5
SHOWN_DAYS = 31
WEEK_DAYS = 7
SHOWN_MONTHS = 12
DAYS_OF_MONTHS = 366
SPANS = {"days": N_("31 days"), "months": N_("12 months")}
WHERE_SPANS = {"week": N_("7 days"), "month": N_("This month"), "all": N_("All time")}
DIMENSION_LABELS = {
    "person": N_("Person"),
    "tag": N_("Tag"),
    "collection": N_("Collection"),
    "mode": N_("Source"),
    "status": N_("Status"),
}
GROUP_LABELS = {
    "mode": {"text": N_("From words alone"), "image": N_("From a picture or a frame")},
    "status": {
        "succeeded": N_("Succeeded"),
        "failed": N_("Failed"),
        "running": N_("Running"),
        "unknown": N_("Unknown"),
    },
}
FILES: dict[str, tuple[str, str, Callable[[Rows], bytes]]] = {
    "csv": (N_("As CSV"), "text/csv", as_csv),
    "xlsx": (N_("As Excel"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
}
KINDS = {"kept": N_("Clips"), "refunded": N_("Refunded"), "reserved": N_("On hold")}


def wallet(*, refunded: float, on_hold: float) -> None:
    told = balance()
    left = DEFAULT_MODEL.clips_for(told.credits) if told else 0
    week = last_days(studio().receipts.spend_by_day(days=WEEK_DAYS + 1, zone=zone()), today(), WEEK_DAYS)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        about = ngettext("about {count} clip", "about {count} clips", left) if told else _("Balance is being read")
        shown = number(told.credits) if told else "–"
        st.metric(_("Balance"), shown, about, delta_color="off", delta_arrow="off", width="content")
        with st.container(horizontal=True, gap="large", width="content", key="credits_figures"):
            figure(_("On hold"), on_hold)
            figure(_("Spent today"), sum(day.kept for day in week if day.day == today()))
            figure(_("Spent this week"), sum(day.kept for day in week))
            figure(_("Refunded"), refunded)
    seen = _("Balance seen at {time}.", time=time_text(told.seen_at)) if told else ""
    back = _("What came back is not counted as spent.") if refunded else ""
    st.caption(" ".join(filter(None, (_("Never started without your click."), back, seen))))
    if told and (ends := forecast(told.credits, week, today())):
        _forecast_line(ends)
    refill_button("credits")


def _forecast_line(ends: Forecast) -> None:
    """Say until when the credits last at this week's pace, with the range that so few clips allow."""
    if ends.likely is None:
        st.caption(_("At this week's pace the credits last for more than three months."))
        return
    latest = short_day(ends.latest) if ends.latest else _("much later")
    st.caption(
        _("At this week's pace your credits last until about {day} ({earliest} to {latest}).",
          day=short_day(ends.likely), earliest=short_day(ends.earliest or ends.likely), latest=latest)
    )  # fmt: skip


def figure(label: str, value: float) -> None:
    with st.container(gap=None, width="content"):
        st.caption(label)
        st.markdown(f"**{number(value)}**")


def chart() -> None:
    """What was spent over time, once there is more than one day: a single bar says no more than the figures above."""
    spent = studio().receipts.spend_by_day(days=SHOWN_DAYS + 1, zone=zone())
    if len(spent) < 2:
        spent_in_a_year = studio().receipts.spend_by_day(days=DAYS_OF_MONTHS, zone=zone())
        if len(spent_in_a_year) == 1:
            return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", gap="small"):
        st.header(_("Spent over time"), anchor=False, width="content")
        span = st.segmented_control(
            _("Stretch of time"), SPANS, key="credits_span", persist_state="session", default="days", required=True,
            format_func=lambda name: _(SPANS[name]), label_visibility="collapsed",
        )  # fmt: skip
    if not spent and not studio().receipts.accepted(limit=1):
        st.caption(_("Once you have made a clip, its credits appear here as bars: spent on clips, or given back."))
        return
    if span == "days":
        shown, label = last_days(spent, today(), SHOWN_DAYS), short_day
    else:
        spent = studio().receipts.spend_by_day(days=DAYS_OF_MONTHS, zone=zone())
        shown, label = last_months(spent, today(), SHOWN_MONTHS), short_month
    kept, refunded = sum(each.kept for each in shown), sum(each.refunded for each in shown)
    st.caption(_("{kept} credits spent on clips in this time, {refunded} refunded.", kept=kept, refunded=refunded))
    if sum(bool(each.kept or each.refunded or each.reserved) for each in shown) > 1:
        bars(shown, label)


def bars(spent: list[DaySpend], label: Callable[[date], str]) -> None:
    rows = [
        {
            "when": label(each.day),
            "kind": _(words),
            "credits": -getattr(each, kind) if kind == "refunded" else getattr(each, kind),
            "rank": rank,
        }
        for each in spent
        for rank, (kind, words) in enumerate(KINDS.items())
    ]
    when = {"field": "when", "type": "ordinal"}
    kinds = {"field": "kind", "type": "nominal"}
    credits_ = {"field": "credits", "type": "quantitative"}
    numbers = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""], "numerals": digits()}
    spec = {
        "mark": {"type": "bar", "cornerRadius": 3},
        "encoding": {
            "x": {**when, "title": None, "sort": None, "axis": {"labelAngle": 0, "labelOverlap": True}},
            "y": {**credits_, "title": _("Credits")},
            "color": {
                **kinds, "title": None, "sort": [_(words) for words in KINDS.values()], "legend": {"orient": "top"},
            },
            "order": {"field": "rank", "type": "ordinal"},
            "tooltip": [
                {**when, "title": _("Time")}, {**kinds, "title": _("Kind")}, {**credits_, "title": _("Credits")},
            ],
        },
        "config": {"locale": {"number": numbers}},
    }  # fmt: skip
    # Not through Altair: the same words, 0.3 s to import and a fifth of this page's time.
    data = pa.Table.from_pylist(rows)
    st.vega_lite_chart(data, spec, height=280, alt=_("Bars of the credits spent and given back"))


def receipts(*, on_hold: float) -> None:
    """Say whether the receipts and the wallet agree, and hand out a text for support where they do not."""
    st.header(_("Receipts"), anchor=False)
    found = studio().audit()
    if found.owed:
        words = ngettext(
            "{count} failed clip was not refunded. Send this to Rivya's support:",
            "{count} failed clips were not refunded. Send this to Rivya's support:",
            len(found.owed),
        )
        st.warning(words, icon=":material/receipt_long:")
        for clip in found.owed:
            st.code(support_text(clip), language=None, wrap_lines=True)
    elif found.first is None or found.last is None:
        st.caption(_("Once a balance was seen, the receipts are held against it here."))
    else:
        st.caption(_wallet_words(found, time_text(found.first.seen_at), on_hold=on_hold))


def _wallet_words(found: Audit, since: str, *, on_hold: float) -> str:
    if found.adds_up and 0 < on_hold <= found.gone:
        return _("All {credits} credits accounted for since {time}; {on_hold} are on hold now.",
                 credits=found.gone, time=since, on_hold=on_hold)  # fmt: skip
    if found.adds_up and found.gone > 0:
        return _("All {credits} credits accounted for since {time}.", credits=found.gone, time=since)
    if found.adds_up:
        return _("Everything adds up since {time}.", time=since)
    if found.outside_most < 0:
        if studio().settings.is_demo:
            return _("The demo was refilled since {time}.", time=since)
        added = _span(-found.outside_most, -found.outside_least)
        return _("{credits} credits were added since {time}.", credits=added, time=since)
    spent = _span(found.outside_least, found.outside_most)
    words = _("{credits} credits were spent outside this studio since {time}.", credits=spent, time=since)
    return " ".join((words, _("One wallet serves the whole account.")))


def _span(least: float, most: float) -> str:
    """Write a number, or both ends of a range."""
    return number(least) if least == most else f"{number(least)}–{number(most)}"


def where_it_went() -> None:
    """Who spent, what for, from what and how it ended; each with what a clip cost that somebody wanted."""
    label, icon = _("Where the credits went"), ":material/account_tree:"
    with st.expander(label, key="credits_where", icon=icon, on_change="rerun") as where:
        if not where.open:
            return
        # Who is alone knows who spent it.
        first: Dimension = "person" if len(studio().clips.people()) > 1 else "mode"
        with st.container(horizontal=True, gap="small"):
            dimension = st.segmented_control(
                _("By"), DIMENSIONS, key="credits_dimension", default=first, required=True, persist_state="session",
                format_func=lambda name: _(DIMENSION_LABELS[name]), label_visibility="collapsed",
            )  # fmt: skip
            span = st.segmented_control(
                _("Stretch of time"), WHERE_SPANS, key="credits_where_span", default="month", required=True,
                persist_state="session", format_func=lambda name: _(WHERE_SPANS[name]), label_visibility="collapsed",
            )  # fmt: skip
        since = {"week": today() - timedelta(days=WEEK_DAYS - 1), "month": today().replace(day=1)}.get(span)
        rows = studio().spent_by(dimension, since=day_start(since) if since else None)
        if not rows:
            st.caption(_("Nothing was spent in this time."))
            return
        table = {
            _(DIMENSION_LABELS[dimension]): [_group_name(dimension, row.value) for row in rows],
            _("Clips"): [number(row.clips) for row in rows],
            _("Credits"): [number(row.kept) for row in rows],
            _("Refunded"): [number(row.refunded) for row in rows],
        }
        if not is_phone():  # what a kept clip cost is in the files there
            table[_("Credits per kept clip")] = [
                "–" if row.credits_per_wanted is None else number(round(row.credits_per_wanted, 1)) for row in rows
            ]
        st.table(table, border="horizontal")
        download_table(lambda: spending_rows(dimension, rows), f"seedance-studio-{dimension}", "credits_where")


def _group_name(dimension: str, value: str) -> str:
    if dimension in GROUP_LABELS and value in GROUP_LABELS[dimension]:
        return _(GROUP_LABELS[dimension][value])
    return plain(value) or _("No name given")


def what_works() -> None:
    """Which settings, ideas and templates made clips that somebody kept, and what a kept clip cost."""
    label, icon = _("What works for us"), ":material/monitoring:"
    with st.expander(label, key="credits_worth", icon=icon, on_change="rerun") as worth:
        if not worth.open:
            return
        rows = studio().worth()
        if not rows:
            st.caption(_("Once you have made a clip, what you keep is counted here."))
            return
        st.caption(_("Of the last clips: kept means kept by its star or downloaded, and not deleted."))
        shown = {
            _("What"): [_worth_name(row) for row in rows],
            _("Made"): [number(row.made) for row in rows],
            _("Kept"): [_kept(row) for row in rows],
            _("Credits per kept clip"): [
                "–" if row.credits_per_kept is None else number(round(row.credits_per_kept, 1)) for row in rows
            ],
        }
        st.table(shown, border="horizontal")


def _kept(row: Worth) -> str:
    """Write how many were kept; as a share only where there are enough for one."""
    return f"{number(row.kept)} ({percent(row.share)})" if row.made >= ENOUGH_FOR_A_SHARE else number(row.kept)


def _worth_name(row: Worth) -> str:
    if row.key != SOURCE:
        return plain(setting_text(row.key, row.value))
    kind, _colon, name = row.value.partition(":")
    if kind == "idea" and name in STARTERS:
        return _("Idea: {name}", name=plain(_(STARTERS[name].label)))
    return _("Template: {name}", name=plain(name))


def table() -> None:
    st.header(_("Clips"), anchor=False)
    found = studio().receipts.accepted(limit=TABLE_ROWS)
    if not found:
        st.caption(_("No clips yet. Each one is listed here with its receipt."))
        return
    rows_of_a_phone(found) if is_phone() else whole_table(found)
    download_table(lambda: clips_rows(studio().receipts.accepted()), "seedance-studio-clips", "credits")


def rows_of_a_phone(found: Sequence[Clip]) -> None:
    """The newest as lines that fit: what it was, when, how it ended, and what it cost or brought back."""
    presses = Counter(clip.press_id for clip in found)
    for clip in found[:PHONE_ROWS]:
        how = _("{credits} credits came back", credits=number(clip.credits_reserved - clip.credits_final))
        state = clip_label(clip) if _is_settled(clip) else _("On hold")
        ended = how if clip.state is State.FAILED else "" if clip.state is State.SUCCEEDED else state
        below = " · ".join(filter(None, (take_name(clip, presses), time_text(clip.created_at), ended)))
        cost = clip.price if clip.is_open else clip.credits_final
        credit_row(clip, "receipt", credits_moved=cost, characters=ROW_CHARACTERS, below=below)
    if len(found) > PHONE_ROWS:
        st.caption(_("Older ones are in the files."))


def _is_settled(clip: Clip) -> bool:
    """Whether Rivya has finished with it; its video may still be on its way here."""
    return not clip.is_open or clip.is_saving


def _moved(credits_moved: float) -> str:
    """Write what moved; nothing is a dash, so that what moved stands out."""
    return number(credits_moved) if credits_moved else "–"


def whole_table(found: Sequence[Clip]) -> None:
    presses = Counter(clip.press_id for clip in found)
    # What failed has no picture; its status tells of it.
    columns = {
        _("Video"): [clip_url(clip, "webp") if clip.poster_path else "" for clip in found],
        _("Time"): [time_text(clip.created_at) for clip in found],
        _("Prompt"): [" · ".join(filter(None, (take_name(clip, presses), clip.prompt))) for clip in found],
        _("Status"): [clip_label(clip) for clip in found],
        _("On hold"): [_moved(0 if _is_settled(clip) else clip.credits_reserved) for clip in found],
        _("Paid"): [_moved(clip.credits_final if _is_settled(clip) else 0) for clip in found],
        _("Came back"): [
            _moved(max(clip.credits_reserved - clip.credits_final, 0) if _is_settled(clip) else 0) for clip in found
        ],
    }
    looks: dict[str, Any] = {_("Video"): st.column_config.ImageColumn(width=POSTER_PIXELS)}
    st.dataframe(
        pa.table(columns), hide_index=True, width="stretch", alt=_("Table of clips"), row_height=ROW_PIXELS,
        column_config=looks,
    )  # fmt: skip


def _file(write: Callable[[Rows], bytes], rows: Callable[[], Rows]) -> bytes:
    return write(rows())


def download_table(rows: Callable[[], Rows], name: str, key: str) -> None:
    """Offer all rows of a table as a file, made when somebody presses."""
    with st.container(horizontal=True, gap="small"):
        for kind, (label, mime, write) in FILES.items():
            st.download_button(
                _(label), data=partial(_file, write, rows), file_name=f"{name}.{kind}", mime=mime,
                icon=":material/download:", key=f"{key}_{kind}", on_click="ignore",
            )  # fmt: skip


_kept_ever, refunded_ever, held_now = studio().receipts.totals()
wallet(refunded=refunded_ever, on_hold=held_now)
chart()
receipts(on_hold=held_now)
where_it_went()
what_works()
table()
