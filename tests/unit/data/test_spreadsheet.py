"""What a spreadsheet may be given."""

import csv
import io

import pytest

from data.spreadsheet import csv_text, safe_text

HOSTILE = (
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff20x",
    " =1",
    "\u00a0=1",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_could_be_a_formula_gets_an_apostrophe(text):
    assert safe_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["EX-1", "-5", "-5.25", "a=b", "", "1e-7", "(no key)"])
def test_other_texts_and_numbers_stay_as_they_are(text):
    assert safe_text(text) == text


def test_texts_are_quoted_numbers_are_not_and_the_unknown_is_empty():
    assert csv_text([("route", "p95"), ("=1+1", -5.5), ('a, "b"', None), (True, 0)]) == (
        '"route","p95"\r\n"\'=1+1",-5.5\r\n"a, ""b""",""\r\n"yes",0\r\n'
    )


def test_what_is_written_is_read_again():
    lines = [["/metrics/<path:rest>", "line\nbreak", 12.5, ""], ["\u00e4\u4e2d", "tab\tinside", 3, "x"]]

    read = list(csv.reader(io.StringIO(csv_text(lines), newline="")))

    assert read == [[str(cell) for cell in line] for line in lines]
