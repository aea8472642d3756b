"""The ten metrics as one would write them with pandas group-bys, over frames that are already open.

It knows only what the seeded teams of this folder hold: releases, two dates an issue, one flag at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.history import CANCELS, KINDS, DeliveryHistory
from data.reading.statuses import DONE
from data.weeks import DAY, HOUR, trend_weeks
from tests.benchmarks.histories import NOW, NOW_US

OPEN_END = np.iinfo(np.int64).max


@dataclass
class Frames:
    """A history as frames; instants are integers, as they are in the columns."""

    issues: pd.DataFrame
    entered: pd.DataFrame
    resolutions: pd.DataFrame
    flags: pd.DataFrame
    versions: pd.DataFrame
    causes: pd.DataFrame


def as_frames(history: DeliveryHistory) -> Frames:
    """The columns under names; nothing is worked out here."""
    entered, statuses = history.statuses_entered, history.statuses
    release = np.full(len(history), -1)
    release[history.fixes.issue] = history.fixes.other
    issues = pd.DataFrame(
        {"created": history.created, "kind": history.kind, "project": history.project.astype(np.int64)}
    )
    issues = issues.assign(release=release, **{name: history.roles[name] for name in ("work_item", "flow_item")})
    issues = issues.assign(incident=history.roles["incident"])
    meanings = {"done": statuses.category == DONE, "starts": statuses.starts, "active": statuses.active}
    moves = pd.DataFrame({"issue": entered.issue, "time": entered.time, "status": entered.value})
    versions = pd.DataFrame(
        {
            "day": history.versions.day.astype(np.int64),
            "project": history.versions.project.astype(np.int64),
            "released": history.versions.released & history.versions.is_release,
            "rework": history.versions.rework,
            "number": np.array(history.versions.identities, dtype=np.int64),
        }
    )
    return Frames(
        issues,
        moves.assign(**{name: by_status[entered.value] for name, by_status in meanings.items()}),
        pd.DataFrame(
            {
                "issue": history.resolutions.issue,
                "time": history.resolutions.time,
                "cancels": history.resolutions.value == CANCELS,
            }
        ),
        pd.DataFrame({"issue": history.flags.issue, "time": history.flags.time, "on": history.flags.value}),
        versions,
        pd.DataFrame({"issue": history.causes.issue, "cause": history.causes.other}),
    )


def measure(frames: Frames, days: int) -> dict[str, Any]:
    """Value, value before, weeks, and why each candidate does not count, by the key of the metric."""
    issues = _facts(frames)
    deployments = _deployments(frames)
    issues = issues.join(deployments[["position", "at"]], on="release")
    changes = issues[issues.work_item & ~issues.cancelled & issues.position.notna()]
    changes = changes.assign(hours=(changes["at"] - changes.started) / HOUR)
    changes = changes[changes.started.notna() & (changes.hours >= 0)]
    incidents = _incidents(frames, issues, deployments)
    failed = deployments.position.isin(incidents.position)
    deployments = deployments.assign(failed=failed)
    recovered = incidents[incidents.position.notna() & incidents.finished.notna()]
    recovered = recovered.assign(hours=(recovered.finished - recovered.created) / HOUR)
    done = issues[issues.flow_item & ~issues.cancelled & issues.finished.notna()]
    timed = done[done.started.notna() & (done.finished >= done.started)]
    timed = timed.assign(hours=(timed.finished - timed.started) / HOUR)
    span = _Span(days)
    found = {
        "deployment_frequency": span.dated(deployments, "at", lambda part, n: len(part) / n, _per_week),
        "lead_time": span.dated(changes, "at", _median, _medians),
        "cfr": span.dated(deployments, "at", lambda part, _: _mean(part.failed), lambda by: by.failed.mean()),
        "mttr": span.dated(recovered, "finished", _median, _medians),
        "rework_rate": span.dated(deployments, "at", lambda part, _: _mean(part.rework), lambda by: by.rework.mean()),
        "flow_velocity": span.dated(done, "finished", lambda part, _: len(part), lambda by: by.size()),
        "flow_time": span.dated(timed, "finished", _median, _medians),
        "flow_efficiency": span.dated(timed, "finished", _efficiency, _efficiencies),
        "flow_load": span.standing(_in_progress(frames, issues)),
        "flow_distribution": span.dated(done, "finished", _shares, _weekly_shares),
    }
    return found | {"reasons": _reasons(issues, span)}


def _facts(frames: Frames) -> pd.DataFrame:
    entered = frames.entered
    by_issue = entered.groupby("issue", sort=False)
    last = by_issue.last()
    began = entered[entered.done & ~by_issue.done.shift(fill_value=False)]
    finished = began.groupby("issue").time.last().where(last.done)
    started = entered[entered.starts].groupby("issue").time.first()
    cancelled = frames.resolutions.groupby("issue").cancels.last()
    issues = frames.issues.assign(started=started, finished=finished, cancelled=cancelled)
    issues["cancelled"] = issues.cancelled.fillna(0).astype(bool)
    stays = entered.assign(end=by_issue.time.shift(-1))
    stays = stays[stays.active & stays.end.notna()]
    flag = frames.flags[frames.flags.on == 1].set_index("issue").time.rename("raised").to_frame()
    flag["lowered"] = frames.flags.groupby("issue").time.last()
    stays = stays.join(flag, on="issue")
    idle = (np.minimum(stays.end, stays.lowered) - np.maximum(stays.time, stays.raised)).clip(lower=0).fillna(0)
    active = (stays.end - stays.time - idle).groupby(stays.issue).sum() / HOUR
    return issues.assign(active=active.reindex(issues.index).fillna(0.0))


def _deployments(frames: Frames) -> pd.DataFrame:
    today = NOW.date().toordinal()
    versions = frames.versions[frames.versions.released & (frames.versions.day <= today)].copy()
    versions["at"] = np.minimum((versions.day - 719_163 + 1) * DAY - 1, NOW_US)
    versions = versions.sort_values(["at", "number"])
    return versions.assign(position=np.arange(len(versions)))


def _incidents(frames: Frames, issues: pd.DataFrame, deployments: pd.DataFrame) -> pd.DataFrame:
    incidents = issues[issues.incident & ~issues.cancelled].drop(columns=["position", "at"])
    carriable = issues[(issues.incident | issues.work_item) & ~issues.cancelled]
    linked = frames.causes.set_index("issue").cause.map(carriable.position)
    incidents = incidents.assign(linked=linked.reindex(incidents.index), day=incidents.created // DAY + 719_163)
    before = deployments[["day", "project", "position"]]
    windowed = pd.merge_asof(
        incidents.reset_index().sort_values("day", kind="stable"), before, on="day", by="project", tolerance=7
    ).set_index("index")
    incidents["position"] = incidents.linked.fillna(windowed.position.reindex(incidents.index))
    return incidents


def _in_progress(frames: Frames, issues: pd.DataFrame) -> pd.DataFrame:
    entered = frames.entered
    stays = entered.assign(end=entered.groupby("issue", sort=False).time.shift(-1).fillna(OPEN_END))
    stays = stays[~stays.done].join(issues[["flow_item", "started"]], on="issue")
    resolved = frames.resolutions[frames.resolutions.cancels == 1].groupby("issue").time.first()
    stays["until"] = stays.issue.map(resolved).fillna(OPEN_END)
    stays = stays.assign(lo=np.maximum(stays.time, stays.started), hi=np.minimum(stays.end, stays.until))
    return stays[stays.flow_item & stays.started.notna() & (stays.lo < stays.hi)]


class _Span:
    """The period, the one before and the weeks."""

    def __init__(self, days: int) -> None:
        self.days, self.start, self.before = days, NOW_US - days * DAY, NOW_US - 2 * days * DAY
        self.edges = trend_weeks(NOW, days, NOW.tzinfo).edges
        self.weeks = range(len(self.edges) - 1)

    def dated(self, frame: pd.DataFrame, when: str, value: Any, weekly: Any) -> tuple[Any, Any, list[Any]]:
        at = frame[when]
        now = frame[(at > self.start) & (at <= NOW_US)]
        before = frame[(at > self.before) & (at <= self.start)]
        shown = frame[(at >= self.edges[0]) & (at <= NOW_US)]
        week = np.searchsorted(self.edges, shown[when], side="right") - 1
        trend = weekly(shown.groupby(week)).reindex(self.weeks)
        return value(now, self.days), value(before, self.days), trend.to_numpy().tolist()

    def standing(self, spans: pd.DataFrame) -> tuple[Any, Any, list[Any]]:
        times = np.array([NOW_US, self.start, *np.minimum(self.edges[1:] - 1, NOW_US)])
        begun = spans.lo.sort_values().searchsorted(times, side="right")
        over = spans.hi.sort_values().searchsorted(times, side="right")
        now, before, *trend = (begun - over).tolist()
        return now, before, trend


def _median(part: pd.DataFrame, _days: int) -> float:
    part.hours.quantile([0.5, 0.75, 0.85, 0.95])
    return part.hours.median()


def _medians(by: Any) -> pd.Series:
    return by.hours.median()


def _mean(column: pd.Series) -> float:
    return column.mean()


def _per_week(by: Any) -> pd.Series:
    return by.size() / 7


def _efficiency(part: pd.DataFrame, _days: int) -> float:
    return part.active.sum() / part.hours.sum()


def _efficiencies(by: Any) -> pd.Series:
    sums = by[["active", "hours"]].sum()
    return sums.active / sums.hours


def _shares(part: pd.DataFrame, _days: int) -> list[float]:
    return part.kind.value_counts(normalize=True).reindex(range(len(KINDS)), fill_value=0.0).tolist()


def _weekly_shares(by: Any) -> pd.DataFrame:
    counts = by.kind.value_counts().unstack(fill_value=0)  # noqa: PD010 - counts of groups are no table yet
    counts = counts.reindex(columns=range(len(KINDS)), fill_value=0)
    return counts.div(counts.sum(axis=1), axis=0)


def _reasons(issues: pd.DataFrame, span: _Span) -> dict[str, pd.Series]:
    """The first reason of each issue, as four of the flow metrics and lead time have it."""
    outside = ~((issues.finished > span.start) & (issues.finished <= NOW_US))
    steps = [("wrong_type", ~issues.flow_item), ("cancelled", issues.cancelled), ("no_finish", issues.finished.isna())]
    timed = [*steps, ("outside_period", outside), ("no_start", issues.started.isna())]
    late = ~((issues["at"] > span.start) & (issues["at"] <= NOW_US))
    carried = [("wrong_type", ~issues.work_item), ("cancelled", issues.cancelled)]
    carried += [("not_deployed", issues.position.isna()), ("outside_period", late), ("no_start", issues.started.isna())]
    asked = {"flow_velocity": timed[:4], "flow_distribution": timed[:4], "flow_time": timed, "flow_efficiency": timed}
    return {
        key: pd.Series(np.select([holds for _, holds in tests], range(len(tests)), default=-1))
        for key, tests in (asked | {"lead_time": carried}).items()
    }


def differences(frames: Frames, history_results: dict[str, Any], days: int) -> list[str]:
    """Where the two engines disagree: every value and every week, to 1e-9."""
    found = []
    for key, told in measure(frames, days).items():
        if key == "reasons":
            found += _differing_counts(told, history_results)
            continue
        figures = history_results[key].figures
        values = [figures["value"], figures["previous"]["value"], *(point["value"] for point in figures["trend"])]
        for left, right in zip(values, [told[0], told[1], *told[2]], strict=True):
            one, other = (np.nan_to_num(np.array(_plain(value), dtype=float)) for value in (left, right))
            if not np.allclose(one, other, rtol=1e-9, atol=1e-9):
                found.append(f"{key}: {left} and {right}")
    return found


def _plain(value: Any) -> Any:
    return list(value.values()) if isinstance(value, dict) else [0.0] * len(KINDS) if value is None else value


def _differing_counts(told: dict[str, pd.Series], results: dict[str, Any]) -> list[str]:
    counts = {key: (int((codes == -1).sum()), int((results[key].reasons() == -1).sum())) for key, codes in told.items()}
    return [f"{key}: {one} and {other} count" for key, (one, other) in counts.items() if one != other]
