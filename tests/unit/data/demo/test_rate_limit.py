"""Token buckets: what passes, what is told, and when the next request will pass."""

import pytest

from data.demo.clock import VirtualClock
from data.demo.jira import Installation
from data.demo.rate_limit import RateLimit
from tests.unit.data.demo.sites import NOW, Asker, cloud, data_center, errors, issue

MYSELF = {"cloud": "/rest/api/3/myself", "datacenter": "/rest/api/2/myself"}


def test_data_center_lets_sixteen_of_eighteen_requests_a_second_apart_pass():
    """A bucket of fifteen, refilled with five a minute, gains one token while it is emptied."""
    clock = VirtualClock(NOW)
    jira = data_center(issue(1), clock=clock, installation=Installation(rate=RateLimit(15, 5, 60)))
    asker, told = Asker(jira), []
    for _ in range(18):
        told.append(asker.get(MYSELF["datacenter"]).status)
        clock.sleep(1)
    assert told == [200] * 16 + [429] * 2


def test_data_center_describes_its_bucket_on_every_answer():
    clock = VirtualClock(NOW)
    jira = data_center(issue(1), clock=clock, installation=Installation(rate=RateLimit(2, 5, 60)))
    asker = Asker(jira)
    first = asker.get(MYSELF["datacenter"]).headers
    assert {name: first[name] for name in first if name.startswith("X-RateLimit")} == {
        "X-RateLimit-Limit": "2",
        "X-RateLimit-Remaining": "1",
        "X-RateLimit-Interval-Seconds": "60",
        "X-RateLimit-FillRate": "5",
    }
    assert first["retry-after"] == "0"
    asker.get(MYSELF["datacenter"])
    refused = asker.get(MYSELF["datacenter"])
    assert (refused.status, refused.headers["retry-after"]) == (429, "12")


@pytest.mark.parametrize("make", [cloud, data_center])
def test_after_the_wait_it_was_told_a_request_passes(make):
    clock = VirtualClock(NOW)
    jira = make(issue(1), clock=clock, installation=Installation(rate=RateLimit(3, 1, 10)))
    asker = Asker(jira)
    path = MYSELF[jira.flavour]
    while (answer := asker.get(path)).status == 200:
        pass
    wait = next(int(value) for name, value in answer.headers.items() if name.lower() == "retry-after")
    clock.sleep(wait - 1)
    assert asker.get(path).status == 429
    clock.sleep(1)
    assert asker.get(path).status == 200


def test_cloud_counts_each_endpoint_by_itself():
    jira = cloud(issue(1), installation=Installation(rate=RateLimit(1, 1, 10)))
    asker = Asker(jira)
    assert asker.get(MYSELF["cloud"]).status == 200
    refused = asker.get(MYSELF["cloud"])
    assert refused.status == 429
    assert errors(refused) == ["The request has been rate-limited. Please try again later."]
    assert refused.headers["RateLimit-Reason"] == "jira-burst-based"
    assert asker.get("/rest/api/3/field").status == 200


def test_cloud_warns_when_less_than_a_fifth_is_left():
    asker = Asker(cloud(issue(1), installation=Installation(rate=RateLimit(10, 1, 10))))
    warned = ["X-RateLimit-NearLimit" in asker.get(MYSELF["cloud"]).headers for _ in range(10)]
    assert warned == [False] * 8 + [True] * 2


def test_without_a_limit_cloud_still_tells_its_numbers_and_data_center_none():
    headers = Asker(cloud(issue(1))).get(MYSELF["cloud"]).headers
    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("350", "349")
    older = Asker(data_center(issue(1))).get(MYSELF["datacenter"]).headers
    assert not any(name.startswith("X-RateLimit") for name in older)
