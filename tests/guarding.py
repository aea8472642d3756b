"""A server process as far as alerts are concerned: looks at the rules again and again, until it is ended."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path

from configuration.settings import load_settings
from data.watch.alerts import Alerts
from data.watch.store import MetricsStore
from data.watch.webhook import Webhook
from tests.unhurried import give_nothing_up_early


def main(folder: Path) -> None:
    """`python -m tests.guarding FOLDER`: the time is what its file `clock` says; each turn tells it on stdout."""
    give_nothing_up_early()
    webhook = load_settings().alert_webhook
    assert webhook is not None

    def clock() -> datetime:
        return datetime.fromisoformat((folder / "clock").read_text("utf-8"))

    alerts = Alerts(
        MetricsStore(folder / "metrics.db", clock=clock),
        folder / "alert_rules.json",
        clock=clock,
        webhook=Webhook(webhook),
        outside={"hours_since_sync": lambda _: None},
    )
    while True:
        now = clock()
        alerts.turn()
        sys.stdout.write(f"{now.isoformat()}\n")
        sys.stdout.flush()
        time.sleep(0.01)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
