"""The small picture of a trend."""

from urllib.parse import unquote
from xml.etree import ElementTree as ET

from tests.unit.ui.results import weeks
from ui.figures.sparkline import HEIGHT, WIDTH, sparkline


def drawn(picture):
    assert picture is not None
    head, _, body = unquote(picture).partition(",")
    assert head == "data:image/svg+xml"
    return ET.fromstring(body)  # noqa: S314 - our own picture


def named(picture, kind):
    return [shape for shape in drawn(picture) if shape.tag.endswith(kind)]


def test_bars_stand_for_the_weeks_and_the_running_one_is_hollow():
    bars = named(sparkline(weeks(1.0, 4.0, 2.0), "bar"), "rect")

    assert [bar.get("fill") == "none" for bar in bars] == [False, False, True]
    heights = [float(bar.get("height", 0)) for bar in bars]
    assert heights[1] == max(heights)
    assert abs(heights[2] / heights[1] - 0.5) < 0.01


def test_a_week_without_value_is_a_gap_in_the_line_and_not_a_zero():
    picture = sparkline(weeks(1.0, 2.0, None, 2.0, 1.0, 3.0), "line")

    assert len(named(picture, "path")) == 3


def test_the_running_week_is_an_open_ring_at_the_end_of_a_dashed_line():
    picture = sparkline(weeks(1.0, 2.0, 3.0), "line")

    (ring,) = named(picture, "circle")
    assert ring.get("fill") == "none"
    assert [bool(path.get("stroke-dasharray")) for path in named(picture, "path")] == [False, True]


def test_a_lone_week_is_a_dot():
    (dot,) = named(sparkline(weeks(None, 2.0, None, None), "line"), "circle")

    assert dot.get("fill") != "none"


def test_nothing_known_gives_no_picture():
    assert sparkline(weeks(None, None), "line") is None
    assert sparkline([], "bar") is None
    assert sparkline(weeks({"feature": 1.0}), "stacked") is None


def test_everything_stays_inside_the_frame_even_when_all_is_zero():
    for chart in ("bar", "line"):
        for shape in drawn(sparkline(weeks(0.0, 0.0, 0.0), chart)):
            assert 0 <= float(shape.get("x", shape.get("cx", 0))) <= WIDTH
            assert 0 <= float(shape.get("y", shape.get("cy", 0))) <= HEIGHT
