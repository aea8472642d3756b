"""What was asked is kept with its time and its answer, and who came back too early is known."""

from datetime import timedelta

import pytest

from data.demo.clock import VirtualClock
from data.demo.faults import Faults
from data.demo.jira import Installation
from data.demo.rate_limit import RateLimit
from tests.unit.data.demo.sites import NOW, Asker, cloud, data_center, issue

MYSELF = "/rest/api/3/myself"


def troubled(*faults, make=cloud, **options):
    clock = VirtualClock(NOW)
    return Asker(make(issue(1), clock=clock, faults=Faults.named(*faults), **options)), clock


def early(asker):
    return len(asker.jira.arrivals.early())


def test_an_arrival_has_its_time_class_faults_and_answer():
    asker, clock = troubled("unavailable@/myself:1")
    asker.get(MYSELF)
    clock.sleep(5)
    asker.search()
    first, second = asker.jira.arrivals.log
    assert (first.kind, first.status, first.at, first.faults) == ("GET /myself", 503, NOW, {"unavailable"})
    assert (second.kind, second.status, second.at) == ("POST /search/jql", 200, NOW + timedelta(seconds=5))
    assert asker.jira.arrivals.kinds() == {"GET /myself": 1, "POST /search/jql": 1}


def test_both_numbers_of_the_interface_and_the_gateway_are_one_class():
    asker, _ = troubled()
    for path in (MYSELF, "/rest/api/2/myself", f"/ex/jira/{asker.jira.site.cloud_id}/rest/api/3/myself"):
        asker.get(path)
    assert asker.jira.arrivals.kinds() == {"GET /myself": 3}


def test_the_paths_of_single_issues_are_one_class():
    asker, _ = troubled()
    for number in (1, 2):
        asker.get(f"/rest/api/3/issue/AB-{number}")
    assert asker.jira.arrivals.kinds() == {"GET /issue/{issue}": 2}


@pytest.mark.parametrize(
    ("fault", "seconds"), [("rate-limited", 2), ("rate-limited-date", 3), ("unavailable", 2), ("quota", 3600)]
)
def test_who_comes_back_before_the_wait_is_over_is_noticed(fault, seconds):
    asker, clock = troubled(f"{fault}:1")
    asker.get(MYSELF)
    clock.sleep(seconds - 0.5)
    asker.get(MYSELF)
    assert early(asker) == 1
    clock.sleep(0.5)
    asker.get(MYSELF)
    assert early(asker) == 1


@pytest.mark.parametrize(
    "fault",
    [
        "rate-limited-zero",
        "rate-limited-silent",
        "rate-limited-garbage",
        "rate-limited-negative",
        "rate-limited-past",
        "server-error",
    ],
)
def test_who_was_told_no_wait_is_never_too_early(fault):
    asker, clock = troubled(f"{fault}:1")
    asker.get(MYSELF)
    clock.sleep(0.01)
    asker.get(MYSELF)
    assert early(asker) == 0


def test_another_class_may_be_asked_meanwhile_on_cloud_only():
    asker, clock = troubled("rate-limited@/myself:1")
    asker.get(MYSELF)
    clock.sleep(1)
    asker.search()
    assert early(asker) == 0
    asker, clock = troubled("rate-limited@/myself:1", make=data_center)
    asker.get("/rest/api/2/myself")
    clock.sleep(1)
    asker.get("/rest/api/2/status")
    assert early(asker) == 1


def test_the_bucket_of_the_server_imposes_waits_too():
    asker, clock = troubled(make=data_center, installation=Installation(rate=RateLimit(1, 1, 10)))
    for _ in range(2):
        asker.get("/rest/api/2/status")
    clock.sleep(1)
    asker.get("/rest/api/2/status")
    assert early(asker) == 1


def test_a_wait_that_never_reached_the_client_binds_nobody():
    asker, clock = troubled("rate-limited:1", "reset:1")
    asker.get(MYSELF)
    clock.sleep(1)
    asker.get(MYSELF)
    assert early(asker) == 0


def test_it_can_all_be_forgotten():
    asker, _ = troubled("quota:1")
    asker.get(MYSELF)
    asker.jira.arrivals.forget()
    asker.get(MYSELF)
    assert (early(asker), len(asker.jira.arrivals.log)) == (0, 1)
