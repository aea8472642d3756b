"""Files of raw Jira issues become a site that can be served."""

import dataclasses
import json
from datetime import timedelta

import pytest

from data.demo.clock import VirtualClock
from data.demo.jira import SimulatedJira
from data.demo.loading import UnreadableFileError, load_site
from tests.unit.data.demo.sites import NOW, Asker, history, issue, label_item, status_item


def written(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content) if not isinstance(content, str) else content, encoding="utf-8")
    return path


def lines(path, records):
    return written(path, "\n".join(json.dumps(record) for record in records) + "\n\n")


def served(site, flavour="cloud"):
    return Asker(SimulatedJira(site, flavour=flavour, clock=VirtualClock(NOW)))


def test_one_issue_per_line(tmp_path):
    site = load_site([lines(tmp_path / "issues.jsonl", [issue(1), issue(2)])])
    assert {found["key"] for found in site.issues} == {"AB-1", "AB-2"}
    assert [project["key"] for project in site.projects] == ["AB"]


@pytest.mark.parametrize("wrap", [lambda found: found, lambda found: {"issues": found, "total": 2}])
def test_a_list_or_a_page_of_a_search(tmp_path, wrap):
    site = load_site([written(tmp_path / "issues.json", wrap([issue(1), issue(2)]))])
    assert len(site.issues) == 2


def test_a_folder_is_read_with_all_its_folders_and_what_is_no_issue_is_left_out(tmp_path):
    written(tmp_path / "a" / "AB-1.json", issue(1))
    written(tmp_path / "b" / "deep" / "AB-2.json", issue(2))
    written(tmp_path / "meta.json", {"date_start": "2021-09-14"})
    written(tmp_path / "list.json", [1, None, {"id": "7"}])
    written(tmp_path / "notes.txt", "not JSON")
    assert {found["key"] for found in load_site([tmp_path]).issues} == {"AB-1", "AB-2"}


def test_of_two_records_of_one_issue_the_one_updated_last_counts(tmp_path):
    old = issue(1, updated=NOW - timedelta(days=2), summary="old")
    new = issue(1, updated=NOW - timedelta(days=1), summary="new")
    for order in ([old, new], [new, old]):
        site = load_site([lines(tmp_path / "issues.jsonl", order)])
        assert [found["fields"]["summary"] for found in site.issues] == ["new"]


def test_statuses_are_found_beside_the_issues_or_where_they_are_named(tmp_path):
    special = {"id": "77", "name": "Special", "statusCategory": {"id": 3, "key": "done"}}
    written(tmp_path / "data" / "AB-1.json", issue(1))
    written(tmp_path / "data" / "sample_statuses.json", [special])
    named = written(tmp_path / "elsewhere.json", [{**special, "id": "78", "name": "Other"}])
    assert [status["name"] for status in load_site([tmp_path / "data"]).statuses] == ["Special", "Backlog"]
    assert [s["name"] for s in load_site([tmp_path / "data"], statuses=named).statuses] == ["Other", "Backlog"]


def test_versions_come_from_the_project_file_else_from_the_issues(tmp_path):
    carried = issue(1, fixVersions=[{"id": "5", "name": "1.0", "released": True, "releaseDate": "2026-01-01"}])
    issues = lines(tmp_path / "issues.jsonl", [carried])
    assert [version["name"] for version in load_site([issues]).versions] == ["1.0"]
    project = {"id": "10", "key": "AB", "name": "Alphabet", "versions": [{"id": "6", "name": "2.0", "projectId": 10}]}
    described = load_site([issues], versions=written(tmp_path / "project.json", project))
    assert [version["name"] for version in described.versions] == ["2.0"]
    asker = served(described, "datacenter")
    assert [version["name"] for version in asker.get("/rest/api/2/project/AB/versions").json()] == ["2.0"]
    listed = load_site([issues], versions=written(tmp_path / "versions.json", project["versions"]))
    assert [version["name"] for version in listed.versions] == ["2.0"]


