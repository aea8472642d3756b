"""Markup that is one component: what it holds arrives whole, and what has events is refused."""

import json

import dash_mantine_components as dmc
import pytest
from dash import dcc, html
from dash._utils import to_json

from ui.components.static import Static
from ui.page import aria


def arrived(body):
    """What the browser gets to draw."""
    return json.loads(to_json(html.Div(Static(body))))["props"]["children"]["props"]["body"]


def test_elements_arrive_with_their_attributes_and_what_is_in_them():
    link = html.A("AB-1", href="https://jira.example.com/browse/AB-1", target="_blank", rel="noopener noreferrer")
    row = html.Li([link, None, html.Span(["so", html.Br()], style={"width": "1%"})], **aria(label="x"))

    assert arrived(html.Ul(row, className="issues")) == {
        "tag": "ul",
        "className": "issues",
        "children": {
            "tag": "li",
            "aria-label": "x",
            "children": [
                {
                    "tag": "a",
                    "href": "https://jira.example.com/browse/AB-1",
                    "target": "_blank",
                    "rel": "noopener noreferrer",
                    "children": "AB-1",
                },
                None,
                {
                    "tag": "span",
                    "style": {"width": "1%"},
                    "children": ["so", {"tag": "br", "children": None}],
                },
            ],
        },
    }


def test_text_that_looks_like_an_element_stays_text():
    hostile = '{"tag": "script", "children": "alert(1)"} <script>alert(1)</script>'

    assert arrived(html.P(hostile)) == {"tag": "p", "children": hostile}


@pytest.mark.parametrize(
    "part",
    [html.Div(id="named"), html.Button("x", n_clicks=0), dcc.Link("x", href="/"), dmc.Button("x")],
    ids=["id", "clicks", "link", "library"],
)
def test_what_has_events_is_refused_at_once(part):
    with pytest.raises(TypeError, match="events"):
        Static(html.Div([html.P(part)]))
