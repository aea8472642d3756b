"""Jira Cloud's searches and bulk reads, as the facts about the real one say."""

from datetime import UTC, datetime, timedelta

import pytest

from data.demo.clock import VirtualClock
from data.demo.faults import Faults
from data.demo.jira import Installation
from tests.unit.data.demo.sites import NOW, PROJECT, Asker, cloud, errors, issue, keys, numbered, talkative

SEARCH = "/rest/api/3/search/jql"


@pytest.mark.parametrize("version", ["2", "3", "latest"])
@pytest.mark.parametrize("path", ["search", "search/id", "expression/eval"])
def test_the_old_search_is_gone(version, path):
    answer = Asker(cloud(issue(1))).post(f"/rest/api/{version}/{path}", {"jql": "project = AB"})
    assert answer.status == 410
    assert answer.json()["errors"] == {}
    assert errors(answer)[0].startswith(
        "The requested API has been removed. Please migrate to the /rest/api/3/search/jql"
    )


def test_the_old_search_is_gone_for_reads_as_well():
    assert Asker(cloud(issue(1))).get("/rest/api/3/search", jql="project = AB").status == 410


def test_an_unknown_path_is_a_page_not_json():
    answer = Asker(cloud(issue(1))).get("/rest/api/3/nonsense")
    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_page_says_neither_total_nor_offset():
    page = Asker(cloud(*numbered(3))).search(maxResults=2).json()
    assert set(page) == {"issues", "nextPageToken", "isLast"}
    assert page["isLast"] is False


def test_the_last_page_has_no_token():
    pages = Asker(cloud(*numbered(3))).walk(maxResults=2)
    assert [len(page["issues"]) for page in pages] == [2, 1]
    assert pages[-1]["isLast"] is True
    assert "nextPageToken" not in pages[-1]


def test_a_walk_reads_every_issue_once_by_get_and_by_post():
    asker = Asker(cloud(*numbered(250)))
    by_post = [found["key"] for page in asker.walk(fields=["summary"], maxResults=100) for found in page["issues"]]
    by_get, token = [], ""
    while token is not None:
        page = asker.get(SEARCH, jql="project = AB", fields="summary", maxResults=100, nextPageToken=token).json()
        by_get += [found["key"] for found in page["issues"]]
        token = page.get("nextPageToken")
    assert by_post == by_get
    assert len(set(by_post)) == len(by_post) == 250


def test_without_fields_only_the_identity_is_told():
    found = Asker(cloud(issue(1))).search().json()["issues"][0]
    assert found["id"] == "1001"
    assert "fields" not in found


def test_fields_can_be_named_starred_and_left_out():
    asker = Asker(cloud(issue(1)))

    def told(*fields):
        return set(asker.search(fields=list(fields)).json()["issues"][0]["fields"])

    assert told("summary", "status", "no_such_field") == {"summary", "status"}
    assert "description" in told("*all")
    assert "description" not in told("*navigable")
    assert told("*all") - told("*all", "-summary") == {"summary"}


def test_a_page_holds_a_hundred_issues_but_five_thousand_ids():
    asker = Asker(cloud(*numbered(120)))
    assert len(asker.search(fields=["summary"], maxResults=5000).json()["issues"]) == 100
    assert len(asker.search(fields=["id"], maxResults=5000).json()["issues"]) == 120
    assert len(asker.search(fields=["key"], maxResults=5000).json()["issues"]) == 120


def test_the_page_size_is_fifty_unless_asked_for():
    assert len(Asker(cloud(*numbered(60))).search().json()["issues"]) == 50


@pytest.mark.parametrize(
    "body",
    [
        {"startAt": 0},
        {"validateQuery": True},
        {"failFast": True},
        {"fields": "summary"},
        {"fields": [{}]},
        {"expand": ["changelog"]},
        {"maxResults": "100"},
        {"maxResults": True},
        {"jql": 7},
    ],
)
def test_what_the_interface_does_not_know_is_refused_in_a_body(body):
    assert Asker(cloud(issue(1))).post(SEARCH, {"jql": "project = AB", **body}).status == 400


def test_an_offset_in_a_get_is_ignored_without_a_word():
    """A client that pages by offset reads the first page again and again."""
    asker = Asker(cloud(*numbered(5)))
    first = asker.get(SEARCH, jql="project = AB", fields="summary", maxResults=2, startAt=0)
    second = asker.get(SEARCH, jql="project = AB", fields="summary", maxResults=2, startAt=2)
    assert keys(first) == keys(second)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"jql"', b"\xff\xfe"])
