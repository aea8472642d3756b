"""The answers a Jira, or what stands before it, gives instead of the right one."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache

from data.demo.exchange import Response, html_answer, json_answer, text_answer

_UNPACKED = 64 * 1024 * 1024
RATE_LIMIT_TEXT = "The request has been rate-limited. Please try again later."
MUST_AUTHENTICATE = "Client must be authenticated to access this resource."
REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration "
    "guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
_FAILED = {"WWW-Authenticate": 'Basic realm="Jira"', "X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}


def page(title: str, sentence: str = "") -> str:
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{title}</title></head>"
        f"<body><h1>{title}</h1><p>{sentence}</p></body></html>"
    )


def unauthorized() -> Response:
    return json_answer({"message": MUST_AUTHENTICATE, "status-code": 401}, 401, _FAILED)


def wrong_password() -> Response:
    sentence = "Basic Authentication Failure - Reason : AUTHENTICATED_FAILED"
    return html_answer(page("Unauthorized (401)", sentence), 401, _FAILED)


def scope_mismatch() -> Response:
    return json_answer({"code": 401, "message": "Unauthorized; scope does not match"}, 401)


def captcha(base_url: str) -> Response:
    reason = f"CAPTCHA_CHALLENGE; login-url={base_url}/login.jsp"
    return html_answer(
        page("Forbidden (403)", "Basic Authentication Failure - Reason : AUTHENTICATION_DENIED"),
        403,
        {"X-Seraph-LoginReason": "AUTHENTICATION_DENIED", "X-Authentication-Denied-Reason": reason},
    )


def login_page(base_url: str) -> Response:
    form = f"<form action='{base_url}/login.jsp' method='post'><input name='os_username'></form>"
    return html_answer(page("Log in - Jira", form), 200)


def gone() -> Response:
    return json_answer({"errorMessages": [REMOVED], "errors": {}}, 410)


def null_for_uri(url: str) -> Response:
    return json_answer({"message": f"null for uri: {url}", "status-code": 404}, 404)


def dead_link() -> Response:
    return html_answer(page("Oops, you've found a dead link."), 404)


def xsrf() -> Response:
    return text_answer("XSRF check failed", 403)


def rate_limited(headers: dict[str, str]) -> Response:
    return json_answer({"errorMessages": [RATE_LIMIT_TEXT], "errors": {}}, 429, headers)


def _iso(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def _burst(retry_after: str, now: datetime) -> Response:
    return rate_limited(
        {
            "Retry-After": retry_after,
            "X-RateLimit-Limit": "350",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": (now + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%MZ"),
            "RateLimit-Reason": "jira-burst-based",
        }
    )


def _quota(now: datetime) -> Response:
    hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return rate_limited(
        {
            "Retry-After": "3600",
            "X-RateLimit-Reset": _iso(hour),
            "RateLimit-Reason": "jira-quota-tenant-based",
            "RateLimit-Policy": '"tenant-app-quota";q=100100;w=3600',
        }
    )


def _tomcat() -> Response:
    return html_answer(page("HTTP Status 429 – Too Many Requests", "Rate limit exceeded."), 429)


def _forbidden() -> Response:
    return json_answer({"errorMessages": ["You do not have permission to view this resource."], "errors": {}}, 403)


def _redirect(to: str) -> Response:
    return Response(302, {"Location": to}, b"")


@cache
def _bomb() -> Response:
    packed = gzip.compress(b" " * _UNPACKED, compresslevel=9, mtime=0)
    return Response(200, {"Content-Type": "application/json", "Content-Encoding": "gzip"}, packed)


_ANSWERS: dict[str, Callable[[str, datetime], Response]] = {
    "unauthorized": lambda _url, _now: unauthorized(),
    "unauthorized-text": lambda _url, _now: text_answer(MUST_AUTHENTICATE, 401, _FAILED),
    "login-failed": lambda _url, _now: json_answer({"errorMessages": ["Login failed"], "errors": {}}, 401),
    "scope-mismatch": lambda _url, _now: scope_mismatch(),
    "captcha": lambda url, _now: captcha(url),
    "forbidden": lambda _url, _now: _forbidden(),
    "forbidden-html": lambda _url, _now: html_answer(page("Forbidden (403)"), 403),
    "login-page": lambda url, _now: login_page(url),
    "login-redirect": lambda url, _now: _redirect(f"{url}/login.jsp"),
    "redirect-plain": lambda url, _now: _redirect(f"http://{url.partition('://')[2]}/rest/api/2/serverInfo"),
    "redirect-away": lambda _url, _now: _redirect("https://elsewhere.example/rest/api/2/serverInfo"),
    "dead-link": lambda _url, _now: dead_link(),
    "gone": lambda _url, _now: gone(),
    "bad-query": lambda _url, _now: json_answer({"errorMessages": "The query is not valid.", "errors": {}}, 400),
    "bad-query-list": lambda _url, _now: json_answer({"errorMessages": [], "errors": ["The query is not valid."]}, 400),
    "request-timeout": lambda _url, _now: Response(408, {}, b""),
    "too-early": lambda _url, _now: Response(425, {}, b""),
    "rate-limited": lambda _url, now: _burst("2", now),
    "rate-limited-zero": lambda _url, now: _burst("0", now),
    "rate-limited-silent": lambda _url, _now: rate_limited({"X-RateLimit-Limit": "360000"}),
    "rate-limited-date": lambda _url, now: _burst(format_datetime(now + timedelta(seconds=3), usegmt=True), now),
    "rate-limited-past": lambda _url, now: _burst(format_datetime(now - timedelta(hours=1), usegmt=True), now),
    "rate-limited-reset": lambda _url, now: rate_limited({"X-RateLimit-Reset": _iso(now + timedelta(seconds=4))}),
    "rate-limited-negative": lambda _url, now: _burst("-1", now),
    "rate-limited-garbage": lambda _url, now: _burst("soon", now),
    "rate-limited-endless": lambda _url, now: _burst("10000000000", now),
    "rate-limited-html": lambda _url, _now: html_answer(page("Oops - an error has occurred"), 429),
    "rate-limited-tomcat": lambda _url, _now: _tomcat(),
    "quota": lambda _url, now: _quota(now),
    "unavailable": lambda _url, _now: html_answer(page("Service Unavailable"), 503, {"Retry-After": "2"}),
    "unavailable-html": lambda _url, _now: html_answer(page("Service Unavailable"), 503),
    "server-error": lambda _url, _now: json_answer({"errorMessage": "Internal server error"}, 500),
    "bad-gateway": lambda _url, _now: html_answer(page("Bad Gateway"), 502),
    "gateway-timeout": lambda _url, _now: html_answer(page("Gateway Timeout"), 504),
    "empty": lambda _url, _now: Response(200, {"Content-Type": "application/json"}, b""),
    "not-json": lambda _url, _now: Response(200, {"Content-Type": "application/json"}, b'{"issues": [{]'),
    "foreign-json": lambda _url, _now: json_answer({"status": "ok", "service": "parking garage"}),
    "gzip-bomb": lambda _url, _now: _bomb(),
}


def canned_answer(faults: frozenset[str], base_url: str, now: datetime) -> Response | None:
    """The answer of the first of these faults that has one of its own."""
    for name, answer in _ANSWERS.items():
        if name in faults:
            return answer(base_url, now)
    return None
