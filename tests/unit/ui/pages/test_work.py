"""The page about the work itself: every part in words, also when there is little or nothing to draw."""

from datetime import timedelta

from data.metric import read_facts
from data.model import TeamRules
from tests.builders import at, issue, statuses
from tests.unit.ui.reading import of_kind, with_class, words
from ui.page import Sources, View
from ui.pages.work import work_body

NOW = at("2026-01-14 12:00")
HOUR = timedelta(hours=1)
SITE = "https://marram.example"


def body(*issues, **rules):
    facts = read_facts(issues, {}, as_of=NOW, rules=TeamRules(**rules), statuses=statuses())
    return work_body(View(facts, 30, Sources(SITE, {"A-1": "Sand <b>drift</b>"})))


def finished(number, hours):
    done = NOW - timedelta(days=2)
    return issue(f"F-{number}", done - hours * HOUR, moves=[(done - hours * HOUR, "In Progress"), (done, "Done")])


def standing(key, hours, *moves, **more):
    return issue(key, NOW - hours * HOUR, moves=[(NOW - hours * HOUR, "In Progress"), *moves], **more)


DONE = [finished(number, 10 * number) for number in range(1, 21)]


def test_nothing_at_all_is_said_in_every_part():
    said = words(body())
    for sentence in ("Nothing is in progress", "No flow item existed", "No item with a known start", "Too little was"):
        assert sentence in said
    assert of_kind(body(), "Store") == []


def test_flow_debt_is_told_in_hours_an_item_or_as_none_or_as_not_known():
    aged = [standing(f"A-{number}", 700) for number in range(12)]
    for page, told in ((body(*DONE, *aged), " an item"), (body(*DONE), "none"), (body(), "not known")):
        (facts,) = [part for part in of_kind(page, "Dl") if "Flow debt" in words(part)]
        assert words(facts).endswith(told)
        assert words(facts).split("Flow debt ")[1] != " an item"


def test_the_oldest_item_is_named_first_and_linked():
    page = body(*DONE, standing("A-1", 500), standing("A-2", 20))
    first = of_kind(with_class(page, "ages")[0], "A")[0]
    assert (first.children, first.href) == ("A-1", f"{SITE}/browse/A-1")
    said = words(page)
    assert "1 of 2 items in progress is older than" in said
    assert "older than 95 of 100" in said
    assert "Sand <b>drift</b>" in said, "text from Jira stays text"


def test_an_unknown_chance_is_no_zero():
    assert "not known" in words(body(*DONE, standing("A-1", 500)))


def test_more_than_twenty_items_are_folded_away():
    page = body(*DONE, *[standing(f"A-{number}", 10 + number) for number in range(30)])
    assert "Show 10 more" in words(page)


def test_each_part_says_how_it_is_computed():
    assert words(body(*DONE, standing("A-1", 20))).count("How is this computed?") == 6


def test_what_blocks_is_listed_with_its_longest_item():
    blocked = standing("A-1", 50, (NOW - 30 * HOUR, "Blocked"))
    said = words(body(blocked, blocked_statuses=frozenset({"Blocked"})))
    assert "Blocked status" in said
    assert "30 hours" in said


def test_text_from_jira_enters_no_figure():
    """Chart text can interpret markup: odd keys stay outside, and the names of statuses are escaped."""
    odd = {"id": "77", "name": "<b>Odd</b>", "statusCategory": {"id": 4, "key": "indeterminate", "name": "x"}}
    strange = issue("<i>1</i>", NOW - 40 * HOUR, moves=[(NOW - 40 * HOUR, odd), (NOW - HOUR, "Done")])
    stores = of_kind(body(*DONE, strange), "Store")
    assert len(stores) == 4
    assert "&lt;b&gt;Odd&lt;/b&gt;" in str([store.data for store in stores])
    assert not any("<b>" in str(store.data) or "<i>" in str(store.data) for store in stores)
