"""A reading that is on, as the page shows it."""

from data.sync.team_fetch import FetchProgress
from tests.unit.ui.reading import of_kind, parts, words
from ui import ids
from ui.components.progress import progress_body, progress_frame


def bar(progress):
    return next(part for part in parts(progress_body(progress, stopping=False)) if hasattr(part, "role"))


def test_the_bar_tells_its_value_to_those_who_do_not_see_it():
    shown = bar(FetchProgress("issues", 300, 1200, 3, 4))

    assert shown.role == "progressbar"
    assert getattr(shown, "aria-valuenow") == "25"
    assert getattr(shown, "aria-label")
    assert shown.children.style == {"width": "25%"}


def test_without_a_known_end_the_bar_claims_no_value():
    for progress in (None, FetchProgress("connecting", 0, None, 0, 0)):
        assert not hasattr(bar(progress), "aria-valuenow")


def test_pages_requests_and_waits_are_told():
    shown = words(progress_body(FetchProgress("issues", 300, 1200, 3, 14, 12.0, ""), stopping=False))

    for part in ("300 of about 1,200", "3 pages, 14 requests", "Waiting 12 s because Jira asks us to slow down"):
        assert part in shown


def test_once_asked_to_stop_the_panel_says_so():
    assert "Stopping" in words(progress_body(FetchProgress("issues", 300, 1200, 3, 4), stopping=True))


def test_the_buttons_stay_while_the_words_change():
    frame = progress_frame()

    assert [button.id for button in of_kind(frame, "Button")] == [ids.STOP, ids.STOP_AT_ONCE]
    assert any(getattr(part, "id", "") == ids.SYNC_PROGRESS for part in parts(frame))
