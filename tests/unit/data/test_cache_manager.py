"""A cache entry is found by its question, believed only when untouched, and never raises."""

from __future__ import annotations

import hashlib
import json
import os
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.cache_manager import (
    CacheInvalidationTrigger,
    fingerprint,
    generate_cache_key,
    invalidate_cache,
    load_cache_with_validation,
    save_cache,
)
from data.storage.cache_entry import Encoded, Entry, canonical, seal, unseal

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
MAPPINGS = {"team": "customfield_1", "sprint": "customfield_2"}
KEY = generate_cache_key("project = A", MAPPINGS, 30)


def later(**span):
    return lambda: NOW + timedelta(**span)


def saved(folder, data, **options):
    path = save_cache(KEY, data, "c", folder, clock=later(), **options)
    assert path is not None
    return path


def test_the_key_is_the_same_on_every_run_and_machine():
    assert generate_cache_key("project = A", MAPPINGS, 30) == "22c801374de68abc97540f23b071aedc"


def test_the_order_of_mappings_does_not_matter_and_everything_else_does():
    turned = dict(reversed(MAPPINGS.items()))
    assert generate_cache_key("project = A", turned, 30) == KEY
    others = {
        generate_cache_key("project = B", MAPPINGS, 30),
        generate_cache_key("project = A", {"team": "customfield_1"}, 30),
        generate_cache_key("project = A", {"team": "customfield_2", "sprint": "customfield_1"}, 30),
        generate_cache_key("project = A", MAPPINGS, 60),
        generate_cache_key("project = A", MAPPINGS, 30, site="https://a.example"),
        generate_cache_key("project = A", MAPPINGS, 30, site="https://b.example"),
        generate_cache_key("project = A", MAPPINGS, 30, account="https://b.example"),
    }
    assert len(others | {KEY}) == 8


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=50), st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=4), st.integers(1, 400))
def test_every_question_has_a_key_of_32_hexadecimal_characters(jql, mappings, days):
    key = generate_cache_key(jql, mappings, days)
    assert len(key) == 32
    assert set(key) <= set(string.hexdigits.lower())
    assert key == generate_cache_key(jql, dict(reversed(mappings.items())), days)


def test_what_was_saved_is_loaded(tmp_path):
    data = {"issues": [{"key": "A-1", "text": 'é \ud800 ","data":{}'}], "other": None}
    saved(tmp_path, data)
    assert load_cache_with_validation(KEY, "c", cache_dir=tmp_path, clock=later()) == (True, data)


def test_the_file_says_what_it_holds(tmp_path):
    path = saved(tmp_path, [{"key": "A-1"}, {"key": "A-2"}], question={"jql_query": "project = A"})
    document = json.loads(path.read_text())
    assert path.name == f"{KEY}.json"
    assert set(document) == {"metadata", "data"}
    metadata = document["metadata"]
    assert metadata["created_at"] == "2026-01-15T12:00:00Z"
    assert metadata["expires_at"] == "2026-01-16T12:00:00Z"
    assert (metadata["cache_key"], metadata["config_hash"], metadata["cache_version"]) == (KEY, "c", "2.0")
    assert (metadata["issue_count"], metadata["jql_query"]) == (2, "project = A")
    assert metadata["data_size_bytes"] == len(b'[{"key":"A-1"},{"key":"A-2"}]')


@pytest.mark.parametrize(
    ("age", "hit"),
    [
        ({"hours": 23.9}, True),
        ({"hours": 24}, False),
        ({"days": 40}, False),
        ({"hours": -1}, False),
        ({"minutes": -1}, True),
    ],
)
def test_an_entry_is_fresh_for_a_day_and_never_from_the_future(tmp_path, age, hit):
    saved(tmp_path, [])
    assert load_cache_with_validation(KEY, "c", cache_dir=tmp_path, clock=later(**age))[0] is hit


def test_an_entry_for_another_configuration_is_not_used(tmp_path):
    saved(tmp_path, [1])
    assert load_cache_with_validation(KEY, "other", cache_dir=tmp_path, clock=later()) == (False, None)


def test_a_file_renamed_to_another_question_is_not_used(tmp_path):
    other = generate_cache_key("project = B", {}, 30)
    saved(tmp_path, [1]).rename(tmp_path / f"{other}.json")
    assert load_cache_with_validation(other, "c", cache_dir=tmp_path, clock=later()) == (False, None)


