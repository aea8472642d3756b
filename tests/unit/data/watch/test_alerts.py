"""One process at a time looks at the rules, once a minute; what it found is there for all, also after a restart."""

import json
import logging
from datetime import timedelta

import pytest
from filelock import FileLock

from configuration.log_handlers import losses
from data.watch.alerts import PERIOD, Alerts
from data.watch.measurement import Kind
from data.watch.store import MetricsStore
from data.watch.webhook import MOST_TRIES, Webhook
from tests.receiving import Receiver
from tests.watching import NOON, measured

SLOW = {"name": "Slow", "metric": "p95_ms", "comparison": ">", "value": 100, "for_minutes": 1, "over_minutes": 1}


class Clock:
    now = NOON + timedelta(seconds=10)

    def __call__(self):
        return self.now

    def forward(self, **span):
        self.now += timedelta(**span)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def receiver():
    return Receiver()


@pytest.fixture
def webhook(receiver):
    with receiver.standing() as target:
        yield Webhook(target)


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "alert_rules.json"
    path.write_text(json.dumps({"rules": [SLOW]}), "utf-8")
    return path


@pytest.fixture
def process(tmp_path, clock, webhook, rules):
    """Makes the alerts of another process on the same files."""
    stores = []

    def make(*, webhook=webhook, **outside):
        stores.append(MetricsStore(tmp_path / "metrics.db", clock=clock))
        figures = {"hours_since_sync": lambda _: None} | outside
        return Alerts(stores[-1], rules, clock=clock, webhook=webhook, outside=figures)

    yield make
    for store in stores:
        store.close()


def minute(alerts, clock, ms):
    """A minute of such durations, and the turn at its end."""
    if ms is not None:
        alerts.store.write([measured(clock.now, ms=float(ms))] * 20)
    clock.forward(minutes=1)
    return alerts.turn()


def test_an_incident_is_posted_once_when_it_begins_and_once_when_it_ends(process, clock, receiver):
    alerts = process()
    for ms in (20, 500, 500, 900, 20, 20, 20):
        assert minute(alerts, clock, ms) == PERIOD

    assert receiver.types == ["alert.began", "alert.ended"]
    began, ended = receiver.messages
    assert [headers["webhook-id"] for headers, _ in receiver.got] == [
        began["idempotency_key"],
        ended["idempotency_key"],
    ]
    assert began["incident"]["ended"] is None
    assert ended["incident"]["peak"] == 900
    assert began["text"].startswith("Slow: The duration that 95 % stay below is above 100 ms for 1 minute")
    assert began["text"].endswith("It began at 2026-03-18 12:02 UTC; the worst value so far is 497 ms.")
    assert ended["text"].startswith("Slow: over. It lasted from 2026-03-18 12:02 UTC to 2026-03-18 12:05 UTC")


def test_the_page_shows_rules_incidents_and_when_they_were_looked_at(process, clock):
    alerts = process()
    before = alerts.document()
    for ms in (500, 500):
        minute(alerts, clock, ms)
    document = alerts.document()

    assert before["rules"][0]["state"] == "no_data"
    assert "begins with the first visit" in before["problems"][0]
    (rule,) = document["rules"]
    assert (rule["name"], rule["state"], rule["is_on"], rule["threshold_words"]) == ("Slow", "firing", True, "100 ms")
    assert rule["value"] == pytest.approx(500, rel=0.01)
    assert [one["rule"] for one in document["incidents"]] == ["Slow"]
    assert (document["problems"], document["origin"], document["is_posted"]) == ([], "file", True)
    json.dumps(document, allow_nan=False)

    clock.forward(hours=1)
    assert "No rule has been looked at since" in alerts.document()["problems"][0]


def test_within_a_minute_the_rules_are_looked_at_once_whoever_comes(process, clock):
    first, second = process(), process()
    minute(first, clock, 20)
    looked = first.document()["evaluated_at"]

    clock.forward(seconds=30)
    second.turn()
    assert second.document()["evaluated_at"] == looked

    clock.forward(seconds=30)
    second.turn()
    assert first.document()["evaluated_at"] > looked


def test_while_another_process_is_at_it_this_one_does_nothing(process, clock, receiver):
    alerts = process()
    minute(alerts, clock, 500)
    with FileLock(alerts.store.path.with_name("alerts.lock")):
        assert minute(alerts, clock, 500) == PERIOD
    assert receiver.got == []


def test_a_restart_in_the_middle_neither_forgets_nor_repeats(process, clock, receiver):
    for ms in (20, 500, 500, 500, 500, 20, 20, 20):
        minute(process(), clock, ms)

    assert receiver.types == ["alert.began", "alert.ended"]


def test_what_was_not_taken_is_tried_again_until_it_is_and_then_no_more(process, clock, receiver):
    alerts = process()
    receiver.answers = [500, (429, {"Retry-After": "20"})]
    minute(alerts, clock, 500)
    pause = minute(alerts, clock, 500)
    assert timedelta() <= pause <= timedelta(seconds=2)
    assert "was not told that “Slow” began (500); it is tried again" in alerts.document()["problems"][0]

    clock.forward(seconds=pause.total_seconds())
    assert alerts.turn() >= timedelta(seconds=20)
    clock.forward(seconds=19)
    alerts.turn()
    assert len(receiver.got) == 2, "the receiver asked for twenty seconds"
    clock.forward(seconds=2)
    process().turn()
    clock.forward(seconds=5)
    alerts.turn()

    assert receiver.types == ["alert.began"] * 3
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert alerts.document()["problems"] == []


