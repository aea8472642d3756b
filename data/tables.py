"""The facts about every issue as a table, for a spreadsheet or a notebook."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.deployments import read_deployments
from data.facts import DeliveryFacts
from data.history import KINDS, MISSING
from data.spreadsheet import csv_text


def issue_table(facts: DeliveryFacts) -> pd.DataFrame:
    """One row per issue that the facts count, by key: its kind, what had happened to it by `as_of`, its flow time.

    Instants are UTC and `NaT` where there is none; `flow_hours` and `active_hours` are NaN for unfinished work.
    """
    history, deployments = facts.history, facts.once(read_deployments)
    finished = (facts.started != MISSING) & (facts.finished != MISSING)
    hours = np.full(len(history), np.nan)
    hours[finished] = facts.hours_between(facts.started[finished], facts.finished[finished])
    kinds = pd.Index([str(kind) for kind in KINDS])
    table = pd.DataFrame(
        {
            "kind": pd.Categorical.from_codes(history.kind, categories=kinds),
            "status": [history.statuses.names[code] for code in facts.status],
            "flow_item": history.roles["flow_item"],
            "incident": history.roles["incident"],
            "cancelled": facts.cancelled,
            "created": _instants(history.created),
            "started": _instants(facts.started),
            "finished": _instants(facts.finished),
            "deployed": _instants(deployments.carried_at),
            "flow_hours": hours,
            "active_hours": np.where(finished & history.has_history, facts.active_hours, np.nan),
        },
        index=pd.Index(history.labels, name="key"),
    )
    return table if facts.chosen is None else table.iloc[facts.chosen.rows]


def issue_csv(facts: DeliveryFacts) -> str:
    """The same as CSV; what is not known is empty, and no text is carried out as a formula."""
    table = issue_table(facts).reset_index()
    instants = table.select_dtypes("datetimetz").columns
    table = table.assign(**{name: table[name].dt.strftime("%Y-%m-%dT%H:%M:%SZ") for name in instants})
    cells = table.astype(object).where(table.notna(), None)
    return csv_text([list(table.columns), *cells.itertuples(index=False, name=None)])


def _instants(times: npt.NDArray[np.int64]) -> pd.Series:
    stamps = times.astype("datetime64[us]")
    stamps[times == MISSING] = np.datetime64("NaT")
    return pd.Series(stamps).dt.tz_localize("UTC").to_numpy()  # type: ignore[return-value]
