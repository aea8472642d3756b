"""Alerts on the page: what is on comes first, every rule has its state, nobody is silently not told."""

from tests.unit.ui.reading import with_class, words
from tests.unit.ui.trouble_documents import alerts as document
from tests.unit.ui.trouble_documents import incident, post, rule
from ui.components.performance.alerts import alarm, alerts


def test_quiet_rules_raise_no_alarm():
    assert alarm(document(), "UTC") is None


def test_an_alert_that_is_on_is_told_with_value_limit_and_beginning():
    shown = words(alarm(document(rules=[rule(state="firing"), rule("Jira fails")]), "UTC"))
    assert shown == "1 alert firing Answers are slow: now 182 ms, the limit is 1000 ms , since 5 Mar 2026, 10:00."


def test_an_alert_stays_on_while_its_value_is_unknown():
    unknown = rule(state="no_data", is_on=True)
    assert "now not known" in words(alarm(document(rules=[unknown]), "UTC"))


def test_the_worst_rules_come_first_each_with_a_word_of_its_own():
    rules = [rule("D", "no_data"), rule("C", "ok"), rule("B", "pending"), rule("A", "firing")]
    shown = alerts(document(rules=rules), "UTC")
    assert [words(name) for name in with_class(shown, "part-name")] == ["A", "B", "C", "D"]
    states = [words(mark) for mark in with_class(with_class(shown, "alert-rules"), "verdict")]
    assert states == ["firing", "limit broken", "fine", "not known"]


def test_incidents_tell_how_long_how_bad_and_who_knows():
    over = incident(rule="Slow")
    still = incident(rule="Failing", ended=None, posted={"began": post(state="given up"), "ended": None})
    changed = incident(rule="Old", why_ended="The rule was changed.")
    shown = words(alerts(document(incidents=[still, over, changed]), "UTC"))
    assert "Failing 4 Mar 2026, 09:00 still on 18 % could not be told" in shown
    assert "Slow 4 Mar 2026, 09:00 60 minutes 18 % told" in shown
    assert "Old The rule was changed." in shown


def test_problems_with_the_rules_and_missing_receivers_are_said():
    shown = words(alerts(document(problems=["Line 3: no such metric."], origin="last good"), "UTC"))
    assert "Line 3: no such metric." in shown
    assert "the rules are those it had before" in shown
    assert "SIGHTLINE_ALERT_WEBHOOK_URL is not set" in shown
    assert "posted once" in words(alerts(document(is_posted=True), "UTC"))
