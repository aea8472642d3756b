"""A budget holds every limit in every window, in the order of asking, through pauses, slower rates and reboots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.jira_requests.budget import Allowance, Budget, ServerRate, agrees, promised_to
from tests.property.effort import effort

TEN = Allowance(10, 10.0, 0.0)


def taken(document, allowance, now):
    budget = Budget(document, allowance, now)
    slot = budget.promise()
    budget.keep(slot)
    return slot


def instants(document, allowance, now, times):
    return [taken(document, allowance, now).at for _ in range(times)]


def promised(document):
    return list(document["at"]["promised"])


def test_a_burst_goes_at_once_and_the_rest_a_period_later():
    assert instants({}, TEN, 100.0, 25) == [100.0] * 10 + [110.0] * 10 + [120.0] * 5


def test_a_request_is_promised_only_once_it_is_kept():
    document = {}
    budget = Budget(document, TEN, 0.0)
    assert [budget.promise().ticket, budget.promise().ticket] == [0, 0]


def test_a_pause_moves_all_who_wait_and_keeps_their_order():
    document = {}
    instants(document, TEN, 100.0, 14)
    Budget(document, TEN, 104.0).pause(150.0)
    moved = promised(document)
    assert moved == sorted(moved) == [150.0, 151.0, 152.0, 153.0], "after a pause they go one by one"
    assert taken(document, TEN, 105.0).at == 154.0, "whoever comes later stands behind"


def test_a_shorter_pause_does_not_end_a_longer_one():
    document = {}
    Budget(document, TEN, 0.0).pause(60.0)
    Budget(document, TEN, 1.0).pause(5.0)
    assert taken(document, TEN, 2.0).at == 60.0


def test_a_pause_that_is_over_is_forgotten_after_a_period():
    document = {}
    Budget(document, TEN, 0.0).pause(5.0)
    assert instants(document, TEN, 5.0, 3) == [5.0, 6.0, 7.0]
    assert instants(document, TEN, 40.0, 10) == [40.0] * 10


def test_a_near_limit_halves_the_rate_once_for_all_that_were_under_way():
    document = {}
    for _ in range(6):
        Budget(document, TEN, 100.0).slow_down(99.0)
    assert Budget(document, TEN, 100.0).capacity == 5
    Budget(document, TEN, 105.0).slow_down(104.0)
    assert Budget(document, TEN, 105.0).capacity == 5, "not again within a period"
    Budget(document, TEN, 115.0).slow_down(114.0)
    assert Budget(document, TEN, 115.0).capacity == 3, "half of six: one had grown back"


def test_an_answer_that_was_long_under_way_does_not_halve_the_rate_again():
    document = {}
    Budget(document, TEN, 100.0).slow_down(99.0)
    Budget(document, TEN, 115.0).slow_down(99.5)
    assert Budget(document, TEN, 115.0).capacity == 6


def test_the_rate_never_sinks_to_nothing():
    document = {}
    for period in range(20):
        Budget(document, TEN, 10.0 * period).slow_down(10.0 * period)
    assert Budget(document, TEN, 190.0).capacity == 1


def test_a_halved_rate_grows_by_one_with_each_quiet_period():
    document = {}
    Budget(document, TEN, 0.0).slow_down(0.0)
    assert [Budget(document, TEN, at).capacity for at in (0.0, 9.9, 10.0, 29.0, 49.0, 50.0, 5000.0)] == [
        *(5, 5, 6, 7, 9, 10, 10)
    ]
    assert "capacity" not in document, "nothing is left of it"


def test_data_centers_own_example():
    """15 at once and 5 a minute: of 18 calls a second apart 16 pass, so the 17th and 18th have to wait."""
    document, guard = {}, Allowance(100, 10.0, 0.0)
    Budget(document, guard, 0.0).follow(ServerRate(15, 5, 60))
    slots = [taken(document, guard, float(second)) for second in range(18)]
    assert [slot.at == slot.asked_at for slot in slots] == [True] * 16 + [False] * 2
    assert [slot.at for slot in slots[16:]] == [24.0, 36.0], "the bucket's next tokens"


def test_the_servers_count_of_what_remains_is_believed_when_it_is_lower():
    document = {}
    Budget(document, TEN, 0.0).follow(ServerRate(5, 5, 50, remaining=1))
    assert instants(document, TEN, 0.0, 3) == [0.0, 10.0, 20.0]


def test_agreeing_with_the_server_changes_nothing():
    document = {}
    rate = ServerRate(5, 5, 50, remaining=5)
    assert not agrees(document, rate, 0.0)
    Budget(document, TEN, 0.0).follow(rate)
    taken(document, TEN, 0.0)
    assert agrees(document, ServerRate(5, 5, 50, remaining=4), 0.0)
    assert agrees(document, ServerRate(5, 5, 50), 0.0)
    assert not agrees(document, ServerRate(5, 5, 50, remaining=2), 0.0), "others ask with the same account"
    assert not agrees(document, ServerRate(6, 5, 50), 0.0)


def test_a_request_that_arrived_late_returns_its_token_late():
    document = {}
    instants(document, TEN, 0.0, 10)
    Budget(document, TEN, 3.0).correct(0.0, 2.5)
    assert instants(document, TEN, 3.0, 10) == [10.0] * 9 + [12.5]


def test_those_who_wait_for_a_token_that_returns_late_are_moved():
    document = {}
    instants(document, TEN, 0.0, 20)
    Budget(document, TEN, 3.0).correct(0.0, 2.5)
    assert promised(document) == [10.0] * 9 + [12.5]


def test_a_ticket_given_back_leaves_the_others_where_they_are():
    document = {}
    instants(document, TEN, 0.0, 10)
    tickets = [taken(document, TEN, 1.0).ticket for _ in range(3)]
    Budget(document, TEN, 2.0).give_back(tickets[1])
    assert promised_to(document, tickets[0])[0] == promised_to(document, tickets[2])[0] == 10.0
    assert promised_to(document, tickets[1])[0] is None
    Budget(document, TEN, 2.0).give_back(tickets[1])


@pytest.mark.parametrize("seconds", [11.0, 1e6])
def test_what_is_kept_stays_small(seconds):
    document = {}
    for call in range(200):
        instants(document, TEN, call * seconds, 10)
    assert len(document["at"]["sent"]) <= 10


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(1, 8)),
        st.tuples(st.just("wait"), st.floats(0, 8)),
        st.tuples(st.just("pause"), st.floats(0, 30)),
        st.tuples(st.just("slow"), st.just(0)),
        st.tuples(st.just("late"), st.floats(0, 3)),
    ),
    max_size=40,
)


class Story:
    """A budget among those who wait for their slots: who was promised what, who left when, and when they arrived."""

    def __init__(self, capacity):
        self.allowance, self.document, self.now = Allowance(capacity, 10.0, 0.0), {}, 0.0
        self.promised, self.left, self.arrived, self.pauses = {}, {}, {}, []

    def budget(self):
        return Budget(self.document, self.allowance, self.now)

    def settle(self):
        """All whose instant has come leave."""
        for ticket in self.promised.keys() - self.left.keys():
            at, _ = promised_to(self.document, ticket)
            self.promised[ticket] = self.promised[ticket] if at is None else at
            if at is None or at <= self.now:
                self.left[ticket] = self.arrived[ticket] = self.promised[ticket]

    def ask(self, times):
        for _ in range(times):
            slot = taken(self.document, self.allowance, self.now)
            self.promised[slot.ticket] = slot.at

    def wait(self, seconds):
        """From one slot to the next, as sleepers do."""
        end = self.now + seconds
        while upcoming := [at for at in self.document.get("at", {}).get("promised", []) if self.now < at <= end]:
            self.now = min(upcoming)
            self.settle()
            self.budget()
        self.now = end

    def pause(self, seconds):
        self.pauses.append((self.now, self.now + seconds))
        self.budget().pause(self.now + seconds)

    def slow(self, _):
        self.budget().slow_down(self.now)

    def late(self, seconds):
        """The last that left turns out to have arrived only later."""
        if self.arrived:
            last = max(self.arrived)
            late = min(self.now, self.arrived[last] + seconds)
            self.budget().correct(self.arrived[last], late)
            self.arrived[last] = max(self.arrived[last], late)


@effort(150)
@given(st.integers(1, 6), EVENTS)
def test_whatever_happens_no_window_holds_more_and_nobody_overtakes(capacity, events):
    story = Story(capacity)
    for event, value in events:
        getattr(story, event)(value)
        story.settle()
    times = sorted(story.arrived.values())
    assert all(later - earlier >= 10.0 - 1e-6 for earlier, later in zip(times, times[capacity:], strict=False))
    for order in (sorted(story.left), sorted(story.promised.keys() - story.left.keys())):
        instants_in_order = [story.promised[ticket] for ticket in order]
        assert instants_in_order == sorted(instants_in_order)
    assert not [at for at in story.left.values() for begun, end in story.pauses if begun < at < end - 1e-6]
