"""How far a value may be trusted: a level with a sign of its own, and the reasons within."""

from __future__ import annotations

from dash import html

from data.trust import Trust
from ui.page import Element

_TONES = {"high": "tone-good", "limited": "tone-warn", "low": "tone-bad"}
OUT_OF = 100


def trust_mark(trust: Trust) -> Element:
    """The level, which opens to what it rests on; nothing where there is no value to trust."""
    if trust["level"] not in _TONES:
        return None
    reasons = [html.Li(reason) for reason in trust["because"]]
    return html.Details(
        [
            html.Summary(html.Span(f"Trust: {trust['level']}", className=f"verdict {_TONES[trust['level']]}")),
            html.Div(
                [
                    html.P(f"{trust['score']} of {OUT_OF} points, because:"),
                    html.Ul(reasons, className="plain-list"),
                ],
                className="trust-because",
            ),
        ],
        className="trust",
    )
