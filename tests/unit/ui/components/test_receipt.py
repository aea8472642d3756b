"""A reading as its receipt, and earlier ones as a table."""

from datetime import UTC, datetime

import pytest

from tests.unit.ui.reading import of_kind, with_class, words
from tests.unit.ui.receipts import cause, receipt
from ui.components.receipt import LISTED, receipt_drawer_body, receipt_panel, receipts_table, verdict_mark
from ui.sync_words import VERDICT_WORDS


def facts(shown):
    (listing,) = with_class(receipt_panel(shown, "UTC"), "facts")
    names, texts = of_kind(listing, "Dt"), of_kind(listing, "Dd")
    return {words(name): words(text) for name, text in zip(names, texts, strict=True)}


def test_a_receipt_tells_what_was_asked_received_waited_for_and_changed():
    told = facts(
        receipt(received=1240, waits=3, waited_seconds=14.0, retries=1, refusals=2, changed=5, moved=["A → B"])
    )

    assert told["Issues expected"] == "1,234 by Jira's own count"
    assert told["Issues received"] == "1,234, 6 of them sent more than once"
    assert told["New, changed"] == "1,234, 5"
    assert told["Moved, deleted"] == "1, 0"
    assert told["Pages, requests"] == "13, 20"
    assert told["Waits"] == "3, 14 seconds in all"
    assert told["Tried again"] == "1 time"
    assert told["Told to slow down"] == "2 times"
    assert told["Took"] == "42 seconds"


def test_what_did_not_happen_is_said_in_words():
    told = facts(receipt(expected=None))

    assert told["Issues expected"] == "no count"
    assert told["Waits"] == "none"
    assert told["Tried again"] == told["Told to slow down"] == "never"
    assert not {"Missing", "Not removed", "Went on"} & set(told)


def test_a_reading_that_came_to_nothing_changes_nothing_that_is_kept():
    assert facts(receipt("failed", issues=0))["Issues kept"] == "as before"
    assert facts(receipt())["Issues kept"] == "1,234"


def test_gaps_and_a_resumption_are_told():
    told = facts(receipt("partial", missing=2, held_back=40, resumed=True))

    assert told["Missing"].startswith("2 issues")
    assert told["Not removed"].startswith("40 issues")
    assert "had stopped" in told["Went on"]


def test_a_verdict_that_is_not_complete_comes_with_its_cause_and_the_next_step():
    shown = words(receipt_panel(receipt("failed", cause=cause()), "UTC"))

    for part in ("failed", "Jira cannot be reached", "Jira is down", "Wait, or ask whoever runs it"):
        assert part in shown
    assert not with_class(receipt_panel(receipt(), "UTC"), "cause")


def test_long_lists_are_shown_in_part_and_say_how_much_more_there_is():
    shown = words(receipt_panel(receipt(deleted=[f"AB-{number}" for number in range(LISTED + 7)]), "UTC"))

    assert f"Deleted in Jira ({LISTED + 7})" in shown
    assert "and 7 more" in shown


@pytest.mark.parametrize("verdict", list(VERDICT_WORDS))
def test_a_verdict_is_a_word_and_not_only_a_colour(verdict):
    mark = verdict_mark(verdict)

    assert words(mark) == VERDICT_WORDS[verdict]
    assert "tone-" in mark.className


def test_the_table_names_its_columns_rows_and_zone():
    table = receipts_table([receipt(), receipt("failed", id="2", issues=0)], "Europe/Berlin")

    assert "Europe/Berlin" in words(of_kind(table, "Caption"))
    assert {head.scope for head in of_kind(of_kind(table, "Thead"), "Th")} == {"col"}
    assert [head.scope for head in of_kind(of_kind(table, "Tbody"), "Th")] == ["row", "row"]
    assert [button.id["receipt"] for button in of_kind(table, "Button")] == ["1", "2"]
    assert all("5 Mar 2026" in getattr(button, "aria-label") for button in of_kind(table, "Button"))
    assert table.tabIndex == 0


def test_without_readings_the_table_and_the_drawer_say_so():
    assert "no such readings" in words(receipts_table([], "UTC"))
    assert "not been read yet" in words(receipt_drawer_body(None, [], "UTC"))


def test_the_time_of_a_receipt_is_the_teams():
    shown = receipt(ended_at=datetime(2026, 3, 5, 15, 30, tzinfo=UTC))

    assert "5 Mar 2026, 16:30 (Europe/Berlin)" in words(receipt_drawer_body(shown, [shown], "Europe/Berlin"))