def test_no_single_changed_byte_and_no_cut_goes_unnoticed(tmp_path):
    path = saved(tmp_path, {"issues": [{"id": "1", "n": 12}]}, question={"jql_query": "project = A"})
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert load_cache_with_validation(KEY, "c", cache_dir=tmp_path, clock=later()) == (False, None), place
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert load_cache_with_validation(KEY, "c", cache_dir=tmp_path, clock=later()) == (False, None), length


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=200))
def test_any_file_at_all_is_a_miss_not_an_error(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("cache")
    (folder / f"{KEY}.json").write_bytes(content)
    assert load_cache_with_validation(KEY, "c", cache_dir=folder) == (False, None)


@pytest.mark.parametrize("content", [b"[]", b"null", b"{}", b'{"metadata":null,"data":1}', b"[" * 100_000])
def test_json_of_another_shape_is_a_miss(tmp_path, content):
    (tmp_path / f"{KEY}.json").write_bytes(content)
    assert load_cache_with_validation(KEY, "c", cache_dir=tmp_path) == (False, None)


def test_a_folder_in_place_of_the_file_is_a_miss_and_in_nobodys_way(tmp_path):
    (tmp_path / f"{KEY}.json" / "full").mkdir(parents=True)
    assert load_cache_with_validation(KEY, "c", cache_dir=tmp_path) == (False, None)
    saved(tmp_path, [1])
    assert load_cache_with_validation(KEY, "c", cache_dir=tmp_path, clock=later()) == (True, [1])


def test_what_is_damaged_is_set_aside_and_the_newest_five_are_kept(tmp_path, caplog):
    for number in range(8):
        (tmp_path / f"{KEY}.json").write_text(f"damage {number}")
        assert load_cache_with_validation(KEY, "c", cache_dir=tmp_path) == (False, None)
    aside = sorted((tmp_path / "quarantine").iterdir())
    assert [path.read_text() for path in aside] == [f"damage {number}" for number in range(3, 8)]
    assert not (tmp_path / f"{KEY}.json").exists()
    assert caplog.text.count("damaged or foreign") == 8


def resealed(whole, **changes):
    """The file as a program would write it whose metadata are others."""
    entry = unseal(whole)
    metadata = {name: value for name, value in entry.metadata.items() if name != "integrity"} | changes
    digest = hashlib.sha256(canonical(metadata) + b"\n" + entry.content).hexdigest()
    return Entry(metadata | {"integrity": digest}, entry.content).text


@pytest.mark.parametrize(
    "changes",
    [
        {"cache_version": "1.0"},
        {"cache_version": 2},
        {"cache_key": "0" * 32},
        {"kind": "segment 1"},
        {"created_at": "2026-01-16T12:00:00Z"},
        {"created_at": "yesterday"},
        {"created_at": None},
        {"codec": "plain", "created_at": "2026-01-15T12:00:00"},
    ],
)
def test_a_file_whose_digest_is_right_must_still_be_ours(tmp_path, changes):
    path = saved(tmp_path, [1])
    path.write_bytes(resealed(path.read_bytes()))
    assert load_cache_with_validation(KEY, "c", cache_dir=tmp_path, clock=later())[0], "the harness can write files"
    path.write_bytes(resealed(path.read_bytes(), **changes))
    assert load_cache_with_validation(KEY, "c", cache_dir=tmp_path, clock=later()) == (False, None)
    assert len(list((tmp_path / "quarantine").iterdir())) == 1


@pytest.mark.parametrize("content", [b"[" * 5000 + b"]" * 5000, b"1" * 5000, b"{", b"\xff", b"NaN,"])
@pytest.mark.parametrize("codec", ["fast", "plain"])
def test_data_that_cannot_be_read_is_a_miss(tmp_path, content, codec):
    path = saved(tmp_path, [1])
    entry = unseal(path.read_bytes())
    metadata = {name: value for name, value in entry.metadata.items() if name != "integrity"} | {"codec": codec}
    path.write_bytes(seal(metadata, Encoded(content, codec)).text)
    assert load_cache_with_validation(KEY, "c", cache_dir=tmp_path, clock=later()) == (False, None)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_a_miss_and_stays(tmp_path):
    path = saved(tmp_path, [1])
    path.chmod(0)
    assert load_cache_with_validation(KEY, "c", cache_dir=tmp_path, clock=later()) == (False, None)
    assert path.exists()


def test_a_refusal_of_the_system_is_a_miss_and_no_damage(tmp_path, monkeypatch, caplog):
    path = saved(tmp_path, [1])

    def refuse(self, *arguments):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        assert load_cache_with_validation(KEY, "c", cache_dir=tmp_path, clock=later()) == (False, None)
    assert path.exists()
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize(
    "data", [{"n": 2**70, "data": [-(2**64)]}, [1e-9, 1.0, 1e300], {"\ud800": "\udfff"}, {"a": {"data": 1}}, [[[]]]]
)
def test_every_json_value_comes_back_exactly(tmp_path, data):
    saved(tmp_path, data, question={"jql_query": "a", "data": {"data": 1}})
    hit, found = load_cache_with_validation(KEY, "c", cache_dir=tmp_path, clock=later())
    assert (hit, json.dumps(found, sort_keys=True)) == (True, json.dumps(data, sort_keys=True))


def test_a_number_that_is_none_is_unknown(tmp_path):
    saved(tmp_path, [float("nan"), float("inf")])
    assert load_cache_with_validation(KEY, "c", cache_dir=tmp_path, clock=later()) == (True, [None, None])


def test_data_nested_too_deeply_costs_the_cache_not_the_data(tmp_path, caplog):
    data: list = []
    for _ in range(5000):
        data = [data]
    assert save_cache(KEY, data, "c", tmp_path) is None
    assert "could not be kept" in caplog.text


def test_no_digest_for_security_is_needed_that_a_machine_may_forbid(tmp_path, monkeypatch):
    def forbidden(*arguments, **options):
        raise ValueError("disabled for FIPS")

    monkeypatch.setattr(hashlib, "md5", forbidden)
    key = generate_cache_key("project = A", MAPPINGS, 30)
    assert save_cache(key, [1], "c", tmp_path) is not None
    assert load_cache_with_validation(key, "c", cache_dir=tmp_path) == (True, [1])


def test_a_key_cannot_lead_out_of_the_folder(tmp_path):
    with pytest.raises(ValueError, match="32 hexadecimal"):
        save_cache("../../outside", [], "c", tmp_path)
    assert load_cache_with_validation("../outside", "c", cache_dir=tmp_path) == (False, None)


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_only_the_owner_may_read_what_jira_told(tmp_path):
    path = saved(tmp_path / "new", [])
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_a_disk_that_takes_nothing_costs_the_cache_not_the_data(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    assert save_cache(KEY, [], "c", tmp_path / "file") is None
    assert "could not be kept" in caplog.text


def test_saving_leaves_nothing_else_behind(tmp_path):
    for number in range(5):
        saved(tmp_path, [number])
    assert [path.name for path in tmp_path.iterdir()] == [f"{KEY}.json"]


def test_an_invalidated_entry_is_gone(tmp_path):
    saved(tmp_path, [])
    assert invalidate_cache(KEY, tmp_path) is True
    assert invalidate_cache(KEY, tmp_path) is False
    assert load_cache_with_validation(KEY, "c", cache_dir=tmp_path) == (False, None)


def judged(path, jql="project = A", mappings=MAPPINGS, days=30):
    return CacheInvalidationTrigger().should_invalidate(
        cache_file=path, current_jql=jql, current_field_mappings=mappings, current_time_period=days
    )


QUESTION = {"jql_query": "project = A", "field_mappings": MAPPINGS, "time_period_days": 30}


@pytest.mark.parametrize("question", [None, QUESTION])
def test_an_entry_answers_only_its_own_question(tmp_path, question):
    path = saved(tmp_path, [], question=question)
    assert judged(path) is False
    assert judged(str(path), mappings=dict(reversed(MAPPINGS.items()))) is False
    assert judged(path, jql="project = B") is True
    assert judged(path, mappings={}) is True
    assert judged(path, days=60) is True


def test_raw_issues_serve_every_period_and_mapping(tmp_path):
    path = saved(tmp_path, [], question={"jql_query": "project = A"})
    assert judged(path, days=60, mappings={}) is False
    assert judged(path, jql="project = B") is True


def test_a_missing_or_damaged_file_is_to_be_invalidated(tmp_path):
    path = saved(tmp_path, [])
    path.write_bytes(path.read_bytes()[:-1])
    assert judged(path) is True
    assert judged(tmp_path / "none.json") is True


def test_a_fingerprint_does_not_depend_on_the_order_of_keys():
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1}) != fingerprint({"a": 1, "b": [3]})
