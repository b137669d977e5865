"""Batches: each line and each row becomes the clip that was meant, or a problem with its line."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rivya.errors import InvalidRequestError
from rivya.models import find_problems
from rivya.spec import DEFAULT_MODEL
from studio.errors import TableError
from studio.prompts.batch import cells_of, parse_batch, rest_of
from studio.prompts.tables import written

DEFAULTS = {**DEFAULT_MODEL.defaults, "resolution": "480p"}


def batch(text, template=""):
    return parse_batch(text, template=template, defaults=DEFAULTS)


def made(text, template=""):
    """Return the prompts of a batch that has no problem."""
    found = batch(text, template)
    assert found.problems == ()
    return [row.prompt for row in found.rows]


def changes(row):
    return {key: value for key, value in row.params.items() if DEFAULTS[key] != value}


def test_each_line_is_a_prompt():
    """Blank lines are nothing, a number sign is text, and the line is counted in the paste."""
    found = batch("\ufeffA cat, a dog; a bird\r\n\r\n  # 1 wins the race \rএকটি নৌকা ভাসছে 🛶\nقرب تطفو")
    assert [(row.line, row.prompt) for row in found.rows] == [
        (1, "A cat, a dog; a bird"),
        (3, "# 1 wins the race"),
        (4, "একটি নৌকা ভাসছে 🛶"),
        (5, "قرب تطفو"),
    ]
    assert found.problems == ()
    assert all(row.params == DEFAULTS for row in found.rows)


def test_a_line_twice_is_two_takes():
    """Nobody asks why the same clip is wanted twice."""
    assert made("A cat walks\nA cat walks") == ["A cat walks"] * 2


def test_a_line_with_quotation_marks_is_no_table():
    """Quotes are part of the prompt, paired or not."""
    assert made('"Run", she says\nA 5" nail\n"open') == ['"Run", she says', 'A 5" nail', '"open']


@pytest.mark.parametrize(
    "first", ["seed", "A seed, of a mango", "A prompt answer, duration unknown", "Prompt: a cat, a dog"]
)
def test_words_of_a_prompt_do_not_make_a_heading(first):
    """Only a cell that is a heading and nothing else makes a table."""
    assert made(first) == [first]


@pytest.mark.parametrize("first", ["prompt", "Seed, of a mango", "animal", "\n\nanimal"])
def test_a_heading_without_rows_is_said(first):
    """A prompt that reads like a heading does not vanish in silence."""
    found = batch(first, "A {animal} runs")
    (problem,) = found.problems
    assert (found.rows, problem.line) == ((), 1 + first.count("\n"))


def test_lines_fill_the_one_gap_of_a_template():
    """Each line once, as it is, wherever the gap stands."""
    assert made("cat\n{dog}\n৩টি নৌকা", "A {animal}, and the {animal} runs") == [
        "A cat, and the cat runs",
        "A {dog}, and the {dog} runs",
        "A ৩টি নৌকা, and the ৩টি নৌকা runs",
    ]


def test_a_template_without_gaps_leaves_lines_alone():
    """The lines are the prompts."""
    assert made("A cat walks", "A dog {{barks}}") == ["A cat walks"]


def test_lines_cannot_fill_two_gaps():
    """That is one problem which names the gaps, and nothing is made."""
    found = batch("\ncat\ndog", "A {animal} in {a place}")
    assert found.rows == ()
    (problem,) = found.problems
    assert problem.line == 2
    assert problem.error.values["gaps"] == "{animal}, {a place}"
    assert batch("\n", "A {animal} in {a place}").problems == ()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", [None, "utf-8", "utf-8-sig", "utf-16"])
def test_a_table_fills_a_template_and_sets_what_differs(separator, encoding):
    """Columns go by name, in any case, script and order; an empty cell keeps the default."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(
        [
            ["Aspect ratio", "ANIMAL", "রঙের নাম", "Fixed camera", "note"],
            ["9:16", "cat, or dog; or both", "লাল", "Yes", "mine"],
            ["", "two\nlines", "نيلي", "", ""],
            ["", "", "", "", ""],
            ["1:1", "{x}", "🛶", "off", "'=1"],
        ]
    )
    given_text = text.getvalue() if encoding is None else text.getvalue().encode(encoding)
    found = batch(given_text, "A {রঙের নাম} {animal} runs")
    assert found.problems == ()
    assert [(row.line, row.prompt, changes(row)) for row in found.rows] == [
        (2, "A লাল cat, or dog; or both runs", {"aspect_ratio": "9:16", "camera_fixed": "true"}),
        (3, "A نيلي two\nlines runs", {}),
        (6, "A 🛶 {x} runs", {"aspect_ratio": "1:1"}),
    ]
    assert found.ignored_columns == ("note",)


