"""A Jira that answers as Jira Cloud or Jira Data Center does, over a made-up or loaded site."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from itertools import count
from typing import Final

from data.demo import canned
from data.demo.access import Gate, Visitor
from data.demo.arrivals import Arrivals
from data.demo.clock import Clock, running_clock
from data.demo.desk import Desk
from data.demo.exchange import Refusal, Request, Response, parse_target
from data.demo.faults import Faults, Trouble
from data.demo.rate_limit import CLOUD_LIMIT, Buckets, RateLimit, cloud_headers, data_center_headers
from data.demo.rendering import Renderer
from data.demo.routes import CLOUD_ROUTES, DATA_CENTER_ROUTES, Route, find_route
from data.demo.site import Site
from data.demo.spoiling import spoil_response
from data.demo.store import IssueStore

DEFAULT_ADDRESS: Final = "https://marram.example"
_PAGE_CAPS = {"cloud": 100, "datacenter": 1000}


@dataclass(frozen=True, slots=True)
class Installation:
    """How this Jira is set up: where it lives, how much one answer may hold, how it judges credentials.

    `page_cap` None is the flavour's own; `scoped` and `captcha_after` are explained at `Gate`. `base_url` comes
    without the context path. A server on a socket lets every answer take `latency` seconds in all.
    """

    base_url: str = DEFAULT_ADDRESS
    context_path: str = ""
    page_cap: int | None = None
    result_window: int = 10_000
    index_lag: timedelta = timedelta(0)
    rate: RateLimit | None = None
    scoped: bool = False
    captcha_after: int | None = None
    latency: float = 0.0


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a request leads; `outside` of what this Jira answers for, or to a path that knows other methods only."""

    route: Route | None
    groups: dict[str, str]
    through_gateway: bool = False
    outside: bool = False
    other_methods: bool = False


_USUAL = Installation()
_NO_FAULTS = Faults()


