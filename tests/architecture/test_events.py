"""Every record has a named event, and the table of events in docs/operations.md is what the code does."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.demo_logs import logged_by_a_demo_start

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = ROOT / "docs" / "operations.md"
ALWAYS = {"event", "request_id", "callback"}
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


@cache
def table():
    """Event to (levels, fields), from the document."""
    rows = re.findall(
        r"^\| `([a-z_]+\.[a-z_]+)` \| ([A-Z, ]+) \| ([^|]*)\|", OPERATIONS.read_text("utf-8"), re.MULTILINE
    )
    return {
        event: (set(levels.strip().split(", ")), set(re.findall(r"`(\w+)`", fields))) for event, levels, fields in rows
    }


def product_files():
    rooms = ("configuration", "data", "ui", "callbacks")
    return [ROOT / "app.py", *(path for room in rooms for path in sorted((ROOT / room).rglob("*.py")))]


def is_logging(node):
    """`logger.info(...)`, also of a logger kept under another name or asked for on the spot."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS):
        return False
    owner = ast.unparse(node.func.value)
    return owner.split(".")[-1].lower().endswith(("logger", "log")) or "getLogger" in owner or owner == "logging"


class Call:
    """One logging call of the product, with the function that it stands in."""

    def __init__(self, path, function, node):
        self.place = f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
        self.method = node.func.attr
        self.message = node.args[1 if self.method == "log" else 0]
        self.extra = next((keyword.value for keyword in node.keywords if keyword.arg == "extra"), None)
        self.function = function

    @property
    def event(self):
        pairs = self._pairs(self.extra) if isinstance(self.extra, ast.Dict) else {}
        return getattr(pairs.get("event"), "value", None)

    @property
    def fields(self):
        """What can be read off the code: names in the literal, and in literals that the merged names were given."""
        names = {name for name in self._pairs(self.extra) if name != "event"}
        merged = {
            ast.unparse(value) for key, value in zip(self.extra.keys, self.extra.values, strict=True) if key is None
        }
        return names | {name for found in ast.walk(self.function) for name in self._given(found, merged)}

    @staticmethod
    def _pairs(literal):
        return {
            key.value: value
            for key, value in zip(literal.keys, literal.values, strict=True)
            if isinstance(key, ast.Constant)
        }

    def _given(self, node, merged):
        if not isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            return
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if ast.unparse(target) in merged:
                for literal in [part for part in ast.walk(node.value) if isinstance(part, ast.Dict)]:
                    yield from self._pairs(literal)
            elif isinstance(target, ast.Subscript) and ast.unparse(target.value) in merged:
                yield target.slice.value


@cache
def calls():
    found = []
    for path in product_files():
        tree = ast.parse(path.read_text("utf-8"))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        for node in ast.walk(tree):
            if is_logging(node):
                around = [function for function in functions if any(part is node for part in ast.walk(function))]
                found.append(Call(path, around[-1] if around else tree, node))
    return tuple(found)


def test_the_walk_finds_the_calls_there_are():
    """A walk that found nothing would agree with any table."""
    text = "".join(path.read_text("utf-8") for path in product_files())

    assert (
        len(calls()) == len(re.findall(r"\b_?logger\.(?:debug|info|warning|error|exception|critical|log)\(", text)) > 20
    )


@pytest.mark.parametrize("call", calls(), ids=lambda call: call.place)
def test_a_record_has_a_sentence_for_people_and_a_listed_event_for_machines(call):
    assert isinstance(call.message, ast.Constant), "the message is a literal, its facts are arguments"
    assert re.match(r"(?:[A-Z]|%s )\S* ?.* \S", call.message.value), call.message.value
    assert call.event is not None, 'the event stands in a literal: extra={"event": "area.what_happened", ...}'
    levels, fields = table()[call.event]
    assert call.method == "log" or {"exception": "error"}.get(call.method, call.method).upper() in levels
    assert call.fields - ALWAYS <= fields


def test_every_listed_event_is_logged_somewhere():
    assert table().keys() == {call.event for call in calls()}


def test_the_table_is_in_the_order_of_the_alphabet():
    assert list(table()) == sorted(table())


@pytest.fixture(scope="module")
def entries(tmp_path_factory):
    return logged_by_a_demo_start(tmp_path_factory.mktemp("logs"))


def test_what_a_demo_start_really_logs_has_exactly_the_listed_fields(entries):
    seen = {}
    for entry in entries:
        context = entry["context"]
        seen.setdefault(context["event"], set()).update(context)
        levels, fields = table()[context["event"]]
        assert entry["level"] in levels
        assert context.keys() - ALWAYS <= fields

    assert seen.keys() >= {
        "jira.connected",
        "jira.answered",
        "jira.page_fetched",
        "fetch.finished",
        "metric.calculated",
    }
    for event, found in seen.items():
        assert found - ALWAYS == table()[event][1] - ALWAYS, event


def test_every_listed_field_is_in_the_code_or_in_what_is_really_logged(entries):
    known = {}
    for call in calls():
        known.setdefault(call.event, set()).update(call.fields)
    for entry in entries:
        known.setdefault(entry["context"]["event"], set()).update(entry["context"])

    assert {event: fields - known[event] for event, (_, fields) in table().items() if fields - known[event]} == {}
