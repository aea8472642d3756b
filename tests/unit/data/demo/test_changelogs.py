"""Where histories can be read on Cloud, how completely, and in which order."""

from datetime import UTC, datetime, timedelta

import pytest

from data.demo.faults import Faults
from tests.unit.data.demo.sites import (
    NOW,
    Asker,
    cloud,
    data_center,
    history,
    issue,
    label_item,
    numbered,
    status_item,
    talkative,
)

BULK = "/rest/api/3/changelog/bulkfetch"


def bulk_pages(asker, **body):
    pages, token = [], None
    while len(pages) < 50:
        page = asker.post(BULK, {**body, **({"nextPageToken": token} if token else {})}).json()
        pages.append(page["issueChangeLogs"])
        token = page.get("nextPageToken")
        if token is None:
            return pages
    raise AssertionError("the walk does not end")


def test_the_history_of_one_issue_is_paged_oldest_first():
    asker = Asker(cloud(talkative(1, 230)))
    path = "/rest/api/3/issue/AB-1/changelog"
    first = asker.get(path, maxResults=1000).json()
    assert (first["maxResults"], first["total"], first["isLast"], len(first["values"])) == (100, 230, False, 100)
    assert "startAt=100" in first["nextPage"]
    last = asker.get(path, startAt=200).json()
    assert (len(last["values"]), last["isLast"]) == (30, True)
    assert "nextPage" not in last
    times = [entry["created"] for entry in first["values"]]
    assert times == sorted(times)


def test_one_issue_with_its_history_gives_the_newest_hundred():
    changelog = Asker(cloud(talkative(1, 130))).get("/rest/api/3/issue/AB-1", expand="changelog").json()["changelog"]
    assert (changelog["total"], len(changelog["histories"])) == (130, 100)
    assert changelog["histories"][0]["id"] == "5129"


def test_histories_can_be_asked_for_by_their_ids():
    asker = Asker(cloud(talkative(1, 10)))
    answer = asker.post("/rest/api/3/issue/AB-1/changelog/list", {"changelogIds": [5003, 5007, 1]}).json()
    assert [entry["id"] for entry in answer["histories"]] == ["5003", "5007"]


def test_bulk_pages_count_histories_oldest_first_so_an_issue_may_be_split():
    base = NOW - timedelta(days=9)
    one = issue(
        1, histories=[history(1, base, label_item("", "a")), history(4, base + timedelta(3), label_item("a", ""))]
    )
    two = issue(2, histories=[history(2, base + timedelta(1), label_item("", "b"))])
    asker = Asker(cloud(one, two))
    pages = bulk_pages(asker, issueIdsOrKeys=["AB-1", "1002"], maxResults=2)
    told = [[(entry["issueId"], [h["id"] for h in entry["changeHistories"]]) for entry in page] for page in pages]
    assert told == [[("1001", ["1"]), ("1002", ["2"])], [("1001", ["4"])]]


def test_bulk_histories_are_complete_over_all_pages():
    asker = Asker(cloud(talkative(1, 130), talkative(2, 60), issue(3)))
    pages = bulk_pages(asker, issueIdsOrKeys=["1001", "1002", "1003"], maxResults=7)
    ids = [h["id"] for page in pages for entry in page for h in entry["changeHistories"]]
    assert len(ids) == len(set(ids)) == 190
    assert "1003" not in {entry["issueId"] for page in pages for entry in page}