class SimulatedJira:
    """`handle` answers one request; `store` changes what there is to see; `arrivals` tells what was asked."""

    def __init__(
        self,
        site: Site,
        *,
        flavour: str = "cloud",
        token: str | None = None,
        faults: Trouble = _NO_FAULTS,
        installation: Installation = _USUAL,
        clock: Clock | None = None,
    ) -> None:
        if flavour not in _PAGE_CAPS:
            raise ValueError(f"flavour must be 'cloud' or 'datacenter', not {flavour!r}")
        self.flavour = flavour
        self.site = site
        context_path = installation.context_path.strip("/")
        self.context_path = f"/{context_path}" if context_path else ""
        self.clock = clock or running_clock(site.as_of)
        self.store = IssueStore(site, self.clock, installation.index_lag)
        self.arrivals = Arrivals()
        self.latency = installation.latency
        self._answers = count(1)
        self._installation = installation
        self._token = token
        self._routes = CLOUD_ROUTES if self.is_cloud else DATA_CENTER_ROUTES
        self._buckets = Buckets(installation.rate, self.clock) if installation.rate else None
        self.faults = faults
        self.base_url = installation.base_url

    @property
    def is_cloud(self) -> bool:
        return self.flavour == "cloud"

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Method and path of everything that was asked."""
        return [(arrival.method, arrival.path) for arrival in self.arrivals.log]

    @property
    def faults(self) -> Trouble:
        """What goes wrong from now on; setting it starts all counts again."""
        return self._faults

    @faults.setter
    def faults(self, faults: Trouble) -> None:
        self._faults = faults
        self._hits = faults.begin()

    @property
    def base_url(self) -> str:
        """The address this Jira believes to have, without context path; it stands in every `self` link."""
        return self._base_url

    @base_url.setter
    def base_url(self, address: str) -> None:
        self._base_url = address.rstrip("/")
        full = self._base_url + self.context_path
        self.gate = Gate(
            cloud=self.is_cloud,
            token=self._token,
            scoped=self._installation.scoped,
            captcha_after=self._installation.captcha_after,
            login_url=full,
        )
        self._desk = Desk(
            site=self.site,
            store=self.store,
            renderer=Renderer(self.site, full, cloud=self.is_cloud),
            clock=self.clock,
            base_url=full,
            cloud=self.is_cloud,
            page_cap=self._installation.page_cap or _PAGE_CAPS[self.flavour],
            result_window=self._installation.result_window,
        )

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Response:
        """The answer to one request; `target` is a path with query, or a whole URL."""
        path, query = parse_target(target)
        faults = self._hits.hit(path)
        lowered = {name.lower(): value for name, value in headers.items()}
        request = Request(method.upper(), path, query, lowered, body, faults)
        found = self._found(request)
        arrival = self.arrivals.note(self.clock(), (request.method, path), self._kind(request, found), faults)
        try:
            response = canned.canned_answer(faults, self._desk.base_url, self.clock()) or self._answer(request, found)
        except Refusal as refusal:
            response = refusal.response
        response = self._stamped(spoil_response(response, request))
        self.arrivals.answered(arrival, response, self.clock())
        return response

    def _found(self, request: Request) -> _Found:
        gateway = f"/ex/jira/{self.site.cloud_id}"
        through_gateway = self.is_cloud and request.path.startswith(f"{gateway}/")
        prefix = gateway if through_gateway else self.context_path
        if not request.path.startswith(f"{prefix}/"):
            return _Found(None, {}, outside=True)
        routes, groups = find_route(self._routes, request.path.removeprefix(prefix))
        route = next((route for route in routes if request.method in route.methods), None)
        return _Found(route, groups, through_gateway=through_gateway, other_methods=bool(routes))

    def _kind(self, request: Request, found: _Found) -> str:
        """What limits apply to as one: an endpoint on Cloud, the account on Data Center."""
        return f"{request.method} {found.route.name if found.route else 'elsewhere'}" if self.is_cloud else "account"

    def _answer(self, request: Request, found: _Found) -> Response:
        route, through_gateway = found.route, found.through_gateway
        if found.outside:
            return canned.dead_link()
        if route is None:
            return self._nowhere(request, known=found.other_methods)
        if request.method == "POST" and request.headers.get("user-agent", "").startswith("Mozilla/"):
            return canned.xsrf()
        visitor = self._visitor(request, route, through_gateway=through_gateway)
        if visitor is not Visitor.ACCOUNT and route.access == "members":
            return canned.unauthorized()
        groups = found.groups
        return self._limited(self._kind(request, found), lambda: self._served(request, route, groups, visitor))

    def _visitor(self, request: Request, route: Route, *, through_gateway: bool) -> Visitor:
        if "anonymous" in request.faults:
            return Visitor.REJECTED
        scoped_elsewhere = self._installation.scoped and not through_gateway and route.access != "open"
        public = route.access in {"open", "public"} and not scoped_elsewhere
        return self.gate.visitor(request.headers, through_gateway=through_gateway, public=public)

    def _served(self, request: Request, route: Route, groups: dict[str, str], visitor: Visitor) -> Response:
        member = visitor is Visitor.ACCOUNT
        asked = dataclasses.replace(request, member=member, groups=groups)
        try:
            response = route.endpoint(self._desk, asked)
        except Refusal as refusal:
            response = refusal.response
        if visitor is Visitor.REJECTED:
            return response.with_headers(X_Seraph_LoginReason="AUTHENTICATED_FAILED")
        return response.with_headers(X_Seraph_LoginReason="OK") if member and not self.is_cloud else response

    def _nowhere(self, request: Request, *, known: bool) -> Response:
        if known:
            return Response(405, {"Content-Type": "text/html"}, b"")
        if self.is_cloud:
            return canned.dead_link()
        return canned.null_for_uri(f"{self._base_url}{request.path}")

    def _limited(self, bucket: str, serve: Callable[[], Response]) -> Response:
        if self._buckets is None or self._installation.rate is None:
            return _with(serve(), cloud_headers(None, CLOUD_LIMIT - 1)) if self.is_cloud else serve()
        passes, remaining, wait = self._buckets.take(bucket)
        if self.is_cloud:
            headers = cloud_headers(self._installation.rate, remaining)
            reason = {"Retry-After": str(wait), "RateLimit-Reason": "jira-burst-based"}
            return _with(serve(), headers) if passes else canned.rate_limited(headers | reason)
        headers = data_center_headers(self._installation.rate, remaining, wait)
        return _with(serve() if passes else canned.rate_limited({}), headers)

    def _stamped(self, response: Response) -> Response:
        """When it was answered, and the name that this Jira's own log would have it under."""
        number = next(self._answers)
        trace = {"atl-traceid": f"{number:032x}"} if self.is_cloud else {"X-AREQUESTID": f"600x{number}x1"}
        return _with(response, {"Date": format_datetime(self.clock(), usegmt=True), **trace})


def _with(response: Response, headers: Mapping[str, str]) -> Response:
    return dataclasses.replace(response, headers={**response.headers, **headers})
