"""The image: what its files, variables, volumes and commands come to, tried where no image can be built."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import requests
import yaml

from configuration.settings import load_settings
from data.watch.store import MetricsStore
from tests.image_files import copied, is_let_in, put_together, stages
from tests.patience import PATIENCE_SECONDS, eventually

ROOT = Path(__file__).resolve().parents[2]
PLACE = "/srv/sightline"
LAST = stages()[-1]


def words_of(name):
    (words,) = (words for called, words in LAST if called == name)
    return words


def variables():
    return dict(word.split("=", 1) for word in words_of("ENV"))


class Container:
    """The files of the image in a folder, and the program that it starts, with the variables that it sets."""

    def __init__(self, folder, *, without=""):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        put_together(folder, without=without)
        for volume in words_of("VOLUME"):
            (folder / Path(volume).relative_to(PLACE)).mkdir(mode=0o700)
        inherited = {name: text for name, text in os.environ.items() if not name.startswith(("JIRA_", "SIGHTLINE_"))}
        own = {name: text.replace(PLACE, str(folder)) for name, text in variables().items() if name != "PATH"}
        self.folder, self.environ = folder, inherited | own | {"SIGHTLINE_PORT": str(self.port)}
        self.process = subprocess.Popen(
            self.command(words_of("CMD")),
            cwd=folder,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def command(self, words):
        program, *arguments = words
        assert program == "python"
        return [sys.executable, *arguments]

    def is_healthy(self):
        words = words_of("HEALTHCHECK")
        command = self.command(yaml.safe_load(" ".join(words[words.index("CMD") + 1 :])))
        asked = subprocess.run(command, cwd=self.folder, env=self.environ, capture_output=True, check=False)
        return asked.returncode == 0

    def ended(self):
        self.process.send_signal(getattr(signal, *words_of("STOPSIGNAL")))
        return self.said()

    def said(self):
        said, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, said.decode()


def measured(folder):
    with closing(MetricsStore(folder / "logs" / "performance" / "metrics.db")) as store:
        return {key.label for key in store.totals()}


@pytest.mark.skipif(os.name == "nt", reason="the image is of another system, which ends its programs otherwise")
def test_the_files_of_the_image_are_enough_to_start_and_a_stopped_one_leaves_its_measurements(tmp_path):
    container = Container(tmp_path)
    try:
        eventually(lambda: container.process.poll() is not None or container.is_healthy())
        address = f"http://127.0.0.1:{container.port}"
        answers = [requests.get(address + path, timeout=PATIENCE_SECONDS) for path in ("/", "/ready")]
        eventually(lambda: "/" in measured(tmp_path))
    finally:
        code, said = container.ended()

    assert [answer.status_code for answer in answers] == [200, 200], said
    assert code == 0, said
    assert not container.is_healthy()
    assert "/" in measured(tmp_path)
    assert "app.started" in (tmp_path / "logs" / "app.log").read_text("utf-8")


def test_an_image_without_one_of_our_packages_would_not_start(tmp_path):
    code, said = Container(tmp_path, without="ui").said()

    assert code != 0
    assert "No module named 'ui'" in said


def test_every_file_that_is_copied_is_there_and_nothing_else_is_let_in():
    sources = {source for stage in stages() for names, _ in copied(stage) for source in names}
    assert all((ROOT / source).exists() for source in sources)
    assert {path.name for path in ROOT.iterdir() if is_let_in(path.name)} == sources


LYING_AROUND = """
app_settings.json alert_rules.json .env sightline.env pip.conf .git/config cache/a.json logs/app.log
data/__pycache__/model.pyc ui/pages/__pycache__/work.pyc tests/builders.py
"""


@pytest.mark.parametrize("path", LYING_AROUND.split())
def test_what_lies_around_is_not_let_in(path):
    assert not is_let_in(path)


def test_what_the_program_writes_lies_in_the_volumes():
    settings = load_settings(variables())
    places = [settings.cache_dir, settings.log_dir, settings.app_settings_path.parent]
    assert [place.as_posix() for place in places] == words_of("VOLUME")


def test_the_image_opens_nothing_by_itself_and_its_program_is_nobody():
    settings = load_settings(variables())
    assert settings.host == "127.0.0.1"
    assert words_of("EXPOSE") == [str(settings.port)]
    assert all(int(number) > 1000 for number in words_of("USER")[0].split(":"))


def test_compose_in_the_documentation_fits_the_image():
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    (compose,) = (block for block in blocks if "services" in block)
    service = compose["services"]["sightline"]
    volumes = dict(volume.split(":") for volume in service["volumes"])
    assert list(volumes.values()) == words_of("VOLUME")
    assert list(volumes) == list(compose["volumes"])
    assert load_settings(service["environment"]).host == "0.0.0.0"  # noqa: S104 - as the operator wills
    (port,) = service["ports"]
    assert port.startswith("127.0.0.1:")
    assert port.endswith(f":{words_of('EXPOSE')[0]}")
    run = next(line for line in text.splitlines() if line.startswith("docker run "))
    assert [f"{name}:{place}" for name, place in volumes.items()] == re.findall(r"--volume (\S+)", run)
    assert load_settings(dict(re.findall(r"--env (\w+)=(\S+)", run))).host == "0.0.0.0"  # noqa: S104 - as the operator wills