def test_a_body_that_is_no_object_is_refused(body):
    asker = Asker(cloud(issue(1)))
    assert asker.jira.handle("POST", SEARCH, asker.headers, body).status == 400


def test_a_token_belongs_to_its_query():
    asker = Asker(cloud(*numbered(5)))
    token = asker.search(maxResults=2).json()["nextPageToken"]
    assert asker.search("project = AB ORDER BY created", nextPageToken=token).status == 400
    assert asker.search(nextPageToken="made-up").status == 400
    assert asker.search(nextPageToken=token).status == 200


def test_a_walk_sees_the_issues_as_they_were_when_it_began():
    asker = Asker(cloud(*numbered(4)))
    first = asker.search("project = AB ORDER BY updated ASC", fields=["summary"], maxResults=2).json()
    asker.jira.store.put(issue(1))
    token = first["nextPageToken"]
    second = asker.search("project = AB ORDER BY updated ASC", fields=["summary"], maxResults=2, nextPageToken=token)
    assert [found["key"] for found in first["issues"]] + keys(second) == ["AB-1", "AB-2", "AB-3", "AB-4"]


def test_times_are_told_in_the_zone_of_the_account_with_an_offset_without_colon():
    born = datetime(2026, 1, 15, 23, 30, 5, 42_000, tzinfo=UTC)
    for zone, text in (
        ("UTC", "2026-01-15T23:30:05.042+0000"),
        ("America/Los_Angeles", "2026-01-15T15:30:05.042-0800"),
        ("Asia/Kolkata", "2026-01-16T05:00:05.042+0530"),
    ):
        found = Asker(cloud(issue(1, created=born), timezone=zone)).search(fields=["created"]).json()["issues"][0]
        assert found["fields"]["created"] == text


def test_descriptions_are_documents_in_version_3_and_text_in_version_2():
    asker = Asker(cloud(issue(1)))
    body = {"jql": "project = AB", "fields": ["description"]}
    assert asker.post(SEARCH, body).json()["issues"][0]["fields"]["description"]["type"] == "doc"
    older = asker.post("/rest/api/2/search/jql", body).json()["issues"][0]
    assert older["fields"]["description"] == "plain"


def test_an_embedded_history_is_cut_to_the_newest_forty():
    found = Asker(cloud(talkative(1, 55))).search(expand="changelog", fields=["status"]).json()["issues"][0]
    changelog = found["changelog"]
    assert (changelog["total"], len(changelog["histories"]), changelog["maxResults"]) == (55, 40, 40)
    told = [int(history["id"]) for history in changelog["histories"]]
    assert told == list(range(5054, 5014, -1))


def test_no_history_is_invented_for_an_issue_that_has_none():
    asker = Asker(cloud(issue(1, histories=None)))
    assert "changelog" not in asker.search(expand="changelog", fields=["status"]).json()["issues"][0]
    assert "changelog" not in asker.get("/rest/api/3/issue/AB-1", expand="changelog").json()


def test_the_approximate_count_needs_a_bounded_query():
    asker = Asker(cloud(*numbered(7)))
    path = "/rest/api/3/search/approximate-count"
    assert asker.post(path, {"jql": "project = AB"}).json() == {"count": 7}
    assert asker.post(path, {"jql": ""}).status == 400


def test_the_search_index_lags_behind_writes_but_reads_by_id_do_not():
    clock = VirtualClock(NOW)
    jira = cloud(issue(1), clock=clock, installation=Installation(index_lag=timedelta(seconds=30)))
    asker = Asker(jira)
    jira.store.put(issue(2))
    assert keys(asker.search(fields=["summary"])) == ["AB-1"]
    assert keys(asker.search(fields=["summary"], reconcileIssues=[1002])) == ["AB-2", "AB-1"]
    assert asker.get("/rest/api/3/issue/AB-2").status == 200
    assert len(asker.post("/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": ["AB-2"]}).json()["issues"]) == 1
    clock.sleep(31)
    assert keys(asker.search(fields=["summary"])) == ["AB-2", "AB-1"]


def test_a_deleted_issue_leaves_the_index_only_after_the_lag():
    clock = VirtualClock(NOW)
    jira = cloud(*numbered(2), clock=clock, installation=Installation(index_lag=timedelta(seconds=30)))
    jira.store.delete("AB-1")
    asker = Asker(jira)
    assert keys(asker.search(fields=["summary"])) == ["AB-2", "AB-1"]
    assert asker.get("/rest/api/3/issue/AB-1").status == 404
    clock.sleep(31)
    assert keys(asker.search(fields=["summary"])) == ["AB-2"]


