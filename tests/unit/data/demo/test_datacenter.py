"""Jira Data Center's search and shapes, as the facts about the real one say."""

import pytest

from data.demo.faults import Faults
from data.demo.jira import Installation
from data.demo.rendering import sprint_text
from data.demo.team_workflow import EPIC_LINK, ISSUE_TYPES, SPRINT
from tests.unit.data.demo.sites import Asker, data_center, errors, issue, keys, numbered

SEARCH = "/rest/api/2/search"
SPRINTS = [
    {"id": 7, "name": "S 7 [short, a=b]", "state": "closed", "boardId": 3, "startDate": "2026-01-05T08:00:00.000Z"},
    {"id": 8, "name": "S 8", "state": "active", "boardId": 3, "goal": "fares, then refunds"},
]


@pytest.mark.parametrize(
    "path",
    [
        "/rest/api/3/myself",
        "/rest/api/3/search",
        "/rest/api/2/search/jql",
        "/rest/api/2/issue/AB-1/changelog",
        "/rest/api/2/changelog/bulkfetch",
        "/rest/api/2/project/search",
        "/rest/api/2/jql/parse",
    ],
)
def test_what_only_cloud_has_is_null_for_uri(path):
    answer = Asker(data_center(issue(1))).get(path)
    assert answer.status == 404
    assert answer.json() == {"message": f"null for uri: https://marram.example{path}", "status-code": 404}


def test_a_page_says_offset_size_and_total():
    page = Asker(data_center(*numbered(5))).post(SEARCH, {"jql": "", "startAt": 2, "maxResults": 2}).json()
    assert {name: page[name] for name in ("startAt", "maxResults", "total")} == {
        "startAt": 2,
        "maxResults": 2,
        "total": 5,
    }
    assert len(page["issues"]) == 2


def test_the_page_size_asked_for_is_silently_reduced_to_the_cap():
    for cap, expected in ((None, 1000), (100, 100)):
        jira = data_center(*numbered(3), installation=Installation(page_cap=cap))
        assert Asker(jira).get(SEARCH, jql="", maxResults=5000).json()["maxResults"] == expected


def test_a_page_of_nothing_tells_the_exact_count():
    page = Asker(data_center(*numbered(5))).get(SEARCH, jql="project = AB", maxResults=0).json()
    assert (page["total"], page["issues"]) == (5, [])


def test_an_offset_walk_reads_every_issue_once():
    asker = Asker(data_center(*numbered(25)))
    seen = []
    while page := keys(asker.post(SEARCH, {"jql": "order by key asc", "startAt": len(seen), "maxResults": 10})):
        seen += page
    assert seen == [f"AB-{number}" for number in range(1, 26)]


def test_an_issue_edited_during_a_walk_makes_another_one_slip_through():
    """Ordered by what changes, everything behind the edited issue moves one place to the left."""
    jira = data_center(*numbered(4))
    asker = Asker(jira)
    body = {"jql": "order by updated asc", "maxResults": 2}
    first = keys(asker.post(SEARCH, {**body, "startAt": 0}))
    jira.store.put(issue(1))
    second = keys(asker.post(SEARCH, {**body, "startAt": 2}))
    assert (first, second) == (["AB-1", "AB-2"], ["AB-4", "AB-1"])


def test_beyond_the_result_window_nothing_can_be_read():
    jira = data_center(*numbered(3), installation=Installation(result_window=10_000))
    answer = Asker(jira).post(SEARCH, {"jql": "", "startAt": 9500, "maxResults": 600})
    assert answer.status == 500
    assert errors(answer)[0].startswith(
        "Search limit exceeded. We couldn't complete your search because it requests 10,100 results "
        "which exceeded the search platform limit of 10,000."
    )
    assert Asker(jira).post(SEARCH, {"jql": "", "startAt": 9500, "maxResults": 500}).status == 200


@pytest.mark.parametrize("name", ["fields", "expand"])
def test_a_text_where_a_list_belongs_is_refused_in_a_body(name):
    answer = Asker(data_center(issue(1))).post(SEARCH, {"jql": "", name: "summary"})
    assert answer.status == 400
    assert errors(answer) == ["Can not deserialize instance of java.util.ArrayList out of VALUE_STRING token"]


@pytest.mark.parametrize("body", [{"startAt": "0"}, {"nextPageToken": "x"}, {"fields": [1]}, {"jql": None}])
def test_a_body_with_other_wrong_parts_is_refused(body):
    assert Asker(data_center(issue(1))).post(SEARCH, {"jql": "", **body}).status == 400


