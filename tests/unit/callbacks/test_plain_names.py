"""Everything that is timed in the whole product has a name that a person understands."""

import pytest

from app import create_app
from callbacks.operation_labels import CallbackLabels, route_label
from configuration.settings import Settings
from data.watch.labels import UNKNOWN
from ui.operation_names import POLLED, operation_name
from ui.pages import PAGES


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain-names")
    return create_app(Settings(cache_dir=folder, log_dir=folder, app_settings_path=folder / "app_settings.json"))


def callback_labels(app):
    """Those of every event that the server answers, but for the page that shows the measurements."""
    labels = CallbackLabels(lambda: app.callback_map)
    answered = [labels.of(output) for output, found in app.callback_map.items() if "callback" in found]
    return {label for label in answered if label is not None}


def test_every_event_has_a_plain_name_of_its_own(app):
    named = {label: operation_name("callback", label) for label in callback_labels(app)}

    assert len(named) > 20
    assert UNKNOWN not in named
    assert [label for label, name in named.items() if name == label] == []
    assert len(set(named.values())) == len(named)
    assert all(operation_name("callback", label + POLLED) == f"{name}: is it done?" for label, name in named.items())


def test_every_address_has_a_plain_name(app):
    rules = {route_label(rule.rule, rule.rule) for rule in app.server.url_map.iter_rules()}
    pages = {page.path for page in PAGES}

    assert len(rules) > 20
    assert [label for label in rules | pages if operation_name("request", label) == label] == []
    assert not any("<" in operation_name("request", label) for label in rules | pages)
