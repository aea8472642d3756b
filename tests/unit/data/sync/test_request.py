"""Which copy a request means, and the documents beside it."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from configuration.settings import JiraCredentials, Secret
from data.sync.request import SyncRequest, kept_version
from tests.jira_sites import credentials

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def request_(tmp_path):
    return SyncRequest(credentials("https://jira.example.com"), "project = A ORDER BY rank", {}, tmp_path)


def test_one_copy_serves_all_mappings_spans_and_orders(request_):
    for change in ({"field_mappings": {"team": "customfield_1"}}, {"history_days": 90}, {"jql": "project = A"}):
        assert replace(request_, **change).key == request_.key
    assert request_.where == "project = A"


def test_another_question_account_token_or_site_has_another_copy(request_):
    mine = request_.credentials
    others = [
        replace(request_, jql="project = B"),
        replace(request_, credentials=JiraCredentials(mine.url, "bob@example.com", mine.token)),
        replace(request_, credentials=JiraCredentials(mine.url, mine.email, Secret(mine.token.reveal()[::-1]))),
        replace(request_, credentials=JiraCredentials("https://other.example.com", mine.email, mine.token)),
    ]
    assert len({other.key for other in others} | {request_.key}) == 5
    assert mine.token.reveal() not in request_.key


def test_a_document_is_read_as_it_was_written_and_by_nobody_else(request_):
    request_.write("receipts", {"a": 1}, NOW)
    assert request_.read("receipts") == {"a": 1}
    path = request_.path("receipts.json")
    assert os.name == "nt" or path.stat().st_mode & 0o077 == 0
    other = replace(request_, jql="project = B")
    path.rename(other.path("receipts.json"))
    assert other.read("receipts") is None
    assert request_.read("receipts") is None


def test_before_the_first_reading_nothing_is_kept(request_):
    assert kept_version(request_) is None
