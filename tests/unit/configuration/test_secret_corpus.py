"""Hundreds of made-up secrets never pass, hundreds of look-alikes always do."""

from __future__ import annotations

import json

from configuration.redaction import MASK, is_suspicious, scrub, scrub_text
from tests.secret_corpus import look_alikes, secrets_in_context


def test_no_secret_passes_and_the_mask_stays_whole():
    corpus = secrets_in_context()
    assert len(corpus) >= 300
    leaks = [text for text, secret in corpus if secret in scrub_text(text)]
    assert leaks == []
    assert not [text for text, _ in corpus if f"{MASK}]" in scrub_text(text) or f"[{MASK}" in scrub_text(text)]


def test_what_was_masked_once_stays_as_it_is():
    for text, _ in secrets_in_context():
        once = scrub_text(text)
        assert scrub_text(once) == once


def test_every_look_alike_survives():
    texts = look_alikes()
    assert len(texts) >= 150
    assert [(text, scrub_text(text)) for text in texts if scrub_text(text) != text] == []


def test_a_secret_inside_any_nesting_of_values_is_found_and_its_neighbours_stay():
    for text, secret in secrets_in_context():
        told = json.dumps(scrub({"outer": [{"note": text, "issue_count": 3}, (text.encode(), 7)], "jql": "a = b"}))
        assert secret not in told
        assert '"issue_count": 3' in told
        assert '"jql": "a = b"' in told


def test_the_quick_look_stops_at_everything_that_the_rules_would_change():
    assert all(is_suspicious(text) for text, _ in secrets_in_context())
