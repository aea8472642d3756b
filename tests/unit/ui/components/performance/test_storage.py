"""What is kept of the measurements."""

from tests.unit.ui.performance_documents import storage as document
from tests.unit.ui.reading import of_kind, words
from ui.components.performance.storage import rotated_words, rotation, storage


def test_size_reach_and_losses_are_told():
    shown = words(storage(document(), "UTC"))
    assert "metrics.db , 41.2 MB and 1.2 MB not yet merged into it" in shown
    assert "Reaches back to 22 Jan 2026, 15:00" in shown
    assert "90 days; what is older is deleted every day" in shown
    assert "Lost none" in shown
    assert "3 measurements, for want of room" in words(storage(document(dropped_total=3), "UTC"))


def test_an_empty_store_reaches_nowhere():
    assert "nothing is kept yet" in words(storage(document(oldest=None, newest=None, raw_rows=0), "UTC"))


def test_it_can_be_taken_away_as_a_file():
    links = [link.href for link in of_kind(storage(document(), "UTC"), "A")]
    assert links == ["/metrics/api/export/storage.csv", "/metrics/api/export/storage.json"]


def test_deleting_says_what_went():
    told = words(rotated_words({"deleted": 1200, "days_to_keep": 90}))
    assert told == "Deleted: 1,200 measurements older than 90 days."
    assert rotated_words({"deleted": 0, "days_to_keep": 90}).startswith("There was nothing older")


def test_what_a_file_that_cannot_be_read_would_tell_is_not_known():
    shown = words(storage(document(oldest=None, newest=None, raw_rows=None, dropped_total=None), "UTC"))
    assert shown.count("not known: the file cannot be read now") == 4
    assert "nothing is kept yet" not in shown


def test_the_button_that_deletes_is_there_only_where_the_page_may():
    assert words(rotation(may_delete=True, has_token=False)) == "Delete what is older than 90 days"
    for has_token, said in (
        (True, "send POST /metrics/api/rotate with SIGHTLINE_METRICS_TOKEN"),
        (False, "start again"),
    ):
        shown = rotation(may_delete=False, has_token=has_token)
        assert of_kind(shown, "Button") == []
        assert said in words(shown)
