"""Callers of one piece of work, in a process of their own: `python flight_crew.py FOLDER THREADS SECONDS HOW`.

Each thread prints a line of JSON once it has its answer. Whenever the work is done, `work.log` gets a line.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from data.cache_manager import generate_cache_key, load_cache_with_validation, save_cache
from data.storage.single_flight import single_flight

KEY = generate_cache_key("work", {}, None)


def note(folder, what):
    with (folder / "work.log").open("a") as log:
        log.write(f"{what} {os.getpid()}\n")


def ask(folder, seconds, how):
    def work():
        note(folder, "began")
        if how == "fork" and os.fork() == 0:
            time.sleep(15)
            os._exit(0)
        time.sleep(seconds)
        if how == "raise":
            raise RuntimeError("no result")
        result = {"made_by": os.getpid(), "at": time.time()}
        save_cache(KEY, result, "c", folder)
        note(folder, "ended")
        return result

    try:
        answer = single_flight(
            "work", folder, look=lambda: load_cache_with_validation(KEY, "c", cache_dir=folder)[1], work=work
        )
    except RuntimeError as error:
        answer = {"error": str(error)}
    sys.stdout.write(json.dumps(answer | {"had_at": time.time()}) + "\n")
    sys.stdout.flush()


def main(folder, threads, seconds, how):
    crew = [threading.Thread(target=ask, args=(folder, seconds, how)) for _ in range(threads)]
    for member in crew:
        member.start()
    for member in crew:
        member.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