def test_at_most_fifty_issues_are_reconciled():
    assert Asker(cloud(issue(1))).search(reconcileIssues=list(range(51))).status == 400


def test_bulk_issues_come_by_ascending_id_and_missing_ones_are_just_missing():
    asker = Asker(cloud(*numbered(5)))
    names = ["AB-4", "1002", "AB-99", "77", "AB-2"]
    answer = asker.post("/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": names, "fields": ["summary"]}).json()
    assert [found["id"] for found in answer["issues"]] == ["1002", "1004"]
    assert answer["issueErrors"] == []


@pytest.mark.parametrize("count", [0, 101])
def test_bulk_issues_are_one_to_a_hundred(count):
    names = [str(number) for number in range(count)]
    assert Asker(cloud(issue(1))).post("/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": names}).status == 400


def test_a_moved_issue_keeps_its_id_and_answers_to_its_old_key():
    jira = cloud(issue(1), issue(2), projects=(PROJECT, {"id": "20", "key": "CD", "name": "Second"}))
    jira.store.move("AB-1", "CD-9", {"id": "20", "key": "CD", "name": "Second"})
    asker = Asker(jira)
    moved = asker.get("/rest/api/3/issue/AB-1", expand="changelog").json()
    assert (moved["id"], moved["key"], moved["fields"]["project"]["key"]) == ("1001", "CD-9", "CD")
    items = [item for history in moved["changelog"]["histories"] for item in history["items"]]
    assert [(item["field"], item["fromString"], item["toString"]) for item in items] == [
        ("Key", "AB-1", "CD-9"),
        ("project", "Alphabet", "Second"),
    ]
    assert keys(asker.search("project = AB", fields=["summary"])) == ["AB-2"]
    assert keys(asker.search("project = CD", fields=["summary"])) == ["CD-9"]


def test_without_permission_a_project_and_its_issues_do_not_exist():
    jira = cloud(issue(1))
    jira.store.hide_project("AB")
    asker = Asker(jira)
    assert errors(asker.search("project = AB")) == ["The value 'AB' does not exist for the field 'project'."]
    assert asker.search("created >= -900d").json()["issues"] == []
    assert asker.get("/rest/api/3/issue/AB-1").status == 404


def test_queries_are_checked_in_the_body_of_a_200():
    asker = Asker(cloud(issue(1)))
    queries = ["project = AB", "project query", "project = ITM", "universe = 1"]
    answer = asker.post("/rest/api/3/jql/parse", {"queries": queries})
    assert answer.status == 200
    first, second, third, fourth = answer.json()["queries"]
    assert "structure" in first
    assert "Expecting operator but got 'query'" in second["errors"][0]
    assert "warnings" in third
    assert "errors" not in third
    assert "does not exist or you do not have permission" in fourth["errors"][0]


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("no-is-last", lambda pages: all("isLast" not in page for page in pages)),
        ("null-token", lambda pages: pages[-1]["nextPageToken"] is None),
        ("short-page", lambda pages: [len(page["issues"]) for page in pages] == [1, 1, 1, 1, 1]),
        ("empty-page:1", lambda pages: [len(page["issues"]) for page in pages] == [0, 2, 2, 1]),
        ("lost-token", lambda pages: pages == [pages[0]] and pages[0]["isLast"] is False),
    ],
)
def test_a_walk_can_be_spoiled(fault, check):
    pages = Asker(cloud(*numbered(5), faults=Faults.named(fault))).walk(maxResults=2)
    assert check(pages)


def test_a_repeated_token_never_ends():
    asker = Asker(cloud(*numbered(5), faults=Faults.named("repeated-token")))
    token = asker.search(maxResults=2).json()["nextPageToken"]
    for _ in range(4):
        assert asker.search(maxResults=2, nextPageToken=token).json()["nextPageToken"] == token


def test_a_token_can_expire():
    asker = Asker(cloud(*numbered(5), faults=Faults.named("expired-token")))
    token = asker.search(maxResults=2).json()["nextPageToken"]
    assert asker.search(maxResults=2, nextPageToken=token).status == 400


def test_pages_can_overlap():
    pages = Asker(cloud(*numbered(5), faults=Faults.named("duplicate-issues"))).walk(maxResults=2)
    ids = [found["id"] for page in pages for found in page["issues"]]
    assert len(ids) > len(set(ids)) == 5
