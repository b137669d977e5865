"""Templates: gaps are found in any script, filled literally, and survive a spreadsheet."""

from __future__ import annotations

import codecs
import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rivya.errors import RivyaError
from studio.errors import TableError
from studio.prompts.tables import harmless, restored
from studio.prompts.templates import Template, fill, parse, placeholders, ready, to_csv, to_json

CAT = Template("Cat", "A {colour} cat walks home")
BOAT = Template("নৌকা", "একটি {রঙের নাম} নৌকা, বৃষ্টিতে ভাসছে 🛶")
ARABIC = Template("قارب", "قارب {لون} يطفو على الماء")
LISTED = [CAT, BOAT, ARABIC]

KEPT = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
NAMES = st.text(KEPT, min_size=1, max_size=80).map(str.strip).filter(bool)
TEXTS = st.text(KEPT, min_size=1, max_size=300).filter(lambda text: text.strip())
TEMPLATES = st.lists(st.builds(Template, NAMES, TEXTS), max_size=8, unique_by=lambda template: template.name)


def outcome(data: bytes) -> list[Template] | TableError:
    try:
        return parse(data)
    except TableError as error:
        return error


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A {colour} cat and a {colour} dog near {a place}", ["colour", "a place"]),
        ("{রঙের নাম} নৌকা, {আবহাওয়া}", ["রঙের নাম", "আবহাওয়া"]),
        ("{لون} و {שם}", ["لون", "שם"]),
        ("{a-b_2} { spaced }", ["a-b_2", "spaced"]),
        ("{{colour}} is plain, {{{colour}}} is not", ["colour"]),
        ("{" + "x" * 40 + "}", ["x" * 40]),
        ("{" + "x" * 41 + "} {} { } {-} {a,b} {a\nb} {🛶} {a\0} { a { b } }", ["b"]),
        ("no gap at all } {", []),
    ],
)
def test_gaps_are_found_in_any_script(text, names):
    """Each name once, in order; what cannot be a name is plain text."""
    assert placeholders(text) == names


def test_a_gap_is_filled_and_an_empty_one_stays():
    """Missing and empty values leave the gap where it is, so that it can be seen."""
    text = "A {colour} cat, {light}, {mood}"
    assert fill(text, {"colour": "red", "light": ""}) == "A red cat, {light}, {mood}"
    assert fill(BOAT.text, {"রঙের নাম": "লাল"}) == "একটি লাল নৌকা, বৃষ্টিতে ভাসছে 🛶"
    assert fill("{{colour}} {{{colour}}} {a,b}", {"colour": "red", "a,b": "no"}) == "{colour} {red} {a,b}"


@pytest.mark.parametrize("value", ["{b}", "{{b}}", r"\1\g<0>", "{", "}}", "a\0b", "লাল {b}", "x" * 10_000])
def test_values_go_in_as_they_are(value):
    """A value is never read for gaps, braces or patterns."""
    assert fill("{a}-{b}", {"a": value, "b": "B"}) == f"{value}-B"


@given(st.text(max_size=200), st.dictionaries(st.text(max_size=10), st.text(max_size=10)))
def test_filling_never_stumbles_and_text_without_braces_stays(text, values):
    """Whatever is written, filling returns a text."""
    assert isinstance(fill(text, values), str)
    plain = text.replace("{", "").replace("}", "")
    assert fill(plain, values) == plain


@given(TEMPLATES)
def test_csv_and_json_come_back_as_they_went(templates):
    """Nothing is lost on the way out and in: line ends, quotes, formulas, apostrophes, any script."""
    assert parse(to_csv(templates), "templates.csv") == templates
    assert parse(to_json(templates), "templates.json") == templates


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "'=", "''+", "＝", "＠"])  # noqa: RUF001 - full-width signs
def test_a_spreadsheet_runs_no_template(start):
    """A cell that would be a formula starts with an apostrophe, and comes back without."""
    template = Template("x", f"{start}1+1")
    _, cells = csv.reader(io.StringIO(to_csv([template]).decode("utf-8-sig"), newline=""))
    assert cells[1] == f"'{start}1+1"
    assert parse(to_csv([template])) == [template]


@given(st.text(alphabet="'=+-@ \t\nax", max_size=12))
def test_the_apostrophe_is_taken_back_exactly_once(cell):
    """A cell that never needed one keeps its own."""
    assert restored(harmless(cell)) == cell


def test_an_apostrophe_of_ones_own_stays():
    """Only the one before a formula is ours."""
    assert parse(b"name,text\nx,'tis a boat")[0].text == "'tis a boat"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_spreadsheets_write_is_read(encoding, separator):
    """Any of the separators in any of the encodings, with headings in any case and order."""
    rows = [["Prompt", "note", "NAME"], *([t.text, "x", t.name] for t in LISTED)]
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([*rows[:2], ["", "", ""], *rows[2:]])
    assert parse(text.getvalue().encode(encoding)) == LISTED


