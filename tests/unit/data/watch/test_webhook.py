"""What proves a message, and when it is sent again."""

import base64
import hashlib
import hmac
import random
import secrets

import pytest

from data.watch.webhook import LONGEST_PAUSE_SECONDS, MOST_TRIES, pause_before_next, signed_headers


def test_the_signature_covers_key_time_and_body():
    secret = secrets.token_hex(16)
    headers = signed_headers("k.began", 1_700_000_000, b"{}", secret)

    expected = base64.b64encode(hmac.digest(secret.encode(), b"k.began.1700000000.{}", hashlib.sha256)).decode()
    assert headers == {
        "webhook-id": "k.began",
        "webhook-timestamp": "1700000000",
        "webhook-signature": f"v1,{expected}",
    }
    others = [
        signed_headers("k.ended", 1_700_000_000, b"{}", secret),
        signed_headers("k.began", 1_700_000_001, b"{}", secret),
        signed_headers("k.began", 1_700_000_000, b"[]", secret),
        signed_headers("k.began", 1_700_000_000, b"{}", secrets.token_hex(16)),
    ]
    assert headers["webhook-signature"] not in {other["webhook-signature"] for other in others}


def test_a_secret_as_standard_webhooks_write_it_is_the_bytes_behind_it():
    key = secrets.token_bytes(24)
    written = "whsec_" + base64.b64encode(key).decode()

    signature = signed_headers("k", 1, b"{}", written)["webhook-signature"]

    assert signature == "v1," + base64.b64encode(hmac.digest(key, b"k.1.{}", hashlib.sha256)).decode()
    assert signed_headers("k", 1, b"{}", "whsec_!") != signed_headers("k", 1, b"{}", "")


@pytest.mark.parametrize("tries", [1, 2, 5, 10, MOST_TRIES, 1000])
def test_a_pause_is_anything_up_to_twice_the_one_before_within_a_bound(tries):
    asked = []
    pause_before_next(tries, 0.0, lambda low, high: asked.append((low, high)) or high)
    chance = random.Random(5)  # noqa: S311 - pauses, no secret
    drawn = [pause_before_next(tries, 0.0, chance.uniform) for _ in range(200)]

    assert asked == [(0.0, min(2.0**tries, LONGEST_PAUSE_SECONDS))]
    assert max(drawn) - min(drawn) > 0.9 * asked[0][1]


@pytest.mark.parametrize(("asked", "waited"), [(0.0, 1.0), (30.0, 30.0), (1e8, LONGEST_PAUSE_SECONDS)])
def test_the_receiver_may_ask_for_more_time_but_not_for_all_of_it(asked, waited):
    assert pause_before_next(1, asked, lambda *_: 1.0) == waited
