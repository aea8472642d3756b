"""The events of the page about Sightline's own performance: its sections, the logs behind them, deleting the oldest."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any

import orjson
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from callbacks.boundary import told
from callbacks.keeper import Keeper
from callbacks.metrics_guard import page_may_delete
from configuration.log_viewing import LogViewer
from configuration.request_notes import is_request_id
from data.jira_simple import receipts
from data.performance_metrics_service import PerformanceMetricsService
from data.watch.alert_documents import AlertsDocument
from data.watch.alerts import Alerts
from data.watch.anomalies import Anomaly
from data.watch.documents import Health
from data.watch.week_comparison import WeekComparison
from ui import ids
from ui.components.performance.alerts import alarm, alerts, firing
from ui.components.performance.cards import cards
from ui.components.performance.health import health, health_aloud
from ui.components.performance.records import log_events, malformed_reference, records_body
from ui.components.performance.routes import Order, cache, read_order, routes
from ui.components.performance.storage import DAYS_KEPT, ROTATE, ROTATION_REFUSED, rotated_words, rotation, storage
from ui.components.performance.trend import trend
from ui.components.performance.unusual import unusual
from ui.components.performance.work import calculations, jira, jobs, readings
from ui.components.states import Failure, failure_panel
from ui.page import Element
from ui.pages.performance import PARTS, UNHURRIED
from ui.performance_words import span_days
from ui.times import clock_words

ALL_ROUTES = 300
FAILED = -1
PATIENCE = 4
"""A section that failed is tried again with every so manieth look."""
Seen = Mapping[str, int]
"""A sum of what was asked, the how manieth look it was, and for every place on the page a sum of what is there."""
_LISTED = 20


@dataclass(frozen=True, slots=True)
class Instruments:
    """Where the page reads all that it shows."""

    service: PerformanceMetricsService
    keeper: Keeper
    logs: LogViewer
    alerts: Callable[[], AlertsDocument]
    anomalies: Callable[[], list[Anomaly]]
    week: Callable[[], WeekComparison]

    def timezone(self) -> str:
        team = self.keeper.loader.team()
        return team.reading.rules.timezone if team is not None else "UTC"


def instruments_of(keeper: Keeper, service: PerformanceMetricsService, alerts: Alerts) -> Instruments:
    """Those of the application whose keeper, measurements and alerts these are."""
    source = keeper.source
    return Instruments(
        service=service,
        keeper=keeper,
        logs=LogViewer(source.settings.log_dir, clock=source.clock),
        alerts=alerts.document,
        anomalies=service.get_anomalies,
        week=service.get_week_comparison,
    )


@dataclass(frozen=True)
class Look:
    """One look at some sections of the page: the how manieth, over how many days, and in which order.

    `held` are the places on the page that somebody is using.
    """

    instruments: Instruments
    days: int
    order: Order
    look: int = 0
    held: frozenset[str] = frozenset()

    @cached_property
    def timezone(self) -> str:
        return self.instruments.timezone()

    @cached_property
    def service(self) -> PerformanceMetricsService:
        return self.instruments.service

    @cached_property
    def health(self) -> Health:
        return self.service.get_performance_health_score(self.days)

    @cached_property
    def alerts(self) -> AlertsDocument:
        return self.instruments.alerts()


def _storage(look: Look) -> tuple[Element, Element]:
    settings = look.instruments.keeper.source.settings
    offered = rotation(may_delete=page_may_delete(settings), has_token=settings.metrics_token is not None)
    return storage(look.service.get_storage_info(), look.timezone), offered


# Each gives what one section shows; the trend also the chart and what stands beneath, the storage what deletes of it.
SECTIONS: Mapping[str, Callable[[Look], Element]] = MappingProxyType(
    {
        "alarm": lambda look: alarm(look.alerts, look.timezone),
        "health": lambda look: health(look.health),
        "cards": lambda look: cards(look.service.get_performance_overview(look.days), look.days),
        "trend": lambda look: trend(look.service.get_performance_trend(days_back=look.days), look.timezone),
        "routes": lambda look: routes(look.service.get_slow_routes(ALL_ROUTES, look.days), look.order, look.days),
        "cache": lambda look: cache(look.service.get_cache_effectiveness(look.days), look.days),
        "calculations": lambda look: calculations(look.service.get_calculations(look.days), look.days),
        "jira": lambda look: jira(
            look.service.get_jira_calls(look.days), look.instruments.keeper.source.headroom(), look.days
        ),
        "readings": lambda look: readings(
            receipts(look.instruments.keeper.source.request(), limit=_LISTED), look.timezone
        ),
        "jobs": lambda look: jobs(look.service.get_jobs(look.days), look.days, look.timezone),
        "alerts": lambda look: alerts(look.alerts, look.timezone),
        "unusual": lambda look: unusual(look.instruments.week(), look.instruments.anomalies(), look.timezone),
        "events": lambda look: log_events(look.instruments.logs.log_events(look.days), look.days, look.timezone),
        "storage": _storage,
    }
)


def register(app: Dash, instruments: Instruments) -> None:
    for part, keys in PARTS.items():
        ticks = ids.WATCH_SLOW_TICK if part in UNHURRIED else ids.WATCH_TICK
        heard = [Output(ids.WATCH_ANSWERED, "data"), Output(ids.WATCH_SAID, "children")] if part == "now" else []
        app.callback(
            output=(
                [place for key in keys for place in _places(key).values()],
                Output(ids.watch_seen(part), "data"),
                *heard,
            ),
            inputs=[
                Input(ids.WATCH_SPAN, "value"),
                Input(ticks, "data"),
                State(ids.watch_seen(part), "data"),
                *([Input(ids.WATCH_ORDER, "data")] if part == "routes" else []),
            ],
        )((teller if part == "now" else drawer)(instruments, keys))
    app.callback(
        Output(ids.WATCH_DRAWER, "opened"),
        Output(ids.WATCH_RECORDS, "children"),
        Input(ids.WATCH_ASKED, "data"),
        prevent_initial_call=True,
    )(records_opener(instruments))
    app.callback(
        Output(ids.WATCH_ROTATED, "children"),
        Input(ids.act(ROTATE, "dialog"), "n_clicks"),
        prevent_initial_call=True,
    )(rotator(instruments))
    _register_browser_events(app)


def _places(key: str) -> dict[str, Output]:
    """Where what a section gives is put, each place with its name."""
    places = {key: Output(ids.watch_section(key), "children")}
    if key == "trend":
        places |= {"chart": Output(ids.watch_chart_source(), "data")}
        places |= {"steps": Output(ids.watch_section("steps"), "children")}
    if key == "storage":
        places |= {"rotation": Output(ids.watch_section("rotation"), "children")}
    return places


def drawer(instruments: Instruments, keys: tuple[str, ...]) -> Callable[..., tuple[Any, ...]]:
    """The callback that draws the sections in which something has changed since the page drew them."""

    def draw(span: str | None, tick: Any, seen: Seen | None, order: Any = None) -> tuple[Any, ...]:
        return _drawn(_look(instruments, span, tick, order), keys, seen or {})

    return draw


def teller(instruments: Instruments, keys: tuple[str, ...]) -> Callable[..., tuple[Any, ...]]:
    """As the others, and tells when that was, and aloud what matters."""

    def tell(span: str | None, tick: Any, seen: Seen | None) -> tuple[Any, ...]:
        look = _look(instruments, span, tick, None)
        bodies, shown = _drawn(look, keys, seen or {})
        clock = clock_words(instruments.keeper.source.clock(), look.timezone)
        known = {"health", "alerts"} <= vars(look).keys()
        aloud = health_aloud(look.health, len(firing(look.alerts))) if known else no_update
        return bodies, shown, {"clock": clock}, aloud

    return tell


def _look(instruments: Instruments, span: str | None, tick: Any, order: Any) -> Look:
    """What the browser says of its look, as far as that can be meant."""
    told = tick if isinstance(tick, Mapping) else {}
    number, held = told.get("look"), told.get("held")
    return Look(
        instruments,
        span_days(span),
        read_order(order),
        look=number if isinstance(number, int) else 0,
        held=frozenset(name for name in held if isinstance(name, str)) if isinstance(held, list) else frozenset(),
    )


def _drawn(look: Look, keys: tuple[str, ...], seen: Seen) -> tuple[list[Any], dict[str, int]]:
    """What is new for the places of these sections, and what is there then.

    A place that is filled anew loses focus and folds, so one that is in use keeps still until something else is
    wanted of it. A section that failed is not tried with every look.
    """
    shown = {"asked": zlib.crc32(_bytes([look.days, asdict(look.order)])), "look": look.look}
    same = seen.get("asked") == shown["asked"]
    still = {name for name in look.held if name in seen} if same else set()
    bodies: list[Any] = []
    for key in keys:
        names = list(_places(key))
        if same and seen.get(key) == FAILED and look.look % PATIENCE:
            shown |= dict.fromkeys(names, FAILED)
            bodies += [no_update] * len(names)
            continue
        new = _made(names, told(partial(SECTIONS[key], look)), shown)
        for name in names:
            if name in still or seen.get(name) == shown[name] != FAILED:
                shown[name], new[name] = seen[name], no_update
        bodies += new.values()
    return bodies, shown


def _made(names: list[str], made: Element | Failure, shown: dict[str, int]) -> dict[str, Any]:
    if isinstance(made, Failure):
        shown |= dict.fromkeys(names, FAILED)
        return dict(zip(names, [failure_panel(made), *([None] * (len(names) - 1))], strict=True))
    bodies = dict(zip(names, made if isinstance(made, tuple) else (made,), strict=True))
    shown |= {name: zlib.crc32(_bytes(body)) for name, body in bodies.items()}
    return bodies


def _bytes(body: Element) -> bytes:
    return orjson.dumps(body, default=lambda part: part.to_plotly_json(), option=orjson.OPT_NON_STR_KEYS)


def records_opener(instruments: Instruments) -> Callable[[Any], tuple[bool, Element]]:
    """The callback that shows the records of what the browser says that somebody asked for."""

    def open_records(asked: Any) -> tuple[bool, Element]:
        wanted = asked.get("reference") if isinstance(asked, Mapping) else None
        if not isinstance(wanted, str) or not wanted:
            raise PreventUpdate
        if not is_request_id(wanted):
            return True, malformed_reference()
        return True, records_body(instruments.logs.log_records(wanted), instruments.timezone())

    return open_records


def rotator(instruments: Instruments) -> Callable[[int | None], str]:
    def rotate(clicks: int | None) -> str:
        if not clicks:
            raise PreventUpdate
        if not page_may_delete(instruments.keeper.source.settings):
            return ROTATION_REFUSED
        return rotated_words(instruments.service.rotate(days_to_keep=DAYS_KEPT))

    return rotate


def _register_browser_events(app: Dash) -> None:
    for (space, function), wires in _IN_BROWSER.items():
        at_first = function != "look"  # the page takes its first look by itself
        app.clientside_callback(ClientsideFunction(space, function), *wires, prevent_initial_call=not at_first)


# A question for records is put together in the browser: there no table that is drawn anew comes between it and its
# answer.
_IN_BROWSER: Mapping[tuple[str, str], Sequence[Output | Input | State]] = MappingProxyType(
    {
        ("sightline", "drawChart"): (
            Output(ids.watch_chart(), "children"),
            Input(ids.watch_chart_source(), "data"),
            Input(ids.COLOUR_SCHEME, "computedColorScheme"),
            State(ids.watch_chart(), "id"),
        ),
        ("watch", "span"): (
            Output(ids.WATCH_SPAN, "value"),
            Input(ids.WATCH_SPAN, "value"),
            Input(ids.LOCATION, "search"),
        ),
        ("watch", "look"): (
            Output(ids.WATCH_TICK, "data"),
            Output(ids.WATCH_SLOW_TICK, "data"),
            Input(ids.WATCH_INTERVAL, "n_intervals"),
            *(State(ids.watch_seen(part), "data") for part in PARTS),
        ),
        ("watch", "pause"): (
            Output(ids.WATCH_INTERVAL, "disabled"),
            Output(ids.WATCH_PAUSE, "children"),
            Input(ids.WATCH_PAUSE, "n_clicks"),
        ),
        ("watch", "line"): (
            Output(ids.WATCH_LINE, "children"),
            Output(ids.WATCH_LINE, "className"),
            Input(ids.WATCH_ANSWERED, "data"),
            Input(ids.WATCH_INTERVAL, "n_intervals"),
            Input(ids.WATCH_INTERVAL, "disabled"),
        ),
        ("watch", "order"): (
            Output(ids.WATCH_ORDER, "data"),
            Input(ids.watch_sort(ALL), "n_clicks"),
            State(ids.WATCH_ORDER, "data"),
        ),
        ("watch", "ask"): (
            Output(ids.WATCH_ASKED, "data"),
            Input(ids.watch_records(ALL), "n_clicks"),
            Input(ids.WATCH_FIND, "n_clicks"),
            Input(ids.WATCH_REFERENCE, "n_submit"),
            State(ids.WATCH_REFERENCE, "value"),
        ),
    }
)
