# ruff: noqa: SIM117 - a server stands around what is tried against it
"""Every kind of credential that Jira knows is proven before anything is read."""

from __future__ import annotations

import base64
import secrets

import pytest

from data.demo.faults import Faults
from data.demo.jira import Installation
from data.errors import AuthenticationFailed, FetchCancelled
from data.jira_connection import connect
from data.jira_simple import fetch_team_data
from tests.jira_sites import FLAVOURS, connected, credentials, few_issues, serving


@pytest.fixture
def token():
    return secrets.token_hex(20)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_email_with_its_token(flavour, token):
    with serving(few_issues(), flavour, token=token) as (_, url), connected(url, token=token) as client:
        assert (client.flavour, client.base_url, client.site_url) == (flavour, url, url)
        assert client.account.name == few_issues().account.display_name
        assert client.account.timezone == few_issues().account.timezone


def test_a_personal_access_token_of_data_center(token):
    with serving(few_issues(), "datacenter", token=token) as (_, url):
        with connected(url, email=None, token=token) as client:
            assert fetch_team_data(client, None, {}).issues


def test_an_email_address_and_a_token_beyond_latin_letters(token):
    with serving(few_issues(), "datacenter", token=token) as (_, url):
        with connected(url, email="żółw@example.com", token=token) as client:
            assert client.account.id


def test_a_token_with_scopes_goes_through_the_gateway(token):
    site = few_issues()
    with serving(site, "cloud", token=token, installation=Installation(scoped=True)) as (jira, url):
        with connected(url, token=token, gateway_url=f"{url}/ex/jira") as client:
            data = fetch_team_data(client, None, {})
            assert client.base_url == f"{url}/ex/jira/{site.cloud_id}"
        assert data.site_url == url, "links lead to the site, not to the gateway"
        assert len(data.issues) == len(site.issues)
        searched = {path for _, path in jira.requests if path.endswith("/search/jql")}
        assert searched == {f"/ex/jira/{site.cloud_id}/rest/api/3/search/jql"}


def test_a_gateway_address_given_outright_is_used_as_it_is(token):
    site = few_issues()
    with serving(site, "cloud", token=token, installation=Installation(scoped=True)) as (_, url):
        gateway = f"{url}/ex/jira"
        with connected(f"{gateway}/{site.cloud_id}", token=token, gateway_url=gateway) as client:
            assert client.site_url == url
            assert fetch_team_data(client, None, {}).issues


def test_a_token_that_lacks_the_scope_is_told_so(token):
    installation = Installation(scoped=True)
    faults = Faults.named("scope-mismatch@/ex/jira")
    with serving(few_issues(), "cloud", token=token, installation=installation, faults=faults) as (_, url):
        with pytest.raises(AuthenticationFailed, match="scope") as caught:
            connect(credentials(url, token=token), gateway_url=f"{url}/ex/jira")
    assert "read:jira-work" in caught.value.next_step


def test_a_cloud_token_without_its_email_is_told_so(token):
    with serving(few_issues(), "cloud", token=secrets.token_hex(20)) as (_, url):
        with pytest.raises(AuthenticationFailed) as caught:
            connect(credentials(url, email=None, token=token), gateway_url=f"{url}/ex/jira")
    assert "JIRA_EMAIL" in caught.value.next_step


def test_the_client_says_nothing_about_its_credentials(token):
    with serving(few_issues(), "cloud", token=token) as (_, url), connected(url, token=token) as client:
        pair = base64.b64encode(f"reader@example.com:{token}".encode()).decode()
        assert token not in repr(client)
        assert pair not in repr(client)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("expected", FLAVOURS)
def test_an_expected_flavour_costs_no_request_more_and_a_wrong_one_no_failure(flavour, expected, token):
    with serving(few_issues(), flavour, token=token) as (jira, url):
        with connected(url, token=token, flavour=expected) as client:
            assert client.flavour == flavour
            assert client.account.name == few_issues().account.display_name
        assert len(jira.requests) == (2 if flavour == expected else 3)


def test_a_refused_token_counts_once_towards_a_captcha_when_the_flavour_is_expected(token):
    with serving(few_issues(), "datacenter", token=secrets.token_hex(20)) as (jira, url):
        with pytest.raises(AuthenticationFailed), connected(url, token=token, flavour="datacenter"):
            pytest.fail("connected with a wrong token")
    assert [path for _, path in jira.requests if path.endswith("/myself")] == ["/rest/api/2/myself"]


def test_connecting_can_be_cancelled_while_it_waits(token):
    waiting = []
    with serving(few_issues(), "cloud", token=token, faults=Faults.named("rate-limited@/serverInfo")) as (_, url):
        with (
            pytest.raises(FetchCancelled),
            connected(url, token=token, cancelled=lambda: bool(waiting), waiting=lambda *told: waiting.append(told)),
        ):
            pytest.fail("connected though cancelled")
    ((seconds, why),) = waiting
    assert seconds >= 1
    assert why == "Jira asked for a pause"