@pytest.mark.parametrize("headings", ["aspect,duration,resolution", "RATIO,duration (s),Resolution"])
def test_a_column_may_be_called_as_people_call_it(headings):
    """What costs credits is not planned in another shape for a heading's sake."""
    found = parse_batch(f"prompt,{headings}\nA boat,9:16,10,480p", defaults={})
    assert found.problems == found.ignored_columns == ()
    assert found.rows[0].params == {
        **found.rows[0].params,
        "aspect_ratio": "9:16",
        "duration": "10",
        "resolution": "480p",
    }


def test_a_table_of_prompts_needs_no_template():
    """A prompt column may have gaps of its own, which the other columns fill."""
    assert made('prompt,place\nA cat runs,\n"A cat, in {place}",রাস্তায়\nA {{b}} dog,') == [
        "A cat runs",
        "A cat, in রাস্তায়",
        "A {b} dog",
    ]


def test_in_a_table_of_one_column_commas_belong_to_the_text():
    """With quotation marks round the cell or without."""
    assert made('Prompt\nA cat, running; fast\n"A dog, ""Rex"", barks"') == [
        "A cat, running; fast",
        'A dog, "Rex", barks',
    ]
    assert made("animal\ncat\ndog", "A {animal} runs") == ["A cat runs", "A dog runs"]


def test_settings_alone_repeat_the_template():
    """A sweep of seeds needs no prompt column; without a template there is nothing to repeat."""
    sweep = batch("seed,duration\n1,5\n2,10", "A cat walks home")
    assert [(row.prompt, row.params["seed"], row.params["duration"]) for row in sweep.rows] == [
        ("A cat walks home", 1, "5"),
        ("A cat walks home", 2, "10"),
    ]
    assert [problem.line for problem in batch("seed,duration\n1,5\n2,10").problems] == [2, 3]


def test_a_prompt_column_beside_a_template_is_not_dropped_in_silence():
    """The template is what is made; the column that nobody used is named."""
    found = batch("animal,prompt\ncat,A dog sleeps", "A {animal} runs")
    assert [row.prompt for row in found.rows] == ["A cat runs"]
    assert found.ignored_columns == ("prompt",)
    (problem,) = batch("prompt\nA dog sleeps", "A {animal} runs").problems
    assert problem.error.values["gaps"] == "{animal}"


