"""Who is let in, and how each flavour says no."""

import secrets

import pytest

from data.demo.jira import Installation
from tests.unit.data.demo.sites import Asker, basic, bearer, cloud, data_center, errors, issue

MYSELF = "/rest/api/{}/myself"
GATEWAY = "/ex/jira/11111111-2222-4333-8444-555555555555"


@pytest.fixture
def token():
    return secrets.token_hex(12)


def wrong():
    return secrets.token_hex(12)


def test_any_credential_will_do_when_none_is_required():
    for jira, version in ((cloud(issue(1)), 3), (data_center(issue(1)), 2)):
        assert Asker(jira, basic(wrong())).get(MYSELF.format(version)).status == 200
        assert Asker(jira, basic("")).get(MYSELF.format(version)).status == 401
    assert Asker(data_center(issue(1)), bearer(wrong())).get(MYSELF.format(2)).status == 200


def test_the_right_token_is_the_account(token):
    told = Asker(cloud(issue(1), token=token), basic(token)).get(MYSELF.format(3)).json()
    assert told["accountId"] == "me"
    assert told["timeZone"] == "UTC"
    older = Asker(data_center(issue(1), token=token), bearer(token)).get(MYSELF.format(2)).json()
    assert older["name"] == "me"
    assert "accountId" not in older


def test_a_wrong_token_on_clouds_own_data_is_401(token):
    answer = Asker(cloud(issue(1), token=token), basic(wrong())).get(MYSELF.format(3))
    assert answer.status == 401
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    assert "WWW-Authenticate" in answer.headers
    assert answer.json()["message"] == "Client must be authenticated to access this resource."


def test_elsewhere_on_cloud_a_wrong_token_looks_like_an_empty_site(token):
    asker = Asker(cloud(issue(1), token=token), basic(wrong()))
    for answer in (
        asker.search("created >= -900d"),
        asker.get("/rest/api/3/project/search"),
        asker.get("/rest/api/3/status"),
        asker.get("/rest/agile/1.0/board"),
    ):
        assert answer.status == 200
        assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    assert asker.search("created >= -900d").json()["issues"] == []
    assert errors(asker.search("project = AB")) == ["The value 'AB' does not exist for the field 'project'."]
    assert asker.get("/rest/api/3/issue/AB-1").status == 404


def test_nobody_at_all_sees_nothing_and_is_not_reproached():
    asker = Asker(cloud(issue(1)), headers={})
    answer = asker.search("created >= -900d")
    assert (answer.status, answer.json()["issues"]) == (200, [])
    assert "X-Seraph-LoginReason" not in answer.headers
    assert asker.get(MYSELF.format(3)).status == 401


def test_everybody_may_know_what_server_this_is(token):
    for jira in (cloud(issue(1), token=token), data_center(issue(1), token=token)):
        assert Asker(jira, headers={}).get("/rest/api/2/serverInfo").status == 200


def test_a_wrong_password_on_data_center_is_401_everywhere(token):
    asker = Asker(data_center(issue(1), token=token), basic(wrong()))
    for path in ("/rest/api/2/serverInfo", "/rest/api/2/search", MYSELF.format(2)):
        answer = asker.get(path)
        assert answer.status == 401
        assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
        assert answer.headers["Content-Type"].startswith("text/html")


def test_a_scoped_token_is_right_under_the_gateway_only(token):
    jira = cloud(issue(1), token=token, installation=Installation(scoped=True))
    on_site, gateway = Asker(jira, basic(token)), Asker(jira, basic(token), prefix=GATEWAY)
    assert on_site.get(MYSELF.format(3)).status == 401
    assert on_site.search().status == 401
    assert on_site.get("/rest/api/3/serverInfo").status == 200
    cloud_id = Asker(jira, headers={}).get("/_edge/tenant_info").json()["cloudId"]
    assert GATEWAY.endswith(cloud_id)
    assert gateway.get(MYSELF.format(3)).status == 200
    assert len(gateway.search(fields=["summary"]).json()["issues"]) == 1


def test_a_classic_token_may_take_the_gateway_too(token):
    assert Asker(cloud(issue(1), token=token), basic(token), prefix=GATEWAY).get(MYSELF.format(3)).status == 200


def test_a_bearer_token_is_for_the_gateway_on_cloud(token):
    jira = cloud(issue(1), token=token)
    assert Asker(jira, bearer(token)).get(MYSELF.format(3)).status == 401
    assert Asker(jira, bearer(token), prefix=GATEWAY).get(MYSELF.format(3)).status == 200


def test_too_many_failures_ask_for_a_captcha_even_of_the_right_token(token):
    jira = data_center(issue(1), token=token, installation=Installation(captcha_after=3))
    bad, good = Asker(jira, basic(wrong())), Asker(jira, basic(token))
    assert [bad.get(MYSELF.format(2)).status for _ in range(4)] == [401, 401, 401, 403]
    answer = good.get(MYSELF.format(2))
    assert answer.status == 403
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATION_DENIED"
    reason = "CAPTCHA_CHALLENGE; login-url=https://marram.example/login.jsp"
    assert answer.headers["X-Authentication-Denied-Reason"] == reason
    jira.gate.solve_captcha()
    assert good.get(MYSELF.format(2)).status == 200


def test_a_success_forgets_the_failures_before_it(token):
    jira = data_center(issue(1), token=token, installation=Installation(captcha_after=2))
    bad, good = Asker(jira, basic(wrong())), Asker(jira, basic(token))
    for _ in range(3):
        assert bad.get(MYSELF.format(2)).status == 401
        assert good.get(MYSELF.format(2)).status == 200


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Basic YQ==", "Digest x", "Bearer ", "Basic /////w=="])
def test_unreadable_credentials_are_wrong_ones(header):
    asker = Asker(cloud(issue(1)), {"Authorization": header})
    assert asker.get(MYSELF.format(3)).status == 401


def test_a_post_from_what_looks_like_a_browser_fails_the_xsrf_check():
    asker = Asker(cloud(issue(1)))
    browser = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}
    answer = asker.post("/rest/api/3/search/jql", {"jql": "project = AB"}, browser)
    assert (answer.status, answer.body) == (403, b"XSRF check failed")
    assert asker.jira.handle("GET", MYSELF.format(3), {**asker.headers, **browser}).status == 200


def test_the_token_is_not_in_what_is_printed(token):
    jira = cloud(issue(1), token=token)
    assert token not in f"{jira!r} {jira.gate!r} {vars(jira.gate).keys()}"
