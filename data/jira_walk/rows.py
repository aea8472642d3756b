"""What a walk asks for and what it brings: issues as rows of plain values, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from data.jira_walk.changelogs import HistoryFields

Row = dict[str, Any]
State = dict[str, Any]
Answered = TypeVar("Answered")


@dataclass(frozen=True)
class Question:
    """Which issues (`where` is bounded JQL without ORDER BY), and what to tell of each."""

    where: str
    fields: tuple[str, ...]
    history_fields: HistoryFields = field(default_factory=HistoryFields)


@dataclass(frozen=True)
class Batch:
    """Finished rows of one page, and the state to resume from once they are safe.

    A row is `{"id", "key", "fields", "changelog": {"histories"}}`; without `changelog` when Jira would not give its
    history, without readable `fields` when it would not give those. `pages` counts the answers read so far in this
    run. `expected` is how many issues there are in all, None while that is not known; the last batch always knows.
    """

    rows: list[Row]
    state: State
    expected: int | None
    pages: int


@dataclass
class Page:
    """Rows as they come out of one answer or a few, with the reasons for what could not be used."""

    rows: list[Row] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    answers: int = 1
    state: State = field(default_factory=dict)
    expected: int | None = None


def issue_id(entry: Any) -> str | None:
    """The id by which an issue is known for ever, whatever its key becomes."""
    found = entry.get("id") if isinstance(entry, dict) else None
    usable = isinstance(found, str | int) and not isinstance(found, bool) and found != ""
    return str(found) if usable else None


def is_whole(entry: Any) -> bool:
    return issue_id(entry) is not None and isinstance(entry.get("fields"), dict)


def unusable(entry: Any) -> str:
    """Why an entry of a list of issues is none that can be kept."""
    named = entry.get("key") if isinstance(entry, dict) else None
    return f"issue {named} has no id" if named else "an entry among the issues is not an issue"


def row_of(entry: dict[str, Any], identity: str) -> Row:
    return {"id": identity, "key": entry.get("key"), "fields": entry.get("fields")}


def read_rows(entries: Iterable[Any]) -> Page:
    page = Page()
    for entry in entries:
        identity = issue_id(entry)
        if identity is None:
            page.skipped.append(unusable(entry))
        else:
            page.rows.append(row_of(entry, identity))
    return page


def asked_again(ask: Callable[[], Answered], is_sound: Callable[[Answered], bool]) -> Answered:
    """The answer; where it is damaged, that to the same question put once more."""
    answer = ask()
    return answer if is_sound(answer) else ask()


def field_text(row: Row, name: str) -> str | None:
    fields = row.get("fields")
    text = fields.get(name) if isinstance(fields, dict) else None
    return text if isinstance(text, str) else None


def cut(items: Sequence[Answered], size: int) -> Iterable[Sequence[Answered]]:
    return (items[start : start + size] for start in range(0, len(items), size))