@pytest.mark.parametrize(
    ("heading", "cell", "key", "value"),
    [
        ("duration", "10", "duration", "10"), ("Duration", "10 s", "duration", "10"), ("DURATION", "10sec.", "duration", "10"),
        ("Duration (s)", "10.0", "duration", "10"), ("সম\u09dfকাল", "10", "duration", "10"), ("সম\u09af\u09bcকাল", "10", "duration", "10"),
        ("সময়কাল", "১০ সেকেন্ড", "duration", "10"),
        ("Resolution", "1080", "resolution", "1080p"), ("resolution", "720P", "resolution", "720p"),
        ("aspect ratio", "16:09", "aspect_ratio", "16:9"), ("Aspect-Ratio", "09:16:00", "aspect_ratio", "9:16"),
        ("ASPECT_RATIO", "21 x 9", "aspect_ratio", "21:9"), ("aspect ratio", "4/3", "aspect_ratio", "4:3"),
        ("Fixed camera", "ON", "camera_fixed", "true"), ("camera fixed", "TRUE", "camera_fixed", "true"),
        ("camera_fixed", "no", "camera_fixed", "false"), ("স্থির ক্যামেরা", "চালু", "camera_fixed", "true"),
        ("Safety checker", "Off", "enable_safety_checker", "false"), ("enable safety checker", "0", "enable_safety_checker", "false"),
        ("Seed", "42", "seed", 42), ("seed", "42.0", "seed", 42), ("seed", "-1", "seed", -1), ("seed", "random", "seed", -1),
        ("seed", "৪২", "seed", 42),
    ],
)  # fmt: skip
def test_settings_are_read_as_people_and_spreadsheets_write_them(heading, cell, key, value):
    """The value is the wire's, whatever the spelling."""
    (row,) = batch(f"prompt\t{heading}\nA cat walks\t{cell}").rows
    assert row.params[key] == value


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("duration", "7"), ("duration", "1O"), ("resolution", "4K"), ("aspect_ratio", "2:1"), ("aspect_ratio", "wide"),
        ("camera_fixed", "maybe"), ("seed", "-2"), ("seed", "1.5"), ("seed", "9" * 5000), ("seed", "2147483648"),
    ],
)  # fmt: skip
def test_a_setting_that_is_not_possible_is_a_problem_of_its_line(heading, cell):
    """It is never made with the default instead, and the other rows are made."""
    found = batch(f"prompt\t{heading}\nA cat walks\t{cell}\nA dog walks\t")
    (problem,) = found.problems
    assert problem.line == 2
    assert isinstance(problem.error, InvalidRequestError)
    assert problem.error.field == heading
    assert [row.line for row in found.rows] == [3]


@pytest.mark.parametrize(
    ("text", "template", "line"),
    [
        ("prompt,seed\nA cat, running,5\nA dog runs,5", "", 2),
        ("prompt,\nA cat,running\nA dog runs,", "", 2),
        ("animal,place\ncat,\ndog,home", "A {animal} goes {place}", 2),
        ("animal,seed\ndog,1\n,2", "A {animal} walks", 3),
        ("A {cat} walks\nA dog walks", "", 1),
        ("A dog walks\na\0b", "", 2),
        ("A dog walks\n\ud800", "", 2),
        ("A dog walks\n" + "ক" * 10_001, "", 2),
        ("A dog walks\n\u200b", "", 2),
        ('prompt\nA dog walks\n"never closed', "", 3),
    ],
)
def test_a_row_that_is_not_right_is_a_problem_and_the_others_are_made(text, template, line):
    """No cut prompt, no open gap and no half character is ever made."""
    found = batch(text, template)
    assert [problem.line for problem in found.problems] == [line]
    assert [row.prompt for row in found.rows if "dog" in row.prompt] == [row.prompt for row in found.rows]
    assert len(found.rows) == 1


@pytest.mark.parametrize("text", ["prompt,Seed,seed\nA cat,1,2", "prompt,Fixed camera,camera_fixed\nA cat,on,off"])
def test_a_column_twice_is_one_problem(text):
    """Nobody guesses which of the two is meant."""
    found = batch(text)
    assert (found.rows, [problem.line for problem in found.problems]) == ((), [1])


@pytest.mark.parametrize(
    "data", [b"\xff\xfex", b"PK\x03\x04\xff\xff", "café".encode("latin-1"), b"x" * (10 * 1024**2 + 1)]
)
def test_a_file_that_is_no_text_is_one_problem(data):
    """With words that say what to save it as."""
    found = batch(data)
    assert (found.rows, [problem.line for problem in found.problems]) == ((), [1])


def test_ten_thousand_characters_are_a_prompt():
    """As a line, in a table, and put together from a template."""
    text = "কি" * 5000
    assert made(text) == [text]
    assert made(f"prompt,seed\n{text},1") == [text]
    assert made(text[:-2], "{x}ab") == [text[:-2] + "ab"]
    assert batch(text[:-2], "{x}abc").rows == ()


