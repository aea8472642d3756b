"""Names of requests and callbacks: few, stable, and telling."""

import pytest
from dash import ALL, MATCH, Dash, Input, Output, html, register_page

from callbacks.operation_labels import CallbackLabels, readable_id, route_label
from data.watch.labels import UNKNOWN

A, B = Input("a", "n_clicks"), Input("b", "n_clicks")


def labels_of(*callbacks):
    """The names of callbacks with these outputs and inputs, in this order."""
    app = Dash("labels", add_log_handler=False)
    app.layout = html.Div()
    for outputs, inputs in callbacks:
        app.callback(*outputs, *inputs, prevent_initial_call=True)(lambda *_: None)
    labels = CallbackLabels(lambda: app.callback_map)
    return [labels.of(output) for output in app.callback_map]


def test_a_callback_is_called_by_its_first_output_and_the_number_of_others():
    one, two = Output("body", "children"), Output("title", "children")

    assert labels_of(([one], [A]), ([two, Output("x", "data"), Output("y", "data")], [A])) == [
        "body.children",
        "title.children +2",
    ]


def test_a_pattern_is_one_name_whatever_it_matches():
    matched = Output({"type": "rows", "group": MATCH}, "children")

    assert labels_of(([matched], [Input({"type": "button", "group": MATCH}, "n_clicks")])) == ["rows[group].children"]
    assert readable_id('{"metric":["ALL"],"type":"chart","what":["ALL"]}') == "chart[metric, what]"


def test_callbacks_with_the_same_first_output_are_told_apart_by_what_sets_them_off():
    again = Output("said", "children", allow_duplicate=True)

    assert labels_of(([Output("said", "children")], [A]), ([again], [B, A])) == [
        "said.children",
        "said.children, by b.n_clicks",
    ]


def test_a_third_one_is_numbered():
    def more(name):
        return [Output("said", "children", allow_duplicate=True), Output(name, "data", allow_duplicate=True)]

    assert labels_of(([Output("said", "children"), Output("p", "data")], [A]), (more("q"), [A]), (more("r"), [A])) == [
        "said.children +1",
        "said.children +1, by a.n_clicks",
        "said.children +1, by a.n_clicks #2",
    ]


def test_a_callback_without_an_output_is_called_by_its_input():
    assert labels_of(([], [A])) == ["no output, by a.n_clicks"]


def test_looking_at_the_measurements_is_not_measured():
    own, mixed = [Output("watch-cards", "children")], [Output("watch-cards", "children"), Output("notice", "children")]
    pattern = [Output({"type": "watch-table", "name": ALL}, "children")]

    assert labels_of((own, [A]), (pattern, [A])) == [None, None]
    assert labels_of((mixed, [A])) == ["watch-cards.children +1"]


def test_what_no_callback_of_the_page_has_is_one_name():
    assert CallbackLabels(dict).of("no.such") == CallbackLabels(dict).of(None) == UNKNOWN


def test_callbacks_registered_later_have_names_too():
    known = {"a.b": {"callback": print, "inputs": []}}
    labels = CallbackLabels(lambda: known)
    assert labels.of("a.b") == "a.b"

    known["c.d"] = {"callback": print, "inputs": []}

    assert labels.of("c.d") == "c.d"


@pytest.mark.parametrize(
    ("rule", "path", "label"),
    [
        ("/", "/", "/"),
        ("/assets/<path:filename>", "/assets/a.css", "/assets/<path:filename>"),
        ("/<path:path>", "/dora-of-labels", "/dora-of-labels"),
        ("/<path:path>", "/wp-admin/setup.php", UNKNOWN),
        (None, "/", UNKNOWN),
    ],
)
def test_an_address_is_called_by_its_rule_and_a_page_by_its_path(rule, path, label):
    Dash("pages", use_pages=True, pages_folder="", add_log_handler=False)
    register_page("dora-of-labels", "/dora-of-labels", layout=html.Div())

    assert route_label(rule, path) == label
