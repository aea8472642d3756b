"""Colours, type and spacing of the component library; the charts' own colours are in assets/sightline.css."""

from __future__ import annotations

from typing import Any

PRIMARY = "indigo"

THEME: dict[str, Any] = {
    "primaryColor": PRIMARY,
    "primaryShade": {"light": 8, "dark": 5},
    "autoContrast": True,
    "defaultRadius": "md",
    "cursorType": "pointer",
    "fontFamily": (
        "Inter, 'Segoe UI Variable Text', 'Segoe UI', system-ui, -apple-system, Roboto, 'Helvetica Neue', "
        "'Noto Sans', 'DejaVu Sans', sans-serif"
    ),
    "headings": {"fontWeight": "650", "fontFamily": "inherit"},
}

VERDICT_COLOURS = {"better": "teal", "worse": "red", "same": "gray", "none": "gray"}
