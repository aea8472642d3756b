"""Lists of issues: searchable, extended on request, linked only where it is safe."""

import pytest
from dash.development.base_component import Component

from tests.unit.ui.reading import of_kind, words
from ui.components.issue_list import FIRST, Listing, browse_url, issue_group, issue_rows
from ui.page import Sources

SITE = "https://jira.example.com/jira"
MANY = [f"AB-{number}" for number in range(1, 121)]


def test_a_key_links_to_its_page_on_the_teams_own_site():
    assert browse_url(SITE, "AB-12") == f"{SITE}/browse/AB-12"
    assert browse_url(SITE + "/", "AB-12") == f"{SITE}/browse/AB-12"


@pytest.mark.parametrize(
    ("site", "key"),
    [
        (None, "AB-1"),
        ("javascript:alert(1)//", "AB-1"),
        ("data:text/html,x", "AB-1"),
        (SITE, "javascript:alert(1)"),
        (SITE, "../../login?next=AB-1"),
        (SITE, 'AB-1" onclick="x'),
        (SITE, "(no key)"),
    ],
)
def test_what_could_lead_elsewhere_gets_no_link(site, key):
    assert browse_url(site, key) is None


def test_a_link_opens_apart_and_tells_the_other_page_nothing():
    (link,) = of_kind(issue_rows(Listing(["AB-1"]), Sources(SITE, {}), search="", limit=9), "A")

    assert (link.target, link.rel) == ("_blank", "noopener noreferrer")


def test_releases_have_no_page_to_link_to_even_when_named_like_an_issue():
    rows = issue_rows(Listing(["AB-1"], are_issues=False), Sources(SITE, {"AB-1": "no"}), search="", limit=9)

    assert not of_kind(rows, "A")
    assert words(rows) == "AB-1"


def test_a_summary_stays_text():
    hostile = '<img src=x onerror="alert(1)">'
    rows = issue_rows(Listing(["AB-1"]), Sources(None, {"AB-1": hostile}), search="", limit=9)

    (summary,) = [span for span in of_kind(rows, "Span") if span.className == "issue-summary"]
    assert summary.children == hostile
    assert not of_kind(rows, "Markdown")


def test_a_long_list_says_how_much_of_it_is_shown():
    rows = issue_rows(Listing(MANY), Sources(None, {}), search="", limit=FIRST)

    assert len(of_kind(rows, "Li")) == FIRST
    assert f"120 in all, {FIRST} shown" in words(rows)


def test_the_search_finds_keys_and_words_in_any_case():
    sources = Sources(None, {"AB-7": "Harbour lights"})

    assert words(issue_rows(Listing(MANY), sources, search=" harbour ", limit=50)).startswith("1 of 120 found, 1 shown")
    assert len(of_kind(issue_rows(Listing(MANY), sources, search="HARBOUR", limit=50), "Li")) == 1
    assert len(of_kind(issue_rows(Listing(MANY), sources, search="ab-11", limit=50), "Li")) == 11
    assert "None of 120 entries matches" in words(issue_rows(Listing(MANY), sources, search="zebra", limit=50))


def test_a_short_list_shows_neither_search_nor_button():
    def hidden(keys):
        group = issue_group("included", Listing(keys), Sources(None, {}))
        return [part.style for part in of_kind(group, "TextInput") + of_kind(group, "Button")]

    assert hidden(MANY) == [None, None]
    assert hidden(MANY[:FIRST]) == [{"display": "none"}] * 2


def test_a_list_is_as_many_components_to_dash_however_long_it_is():
    def components(limit):
        rows = issue_rows(Listing(MANY), Sources(SITE, {}), search="", limit=limit)
        return [part for part in rows._traverse() if isinstance(part, Component)]

    assert len(components(1)) == len(components(100)) <= 3


def test_a_note_stands_beside_its_key():
    rows = issue_rows(Listing(["AB-1"], notes={"AB-1": "3 weeks old"}), Sources(None, {}), search="", limit=9)

    assert words(rows) == "AB-1 3 weeks old"