def test_embedded_histories_are_served_where_cloud_serves_them(tmp_path):
    """Newest first in the file, oldest first from the endpoint, cut to forty in a search."""
    made = [
        history(
            n,
            NOW - timedelta(days=3) + timedelta(minutes=n),
            status_item("Backlog", "Done") if n == 9 else label_item("", str(n)),
        )
        for n in range(50)
    ]
    asker = served(load_site([lines(tmp_path / "issues.jsonl", [issue(1, histories=made[::-1])])]))
    paged = asker.get("/rest/api/3/issue/AB-1/changelog").json()["values"]
    assert [entry["id"] for entry in paged] == [str(n) for n in range(50)]
    body = {"issueIdsOrKeys": ["AB-1"], "fieldIds": ["status"]}
    bulk = asker.post("/rest/api/3/changelog/bulkfetch", body).json()["issueChangeLogs"]
    assert [[entry["id"] for entry in found["changeHistories"]] for found in bulk] == [["9"]]
    embedded = asker.search(expand="changelog", fields=["status"]).json()["issues"][0]["changelog"]
    assert (embedded["total"], len(embedded["histories"])) == (50, 40)


def test_data_center_gives_no_history_to_issues_loaded_without(tmp_path):
    site = load_site([lines(tmp_path / "issues.jsonl", [issue(1, histories=None)])])
    body = {"jql": "project = AB", "expand": ["changelog"]}
    found = served(site, "datacenter").post("/rest/api/2/search", body).json()["issues"]
    assert len(found) == 1
    assert "changelog" not in found[0]


def test_custom_fields_get_the_names_their_histories_use(tmp_path):
    flagged = {"field": "Flagged", "fieldtype": "custom", "fieldId": "customfield_10021", "to": "[1]", "toString": "x"}
    record = issue(1, histories=[history(1, NOW, flagged)], customfield_10021=[{"value": "x"}], customfield_9=None)
    names = {field["id"]: field["name"] for field in load_site([lines(tmp_path / "i.jsonl", [record])]).fields}
    assert names["customfield_10021"] == "Flagged"
    assert names["customfield_9"] == "customfield_9"
    assert names["status"] == "Status"


def test_a_board_among_the_files_is_served(tmp_path):
    written(tmp_path / "AB-1.json", issue(1))
    columns = {"columns": [{"name": "Now", "statuses": [{"id": "3"}], "max": 3}]}
    written(tmp_path / "board.json", {"id": 4, "name": "B", "type": "kanban", "columnConfig": columns})
    asker = served(load_site([tmp_path]))
    assert asker.get("/rest/agile/1.0/board/4/configuration").json()["columnConfig"] == columns


def test_the_present_of_loaded_issues_can_be_chosen(tmp_path):
    site = load_site([lines(tmp_path / "i.jsonl", [issue(1)])], as_of=NOW)
    told = Asker(SimulatedJira(dataclasses.replace(site))).get("/rest/api/3/serverInfo").json()["serverTime"]
    assert told.startswith("2026-03-02T09:3")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("broken.json", "{", "cannot be read as JSON"),
        ("empty.jsonl", "", "No issue found"),
        ("others.json", [{"id": 1}], "No issue found"),
    ],
)
def test_what_cannot_be_served_says_why_and_what_to_do(tmp_path, name, content, says):
    with pytest.raises(UnreadableFileError, match=says):
        load_site([written(tmp_path / name, content)])


def test_a_missing_file_and_a_project_without_versions_are_named(tmp_path):
    with pytest.raises(UnreadableFileError, match="does not exist"):
        load_site([tmp_path / "nothing.json"])
    issues = lines(tmp_path / "issues.jsonl", [issue(1)])
    with pytest.raises(UnreadableFileError, match="holds no versions"):
        load_site([issues], versions=written(tmp_path / "p.json", {"id": "1"}))
