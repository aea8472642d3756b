"""A peer's recording, measured as ours is, by a Python of its own that has the peer: for each line read, one round.

It is not run by itself; `python -m tests.benchmarks.recording peers` starts it. Of this project it imports nothing.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from pathlib import Path

import flask_monitoringdashboard as dashboard
from flask import Flask
from werkzeug.test import EnvironBuilder


def small_application():
    app = Flask("small")
    app.add_url_rule("/page", "page", lambda: "hello")
    return app


def recorded(folder):
    dashboard.config.database_name = f"sqlite:///{folder}/peer.db"
    app = small_application()
    dashboard.bind(app)
    return app.wsgi_app


def once(application, environ):
    mine = dict(environ)
    began = time.perf_counter_ns()
    body = application(mine, lambda _line, _headers, _raised=None: None)
    took = time.perf_counter_ns() - began
    body.close()
    return took


def rows(folder):
    import sqlite3  # noqa: PLC0415 - after the peer has made its file

    with sqlite3.connect(f"{folder}/peer.db") as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        table = next(name for name in names if name.lower() == "request")
        return connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608 - a name just read


def main():
    folder = tempfile.mkdtemp()
    variants = {"without": small_application().wsgi_app, "with": recorded(Path(folder))}
    environ = EnvironBuilder(path="/page", environ_base={"REMOTE_ADDR": "127.0.0.1"}).get_environ()
    names, dice = list(variants), random.Random(7)  # noqa: S311 - no secret depends on it
    for line in sys.stdin:
        times = {name: [] for name in names}
        for _ in range(int(line)):
            dice.shuffle(names)
            for name in names:
                times[name].append(once(variants[name], environ))
        print(json.dumps({"times": times, "rows": rows(folder)}), flush=True)  # noqa: T201 - to who started it


if __name__ == "__main__":
    main()