@pytest.mark.parametrize("head", ["", "prompt,seed\n"])
@pytest.mark.parametrize("line", ["A cat walks,1", "A cat, walks,1"])
def test_two_hundred_and_no_more(head, line):
    """200 rows are read; with one more, one problem names the limit and nothing is made."""
    whole = batch(head + f"{line}\n" * 200)
    assert len(whole.rows) + len(whole.problems) == 200
    found = batch(head + f"{line}\n" * 201)
    assert found.rows == ()
    (problem,) = found.problems
    assert isinstance(problem.error, TableError)
    assert (problem.error.values["limit"], problem.line) == (200, 201 + bool(head))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ['"', "{", "{a}", ",", "x\n", "prompt,", "\n", " "])
def test_a_huge_paste_is_answered(piece):
    """Megabytes of braces, quotes, separators or lines are no clip, and cost a moment only."""
    assert batch(piece * (2 * 1024**2 // len(piece)), "A {a} runs").rows == ()


@given(
    st.one_of(
        st.text(max_size=300), st.binary(max_size=300), st.text(max_size=200).map(lambda text: f"prompt,seed\n{text}")
    ),
    st.sampled_from(["", "A cat walks", "A {animal} walks", "{a} {b}"]),
)
@example('prompt\n"', "")
@example("\0prompt\n\0", "")
def test_whatever_is_pasted_nothing_raises_and_what_is_made_can_be_sent(text, template):
    """Each row passes the check of the form, and each problem has words."""
    found = parse_batch(text, template=template, defaults=DEFAULTS)
    assert all(find_problems(row.prompt, row.params) == [] for row in found.rows)
    assert all(problem.error.user_message.format(**problem.error.values) for problem in found.problems)
    assert all(item.line >= 1 for item in (*found.rows, *found.problems))


WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Z"], exclude_characters="{}"), min_size=1, max_size=30
)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=20))
def test_every_cell_arrives_whole(cells):
    """Whatever is in a cell stands in the prompt."""
    text = io.StringIO()
    csv.writer(text).writerows([["animal", "place"], *([f"x{a}", f"x{b}"] for a, b in cells)])
    assert made(text.getvalue(), "{animal} in {place}") == [f"x{a} in x{b}" for a, b in cells]


def test_a_bad_cell_can_be_mended_where_it_stands():
    """The table comes back cell by cell, also with commas and line breaks inside; mended, it is a good one."""
    pasted = 'prompt,duration\n"A boat, a kite\nand a moon",7\nA kite,5\n'
    assert [problem.line for problem in parse_batch(pasted, defaults=DEFAULTS).problems] == [2]
    headings, rows = cells_of(pasted)
    assert (headings, rows) == (["prompt", "duration"], {2: ["A boat, a kite\nand a moon", "7"], 4: ["A kite", "5"]})
    rows[2][1] = "10"
    mended = parse_batch(written([headings, *rows.values()]), defaults=DEFAULTS)
    assert mended.problems == ()
    assert [(row.prompt, row.params["duration"]) for row in mended.rows] == [
        ("A boat, a kite\nand a moon", "10"), ("A kite", "5"),
    ]  # fmt: skip
    assert cells_of("A boat\nA kite") is None
    assert cells_of(b"\xff\xfe\x00") is None


@pytest.mark.parametrize(
    ("pasted", "bad", "rest"),
    [
        ("prompt,duration\nA boat,7\nA kite,5\n", {2}, "prompt,duration\nA boat,7\n"),
        ("A boat\n\nA {gap}\nA kite", {3}, "A {gap}"),
        ("A boat\nA kite", set(), ""),
    ],
)
def test_what_cannot_be_made_stays_in_the_list(pasted, bad, rest):
    """A table keeps its headings, a list its lines."""
    assert rest_of(pasted, bad) == rest
