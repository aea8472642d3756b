"""Errors become words."""

import logging

import pytest

from callbacks.boundary import failure_of
from configuration.settings import ConfigurationError
from data import errors

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.SightlineError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_named_error_speaks_for_itself_on_the_page_and_in_the_log(kind, caplog):
    with caplog.at_level(logging.ERROR):
        failure = failure_of(kind("Something happened."))

    assert failure.title == kind.title
    assert failure.happened == "Something happened."
    assert failure.likely_cause
    assert failure.next_step
    assert failure.reference is None
    assert [record.error_type for record in caplog.records] == [kind.__name__]


def test_a_wrong_setting_speaks_for_itself():
    failure = failure_of(ConfigurationError("It is odd.", likely_cause="A slip.", next_step="Mend it."))

    assert (failure.happened, failure.likely_cause, failure.next_step) == ("It is odd.", "A slip.", "Mend it.")


def test_an_unknown_error_is_calm_and_its_reference_leads_to_the_trace(caplog):
    with caplog.at_level(logging.ERROR):
        failure = failure_of(KeyError("inner workings"))

    assert "inner workings" not in str(failure)
    (record,) = caplog.records
    assert record.request_id == failure.reference
    assert record.exc_info[0] is KeyError


def test_two_unknown_errors_have_two_references():
    assert failure_of(KeyError()).reference != failure_of(KeyError()).reference
