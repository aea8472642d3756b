"""What is measured: one thing that was done, how long it took, and how it ended."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What sort of thing was done."""

    REQUEST = "request"
    CALLBACK = "callback"
    JOB = "job"
    JIRA = "jira"
    CALCULATION = "calculation"


class Measurement(NamedTuple):
    """One thing that was done.

    `label` is the URL rule, the output of the callback, the name of the job, the method and endpoint template of a call
    to Jira, or the metric of a calculation. `status` is that of HTTP, 0 where there is none; a callback that raised has
    500, a job or calculation 200 or 500. `error` names the kind of error (a class, an HTTP reason), never a message
    from outside. `cache_hit` is None where nothing could be kept.
    """

    at: float
    """Seconds since the epoch at the end of the thing."""
    kind: Kind
    label: str
    method: str
    duration_ms: float
    status: int
    cache_hit: bool | None
    error: str | None
    request_id: str | None
    waited_ms: float = 0.0
    """Spent waiting for a slot or a Retry-After before the call."""

    @property
    def failed(self) -> bool:
        """The server's fault: a status from 500, or no answer at all. A refusal (400 to 499) is none."""
        return self.status >= 500 or (self.status == 0 and self.error is not None)
