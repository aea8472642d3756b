"""The facts beside kept issues survive JSON and know what a mapping lacks."""

from __future__ import annotations

from datetime import UTC, datetime

from data.sync.facts import KeptFacts, question_for
from data.sync.team_lists import requested_fields

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FLAG = {"id": "customfield_7", "name": "Flagged"}


def facts(**more):
    told = {"jql": "project = A", "flavour": "cloud", "account_id": "1", "account_name": "Ann"}
    told |= {"account_timezone": "UTC", "site_url": "https://jira.example.com", "synced_at": NOW}
    return KeptFacts(**told | {"asked": requested_fields({}, ["customfield_7"]), "fields": [FLAG]} | more)


def test_they_survive_json():
    told = facts(watermark=NOW, covers_from="2025-01-01", former_keys={"1": ["A-1"]}, without_history=["7"])
    assert KeptFacts.from_json(told.to_json()) == told
    assert told.to_json()["watermark"] == "2026-03-01T12:00:00Z"
    assert told.to_json()["swept_at"] is None


def test_a_mapping_lacks_what_was_never_asked_for():
    assert facts().lacking({}) == []
    assert facts().lacking({"team": "customfield_1", "estimate": "summary"}) == ["customfield_1"]
    assert facts(asked=["status"], fields=[FLAG]).lacking({})[-1] == "customfield_7"


def test_the_flags_of_the_site_are_asked_with_their_histories():
    question = question_for("project = A", ["status"], [FLAG])
    assert question.fields == ("status",)
    assert question.history_fields.ids == ("status", "resolution", "customfield_7")
