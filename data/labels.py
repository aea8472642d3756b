"""Names of many rows, turned into texts only when somebody reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import overload

import numpy as np
import numpy.typing as npt

SEPARATOR = "\n"


class JoinedLabels(Sequence[str]):
    """Texts kept as one, split when the first of them is looked at; none may hold a line break."""

    def __init__(self, joined: str, count: int) -> None:
        self.joined = joined
        self._count = count

    @cached_property
    def texts(self) -> list[str]:
        return self.joined.split(SEPARATOR) if self._count else []

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, position: int) -> str: ...

    @overload
    def __getitem__(self, position: slice) -> list[str]: ...

    def __getitem__(self, position: int | slice) -> str | list[str]:
        return self.texts[position]

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)


class PickedLabels(Sequence[str]):
    """The labels of some rows of a longer list."""

    def __init__(self, labels: Sequence[str], rows: npt.NDArray[np.integer]) -> None:
        self._labels = labels
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, position: int) -> str: ...

    @overload
    def __getitem__(self, position: slice) -> list[str]: ...

    def __getitem__(self, position: int | slice) -> str | list[str]:
        if isinstance(position, slice):
            return [self._labels[row] for row in self._rows[position].tolist()]
        return self._labels[int(self._rows[position])]

    def at(self, rows: npt.NDArray[np.integer]) -> list[str]:
        return labels_at(self._labels, self._rows[rows])


def labels_at(labels: Sequence[str], rows: npt.NDArray[np.integer]) -> list[str]:
    """The labels of many rows, at once."""
    if isinstance(labels, PickedLabels):
        return labels.at(rows)
    texts = labels.texts if isinstance(labels, JoinedLabels) else labels
    return list(map(texts.__getitem__, rows.tolist()))
