"""Many clips from lines or a table: what would be made, what it would cost, and what is wrong with which line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from rivya.models import GenerationRequest
from rivya.spec import BYTES_PER_MB, DEFAULT_MODEL, SEED_RANDOM
from studio.prompts import tables
from studio.prompts.advice import asked_in_words
from studio.prompts.batch import MAX_FILE_BYTES, Batch, BatchRow, cells_of, parse_batch, rest_of
from studio.prompts.templates import placeholders
from ui import draft
from ui.clip_view import shortened
from ui.feedback import error_text, plain, run_action
from ui.i18n import _, ngettext, number
from ui.labels import option_label, param_label, setting_text
from ui.panels.reference import uploader_takes
from ui.ratio_drawings import ratio_drawings
from ui.runtime import is_phone, person, studio
from ui.session import say, state_of

SHOWN_PROBLEMS = 5
NARROW_PIXELS, PHONE_PROMPT_PIXELS, PHONE_CHARACTERS = 80, 150, 20
HEAD_PIXELS, ROW_PIXELS, MOST_TABLE_PIXELS = 38, 35, 230
# The seed is the last one: it is drawn by chance in most lists, and then left out.
ASKED = ("aspect_ratio", "duration")
VARYING = ("aspect_ratio", "duration", "resolution", "seed")


@dataclass
class BatchState:
    """Counts the lists: each has an uploader of its own, which begins empty."""

    turn: int = 0


def is_list_in_hand() -> bool:
    """Whether there are lines, or a file, of which nothing is planned yet."""
    return bool(_lines().strip() or st.session_state.get(_file_key()))


def _lines() -> str:
    return st.session_state.get("queue_batch") or ""


def _file_key() -> str:
    return f"queue_batch_file_{state_of(BatchState).turn}"


def batch_desk(on_added: Callable[[], None]) -> None:
    """Take lines or a table, show the clips and the total, and plan them, unpaid; then ``on_added`` hears of it."""
    template = _template()
    file, key = None, _file_key()
    # Beside a file there is no use for lines, nor for a file beside lines; what they become comes into view.
    if st.session_state.get(key) and not _lines().strip():
        st.empty()
        lines = ""
    else:
        lines = st.text_area(
            _("Lines or a table"), key="queue_batch", height=130, persist_state="session",
            placeholder=_("One prompt in each line. Or a table whose first line names columns: prompt, duration …"),
        )  # fmt: skip
    if not (lines and lines.strip()) or st.session_state.get(key):
        file = st.file_uploader(
            _("CSV file"),
            type=["csv", "tsv", "txt"],
            key=key,
            max_upload_size=MAX_FILE_BYTES // BYTES_PER_MB,
        )
        limit = number(MAX_FILE_BYTES // BYTES_PER_MB)
        uploader_takes("queue_batch_file", _("CSV, TSV or text, up to {limit} MB", limit=limit))
    else:
        st.empty()
        st.empty()
    if file and lines and lines.strip():
        st.info(_("There are lines and a file. Take one of them away: the other is added."), icon=":material/info:")
        return
    given = file.getvalue() if file else lines or ""
    if not given or not given.strip():
        st.caption(_("The clips, their settings and the total appear here first."))
        return
    found = st.container()  # what is wrong stands right below the file
    st.caption(_("For lines that name none of these:"))
    batch = parse_batch(given, template=template, defaults=_settings())
    with found:
        _problems(batch)
        if batch.problems:
            _mending(given, template, {problem.line for problem in batch.problems})
        if batch.rows:
            batch = replace(batch, rows=_as_words_say(batch.rows))
            _plan_button(batch, given, template, on_added)
            _preview(batch.rows)


def _template() -> str:
    kept = studio().templates.all()
    if not kept:
        return ""
    name = st.selectbox(
        _("Template"), list(kept), key="queue_template", index=None, persist_state="session",
        placeholder=_("None: each line is a whole prompt"),
    )  # fmt: skip
    text = kept.get(name or "", "")
    if text:
        gaps = ", ".join(f"`{{{gap}}}`" for gap in placeholders(text))
        st.caption(_("{text} Columns: {gaps}", text=plain(text), gaps=gaps or "–"))
    return text


def _problems(batch: Batch) -> None:
    if batch.ignored_columns:
        names = plain(", ".join(batch.ignored_columns))
        st.warning(_("No clip uses these columns: {names}", names=names), icon=":material/view_column:")
    if not batch.problems:
        return
    words = [
        _("Line {line}: {words}", line=problem.line, words=plain(error_text(problem.error)))
        for problem in batch.problems[:SHOWN_PROBLEMS]
    ]
    more = len(batch.problems) - len(words)
    if more > 0:
        words.append(ngettext("and {count} more", "and {count} more", more))
    st.warning("\n\n".join(words), icon=":material/info:")


def _mending(given: str | bytes, template: str, bad_lines: set[int]) -> None:
    """Show the rows that cannot be made as a table that can be written in; what is mended becomes the list."""
    found = cells_of(given, template=template)
    if found is None:
        return
    headings, rows = found
    bad = [line for line in rows if line in bad_lines]
    names = [*headings, _("Line")]
    if not bad or len(set(names)) < len(names):  # a table to write in needs a name of its own for each column
        return
    st.caption(_("Correct the cells here; the clips below follow."))
    import pandas as pd  # noqa: PLC0415 - 70 MB, and only where a table is shown

    frame = pd.DataFrame([rows[line][: len(headings)] for line in bad], columns=headings, index=bad)
    frame.index.name = _("Line")
    st.data_editor(
        frame, key="queue_mending", width="stretch", disabled=[_("Line")], on_change=_mend,
        args=(headings, rows, bad),
    )  # fmt: skip


def _mend(headings: list[str], rows: dict[int, list[str]], bad: list[int]) -> None:
    """Write the mended cells into the list; a file is a list from now on."""
    for place, cells in st.session_state["queue_mending"]["edited_rows"].items():
        for heading, value in cells.items():
            rows[bad[int(place)]][headings.index(heading)] = "" if value is None else str(value)
    st.session_state["queue_batch"] = tables.written([headings, *rows.values()])
    state_of(BatchState).turn += 1


def _settings() -> dict[str, str | int | bool]:
    """Offer shape, length and sharpness for lines that name none; at first they are as on Generate."""
    saved = {**DEFAULT_MODEL.defaults, **draft.saved_params(), "seed": SEED_RANDOM}

    def chosen(key: str) -> str:
        return st.segmented_control(
            param_label(key), DEFAULT_MODEL.param(key).options, default=str(saved[key]), key=f"queue_{key}",
            required=True, label_visibility="collapsed", persist_state="session",
            format_func=partial(option_label, key),
        )  # fmt: skip

    with st.container(gap="xsmall", key="queue_settings"):
        shape = chosen("aspect_ratio")
        ratio_drawings("queue_aspect_ratio")
        with st.container(horizontal=True, gap="small"):
            return {**saved, "aspect_ratio": shape, **{key: chosen(key) for key in ("duration", "resolution")}}


def _as_words_say(rows: tuple[BatchRow, ...]) -> tuple[BatchRow, ...]:
    """Give lines what their own words ask for, unless that is switched off; return them as they will be made."""
    asked = {row.line: _asked(row) for row in rows}
    if not (count := sum(map(bool, asked.values()))):
        st.empty()
        return rows
    words = ngettext("Give {count} line the shape or length that it asks for",
                     "Give {count} lines the shape or length that they ask for", count)  # fmt: skip
    if not st.toggle(words, value=True, key="queue_as_words_say"):
        return rows
    return tuple(replace(row, params={**row.params, **asked[row.line]}) for row in rows)


def _asked(row: BatchRow) -> dict[str, str]:
    found = asked_in_words(row.prompt, row.params)
    return {key: value for key, value in found.items() if key in ASKED and key not in row.chosen}


def _preview(rows: Sequence[BatchRow]) -> None:
    # A table cuts what is too long for it in the middle of a letter.
    prompts = [shortened(row.prompt, PHONE_CHARACTERS) if is_phone() else row.prompt for row in rows]
    columns = {_("Line"): [row.line for row in rows], _("Prompt"): prompts}
    has_seed = any(row.params["seed"] != SEED_RANDOM for row in rows)
    for key in VARYING if has_seed else VARYING[:-1]:
        columns[param_label(key)] = [setting_text(key, row.params[key]) for row in rows]
    height = min(HEAD_PIXELS + ROW_PIXELS * len(rows), MOST_TABLE_PIXELS)
    import pandas as pd  # noqa: PLC0415

    # The settings have few letters; what is left is the prompt's. A phone has room for two of them.
    widths: dict[str, Any] = dict.fromkeys(columns, NARROW_PIXELS)
    widths[_("Prompt")] = PHONE_PROMPT_PIXELS if is_phone() else "medium"
    st.dataframe(
        pd.DataFrame(columns), hide_index=True, width="stretch", height=height, alt=_("The clips to add"),
        column_config={name: st.column_config.Column(width=width) for name, width in widths.items()},
        column_order=[_("Prompt"), *map(param_label, ASKED)] if is_phone() else None,
    )  # fmt: skip


def _plan_button(batch: Batch, given: str | bytes, template: str, on_added: Callable[[], None]) -> None:
    count = len(batch.rows)
    total = number(count * DEFAULT_MODEL.base_credits)
    cost = ngettext(
        "{count} clip · {total} credits once you start it",
        "{count} clips · {total} credits once you start them",
        count,
        total=total,
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            ngettext("Add {count} clip to the queue", "Add {count} clips to the queue", count), key="queue_plan",
            type="primary", icon=":material/playlist_add:", on_click=run_action,
            args=(_plan, batch, given, template, on_added, state_of(BatchState).turn),
        )  # fmt: skip
        st.caption(cost, width="content")


def _plan(batch: Batch, given: str | bytes, template: str, on_added: Callable[[], None], turn: int) -> None:
    """Put what can be made into the queue; what cannot stays in the list, to be mended.

    The second half of a double press finds that the list it was drawn for, of this ``turn``, is planned already.
    """
    if state_of(BatchState).turn != turn:
        return
    requests = [GenerationRequest(prompt=row.prompt, params=row.params) for row in batch.rows]
    studio().queue.plan(requests, person=person())
    on_added()
    bad = {problem.line for problem in batch.problems}
    st.session_state["queue_batch"] = rest_of(given, bad, template=template)
    words = _("Added. Nothing is paid yet.")
    if bad:
        left = ngettext("{count} line was not added and is still here.",
                        "{count} lines were not added and are still here.", len(bad))  # fmt: skip
        words = f"{words} {left}"
    say(words)
    st.session_state["queue_as_words_say"] = True  # the next list is looked at for itself
    state_of(BatchState).turn += 1
