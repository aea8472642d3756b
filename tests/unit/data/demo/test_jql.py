"""JQL as Jira reads it, with Jira's words for what it refuses."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.demo.jql_syntax import JqlError, Query, parse_jql
from tests.unit.data.demo.sites import NOW, PROJECT, Asker, cloud, errors, issue, keys

OTHER = {"id": "20", "key": "CD", "name": "Second"}


def found(jql, *issues, timezone="UTC"):
    """The numbers of the issues that answer, in order."""
    answer = Asker(cloud(*issues, timezone=timezone)).search(jql, fields=["summary"])
    assert answer.status == 200, answer.body
    return [int(key.rpartition("-")[2]) for key in keys(answer)]


def refused(jql, *issues):
    answer = Asker(cloud(*(issues or (issue(1),)))).search(jql)
    assert answer.status == 400
    return errors(answer)[0]


WORDS = (
    issue(1, status="Done", labels=["red", "blue"], resolution={"id": "1", "name": "Done"}),
    issue(2, status="In Progress", labels=["red"]),
    issue(3, status="In Review", issuetype={"id": "10004", "name": "Bug", "subtask": False}),
    issue(4, key="CD-4", project=OTHER),
)


@pytest.mark.parametrize(
    ("jql", "numbers"),
    [
        ("project = AB", [3, 2, 1]),
        ("project = 'Alphabet'", [3, 2, 1]),
        ("project in (ab)", [3, 2, 1]),
        ("project != AB OR key = AB-2", [4, 2]),
        ('project in ("AB") AND status = Done', [1]),
        ("status = 'in progress'", [2]),
        ("status in (Done, 'In Review') ORDER BY key ASC", [1, 3]),
        ("status not in (Done, 'In Review', Backlog)", [2]),
        ("statusCategory = Done", [1]),
        ("issuetype = Bug", [3]),
        ("type = Bug or type = Story and labels = blue", [3, 1]),
        ("(type = Bug or type = Story) and labels = blue", [1]),
        ("not status = Done and labels = red", [2]),
        ("labels = red", [2, 1]),
        ("labels != red", []),
        ("labels is empty", [4, 3]),
        ("labels is not EMPTY", [2, 1]),
        ("resolution = Unresolved", [4, 3, 2]),
        ("resolution is not null", [1]),
        ("key in (AB-1, AB-3)", [3, 1]),
        ("id in (1001, 1003)", [3, 1]),
        ("id > 1001 and project = AB", [3, 2]),
        ("summary ~ 'issue 2'", [2]),
        ("project = AB && !(status = Done)", [3, 2]),
        ("assignee is not empty ORDER BY created", [4, 3, 2, 1]),
        ("project = AB ORDER BY status ASC, key DESC", [2, 3, 1]),
    ],
)
def test_a_query_finds_what_it_says(jql, numbers):
    asker = Asker(cloud(*WORDS, projects=(PROJECT, OTHER)))
    answer = asker.search(jql, fields=["summary"])
    assert answer.status == 200, answer.body
    assert [int(key.rpartition("-")[2]) for key in keys(answer)] == numbers


@pytest.mark.parametrize(
    ("jql", "text"),
    [
        ("", "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."),
        ("ORDER BY created", "Unbounded JQL queries are not allowed here. Please add a search restriction"),
        ("project = ITM", "The value 'ITM' does not exist for the field 'project'."),
        ("status = Nowhere", "The value 'Nowhere' does not exist for the field 'status'."),
        ("universe = 1", "Field 'universe' does not exist or you do not have permission to view it."),
        ("key in (AB-1, AB-77)", "An issue with key 'AB-77' does not exist for field 'key'."),
        ("project query", "Expecting operator but got 'query'. The valid operators are '=', '!='"),
        ("project query", "(line 1, character 9)"),
        ("(project = AB", "Error in the JQL Query: Expecting ')' before the end of the query."),
        ("project = AB status = Done", "Expecting either 'OR' or 'AND' but got 'status'."),
        ("project = 'AB", "The quoted string 'AB' has not been completed."),
        ("project was CD", "History searches do not support the 'project' field."),
        ("project ~ AB", "The operator '~' is not supported by the 'project' field."),
        ("project in (AB) and created >= startOfYear()", "Unable to find JQL function 'startOfYear()'."),
        ("project = AB ORDER BY a,b,c,d,e,f,g,h", "JQL can be ordered by at most 7 fields."),
        ("project = AB ORDER BY nothing", "Field 'nothing' does not exist"),
    ],
)
def test_a_refusal_is_in_jiras_own_words(jql, text):
    assert text in refused(jql)


@pytest.mark.parametrize(
    "literal", ["'2020-05-06T12:15:17.831Z'", "'2020-05-06 12:15:17'", "'2020-05-06 12:15 +0000'", "yesterday", "''"]
)
def test_seconds_zones_and_iso_are_no_dates(literal):
    assert "is invalid. Valid formats include: 'yyyy/MM/dd HH:mm'" in refused(f"updated >= {literal}")


@pytest.mark.parametrize(
    "literal",
    [
        "'2026-03-01 08:00'",
        "'2026/03/01 08:00'",
        str(int(datetime(2026, 3, 1, 8, tzinfo=UTC).timestamp() * 1000)),
        "-1530m",
        "'-25h 30m'",
    ],
)
def test_every_form_of_a_date_means_the_same_instant(literal):
    early = issue(1, updated=datetime(2026, 3, 1, 7, 59, 59, tzinfo=UTC))
    late = issue(2, updated=datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC))
    assert found(f"updated >= {literal}", early, late) == [2]


def test_a_date_without_a_time_is_its_midnight():
    issues = [
        issue(number, updated=datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=number - 2)) for number in (1, 2, 3)
    ]
    assert found("updated >= 2026-03-01 order by key asc", *issues) == [2, 3]
    assert found("updated < '2026/03/01'", *issues) == [1]


@pytest.mark.parametrize(("zone", "expected"), [("UTC", [2]), ("America/New_York", []), ("Asia/Tokyo", [2, 1])])
def test_a_date_is_read_in_the_zone_of_the_account(zone, expected):
    issues = [
        issue(1, updated=datetime(2026, 3, 1, 2, tzinfo=UTC)),
        issue(2, updated=datetime(2026, 3, 1, 9, tzinfo=UTC)),
    ]
    assert found("updated >= '2026-03-01 05:00'", *issues, timezone=zone) == expected


def test_the_hour_that_comes_twice_is_read_as_its_first_coming():
    """In New York on 1 November 2026 it is half past one at 5:30 and again at 6:30 UTC."""
    issues = [issue(number, updated=datetime(2026, 11, 1, 4 + number, 30, tzinfo=UTC)) for number in (1, 2, 3)]
    asked = "updated >= '2026-11-01 01:30' ORDER BY key ASC"
    assert found(asked, *issues, timezone="America/New_York") == [1, 2, 3]
    assert found("updated >= '2026-11-01 01:31' ORDER BY key ASC", *issues, timezone="America/New_York") == [2, 3]
    instant = int(datetime(2026, 11, 1, 6, tzinfo=UTC).timestamp() * 1000)
    assert found(f"updated >= {instant} ORDER BY key ASC", *issues, timezone="America/New_York") == [2, 3]


def test_the_hour_that_never_comes_is_read_as_the_one_after_it():
    """In New York on 8 March 2026 it is three o'clock after 1:59, which is 7:00 UTC."""
    issues = [issue(number, updated=datetime(2026, 3, 8, 6, 15 * number, tzinfo=UTC)) for number in (1, 2, 3)]
    issues.append(issue(4, updated=datetime(2026, 3, 8, 7, 30, tzinfo=UTC)))
    assert found("updated >= '2026-03-08 02:30'", *issues, timezone="America/New_York") == [4]


