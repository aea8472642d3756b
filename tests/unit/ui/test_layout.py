"""The frame and the pages in it."""

import re

from tests.unit.ui.reading import of_kind, parts, words
from ui.layout import ASSETS, INDEX, PERIODS, frame, page_layout
from ui.pages import PAGES


def test_every_page_is_reachable_and_has_one_first_heading():
    links = {link.label: link.href for link in of_kind(frame(PAGES, demo=False), "NavLink")}

    assert links == {
        "Overview": "/",
        "DORA": "/dora",
        "Flow": "/flow",
        "Work": "/work",
        "Forecast": "/forecast",
        "Data quality": "/quality",
        "Incidents": "/incidents",
        "What if": "/what-if",
        "Data": "/data",
        "Performance of Sightline": "/metrics/performance",
    }
    for page in PAGES:
        (title,) = [title for title in of_kind(page_layout(page), "Title") if title.order == 1]
        assert title.children == page.title


def test_only_the_demo_carries_its_banner():
    assert "Demo data" in words(frame(PAGES, demo=True))
    assert "Demo data" not in words(frame(PAGES, demo=False))


def test_the_periods_are_those_of_the_product():
    control = of_kind(frame(PAGES, demo=False), "SegmentedControl")[0]

    assert [choice["value"] for choice in control.data] == [str(days) for days in PERIODS]
    assert PERIODS == (7, 14, 30, 60, 90, 180, 365)


def test_no_identifier_occurs_twice_on_a_page():
    for page in PAGES:
        found = [str(part.id) for part in parts([frame(PAGES, demo=True), page_layout(page)]) if hasattr(part, "id")]
        assert len(found) == len(set(found))


def test_the_index_names_its_language_and_loads_nothing_from_elsewhere():
    assert '<html lang="en">' in INDEX
    assert "//" not in INDEX.replace("<!DOCTYPE html>", "")
    for name in re.findall(r"/assets/([a-z.]+)", INDEX):
        assert (ASSETS / name).is_file()


def test_no_asset_of_ours_asks_another_host():
    for file in ASSETS.iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|@import|url\(\s*[\"']?//", text), file.name


def test_every_colour_name_of_a_figure_is_given_for_light_and_dark():
    sheet = (ASSETS / "sightline.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root\[data-mantine-color-scheme=\"(?:light|dark)\"\] \{(.*?)\}", sheet, re.DOTALL)
    used = set()
    for file in (ASSETS.parent / "figures").glob("*.py"):
        text = file.read_text(encoding="utf-8")
        used |= set(re.findall(r"var\((--[a-z-]+)\)", text)) - {"--kind-", "--chart-"}
    used |= {f"--chart-{role}" for role in ("accent", "hollow", "band", "grid", "text")}
    used |= {f"--kind-{kind}" for kind in ("feature", "defect", "risk", "debt", "unmapped")}

    for name in used:
        assert f"{name}:" in light, name
        assert f"{name}:" in dark, name
