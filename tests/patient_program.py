"""Runs `python app.py` that says what it ends, and waits for the last page of a reading as long as a test would."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from multiprocess.process import BaseProcess

from callbacks.jobs import end_jobs
from callbacks.keeper import Keeper
from tests.patience import PATIENCE_SECONDS

KEEPER_ENDS, JOB_ENDS = "The keeper is to end", "A job is to end"


end = Keeper.end


def end_patiently(keeper: Keeper) -> None:
    keeper._ending.set()
    print(KEEPER_ENDS, flush=True)  # noqa: T201 - told to the test
    end(keeper, PATIENCE_SECONDS)


def said_after(function: Any, sentence: str) -> Any:
    def saying(itself: Any) -> None:
        function(itself)
        print(sentence, flush=True)  # noqa: T201 - told to the test

    return saying


if __name__ == "__main__":
    end_jobs.__defaults__ = (PATIENCE_SECONDS,)
    Keeper.end = end_patiently  # type: ignore[method-assign]
    BaseProcess.terminate = said_after(BaseProcess.terminate, JOB_ENDS)
    runpy.run_path(str(Path(__file__).resolve().parents[1] / "app.py"), run_name="__main__")
