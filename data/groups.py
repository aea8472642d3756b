"""Items by the group that each belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False, slots=True)
class Groups:
    """The items of group n are `items[bounds[n] : bounds[n + 1]]`, in the order in which they were given."""

    items: npt.NDArray[np.intp]
    bounds: npt.NDArray[np.intp]

    @classmethod
    def of(cls, items: Codes, groups: Codes, count: int) -> Self:
        """Items and their groups side by side, of `count` groups."""
        narrow = groups.astype(np.min_scalar_type(count))
        bounds = np.concatenate([[0], np.cumsum(np.bincount(groups, minlength=count))])
        return cls(items[np.argsort(narrow, kind="stable")].astype(np.intp), bounds)

    def in_any(self, groups: npt.NDArray[np.intp], size: int) -> Flags:
        """Which of `size` items are in one of some groups."""
        found = np.zeros(size, dtype=np.bool_)
        for group in groups.tolist():
            found[self.items[self.bounds[group] : self.bounds[group + 1]]] = True
        return found

    def holding(self, marked: Flags) -> Flags:
        """Which groups hold a marked item."""
        found, filled = np.zeros(len(self.bounds) - 1, dtype=np.bool_), np.flatnonzero(np.diff(self.bounds))
        if len(filled):
            found[filled] = np.logical_or.reduceat(marked[self.items], self.bounds[filled])
        return found