def test_an_unbounded_query_is_allowed():
    assert Asker(data_center(*numbered(2))).post(SEARCH, {"jql": ""}).json()["total"] == 2


def test_a_deleted_key_fails_the_query_unless_it_is_not_validated():
    asker = Asker(data_center(*numbered(2)))
    body = {"jql": "key in (AB-1, DELETED-1)"}
    answer = asker.post(SEARCH, body)
    assert answer.status == 400
    assert errors(answer) == ["An issue with key 'DELETED-1' does not exist for field 'key'."]
    lenient = asker.post(SEARCH, {**body, "validateQuery": False}).json()
    assert [found["key"] for found in lenient["issues"]] == ["AB-1"]
    assert lenient["warningMessages"] == ["An issue with key 'DELETED-1' does not exist for field 'key'."]


def test_without_fields_everything_navigable_is_told():
    found = Asker(data_center(issue(1))).post(SEARCH, {"jql": ""}).json()["issues"][0]["fields"]
    assert "summary" in found
    assert "description" not in found


def test_users_have_names_and_types_no_level_and_text_is_text():
    found = Asker(data_center(issue(1))).post(SEARCH, {"jql": "", "fields": ["*all"]}).json()["issues"][0]["fields"]
    assert set(found["assignee"]) >= {"name", "key", "displayName", "emailAddress"}
    assert "accountId" not in found["assignee"]
    assert "hierarchyLevel" not in found["issuetype"]
    assert found["description"] == "plain"


def test_an_epic_is_a_link_and_only_a_sub_task_has_a_parent():
    epic = {"id": "1", "key": "AB-1", "fields": {"issuetype": ISSUE_TYPES["Epic"]}}
    story = {"id": "2", "key": "AB-2", "fields": {"issuetype": ISSUE_TYPES["Story"]}}
    jira = data_center(issue(3, parent=epic, **{EPIC_LINK: "AB-1"}), issue(4, parent=story))
    four, three = Asker(jira).post(SEARCH, {"jql": "", "fields": ["parent", EPIC_LINK]}).json()["issues"]
    assert three["fields"] == {EPIC_LINK: "AB-1"}
    assert four["fields"]["parent"]["key"] == "AB-2"


def test_sprints_are_texts_whose_order_of_parts_varies():
    jira = data_center(issue(1, **{SPRINT: SPRINTS}))
    seventh, eighth = Asker(jira).post(SEARCH, {"jql": "", "fields": [SPRINT]}).json()["issues"][0]["fields"][SPRINT]
    assert seventh.startswith("com.atlassian.greenhopper.service.sprint.Sprint@")
    assert "[id=7,rapidViewId=3,state=CLOSED,name=S 7 [short, a=b],startDate=2026-01-05T08:00:00.000Z" in seventh
    assert eighth.endswith(",sequence=8,goal=fares, then refunds,id=8]")
    assert "endDate=<null>" in sprint_text(SPRINTS[0])


def test_totals_can_count_what_no_page_holds():
    asker = Asker(data_center(*numbered(3), faults=Faults.named("total-too-large")))
    page = asker.post(SEARCH, {"jql": ""}).json()
    assert (page["total"], len(page["issues"])) == (10, 3)
    assert asker.post(SEARCH, {"jql": "", "startAt": 3}).json()["issues"] == []


def test_every_request_is_below_the_context_path():
    jira = data_center(issue(1), installation=Installation(context_path="jira/"))
    assert Asker(jira).get("/rest/api/2/serverInfo").status == 404
    info = Asker(jira, prefix="/jira").get("/rest/api/2/serverInfo").json()
    assert info["baseUrl"] == "https://marram.example/jira"


def test_a_missing_issue_is_named_in_data_centers_words():
    answer = Asker(data_center(issue(1))).get("/rest/api/2/issue/AB-9")
    assert (answer.status, errors(answer)) == (404, ["Issue Does Not Exist"])


def test_an_offset_walk_loses_an_issue_when_one_before_it_vanishes():
    """Offsets count what is there now, so whoever trusts them is led past an issue."""
    asker = Asker(data_center(*numbered(6)))

    def page(start):
        body = {"jql": "project = AB ORDER BY created ASC, key ASC", "startAt": start, "maxResults": 3}
        return asker.post("/rest/api/2/search", body).json()

    first = page(0)
    asker.jira.store.delete("AB-1")
    second = page(3)
    seen = [found["key"] for found in first["issues"] + second["issues"]]
    assert (first["total"], second["total"]) == (6, 5)
    assert seen == ["AB-1", "AB-2", "AB-3", "AB-5", "AB-6"]