def test_big_endian_is_read_too():
    """The byte order mark says which."""
    assert parse(codecs.BOM_UTF16_BE + "name,text\na,নৌকা".encode("utf-16-be")) == [Template("a", "নৌকা")]


@pytest.mark.parametrize(
    "content",
    [
        [{"name": t.name, "text": t.text} for t in LISTED],
        [{"Name": t.name, "prompt": t.text, "id": 5} for t in LISTED],
        {"templates": [{"name": t.name, "text": t.text} for t in LISTED]},
        {t.name: t.text for t in LISTED},
    ],
)
@pytest.mark.parametrize("filename", ["", "a.json", "a.csv"])
def test_three_shapes_of_json_are_read(content, filename):
    """A list, a list under its name, or names and texts; the file's name does not matter."""
    assert parse(json.dumps(content).encode(), filename) == LISTED


def test_of_two_with_one_name_the_later_wins():
    """In the place of the first."""
    assert parse(b"name,text\na,1\nb,2\n a ,3") == [Template("a", "3"), Template("b", "2")]


@pytest.mark.parametrize(
    ("data", "line", "field"),
    [
        (b"name,text\na,A cat\n,A dog", 3, "name"),
        (b'name,text\n"a","two\nlines"\nb, ', 4, "text"),
        (b"name,text\nb", 2, "text"),
        ("name,text\n" + "ক" * 81 + ",x", 2, "name"),
        ("name,text\nx," + "🛶" * 10_001, 2, "text"),
        (b"name,text\nx,a\0b", 2, "text"),
        (b"name,text\nx,a cat, running", 2, ""),
        (b'name,text\na,b\nx,"never closed\ny,z', 3, ""),
        (b"title,text\nx,y", 1, ""),
        (b"", 1, ""),
        (b'[{"name": "a", "text": "b"}, {"name": "c"}]', 2, "text"),
        (b'[{"name": "a", "text": 5}]', 1, "text"),
        (b'[{"name": "a", "text": "\\ud800"}]', 1, "text"),
        (b'[{"name": "a"},\n{"name" "b"}]', 2, ""),
        (b"[" * 100_000, 1, ""),
        (b"\xff\xfex", None, ""),
        ("name,text\ncafé,x".encode("latin-1"), None, ""),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line_and_field(data, line, field):
    """The complaint names the place, fills its own gaps, and is one of ours."""
    with pytest.raises(TableError) as caught:
        parse(data if isinstance(data, bytes) else data.encode())
    assert (caught.value.line, caught.value.field) == (line, field)
    words = caught.value.user_message.format(**caught.value.values)
    assert line is None or str(line) in words
    assert field in words
    assert isinstance(caught.value, RivyaError)


def test_each_limit_is_met_and_not_passed():
    """80 characters of name, 10,000 of text, 500 templates and 1 MB pass; one more does not."""
    full = Template("ক" * 80, "x" * 10_000)
    assert parse(to_csv([full])) == [full]
    many = [Template(f"n{number}", "x") for number in range(501)]
    assert len(parse(to_csv(many[:500]))) == len(parse(to_json(many[:500]))) == 500
    padding = b"name,text\na,b" + b"\n" * (1024**2 - 13)
    assert parse(padding) == [Template("a", "b")]
    for data, values in [
        (to_csv(many), {"limit": 500, "line": 502}),
        (to_json(many), {"limit": 500, "line": 501}),
        (padding + b"\n", {"limit_mb": 1, "size_mb": 1.0}),
        (to_csv([Template("n", "x" * 10_001)]), {"count": 10_001, "limit": 10_000, "excess": 1}),
        (to_csv([Template("n" * 81, "x")]), {"count": 81, "limit": 80, "excess": 1}),
    ]:
        with pytest.raises(TableError) as caught:
            parse(data)
        assert values.items() <= caught.value.values.items()


def test_a_complaint_never_quotes_a_prompt():
    """What goes to a log holds no text of a template."""
    with pytest.raises(TableError) as caught:
        parse(to_csv([Template("secret name", "secret" * 2000)]))
    assert "secret" not in str(caught.value)


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda data: b"name,text\n" + data)))
def test_any_bytes_are_templates_or_a_complaint(data):
    """Nothing but ``TableError`` comes out, and what is read is within the limits."""
    found = outcome(data)
    if isinstance(found, TableError):
        assert found.user_message.format(**found.values)
    else:
        assert all(template.name and template.text.strip() for template in found)


def test_ready_templates_have_gaps_that_can_be_filled_in_any_language():
    """Each can be filled and sent; what is translated is translated gaps and all."""
    for text in ready(lambda words: words if "{" in words else words.upper()).values():
        gaps = placeholders(text)
        assert gaps
        assert gaps == [gap.upper() for gap in gaps]
        assert "{" not in fill(text, dict.fromkeys(gaps, "x"))
