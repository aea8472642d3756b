"""A reading that a person asks for runs in another process, forked or started anew, with its own app's settings."""

import multiprocessing
import secrets
import socket
import sys

import dill
import multiprocess
import pytest
from dash import DiskcacheManager
from dash.exceptions import PreventUpdate

from app import create_app
from callbacks.boundary import told
from callbacks.jobs import job_manager, leave_ports, reading_job
from callbacks.team_source import Source, of_environment
from callbacks.watching import JobTimer, start_watching
from configuration.request_notes import request_noted
from configuration.settings import Settings
from data.demo.faults import Faults
from data.jira_simple import receipts
from data.watch.measurement import Kind
from data.watch.store import MetricsStore
from tests.jira_sites import credentials, few_issues, serving
from tests.patience import PATIENCE_SECONDS
from tests.unhurried import give_nothing_up_early

ORDER = {"what": "now", "nonce": "1", "at": 0}
METHODS = [method for method in ("fork", "spawn") if method in multiprocessing.get_all_start_methods()]


@pytest.fixture
def own_environment(monkeypatch, tmp_path):
    """Settings as a person gives them; a process that is started anew has nothing else."""

    def of(url):
        monkeypatch.setenv("JIRA_URL", url)
        monkeypatch.setenv("JIRA_TOKEN", secrets.token_hex(20))
        monkeypatch.setenv("SIGHTLINE_CACHE_DIR", str(tmp_path / "cache"))
        monkeypatch.setenv("SIGHTLINE_LOG_DIR", str(tmp_path / "logs"))
        monkeypatch.setenv("SIGHTLINE_SETTINGS", str(tmp_path / "app_settings.json"))
        return of_environment()

    return of


def job_of(source):
    return reading_job(source, JobTimer(start_watching(source.settings)))


def without_hurry(job, *given):
    """A process that is started anew knows nothing of the patience of this one."""
    give_nothing_up_early()
    job(*given)


@pytest.mark.parametrize("method", METHODS)
def test_the_job_reads_jira_in_another_process_however_that_is_started(own_environment, method):
    with serving(few_issues(), "datacenter") as (_, url):
        source = own_environment(url)
        manager = job_manager(source.settings.cache_dir / "jobs")
        manager.register("read", job_of(source), progress=False)
        job = multiprocess.get_context(method).Process(
            target=without_hurry, args=(manager.func_registry["read"], "result", "progress", [ORDER], {})
        )
        with request_noted("the-request"):
            job.start()
        job.join(PATIENCE_SECONDS)

        assert manager.get_result("result", None) == {"nonce": "1", "failed": None}
        assert [receipt.verdict for receipt in receipts(source.request())] == ["complete"]
        assert receipts(source.request())[0].trigger == "page"
    store = MetricsStore(source.settings.log_dir / "performance" / "metrics.db")
    counts = {(key.kind, key.label): totals.count for key, totals in store.totals().items()}
    assert {counts[Kind.JOB, name] for name in ("read_jira", "sync: page", "fetch")} == {1}
    assert counts[Kind.JIRA, "GET /rest/api/2/myself"] >= 1
    assert {one.request_id for one in store.recent(limit=99, kinds=[Kind.JOB])} == {"the-request"}


def test_what_is_handed_to_another_process_holds_no_credential():
    token = secrets.token_hex(20)
    job = job_of(Source(Settings(jira=credentials("https://jira.example.com", token=token))))

    assert token.encode() not in dill.dumps(job)


def test_a_known_failure_is_in_the_receipt_and_the_order_counts_as_done(tmp_path):
    with serving(few_issues(), "cloud", faults=Faults.named("unauthorized")) as (_, url):
        source = Source(Settings(jira=credentials(url), cache_dir=tmp_path, app_settings_path=tmp_path / "none.json"))

        assert job_of(source)(ORDER) == {"nonce": "1", "failed": None}
        assert receipts(source.request())[0].cause.kind == "AuthenticationFailed"


def test_a_job_that_failed_is_measured_as_one(tmp_path):
    timer = JobTimer(start_watching(Settings(log_dir=tmp_path)))
    with pytest.raises(ZeroDivisionError), timer.timed("counting"):
        _ = 1 / 0
    with timer.timed("telling"):
        told(lambda: 1 / 0)
    with timer.timed("working"):
        pass

    found = timer.tracker.store.recent(limit=9, kinds=[Kind.JOB])
    assert [(one.label, one.status, one.error) for one in reversed(found)] == [
        ("counting", 500, "ZeroDivisionError"),
        ("telling", 500, "ZeroDivisionError"),
        ("working", 200, None),
    ]


def test_an_unknown_failure_is_logged_where_nobody_may_be_looking(tmp_path, caplog):
    def broken(_credentials):
        raise ZeroDivisionError("the inner workings")

    settings = Settings(jira=credentials("https://jira.example.com"), cache_dir=tmp_path)
    done = job_of(Source(settings, connect=broken))(ORDER)

    assert done["failed"]
    assert [record.request_id for record in caplog.records if record.exc_info] == [done["failed"]]


def test_without_an_order_nothing_is_read():
    with pytest.raises(PreventUpdate):
        job_of(Source(Settings()))(None)


def test_two_applications_in_one_process_run_their_own_jobs(tmp_path):
    """Dash would give the job of the first to the second, which has other credentials."""
    first = create_app(Settings(cache_dir=tmp_path / "a", demo_seed=1))
    create_app(Settings(cache_dir=tmp_path / "b", demo_seed=2))
    (job,) = first._background_manager.func_registry.values()
    read_jira = next(cell.cell_contents for cell in job.__closure__ if callable(cell.cell_contents))
    (source,) = [cell.cell_contents for cell in read_jira.__closure__ if isinstance(cell.cell_contents, Source)]

    assert source.settings.demo_seed == 1


def test_a_folder_that_takes_nothing_does_not_keep_the_dashboard_from_starting(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    manager = job_manager(tmp_path / "file" / "jobs")

    assert isinstance(manager, DiskcacheManager)
    assert "temporary folder" in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="no process inherits sockets there")
def test_a_job_does_not_keep_the_port_of_a_server_that_ends():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        held = multiprocess.get_context("fork").Event()
        ready = multiprocess.get_context("fork").Event()

        def job():
            leave_ports()
            ready.set()
            held.wait(PATIENCE_SECONDS)

        process = multiprocess.get_context("fork").Process(target=job)
        process.start()
        assert ready.wait(PATIENCE_SECONDS)
    try:
        socket.create_server(("127.0.0.1", port)).close()
    finally:
        held.set()
        process.join(PATIENCE_SECONDS)
