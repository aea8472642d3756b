"""Labels that are split or picked only when somebody reads them."""

import numpy as np

from data.labels import JoinedLabels, PickedLabels, labels_at


def test_joined_labels_read_like_the_list_they_were():
    labels = JoinedLabels("EX-1\nEX-2\n\nEX-4", 4)

    assert len(labels) == 4
    assert (labels[1], labels[-1], labels[1:3], list(labels)) == ("EX-2", "EX-4", ["EX-2", ""], labels[:])


def test_no_labels_are_none_and_one_empty_label_is_one():
    assert (list(JoinedLabels("", 0)), list(JoinedLabels("", 1))) == ([], [""])


def test_picked_labels_are_those_of_the_rows_in_their_order():
    picked = PickedLabels(["a", "b", "c"], np.array([2, 0]))

    assert (len(picked), list(picked), picked[0], picked[:1]) == (2, ["c", "a"], "c", ["c"])


def test_the_labels_of_many_rows_come_at_once_from_every_kind_of_list():
    names = ["a", "b", "c", "d"]
    rows = np.array([3, 0, 3])
    joined = JoinedLabels("a\nb\nc\nd", 4)
    every_other = np.array([1, 3])

    assert labels_at(names, rows) == labels_at(joined, rows) == ["d", "a", "d"]
    assert labels_at(PickedLabels(PickedLabels(joined, np.arange(4)), every_other), np.array([1])) == ["d"]