def test_the_receiver_is_given_up_after_so_many_tries(process, clock, receiver, caplog):
    alerts = process()
    receiver.answers = [503] * (MOST_TRIES + 5)
    minute(alerts, clock, 500)
    minute(alerts, clock, 500)
    for _ in range(MOST_TRIES + 5):
        clock.forward(minutes=10)
        alerts.turn()

    assert len(receiver.got) == MOST_TRIES
    assert "(503); it will not be tried again" in alerts.document()["problems"][0]
    assert [record.event for record in caplog.records].count("alerts.post_given_up") == 1


def test_one_failure_does_not_lead_to_the_next_in_the_same_turn(process, clock, receiver, rules):
    rules.write_text(json.dumps({"rules": [SLOW, SLOW | {"name": "Slow, too"}]}), "utf-8")
    alerts = process()
    receiver.answers = ["hang up"]
    minute(alerts, clock, 500)
    minute(alerts, clock, 500)
    assert len(receiver.got) == 1

    minute(alerts, clock, 500)
    assert sorted(message["incident"]["rule"] for message in receiver.messages[1:]) == ["Slow", "Slow, too"]


def test_without_a_receiver_incidents_are_kept_all_the_same(process, clock):
    alerts = process(webhook=None)
    for ms in (500, 500, 500):
        assert minute(alerts, clock, ms) == PERIOD

    assert [one["rule"] for one in alerts.document()["incidents"]] == ["Slow"]


def test_a_broken_file_is_a_problem_and_leaves_the_last_good_rules_to_every_process(process, clock, rules, caplog):
    minute(process(), clock, 20)
    rules.write_text("{", "utf-8")
    for _ in range(3):
        minute(process(), clock, 20)

    document = process().document()
    assert ([rule["name"] for rule in document["rules"]], document["origin"]) == (["Slow"], "last good")
    assert "not JSON" in document["problems"][0]
    assert [record.event for record in caplog.records] == ["alerts.rules_unusable"]


def test_records_that_processes_lost_are_added_up_for_all(process, clock, rules, receiver):
    rules.write_text(
        json.dumps(
            {
                "rules": [
                    {"name": "Lost", "metric": "log_records_dropped", "comparison": ">", "value": 5, "for_minutes": 0}
                ]
            }
        ),
        "utf-8",
    )
    first, second = process(), process()
    lose(3)
    minute(first, clock, None)
    lose(2)
    minute(second, clock, None)
    assert first.document()["rules"][0]["value"] == 5
    assert receiver.got == []

    lose(1)
    minute(second, clock, None)
    assert receiver.types == ["alert.began"]


def lose(number):
    for _ in range(number):
        losses.add("app.log", "No space left on device")


def test_what_is_measured_elsewhere_counts_as_it_is_told(process, clock, rules):
    rules.unlink()
    alerts = process(hours_since_sync=lambda _: 97.0)
    minute(alerts, clock, None)

    states = {rule["metric"]: rule["state"] for rule in alerts.document()["rules"]}
    assert states["hours_since_sync"] == "pending"
    assert states["p95_ms"] == "no_data"
    assert alerts.document()["origin"] == "built in"


def test_something_unusually_slow_is_an_alert(process, clock, rules, receiver):
    rules.unlink()
    alerts = process()
    for week in range(1, 4):
        for past in range(30):
            at = NOON + timedelta(weeks=-week, minutes=past)
            alerts.store.write([measured(at, kind=Kind.CALLBACK, label="body", ms=50.0)] * 10)
    for _ in range(5):
        alerts.store.write([measured(clock.now, kind=Kind.CALLBACK, label="body", ms=400.0)] * 10)
        clock.forward(minutes=1)
        alerts.turn()

    assert [message["incident"]["metric"] for message in receiver.messages] == ["unusual_durations"]


def test_a_store_that_cannot_be_written_does_not_repeat_posts(process, clock, receiver, caplog):
    """The process remembers what it could not keep, and says so once."""
    alerts = process()
    minute(alerts, clock, 20)
    alerts.store.write([measured(clock.now + timedelta(minutes=m), ms=500.0) for m in range(9) for _ in range(20)])
    alerts.store._database.write(lambda connection: connection.execute("PRAGMA query_only = ON"))
    for _ in range(6):
        minute(alerts, clock, None)

    assert receiver.types == ["alert.began"]
    assert alerts.document()["rules"][0]["state"] == "firing"
    assert [record.event for record in caplog.records if record.levelno == logging.WARNING].count(
        "alerts.not_kept"
    ) == 1

    alerts.store.close()
    minute(alerts, clock, None)
    assert process().document()["rules"][0]["state"] == "firing"


def test_a_clock_set_back_stops_nothing(process, clock):
    alerts = process()
    minute(alerts, clock, 20)
    clock.forward(days=-2)
    minute(alerts, clock, 500)

    assert alerts.document()["rules"][0]["state"] == "pending"
