"""The frame around every page: header, navigation, period, the line about the data, the explanation's drawer."""

from __future__ import annotations

from pathlib import Path

import dash_mantine_components as dmc
from dash import dcc, html, page_container

from ui import ids
from ui.components.data_line import demo_banner
from ui.components.filter_bar import filter_button
from ui.components.progress import progress_frame
from ui.components.states import skeleton
from ui.page import AnyPage, Element, InfoPage, Page, ViewPage, aria
from ui.theme import THEME

PERIODS = (7, 14, 30, 60, 90, 180, 365)
DEFAULT_PERIOD = 30
POLL_MILLISECONDS = 400
CLOCK_MILLISECONDS = 10_000
ASSETS = Path(__file__).parent / "assets"
MAIN = "main"

INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <title>{%title%}</title>
    <link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
    {%css%}
    <script src="/assets/scheme.js"></script>
  </head>
  <body>
    {%app_entry%}
    <noscript>Sightline draws its pages in the browser and needs JavaScript.</noscript>
    <footer>
      {%config%}
      {%scripts%}
      {%renderer%}
    </footer>
  </body>
</html>
"""


def frame(pages: tuple[AnyPage, ...], *, demo: bool) -> Element:
    return dmc.MantineProvider(
        [
            html.A("Skip to the content", href=f"#{MAIN}", className="skip-link"),
            dcc.Location(id=ids.LOCATION, refresh=False),
            dcc.Interval(id=ids.POLL, interval=POLL_MILLISECONDS),
            dcc.Interval(id=ids.CLOCK, interval=CLOCK_MILLISECONDS),
            *(dcc.Store(id=name) for name in (ids.POLL_ASKED, ids.POLL_ANSWERED)),
            *(dcc.Store(id=name) for name in (ids.LOAD_STATE, ids.SYNC_FACTS, ids.SYNC_ORDER, ids.SYNC_DONE)),
            *(dcc.Store(id=name) for name in (ids.DRAWER_SUBJECT, ids.EXPLANATION_ASKED, ids.RECEIPT_ASKED)),
            dcc.Store(id=ids.FILTERS),
            dcc.Store(id=ids.BENCHMARK, storage_type="local"),
            dmc.AppShell(
                [
                    dmc.AppShellHeader(_header()),
                    dmc.AppShellNavbar(_navigation(pages), p="sm"),
                    dmc.AppShellMain(_main(demo=demo), id=MAIN),
                ],
                id=ids.SHELL,
                header={"height": 56},
                navbar={"width": 200, "breakpoint": "sm", "collapsed": {"mobile": True}},
                padding="md",
            ),
            _drawer(ids.DRAWER, "How is this computed?", "Close the explanation"),
            _drawer(ids.RECEIPT_DRAWER, "The last reading of Jira", "Close the receipt"),
        ],
        theme=THEME,
        defaultColorScheme="auto",
    )


def page_layout(page: AnyPage) -> Element:
    """A page before its numbers are there: its words and the shapes of its cards."""
    header = html.Header(
        [dmc.Title(page.title, order=1, className="page-title"), html.P(page.intro, className="page-intro")]
    )
    if isinstance(page, InfoPage):
        return html.Div([header, page.layout])
    return html.Div(
        [
            dcc.Store(id=ids.PAGE_KEY, data=page.key),
            dcc.Store(id=ids.PAGE_DRAWN),
            header,
            html.Div(page_skeleton(page), id=ids.PAGE_BODY),
        ]
    )


def page_skeleton(page: Page | ViewPage) -> Element:
    return skeleton(5 * len(page.families) if isinstance(page, Page) else 4)


def _header() -> Element:
    return dmc.Group(
        [
            dmc.Group(
                [
                    dmc.Burger(id=ids.BURGER, opened=False, hiddenFrom="sm", size="sm", **aria(label="Navigation")),
                    html.Span(className="brand-mark", **aria(hidden="true")),
                    html.Span("Sightline", className="brand"),
                ],
                gap="xs",
            ),
            dmc.ColorSchemeToggle(
                id=ids.COLOUR_SCHEME,
                lightIcon=html.Span(className="icon icon-sun"),
                darkIcon=html.Span(className="icon icon-moon"),
                variant="default",
                size="lg",
                **aria(label="Switch between light and dark"),
            ),
        ],
        h="100%",
        px="md",
        justify="space-between",
        wrap="nowrap",
    )


def _navigation(pages: tuple[AnyPage, ...]) -> Element:
    aside = [page for page in pages if isinstance(page, InfoPage) and page.is_aside]
    links = [_nav_link(page, "nav-link") for page in pages if page not in aside]
    foot = html.Div([_nav_link(page, "nav-link nav-aside") for page in aside], className="nav-foot")
    return html.Nav([*links, foot], className="navigation", **aria(label="Pages"))


def _nav_link(page: AnyPage, look: str) -> Element:
    return dmc.NavLink(id=ids.nav_link(page.key), label=page.name, href=page.path, active="exact", className=look)


def _main(*, demo: bool) -> list[Element]:
    return [
        html.Div(demo_banner() if demo else None, id=ids.DEMO_BANNER),
        html.Div(id=ids.NOTICE, role="alert"),
        html.Div(
            [
                html.Div(
                    [
                        html.Span("Period in days", id="period-label", className="period-label"),
                        dmc.SegmentedControl(
                            id=ids.PERIOD,
                            data=[{"value": str(days), "label": str(days)} for days in PERIODS],
                            value=str(DEFAULT_PERIOD),
                            size="sm",
                            **aria(labelledby="period-label"),
                        ),
                    ],
                    className="period",
                ),
                filter_button(),
                _data_source(),
            ],
            className="toolbar",
        ),
        html.Div(id=ids.FILTER_SAID, role="status"),
        progress_frame(),
        html.Div(id=ids.SYNC_SAID, className="visually-hidden", role="status", **aria(live="polite")),
        html.Div(id=ids.LOAD_FAILURE, role="alert"),
        page_container,
    ]


def _data_source() -> Element:
    """How old the numbers are and whether they are whole, the way to the receipt, and the way to newer ones."""
    return html.Div(
        [
            html.Button(
                html.Span("Not known yet", id=ids.SYNC_WORDS),
                id=ids.SYNC_LINE,
                n_clicks=0,
                type="button",
                className="sync-line tone-calm",
                **aria(haspopup="dialog"),
            ),
            html.Div(
                dmc.Button("Read now", id=ids.act("now", "toolbar"), n_clicks=0, variant="subtle", size="compact-sm"),
                id=ids.READ_NOW_PLACE,
                className="nothing",
            ),
            html.P(id=ids.DATA_LINE, className="data-line"),
        ],
        className="data-source",
    )


def _drawer(drawer_id: str, title: str, close_label: str) -> Element:
    return dmc.Drawer(
        [],
        id=drawer_id,
        title=title,
        opened=False,
        position="right",
        size="min(100vw, 640px)",
        padding="lg",
        closeButtonProps={"aria-label": close_label},
    )