def test_a_filter_leaves_only_entries_and_items_of_those_fields():
    mixed = history(1, NOW - timedelta(days=2), status_item("Backlog", "In Progress"), label_item("", "x"))
    other = history(2, NOW - timedelta(days=1), label_item("x", ""))
    asker = Asker(cloud(issue(1, histories=[mixed, other])))
    pages = bulk_pages(asker, issueIdsOrKeys=["1001"], fieldIds=["status"])
    told = pages[0][0]["changeHistories"]
    assert [(entry["id"], [item["fieldId"] for item in entry["items"]]) for entry in told] == [("1", ["status"])]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"issueIdsOrKeys": []},
        {"issueIdsOrKeys": [str(number) for number in range(1001)]},
        {"issueIdsOrKeys": ["1001"], "fieldIds": [str(number) for number in range(11)]},
        {"issueIdsOrKeys": ["1001"], "fieldIds": ["status", "status"]},
        {"issueIdsOrKeys": ["1001"], "fieldIds": [{}]},
        {"issueIdsOrKeys": ["1001"], "maxResults": 0},
        {"issueIdsOrKeys": ["1001"], "maxResults": 10_001},
        {"issueIdsOrKeys": ["1001"], "startAt": 0},
        {"issueIdsOrKeys": ["1001"], "nextPageToken": "made-up"},
    ],
)
def test_a_bulk_request_out_of_bounds_is_refused(body):
    assert Asker(cloud(issue(1))).post(BULK, body).status == 400


def test_bulk_histories_are_not_for_the_public():
    asker = Asker(cloud(issue(1)), headers={})
    assert asker.post(BULK, {"issueIdsOrKeys": ["1001"]}).status == 401


def one_history(fault):
    """The histories of one issue in bulk, spoiled."""
    asker = Asker(cloud(talkative(1, 11), faults=Faults.named(fault)))
    return bulk_pages(asker, issueIdsOrKeys=["1001"])[0][0]["changeHistories"]


def test_instants_can_come_as_epoch_numbers():
    start = datetime(2026, 2, 10, 9, 30, tzinfo=UTC)
    assert one_history("epoch-milliseconds")[0]["created"] == int(start.timestamp() * 1000)
    assert one_history("epoch-seconds")[0]["created"] == int(start.timestamp())


def test_histories_can_come_newest_first():
    assert [entry["id"] for entry in one_history("newest-first")] == [str(5000 + n) for n in range(10, -1, -1)]


def test_histories_can_lack_parts():
    assert all("author" not in entry for entry in one_history("without-author"))
    assert all("fieldId" not in item for entry in one_history("without-field-id") for item in entry["items"])
    bare = [item for entry in one_history("without-to") for item in entry["items"]]
    assert all("to" not in item and "toString" in item for item in bare)
    assert sum("items" not in entry for entry in one_history("without-items")) == 1


def test_a_history_can_be_kept_back():
    asker = Asker(cloud(talkative(1, 11), faults=Faults.named("without-changelog")))
    assert bulk_pages(asker, issueIdsOrKeys=["1001"]) == [[]]
    assert "changelog" not in asker.get("/rest/api/3/issue/AB-1", expand="changelog").json()


def test_data_center_gives_the_whole_history_oldest_first_with_the_issues():
    body = {"jql": "project = AB", "expand": ["changelog"], "fields": ["status"]}
    found = Asker(data_center(talkative(1, 130))).post("/rest/api/2/search", body).json()["issues"][0]
    ids = [entry["id"] for entry in found["changelog"]["histories"]]
    assert ids == [str(5000 + number) for number in range(130)]
    assert found["changelog"]["total"] == 130


def test_data_center_invents_no_history():
    asker = Asker(data_center(issue(1, histories=None), *numbered(3)[1:]))
    found = asker.post("/rest/api/2/search", {"jql": "order by key asc", "expand": ["changelog"]}).json()["issues"]
    assert ["changelog" in entry for entry in found] == [False, True, True]


def test_authors_are_accounts_on_cloud_and_names_on_data_center():
    on_cloud = Asker(cloud(talkative(1, 1))).get("/rest/api/3/issue/AB-1/changelog").json()["values"][0]["author"]
    body = {"jql": "", "expand": ["changelog"]}
    found = Asker(data_center(talkative(1, 1))).post("/rest/api/2/search", body).json()["issues"][0]
    author = found["changelog"]["histories"][0]["author"]
    assert "accountId" in on_cloud
    assert "name" not in on_cloud
    assert {"name", "key"} <= set(author)
    assert "accountId" not in author
