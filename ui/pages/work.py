"""The work itself: what is in progress and how old, how work flows, where its time goes."""

from __future__ import annotations

from dash import html

from data.analysis.ageing import ageing
from data.analysis.cumulative_flow import cumulative_flow
from data.analysis.cycle_times import cycle_times
from data.analysis.littles_law import balance
from data.analysis.work_time import blocked_time, time_in_status
from ui.components import work
from ui.components.ageing import ageing_block
from ui.components.flow_diagram import cumulative_block
from ui.page import Element, View, ViewPage


def work_body(view: View) -> Element:
    facts, days = view.facts, view.days
    return html.Div(
        [
            ageing_block(ageing(facts, days), view.sources),
            cumulative_block(cumulative_flow(facts, days)),
            work.cycle_times_block(cycle_times(facts, days)),
            work.time_in_status_block(time_in_status(facts, days)),
            work.blocked_block(blocked_time(facts, days), view.sources),
            work.balance_block(balance(facts, days)),
            work.issues_download(facts.filters),
        ],
        className="panels",
    )


WORK = ViewPage(
    key="work",
    path="/work",
    name="Work",
    title="Work",
    intro="What is in progress and how old it is, how work flows through its statuses, and where its time goes.",
    body=work_body,
)