def test_a_category_that_does_not_exist_is_refused():
    assert "does not exist for the field 'statusCategory'" in refused("statusCategory = Finished")
    assert found("statusCategory != Done ORDER BY key ASC", issue(1, status="Done"), issue(2)) == [2]


def test_now_and_relative_dates_follow_the_clock_of_the_site():
    issues = [issue(1, updated=NOW - timedelta(days=3)), issue(2, updated=NOW - timedelta(hours=3))]
    assert found("updated >= -2d", *issues) == [2]
    assert found("updated <= now() order by updated asc", *issues) == [1, 2]


def test_without_an_order_the_newest_key_comes_first_and_ties_are_kept_apart():
    moment = NOW - timedelta(days=1)
    assert found("project = AB ORDER BY created ASC, key ASC", *[issue(n, created=moment) for n in (2, 3, 1)]) == [
        1,
        2,
        3,
    ]
    assert found("project = AB", issue(2), issue(10), issue(9)) == [10, 9, 2]


@pytest.mark.parametrize(
    "jql", ["updated >= 99999999999999999999", "updated >= -99999999999y", "created > '0001-01-01'"]
)
def test_dates_beyond_the_calendar_are_answered(jql):
    answer = Asker(cloud(issue(1), timezone="Asia/Tokyo")).search(jql)
    assert answer.status == 400
    assert "is invalid" in errors(answer)[0]


@pytest.mark.parametrize("jql", ["(" * 500 + "project = AB" + ")" * 500, "not " * 5000 + "project = AB"])
def test_bottomless_nesting_is_refused(jql):
    assert "too deeply nested" in refused(jql)


def test_tens_of_thousands_of_operands_are_too_much_for_the_server():
    jql = "id in (" + ",".join(["1001"] * 25_000) + ")"
    assert Asker(cloud(issue(1))).search(jql).status == 500


@given(st.text(alphabet="abAND orinot()='\",!<>~ \\1-:[]\n", max_size=40))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(JqlError):
        assert isinstance(parse_jql(text), Query)


@given(
    st.lists(
        st.sampled_from(
            [
                "project",
                "=",
                "AB",
                "and",
                "or",
                "not",
                "(",
                ")",
                "in",
                "is",
                "empty",
                ",",
                "-3d",
                "updated",
                ">=",
                "order",
                "by",
                "status",
                "'Done'",
                "!=",
                "now",
                "key",
            ]
        ),
        max_size=9,
    )
)
def test_any_row_of_words_is_answered(words):
    assert Asker(cloud(issue(1))).search(" ".join(words)).status in {200, 400}
