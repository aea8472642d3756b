"""What both flavours tell about themselves, and how their boards answer."""

import pytest

from data.demo.jira import SimulatedJira
from data.demo.team import demo_site
from tests.unit.data.demo.sites import PROJECT, Asker, board, cloud, data_center, errors, issue, numbered

VERSIONS = tuple(
    {"id": str(number), "name": f"1.{number}", "released": number < 3, "archived": False, "projectId": 10}
    for number in range(5)
)
SPRINTS = (
    {"id": 1, "name": "S1", "state": "closed", "boardId": 3, "startDate": "2026-01-05T08:00:00.000Z"},
    {"id": 2, "name": "S2", "state": "future", "boardId": 3},
)


@pytest.fixture(scope="module")
def demo():
    return demo_site()


def test_the_flavour_is_told_by_the_server():
    cloudy = Asker(cloud(issue(1))).get("/rest/api/2/serverInfo").json()
    assert (cloudy["deploymentType"], cloudy["version"]) == ("Cloud", "1001.0.0-SNAPSHOT")
    assert cloudy["serverTime"] == "2026-03-02T09:30:00.000+0000"
    older = Asker(data_center(issue(1))).get("/rest/api/2/serverInfo").json()
    assert older["deploymentType"] == "Server"
    assert older["versionNumbers"][0] == 9


def test_status_categories_have_their_real_keys():
    told = Asker(cloud(issue(1))).get("/rest/api/3/statuscategory").json()
    assert {entry["key"]: entry["id"] for entry in told} == {"undefined": 1, "new": 2, "indeterminate": 4, "done": 3}


def test_what_belongs_to_one_project_only_is_listed_on_cloud_with_its_scope(demo):
    on_cloud = Asker(SimulatedJira(demo)).get("/rest/api/3/status").json()
    scoped = [status for status in on_cloud if "scope" in status]
    assert [status["name"] for status in scoped] == ["Done", "Triage"]
    older = Asker(SimulatedJira(demo, flavour="datacenter"))
    assert len(older.get("/rest/api/2/status").json()) == len(on_cloud) - 2
    assert not any("scope" in field for field in older.get("/rest/api/2/field").json())
    of_project = Asker(SimulatedJira(demo)).get("/rest/api/3/project/MAR/statuses").json()
    assert "Triage" not in {status["name"] for status in of_project[0]["statuses"]}


def test_fields_are_described_by_schema_and_names_may_repeat(demo):
    fields = Asker(SimulatedJira(demo)).get("/rest/api/3/field").json()
    by_id = {field["id"]: field for field in fields}
    assert by_id["customfield_10020"]["schema"]["custom"] == "com.pyxis.greenhopper.jira:gh-sprint"
    assert by_id["status"]["schema"] == {"type": "status", "system": "status"}
    assert sum(field["name"] == "Squad" for field in fields) == 2


def test_projects_are_paged_on_cloud_and_a_plain_list_on_data_center():
    many = tuple({**PROJECT, "id": str(n), "key": f"P{n}"} for n in range(130))
    asker = Asker(cloud(issue(1), projects=many))
    first = asker.get("/rest/api/3/project/search", maxResults=1000).json()
    assert (first["maxResults"], first["total"], first["isLast"], len(first["values"])) == (100, 130, False, 100)
    last = asker.get("/rest/api/3/project/search", startAt=100).json()
    assert (last["isLast"], len(last["values"])) == (True, 30)
    assert len(Asker(data_center(issue(1), projects=many)).get("/rest/api/2/project").json()) == 130


def test_versions_come_as_a_list_and_on_cloud_in_pages():
    asker = Asker(cloud(issue(1), versions=VERSIONS))
    assert [version["name"] for version in asker.get("/rest/api/3/project/AB/versions").json()] == [
        "1.0",
        "1.1",
        "1.2",
        "1.3",
        "1.4",
    ]
    page = asker.get("/rest/api/3/project/10/version", maxResults=2).json()
    assert (page["total"], page["isLast"], len(page["values"])) == (5, False, 2)
    released = asker.get("/rest/api/3/project/AB/version", status="released").json()
    assert released["total"] == 3
    assert Asker(data_center(issue(1), versions=VERSIONS)).get("/rest/api/2/project/AB/versions").status == 200


