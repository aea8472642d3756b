"""A field mapping is what the team has set, and nothing that cannot be meant."""

from __future__ import annotations

import json

import pytest

from data.errors import SettingsInvalid
from data.field_mapper import create_field_mapping_index, get_field_mappings


@pytest.fixture
def path(tmp_path):
    return tmp_path / "app_settings.json"


@pytest.mark.parametrize(
    ("mappings", "complaint"),
    [
        ([], "not an object"),
        ({"lucky_number": "customfield_1"}, "lucky_number"),
        ({"team": 5}, "field id"),
        ({"team": 'x" OR 1=1'}, "field id"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_named(path, mappings, complaint):
    path.write_text(json.dumps({"field_mappings": mappings}))
    with pytest.raises(SettingsInvalid, match=complaint):
        get_field_mappings(path)


def test_the_index_knows_both_directions():
    index = create_field_mapping_index({"team": "customfield_1"})
    assert index.get_jira_field("team") == "customfield_1"
    assert index.get_logical_name("customfield_1") == "team"
