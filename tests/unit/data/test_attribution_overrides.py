"""Corrections by hand are kept with who, when and why; what cannot be meant is refused by name."""

from __future__ import annotations

import json
import secrets
import threading

import pytest

from configuration.redaction import forget_secret, remember_secret
from data.attribution_overrides import Correction, in_force, load_corrections, record_correction
from data.config_version import config_version
from data.dora_calculator import calculate_cfr
from data.errors import SettingsInvalid
from data.model import TeamRules
from data.performance_utils import FieldMappingIndex
from tests.builders import at, issue, version

NOON = at("2026-01-15 12:00")


def correction(incident="INC-1", deployment="1.4", **more):
    return Correction(incident, deployment, **{"who": "Ada", "when": NOON, "why": "The log shows it", **more})


@pytest.fixture
def file(tmp_path):
    return tmp_path / "attribution_overrides.json"


def test_without_a_file_there_are_no_corrections(file):
    assert load_corrections(file) == []


def test_a_correction_is_kept_whole_and_the_last_one_for_an_incident_counts(file):
    made = [correction(), correction("INC-2", None), correction(deployment="1.3", why="No, this one: “ünïcode”")]
    for each in made:
        record_correction(each, file)

    assert load_corrections(file) == made
    assert in_force(made) == {"INC-2": None, "INC-1": "1.3"}


def test_a_withdrawn_correction_leaves_the_incident_to_the_rules(file):
    record_correction(correction(), file)
    record_correction(correction(withdrawn=True), file)

    assert in_force(load_corrections(file)) == {}
    assert len(load_corrections(file)) == 2


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"incident": " "}, "incident"),
        ({"deployment": ""}, "deployment"),
        ({"who": "x" * 256}, "who"),
        ({"why": ""}, "why"),
        ({"when": NOON.replace(tzinfo=None)}, "aware"),
    ],
)
def test_a_correction_that_says_nothing_is_refused(changed, told):
    with pytest.raises(ValueError, match=told):
        correction(**changed)


@pytest.mark.parametrize(
    "saved",
    [
        [],
        {"corrections": {}},
        {"corrections": ["INC-1"]},
        {"corrections": [{"incident": "INC-1"}]},
        {"corrections": [{"incident": "INC-1", "deployment": 5, "who": "a", "when": "2026-01-01", "why": "b"}]},
        {"corrections": [{"incident": "INC-1", "deployment": None, "who": "a", "when": "soon", "why": "b"}]},
        {"corrections": [{"incident": "I", "deployment": None, "who": "a", "when": "2026-01-01", "why": "b", "x": 1}]},
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_and_left_alone(file, saved):
    file.write_text(json.dumps(saved), encoding="utf-8")

    with pytest.raises(SettingsInvalid, match=r"attribution_overrides\.json"):
        load_corrections(file)
    with pytest.raises(SettingsInvalid):
        record_correction(correction(), file)
    assert json.loads(file.read_text(encoding="utf-8")) == saved


def test_a_secret_in_a_reason_is_not_written(file):
    secret = secrets.token_hex(20)
    remember_secret(secret)
    try:
        with pytest.raises(SettingsInvalid, match="secret"):
            record_correction(correction(why=f"see {secret}"), file)
    finally:
        forget_secret(secret)
    assert not file.exists()


def test_corrections_made_at_once_are_all_kept(file):
    threads = [threading.Thread(target=record_correction, args=(correction(f"INC-{n}"), file)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(in_force(load_corrections(file))) == {f"INC-{n}" for n in range(8)}


def test_a_correction_changes_the_number_and_the_version_of_the_rules(file):
    """The deployment that the window would blame is cleared, the one that the correction names is not."""
    record_correction(correction(deployment="1.3"), file)
    releases = [version("1.3", released="2026-01-02"), version("1.4", released="2026-01-10")]
    incident = issue("INC-1", at("2026-01-11 08:00"), issue_type="Incident")
    corrected = TeamRules(attribution_overrides=in_force(load_corrections(file)))

    def failed(rules):
        return calculate_cfr([incident], {}, 30, as_of=NOON, versions=releases, rules=rules)["numerator_items"]

    assert failed(TeamRules()) == ["1.4"]
    assert failed(corrected) == ["1.3"]
    index = FieldMappingIndex({})
    assert config_version(corrected, index) != config_version(TeamRules(), index)
