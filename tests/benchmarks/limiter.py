"""The limiter under many processes, and a herd that was refused at one moment: `python -m tests.benchmarks.limiter`.

Goals stand beside what was reached. Eight processes of sixteen threads ask as fast as they may for about a minute of
real time; in the herds (alone with the argument `herds`), five seconds pass in one.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from pathlib import Path

from tests.limiter_crowd import (
    Crowd,
    Door,
    came_early,
    new_token,
    overtakings,
    returns,
    shares,
    standing,
    worst_window,
)

WINDOWS = 5
HERD = 50
NEEDED = 20
QUICK = 5.0


def told(what: str, goal: str, reached: str) -> None:
    sys.stdout.write(f"{what:<60} goal {goal:<10} reached {reached}\n")


def crowded(folder: Path) -> None:
    door = Door()
    with standing(door) as url:
        seconds, ledger = 10.25 * WINDOWS + 2, str(folder / "crowd.db")
        asked = Crowd(url, new_token(), 8, 16, seconds, ledger=ledger).run()
    arrivals = [when for when, *_ in door.log]
    took = arrivals[100 * WINDOWS] - arrivals[0]
    told("8 x 16 threads: most arrivals in any 10 s", "<= 100", str(worst_window(arrivals)))
    told(f"share of the budget used, {WINDOWS} windows", ">= 95 %", f"{100 * 10.0 * WINDOWS / took:.1f} %")
    turns = shares(door, first=200)
    least, most = min(turns.values()), max(turns.values())
    told("turns of each thread after the start, least and most", "alike", f"{least}..{most}, {len(turns)} threads")
    told("overtaken by later ones, at most", "1", str(overtakings(asked, door, first=200)))


def herd(folder: Path, *, together: bool) -> None:
    door = Door(lambda: time.monotonic() * QUICK, closes_after=5, closed_seconds=20.0)
    with standing(door) as url:
        ledger = str(folder / "herd.db") if together else None
        crowd = Crowd(url, new_token(), 5, HERD // 5, 3600, QUICK, NEEDED, ledger)
        asked = crowd.run()
    name = "one ledger" if together else "machines of their own"
    sent = [which for _, who, which, _ in door.log if who]

    def early(**told_to: bool) -> str:
        return str(came_early(door, travel=0.25 * QUICK, **told_to))

    refused = sum(refused for _, who, _, refused in door.log if who)
    told(f"herd of 50, {name}: refused together", "", str(refused))
    told("answered of those needed", str(HERD * NEEDED), str(len(asked)))
    told("requests sent / needed", "<= 1.1", f"{len(sent) / (HERD * NEEDED):.3f}")
    told("most that came back in a second", f"<= {HERD // 5}", str(worst_window(returns(door), 1.0)))
    told("requests before the wait told to the same client was over", "0", early(together=False))
    if together:
        told("by others, later than 0.25 s after the first refusal", "0", early(together=True))


def main() -> None:
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as name:
        if "herds" not in sys.argv[1:]:
            crowded(Path(name))
        herd(Path(name), together=False)
        herd(Path(name), together=True)


if __name__ == "__main__":
    main()
