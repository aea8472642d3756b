"""Why candidates do not count, as codes in a column."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from data.model import Reason

ReasonCodes = npt.NDArray[np.int8]

REASONS = tuple(Reason)
COUNTS = -1
"""The code of a candidate that no reason excludes; all other codes are positions in `REASONS`."""


def reason_code(reason: Reason) -> int:
    return REASONS.index(reason)


def first_reason(size: int, *tests: tuple[Reason, npt.NDArray[np.bool_]]) -> ReasonCodes:
    """For every candidate the first of the reasons that holds, else `COUNTS`."""
    codes = np.full(size, COUNTS, dtype=np.int8)
    for reason, holds in reversed(tests):
        np.copyto(codes, np.int8(REASONS.index(reason)), where=holds)
    return codes
