"""Which request goes to which endpoint, on Cloud and on Data Center."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from data.demo import agile, changelogs, cloud, datacenter, metadata
from data.demo.desk import Desk
from data.demo.exchange import Request, Response

Endpoint = Callable[[Desk, Request], Response]


@dataclass(frozen=True, slots=True)
class Route:
    """`access` is `open` (nobody is asked who they are), `public` (nobody sees less) or `members`.

    `name` is the path without the version of the interface, which limits do not tell apart.
    """

    methods: frozenset[str]
    pattern: re.Pattern[str]
    endpoint: Endpoint
    access: str
    name: str


def _route(methods: str, path: str, endpoint: Endpoint, access: str = "public", *, prefix: str = "") -> Route:
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
    return Route(frozenset(methods.split()), re.compile(f"{prefix}{pattern}/?"), endpoint, access, path)


def _rest(versions: str, entries: tuple[tuple[str, str, Endpoint, str], ...]) -> tuple[Route, ...]:
    prefix = f"/rest/api/(?P<version>{versions})"
    return tuple(_route(methods, path, endpoint, access, prefix=prefix) for methods, path, endpoint, access in entries)


_COMMON: Final = (
    ("GET", "/serverInfo", metadata.server_info, "open"),
    ("GET", "/myself", metadata.myself, "members"),
    ("GET", "/mypermissions", metadata.my_permissions, "public"),
    ("GET", "/field", metadata.fields, "public"),
    ("GET", "/status", metadata.statuses, "public"),
    ("GET", "/statuscategory", metadata.status_categories, "public"),
    ("GET", "/issuetype", metadata.issue_types, "public"),
    ("GET", "/priority", metadata.priorities, "public"),
    ("GET", "/resolution", metadata.resolutions, "public"),
    ("GET", "/project", metadata.projects, "public"),
    ("GET", "/project/{project}/statuses", metadata.project_statuses, "public"),
    ("GET", "/project/{project}/versions", metadata.project_versions, "public"),
    ("GET", "/issue/{issue}", metadata.issue, "public"),
    ("GET", "/jql/autocompletedata", metadata.autocomplete, "public"),
)
_AGILE: Final = (
    _route("GET", "/rest/agile/1.0/board", agile.boards),
    _route("GET", "/rest/agile/1.0/board/{board}/configuration", agile.configuration),
    _route("GET", "/rest/agile/1.0/board/{board}/sprint", agile.sprints),
    _route("GET", "/rest/agile/1.0/board/{board}/issue", agile.issues),
)
CLOUD_ROUTES: Final = (
    *_rest(
        "2|3|latest",
        (
            ("GET POST", "/search", cloud.removed_search, "public"),
            ("POST", "/search/id", cloud.removed_search, "public"),
            ("POST", "/expression/eval", cloud.removed_search, "public"),
            ("GET POST", "/search/jql", cloud.search_jql, "public"),
            ("POST", "/search/approximate-count", cloud.approximate_count, "public"),
            ("POST", "/changelog/bulkfetch", changelogs.bulk_changelogs, "members"),
            ("POST", "/issue/bulkfetch", cloud.bulk_issues, "public"),
            ("GET", "/issue/{issue}/changelog", changelogs.issue_changelog, "public"),
            ("POST", "/issue/{issue}/changelog/list", changelogs.listed_changelogs, "public"),
            ("GET", "/project/search", metadata.project_search, "public"),
            ("GET", "/project/{project}/version", metadata.project_version_page, "public"),
            ("POST", "/jql/parse", cloud.parse_queries, "public"),
            *_COMMON,
        ),
    ),
    *_rest("2|3|latest", (("GET", "/project/{project}", metadata.project, "public"),)),
    *_AGILE,
    _route("GET", "/_edge/tenant_info", cloud.tenant_info, "open"),
)
DATA_CENTER_ROUTES: Final = (
    *_rest(
        "2|latest",
        (
            ("GET POST", "/search", datacenter.search, "public"),
            *_COMMON,
            ("GET", "/project/(?!search/?$){project}", metadata.project, "public"),
        ),
    ),
    *_AGILE,
)


def find_route(routes: tuple[Route, ...], path: str) -> tuple[list[Route], dict[str, str]]:
    """All routes of that path, whatever their method, and the named parts of the first."""
    found = [(route, match) for route in routes if (match := route.pattern.fullmatch(path))]
    return [route for route, _ in found], found[0][1].groupdict() if found else {}
