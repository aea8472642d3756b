"""The full trend chart of a metric as a plain figure, its colours still names that the browser replaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from data.analysis.process_behaviour import Behaviour, behaviour_of_trend
from data.configuration_history import DefinitionChange
from data.metric import MetricResult, TrendPoint
from data.metric_catalogue import metric
from data.model import FlowKind
from ui.figures.drawing import ACCENT, BAND, CLEAR, HOLLOW, TEXT, Figure, axis_title, plain_layout
from ui.figures.weeks import known_values, trend_scale, week_monday, week_text
from ui.readings import ITEMS, PER_CENT, Scale
from ui.wording import KIND_NAMES

MOST_DATES = 6
FEW = 5
WEEK_MILLISECONDS = 7 * 24 * 3600 * 1000
SIGNAL = "var(--warn)"


def trend_figure(
    result: MetricResult, kinds: Sequence[TrendPoint] = (), changes: Sequence[DefinitionChange] = ()
) -> Figure:
    """Weekly values of one metric; the span of the chosen period is shaded behind them.

    `kinds` splits a stacked count into kinds of work: the weeks of the shares over the same items. A line stands
    where a rule changed. Only words of ours enter a figure, never text from Jira: chart text can interpret markup.
    """
    figure = _figure(result, kinds)
    figure["layout"]["shapes"] += [_mark(change) for change in changes_shown(result, changes)]
    return figure


def changes_shown(result: MetricResult, changes: Sequence[DefinitionChange]) -> list[DefinitionChange]:
    """Those within the weeks of the trend."""
    if not result["trend"]:
        return []
    first = week_monday(result["trend"][0]["week"]).isoformat()
    last = (week_monday(result["trend"][-1]["week"]) + timedelta(days=7)).isoformat()
    return [change for change in changes if first <= change["at"][:10] < last]


def _figure(result: MetricResult, kinds: Sequence[TrendPoint]) -> Figure:
    trend = result["trend"]
    match chart_of(result):
        case "stacked" if result["unit"] == "share":
            return {"data": _stack(trend, PER_CENT), "layout": _layout(result, PER_CENT)}
        case "stacked" if kinds:
            stack = _stack(_counts(kinds), ITEMS)
            return {"data": [*stack, *_signals(result, ITEMS)], "layout": _layout(result, ITEMS)}
        case "bar" | "stacked":
            scale = trend_scale(result)
            return {"data": [*_bar(result, scale), *_signals(result, scale)], "layout": _layout(result, scale)}
        case _:
            scale = trend_scale(result)
            return {"data": [*_line(result, scale), *_signals(result, scale)], "layout": _layout(result, scale)}


def behaviour(result: MetricResult) -> Behaviour:
    """Level, noise and signals of the weekly values."""
    return behaviour_of_trend(result["trend"], highest=1.0 if result["unit"] in {"ratio", "share"} else None)


def signalled(result: MetricResult) -> dict[int, str]:
    """For each week that is part of a signal, by its place, why."""
    found: dict[int, str] = {}
    for signal in behaviour(result)["signals"]:
        for place in range(signal["first"], signal["last"] + 1):
            if isinstance(result["trend"][place]["value"], float):
                found.setdefault(place, signal["sentence"])
    return dict(sorted(found.items()))


def chart_of(result: MetricResult) -> str:
    """The kind of chart that the metric declares."""
    return metric(result["key"]).chart


def kinds_shown(figure: Figure) -> list[FlowKind]:
    """The kinds that a stacked chart holds, for the legend beside it."""
    names = {trace.get("name") for trace in figure["data"]}
    return [kind for kind in FlowKind if KIND_NAMES[kind] in names]


def _counts(shares: Sequence[TrendPoint]) -> list[TrendPoint]:
    """Shares of the finished items of each week, back as numbers of items."""
    return [
        {**week, "value": {kind: share * week["sample_size"] for kind, share in week["value"].items()}}
        if isinstance(week["value"], Mapping)
        else week
        for week in shares
    ]


def _bar(result: MetricResult, scale: Scale) -> list[Figure]:
    trend = result["trend"]
    return [
        {
            "type": "bar",
            **_points(trend, result["unit"], scale),
            "marker": {
                "color": [HOLLOW if week["partial"] else ACCENT for week in trend],
                "line": {"color": ACCENT, "width": [1.5 if week["partial"] else 0 for week in trend]},
            },
        }
    ]


def _line(result: MetricResult, scale: Scale) -> list[Figure]:
    trend = result["trend"]
    traces: list[Figure] = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "cliponaxis": False,
            **_points([week for week in trend if not week["partial"]], result["unit"], scale),
            "line": {"color": ACCENT, "width": 2},
            "marker": {"color": ACCENT, "size": 5},
        }
    ]
    if chart_of(result) == "area":
        traces[0] |= {"fill": "tozeroy", "fillcolor": HOLLOW}
    if trend and trend[-1]["partial"]:
        running = _points(trend[-2:], result["unit"], scale)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "cliponaxis": False,
                **running,
                "line": {"color": ACCENT, "width": 1.5, "dash": "dot"},
                "marker": {"color": ACCENT, "size": [0, 9][-len(running["x"]) :], "symbol": "circle-open"},
            }
        )
    return traces


def _signals(result: MetricResult, scale: Scale) -> list[Figure]:
    """A ring round every week that is more than the usual noise; the page says beside it why."""
    marked = signalled(result)
    if not marked:
        return []
    points = _points([result["trend"][place] for place in marked], result["unit"], scale)
    texts = [f"{text}<br>{marked[place]}" for place, text in zip(marked, points["customdata"], strict=True)]
    marker = {"symbol": "diamond-open", "size": 13, "color": SIGNAL, "line": {"width": 2}}
    trace = {"type": "scatter", "mode": "markers", "name": "Signal", "cliponaxis": False, "marker": marker}
    return [{**trace, **points, "customdata": texts}]


def _stack(trend: Sequence[TrendPoint], scale: Scale) -> list[Figure]:
    return [
        {
            "type": "bar",
            "name": KIND_NAMES[kind],
            **_weeks(trend),
            "y": [None if part is None else part / scale.divisor for part in _parts(trend, kind)],
            "customdata": ["no value" if part is None else scale.of(part).text for part in _parts(trend, kind)],
            "hovertemplate": f"{KIND_NAMES[kind]}: %{{customdata}}<extra></extra>",
            "marker": {
                "color": [CLEAR if week["partial"] else f"var(--kind-{kind})" for week in trend],
                "line": {"color": f"var(--kind-{kind})", "width": [1.5 if week["partial"] else 0 for week in trend]},
            },
        }
        for kind in FlowKind
        if any(_parts(trend, kind))
    ]


def _parts(trend: Sequence[TrendPoint], kind: FlowKind) -> list[float | None]:
    values = (week["value"] for week in trend)
    return [value.get(kind, 0.0) if isinstance(value, Mapping) else None for value in values]


def _points(points: Sequence[TrendPoint], unit: str, scale: Scale) -> Figure:
    values = [float(point["value"]) if isinstance(point["value"], float | int) else None for point in points]
    texts = ["no value" if value is None else week_text(value, unit, scale) for value in values]
    return {
        **_weeks(points),
        "y": [None if value is None else value / scale.divisor for value in values],
        "customdata": [_hover_label(point, text) for point, text in zip(points, texts, strict=True)],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _weeks(points: Sequence[TrendPoint]) -> Figure:
    """Each value stands in the middle of its week, on an axis of real time."""
    mondays = [week_monday(point["week"]).isoformat() for point in points]
    return {
        "x": mondays,
        "xperiod": WEEK_MILLISECONDS,
        "xperiod0": mondays[0] if mondays else None,
        "xperiodalignment": "middle",
        "xhoverformat": "Week of %-d %b %Y",
    }


def _hover_label(point: TrendPoint, text: str) -> str:
    sample = f"{point['sample_size']:,} counted"
    return f"{text}, {sample}{', week still running' if point['partial'] else ''}"


def _layout(result: MetricResult, scale: Scale) -> Figure:
    stacked = chart_of(result) == "stacked"
    suffix = " %" if scale is PER_CENT else ""
    return plain_layout(
        xaxis=_week_axis(result["trend"]),
        yaxis={
            "ticksuffix": suffix,
            "title": axis_title("" if suffix else scale.many),
            **({"range": [0, 100]} if result["unit"] == "share" else {}),
            **({"dtick": 1} if scale.whole and max(known_values(result["trend"]), default=0) <= FEW else {}),
        },
        barmode="stack",
        bargap=0.32,
        hovermode="x unified" if stacked else "closest",
        shapes=[_period_band(result), *_limits(result, scale)],
    )


def _week_axis(trend: Sequence[TrendPoint]) -> Figure:
    """A date under every so many weeks, few enough to stand side by side on a phone."""
    mondays = [week_monday(point["week"]) for point in trend]
    named = mondays[:: max(1, -(-len(mondays) // MOST_DATES))]
    return {
        "type": "date",
        "tickvals": [f"{(monday + timedelta(days=3)).isoformat()} 12:00" for monday in named],
        "ticktext": [f"{monday.day} {monday:%b}" for monday in named],
        "range": [mondays[0].isoformat(), (mondays[-1] + timedelta(days=7)).isoformat()],
    }


def _limits(result: MetricResult, scale: Scale) -> list[Figure]:
    """The usual level of each stretch of weeks, and how far the noise reaches to either side of it."""
    weeks = [week_monday(point["week"]) for point in result["trend"]]
    return [
        {
            "type": "line",
            "x0": weeks[stretch["first"]].isoformat(),
            "x1": (weeks[stretch["last"]] + timedelta(days=7)).isoformat(),
            "y0": level / scale.divisor,
            "y1": level / scale.divisor,
            "line": {"color": TEXT, "width": 1, "dash": dash},
            "opacity": 0.55,
            "layer": "below",
        }
        for stretch in behaviour(result)["baselines"]
        for level, dash in ((stretch["mean"], "solid"), (stretch["low"], "dot"), (stretch["high"], "dot"))
    ]


def _mark(change: DefinitionChange) -> Figure:
    at = change["at"][:19]
    line = {"color": SIGNAL, "width": 1.5, "dash": "dash"}
    return {"type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1, "line": line}


def _period_band(result: MetricResult) -> Figure:
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": result["period"]["start"][:10],
        "x1": result["period"]["end"][:10],
        "y0": 0,
        "y1": 1,
        "fillcolor": BAND,
        "line": {"width": 0},
        "layer": "below",
    }
