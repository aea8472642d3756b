"""The page about data quality: findings gravest first, each with its cure, and a clean history said to be clean."""

from data.data_quality import find_all
from data.finding_effects import effects_of
from data.metric import read_facts
from data.metric_catalogue import METRICS
from data.model import TeamRules
from tests.builders import at, issue, statuses
from tests.unit.ui.reading import of_kind, with_class, words
from ui.components.quality import effects_words
from ui.page import Sources, View
from ui.pages.quality import quality_body

NOW = at("2026-01-14 12:00")
DAY = "2026-01-{:02d} 09:00"


def facts_of(*issues):
    return read_facts(issues, {}, as_of=NOW, rules=TeamRules(), statuses=statuses())


def body(*issues):
    return quality_body(View(facts_of(*issues), 30, Sources("https://jira.example.com", {"UN-1": "<b>bold</b>"})))


def steady(number):
    """Started and finished as it should be, within the period."""
    return issue(
        f"OK-{number}", at(DAY.format(2)), moves=[(at(DAY.format(3)), "In Progress"), (at(DAY.format(5)), "Done")]
    )


def unstarted(number):
    return issue(f"UN-{number}", at(DAY.format(1)), moves=[(at(DAY.format(8)), "Done")])


def titles(page):
    return [title.children for title in of_kind(with_class(page, "finding"), "Title")][1:]


def test_findings_come_gravest_first_each_with_count_meaning_advice_and_linked_issues():
    page = body(*[unstarted(number) for number in range(1, 4)], steady(1))
    found = find_all(facts_of(*[unstarted(number) for number in range(1, 4)], steady(1)))

    assert titles(page) == [finding["code"].replace("_", " ").capitalize() for finding in found]
    assert "Warning: 3" in words(page)
    for finding in found:
        assert finding["message"] in words(page)
        assert finding["advice"] in words(page)
    links = {link.children: link.href for link in of_kind(page, "A")}
    assert links["UN-1"] == "https://jira.example.com/browse/UN-1"
    assert "<b>bold</b>" in words(page), "text from Jira stays text"


def test_the_first_twenty_issues_stand_open_and_the_rest_is_folded():
    page = body(*[unstarted(number) for number in range(1, 131)])
    block = next(card for card in with_class(page, "finding") if "Done without start" in words(card))
    lists = with_class(block, "issues")

    assert [len(of_kind(rows, "Li")) for rows in lists] == [20, 80]
    assert "Show 80 more" in words(block)
    assert "And 30 more that are not listed." in words(block)


def test_a_clean_history_is_said_to_be_clean():
    said = words(body(*[steady(number) for number in range(1, 8)]))

    assert "Nothing was found that the numbers cannot see: 23 checks over 7 issues." in said


def test_nothing_at_all_is_not_called_clean():
    assert "There is no issue to look at." in words(body())


def test_every_metric_has_its_trust_or_says_why_there_is_none():
    rows = of_kind(with_class(body(*[steady(number) for number in range(1, 8)]), "trust-list"), "Li")
    told = [words(row) for row in rows if with_class(row, "trust-name")]

    assert len(told) == len(METRICS)
    assert all("Trust:" in line or "no value" in line for line in told)


def effects_said(code, *issues):
    facts = facts_of(*issues)
    finding = next(one for one in find_all(facts) if one["code"] == code)
    return words(effects_words(effects_of(finding, facts, 30, METRICS)))


def test_how_far_a_finding_moves_the_numbers_is_told_in_their_units():
    """Seven days each from creation, instead of two from the start of the others."""
    said = effects_said("done_without_start", *[unstarted(number) for number in range(1, 8)], steady(1))

    assert "of the chosen period would change." in said
    assert "Flow time 2 days 7 days +5 days" in said
    assert "Would not change: " in said
    assert "Flow velocity" in said.split("Would not change: ")[1]


def test_where_nothing_else_can_be_read_it_says_so():
    assert effects_said("malformed_issue", "broken", steady(1)).startswith("That cannot be told")
