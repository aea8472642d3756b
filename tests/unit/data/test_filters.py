"""What filters ask, and the facets that issues are read into."""

from data.filters import FACETS, Filters, read_facets
from data.performance_utils import FieldMappingIndex


def facets(*records, **mapped):
    read = read_facets(records, FieldMappingIndex(mapped))
    return {
        name: list(zip(facet.issues, (facet.names[code] for code in facet.codes), strict=True))
        for name, facet in read.items()
    }


def test_every_facet_can_be_asked_for():
    assert tuple(Filters.__slots__) == FACETS


def test_nothing_asked_is_no_filter_and_spelling_does_not_matter():
    assert not Filters()
    assert Filters(team=frozenset({" Red "})) == Filters(team=frozenset({"red"}))
    assert hash(Filters(label=frozenset({"A"}))) == hash(Filters(label=frozenset({"a"})))


def test_a_project_goes_by_its_key_else_its_name_else_its_id():
    whole, named, bare = {"id": "1", "key": "EX", "name": "Example"}, {"id": "1", "name": "Example"}, {"id": 1}

    read = facets({"project": whole}, {"project": named}, {"project": bare}, {"project": None}, {"project": "EX"})

    assert read["project"] == [(0, "EX"), (1, "Example"), (2, "1")]


def test_an_issue_has_each_of_its_values_once_as_first_spelt():
    read = facets({"labels": ["Alpha", "beta"]}, {"labels": ["ALPHA", "alpha", ""]})

    assert read["label"] == [(0, "Alpha"), (0, "beta"), (1, "Alpha")]


def test_the_team_is_the_mapped_field_and_unmapped_there_is_none():
    record = {"cf_1": {"id": "7", "name": "Red"}, "components": [{"name": "Billing"}]}

    assert facets(record, team="cf_1")["team"] == [(0, "Red")]
    assert facets(record)["team"] == []
    assert facets(record)["component"] == [(0, "Billing")]
