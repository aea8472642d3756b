"""A secret of this process is masked as soon as it is known and no longer than that."""

from __future__ import annotations

import secrets

from configuration.live_secrets import MASK, forget_secret, mask_known_secrets, remember_secret
from configuration.redaction import scrub_text


def test_a_text_found_harmless_before_is_looked_at_again_when_a_secret_becomes_known():
    value = "swordfish " + secrets.token_hex(6)
    text = f"the word is {value}"
    assert scrub_text(text) == scrub_text(text) == text
    remember_secret(value)
    try:
        assert scrub_text(text) == f"the word is {MASK}"
    finally:
        forget_secret(value)
    assert scrub_text(text) == text


def test_a_secret_is_masked_in_either_case_but_not_a_part_of_it():
    value = secrets.token_hex(16)
    remember_secret(value, user="ann@example.com")
    try:
        assert mask_known_secrets(f"a {value.upper()} b") == f"a {MASK} b"
        assert mask_known_secrets(value[:-3]) == value[:-3]
    finally:
        forget_secret(value, user="ann@example.com")
