"""Reading single Jira field values: texts, yes-or-no, named references."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import NoneType
from typing import Any, TypeVar

from data.model import FALSE_WORDS

Read = TypeVar("Read")


def folded(value: object) -> str:
    """Text as names and ids are compared: case-folded, stripped; a missing value is empty."""
    return "" if value is None else str(value).strip().casefold()


def is_filled(value: object) -> bool:
    """Whether Jira holds anything here: not null, not blank text, not an empty list."""
    return not (value is None or value == [] or (isinstance(value, str) and not value.strip()))


def spelt(value: object) -> Iterator[str]:
    """The texts of a value: a select's `value` or `name`, each element of a list; nothing for other objects."""
    if isinstance(value, list):
        for element in value:
            yield from spelt(element)
    elif type(value) is dict or isinstance(value, Mapping):
        label = value.get("value", value.get("name"))
        if label is not None and not isinstance(label, Mapping | list):
            yield str(label).strip()
    elif is_filled(value):
        yield str(value).strip()


def texts(value: object) -> Iterator[str]:
    """The same as they are compared: case-folded."""
    return (text.casefold() for text in spelt(value))


def matches(value: object, words: Collection[str]) -> bool:
    """Whether any text of the value is among `words`, which are folded."""
    return any(text in words for text in texts(value))


def says_yes(value: object) -> bool:
    """Whether a filled yes-or-no field says anything but "no"; of a list, one yes is enough."""
    if isinstance(value, list):
        return any(says_yes(element) for element in value)
    if not is_filled(value):
        return False
    if isinstance(value, int | float):
        return bool(value)
    return not matches(value, FALSE_WORDS)


def says_no(value: object) -> bool:
    """Whether a yes-or-no field is filled and says "no"."""
    return is_filled(value) and not says_yes(value)


def objects(value: object) -> Sequence[Mapping[str, Any]]:
    """The objects in a list field such as `fixVersions`; anything else counts as none."""
    if not isinstance(value, list):
        return ()
    return [element for element in value if type(element) is dict or isinstance(element, Mapping)]


def objects_of_all(values: Sequence[object]) -> tuple[list[int], list[Mapping[str, Any]]]:
    """The objects of many such fields one after another, and how many each field has."""
    lists = [value if isinstance(value, list) else [] for value in values]
    found = [*chain.from_iterable(lists)]
    if not set(map(type, found)) <= {dict}:
        lists = [[*objects(value)] for value in values]
        found = [*chain.from_iterable(lists)]
    return [*map(len, lists)], found


def are_texts(values: Iterable[object]) -> bool:
    """Whether all are texts, or missing: then equal ones are the same to us, which 1 and True are not."""
    return set(map(type, values)) <= {str, NoneType}


def read_once(read: Callable[[object], Read], values: Sequence[object]) -> list[Read]:
    """What is read from each value; equal texts are read once."""
    if not are_texts(values):
        return [read(value) for value in values]
    known = {value: read(value) for value in dict.fromkeys(values)}
    return [known[value] for value in values]


def reference(record: Mapping[str, Any]) -> str:
    """How a version, issue or status is recognised again: its id, else its name or key."""
    for name in ("id", "name", "key"):
        if is_filled(record.get(name)):
            return str(record[name]).strip()
    return ""
