"""What a changelog item is about."""

import pytest

from data.reading.changes import FLAG, RESOLUTION, STATUS, read_changes

WHEN = "2025-03-03T09:00:00.000+0000"


@pytest.mark.parametrize(
    ("item", "what"),
    [
        ({"fieldId": "status", "field": "Status"}, [STATUS]),
        ({"field": "status", "fieldtype": "jira"}, [STATUS]),
        ({"field": "status", "fieldtype": "custom"}, []),
        ({"fieldId": "customfield_1", "field": "status", "fieldtype": "custom"}, []),
        ({"fieldId": "resolution", "field": "resolution"}, [RESOLUTION]),
        ({"field": "resolution", "fieldtype": "jira"}, [RESOLUTION]),
        ({"field": "Resolution", "fieldtype": "custom"}, []),
        ({"field": "resolution", "fieldtype": True}, []),
        ({"fieldId": "customfield_2", "field": "Flagged", "fieldtype": "custom"}, [FLAG]),
    ],
)
def test_a_field_of_jiras_own_is_known_by_its_id_or_its_type_and_not_by_its_name_alone(item, what):
    changes = read_changes([[{"created": WHEN, "items": [item]}]])

    assert [found for found in changes.what.tolist() if found] == what