def test_an_unknown_project_is_404():
    answer = Asker(cloud(issue(1))).get("/rest/api/3/project/NOPE/versions")
    assert (answer.status, errors(answer)) == (404, ["No project could be found with key 'NOPE'."])


def test_permissions_say_what_the_account_may():
    asker = Asker(cloud(issue(1)))
    told = asker.get("/rest/api/3/mypermissions", permissions="BROWSE_PROJECTS,ADMINISTER").json()["permissions"]
    assert (told["BROWSE_PROJECTS"]["havePermission"], told["ADMINISTER"]["havePermission"]) == (True, False)
    asker.jira.store.hide_project("AB")
    told = asker.get("/rest/api/3/mypermissions", permissions="BROWSE_PROJECTS").json()["permissions"]
    assert not told["BROWSE_PROJECTS"]["havePermission"]


def test_issue_types_have_levels_on_cloud_only():
    assert all("hierarchyLevel" in kind for kind in Asker(cloud(issue(1))).get("/rest/api/3/issuetype").json())
    older = Asker(data_center(issue(1))).get("/rest/api/2/issuetype").json()
    assert older
    assert not any("hierarchyLevel" in kind for kind in older)


def test_autocompletion_writes_its_booleans_as_text():
    told = Asker(cloud(issue(1))).get("/rest/api/3/jql/autocompletedata").json()
    assert {entry["orderable"] for entry in told["visibleFieldNames"]} <= {"true", "false"}


def test_a_number_that_is_none_is_refused():
    assert Asker(cloud(issue(1))).get("/rest/api/3/project/search", startAt="many").status == 400


def test_a_method_that_does_not_exist_is_405():
    asker = Asker(cloud(issue(1)))
    assert asker.jira.handle("DELETE", "/rest/api/3/issue/AB-1", asker.headers).status == 405
    assert asker.post("/rest/api/3/myself", {}).status == 405


def test_boards_are_at_most_fifty_a_page_and_told_apart_by_type():
    jira = cloud(issue(1), boards=(board(), *[board("kanban")] * 60))
    asker = Asker(jira)
    page = asker.get("/rest/agile/1.0/board", maxResults=500).json()
    assert (page["maxResults"], page["total"], len(page["values"])) == (50, 61, 50)
    assert asker.get("/rest/agile/1.0/board", type="scrum").json()["total"] == 1
    assert asker.get("/rest/agile/1.0/board", projectKeyOrId="10").json()["total"] == 61
    assert asker.get("/rest/agile/1.0/board", projectKeyOrId="ZZ").json()["total"] == 0


def test_sprints_are_filtered_by_state_and_a_kanban_board_has_none():
    asker = Asker(cloud(issue(1), boards=(board(sprints=SPRINTS),)))
    told = asker.get("/rest/agile/1.0/board/3/sprint", state="closed").json()["values"]
    assert [(sprint["name"], sprint["originBoardId"], "activatedDate" in sprint) for sprint in told] == [
        ("S1", 3, False)
    ]
    older = Asker(data_center(issue(1), boards=(board(sprints=SPRINTS),))).get("/rest/agile/1.0/board/3/sprint").json()
    assert [sprint.get("activatedDate") for sprint in older["values"]] == ["2026-01-05T08:00:00.000Z", None]
    kanban = Asker(cloud(issue(1), boards=(board("kanban"),))).get("/rest/agile/1.0/board/3/sprint")
    assert (kanban.status, errors(kanban)) == (400, ["The board does not support sprints"])


def test_a_boards_issues_are_still_paged_by_offset_on_cloud():
    asker = Asker(cloud(*numbered(5), boards=(board(),)))
    page = asker.get("/rest/agile/1.0/board/3/issue", startAt=3, fields="summary").json()
    assert (page["startAt"], page["total"], [found["key"] for found in page["issues"]]) == (3, 5, ["AB-4", "AB-5"])
    assert asker.get("/rest/agile/1.0/board/9/issue").status == 404


def test_a_board_tells_its_columns(demo):
    told = Asker(SimulatedJira(demo)).get("/rest/agile/1.0/board/1/configuration").json()
    assert [column["name"] for column in told["columnConfig"]["columns"]][:3] == ["Backlog", "Ready", "In Progress"]
    assert told["estimation"]["field"]["fieldId"] == "customfield_10016"
    older = Asker(SimulatedJira(demo, flavour="datacenter")).get("/rest/agile/1.0/board/1/configuration").json()
    assert "location" not in older
