"""The chart component keeps its data to this machine."""

from tests.unit.ui.reading import of_kind
from ui.figures.graph import chart


def test_a_chart_cannot_be_sent_anywhere():
    """plotly.js offers to upload a figure unless told otherwise."""
    (store,) = of_kind(chart("cfr", {"data": [], "layout": {}}), "Store")

    config = store.data["props"]["config"]
    assert config["showSendToCloud"] is False
    assert config["plotlyServerURL"] == ""
    assert config["displaylogo"] is False


def test_a_figure_names_no_template():
    """A template would be built on the server for every figure, and sent with it."""
    (store,) = of_kind(chart("cfr", {"data": [], "layout": {}}), "Store")

    assert "template" not in store.data["props"]["figure"]["layout"]
