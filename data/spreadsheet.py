"""Tables as CSV that a spreadsheet shows and does not carry out."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable

Cell = str | float | bool | None

_FORMULA_STARTS = tuple("=+-@\t\r\n\0")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


def csv_text(lines: Iterable[Iterable[Cell]]) -> str:
    """RFC 4180, every text quoted; what is not known is empty, and what is or is not so is yes or no."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerows([_written(cell) for cell in line] for line in lines)
    return text.getvalue()


def _written(cell: Cell) -> str | float:
    if isinstance(cell, str):
        return safe_text(cell)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "" if cell is None else cell


def safe_text(text: str) -> str:
    """The text as a spreadsheet may hold it: what could be taken for a formula gets an apostrophe in front.

    A formula begins with one of few characters, also as full-width twins and after blanks; numbers stay numbers.
    """
    first = unicodedata.normalize("NFKC", text.lstrip(" \u00a0\u3000\ufeff\u200b")[:1])
    starts = first[:1] in _FORMULA_STARTS or text[:1] in _FORMULA_STARTS
    return f"'{text}" if starts and not _NUMBER.fullmatch(text) else text
