"""What a number rests on can be taken away as a file, and nothing else can."""

import csv
import io
import json

import pytest

from app import create_app
from configuration.settings import Settings
from tests.builders import at
from tests.integration.page_events import ended


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    settings = Settings(cache_dir=folder, app_settings_path=folder / "app_settings.json", as_of=at("2026-01-14"))
    client = create_app(settings).server.test_client()
    assert '"phase":"ready"' in ended(client)
    return client


def test_the_file_holds_every_candidate_and_names_the_reading_behind_it(client):
    with client.get("/provenance/flow_time.json?days=90") as answer:
        found = answer.get_json()
        assert answer.headers["Content-Disposition"].endswith('"sightline-flow_time-90-days-2026-01-14.json"')
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert found["period"]["days"] == 90
    assert sum(found["counts"].values()) == len(found["rows"]) > 1000
    assert all(found["sources"].values()), "data, reading and rules are named"


def test_the_table_has_as_many_rows_as_the_document(client):
    with client.get("/provenance/cfr.csv?days=30") as table, client.get("/provenance/cfr.json?days=30") as document:
        rows = list(csv.reader(io.StringIO(table.get_data(as_text=True))))
        expected = {row["key"] for row in document.get_json()["rows"]}
    head = next(number for number, row in enumerate(rows) if row[0] == "key")
    assert {row[0] for row in rows[head + 1 :]} == expected


def test_a_period_that_is_none_counts_as_the_usual_one(client):
    for days in ("", "0", "-1", "abc", "1e9", "999999"):
        with client.get(f"/provenance/cfr.json?days={days}") as answer:
            assert answer.get_json()["period"]["days"] == 30


@pytest.mark.parametrize("name", ["nothing.csv", "cfr.xml", "cfr", "..%2f..%2fapp.py.csv", "cfr.csv%00.json", ".csv"])
def test_no_other_name_finds_a_file(client, name):
    with client.get(f"/provenance/{name}") as answer:
        assert answer.status_code == 404 or answer.mimetype == "text/html"
        assert b"import" not in answer.get_data()[:2000] or answer.mimetype == "text/html"


def test_a_file_is_only_read_never_asked_to_change(client):
    with client.post("/provenance/cfr.csv", json={}) as answer:
        assert answer.status_code == 405


def test_before_the_numbers_are_there_is_no_file(tmp_path):
    client = create_app(Settings(cache_dir=tmp_path, app_settings_path=tmp_path / "s.json")).server.test_client()
    with client.get("/provenance/cfr.csv") as answer:
        assert answer.status_code == 404


def test_hostile_text_stays_text(client):
    with client.get("/provenance/flow_velocity.csv?days=365") as answer:
        cells = [cell for row in csv.reader(io.StringIO(answer.get_data(as_text=True))) for cell in row]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "@", "\t")]
    assert json.dumps(cells)


def test_a_file_follows_the_filters_and_its_name_says_so(client):
    with client.get("/provenance/flow_velocity.json?days=90&type=Bug") as answer:
        part, name = answer.get_json(), answer.headers["Content-Disposition"]
    with client.get("/provenance/flow_velocity.json?days=90") as answer:
        whole = answer.get_json()
    assert (part["filters"], whole["filters"]) == ({"issue_type": ["Bug"]}, {})
    assert part["as_of"] == whole["as_of"] == "2026-01-14T00:00:00Z"
    assert part["sources"] == whole["sources"]
    assert 0 < len(part["rows"]) < len(whole["rows"])
    assert {row["key"] for row in part["rows"]} < {row["key"] for row in whole["rows"]}
    assert "flow_velocity-filtered-90-days" in name


def test_all_issues_come_as_a_table_and_follow_the_filters(client):
    with client.get("/issues.csv") as answer:
        whole = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
        name = answer.headers["Content-Disposition"]
    with client.get("/issues.csv?type=Bug&period=30") as answer:
        bugs = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
        assert "issues-filtered-2026-01-14.csv" in answer.headers["Content-Disposition"]
    with client.get("/provenance/flow_time.json?days=90") as answer:
        keys = {row["key"] for row in answer.get_json()["rows"]}
    assert name.endswith('"sightline-issues-2026-01-14.csv"')
    assert {row["key"] for row in whole} == keys
    assert bugs
    assert [row for row in whole if row["key"] in {bug["key"] for bug in bugs}] == bugs


def test_a_file_can_be_of_an_earlier_day(client):
    with client.get("/provenance/flow_velocity.json?days=30&as_of=2025-12-31&type=Bug") as answer:
        then, name = answer.get_json(), answer.headers["Content-Disposition"]
    assert then["as_of"] == then["period"]["end"] == "2025-12-31T22:59:59.999999Z"
    assert then["filters"] == {"issue_type": ["Bug"]}
    assert "30-days-2025-12-31.json" in name
    counted = [row["evidence"] for row in then["rows"] if row["role"] == "included"]
    assert counted
    assert max(fact["at"] for facts in counted for fact in facts if fact["at"]) <= then["as_of"]


@pytest.mark.parametrize("day", ["", "2026-01-14", "2026-02-30", "yesterday", "9999-12-31", "0001-01-05", "1"])
def test_a_day_that_is_not_over_is_refused_in_words(client, day):
    with client.get(f"/provenance/cfr.json?as_of={day}") as answer:
        assert answer.status_code == 400
        assert "such as as_of=2026-01-31" in answer.get_data(as_text=True)


def test_long_before_the_team_there_was_nothing_to_count(client):
    with client.get("/provenance/flow_velocity.json?as_of=1971-01-01") as answer:
        assert answer.get_json()["counts"].get("included", 0) == 0
