"""The rules of the house, held by machine: imports, compiled requirements, generated pages, what may be in the tree."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SECRET_MARKS = re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{20,}|ATATT3[A-Za-z0-9_=-]{20,}|xox[bp]-[0-9]|AKIA[0-9A-Z]{16})")


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    return [ROOT / name for name in listed.stdout.splitlines()]


def run(*command):
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)


def test_imports_keep_to_the_floors_and_columns():
    finished = run("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")

    assert finished.returncode == 0, finished.stdout


def test_the_metric_page_is_what_the_declarations_say():
    finished = run("tools/write_metric_pages.py", "--check")

    assert finished.returncode == 0, finished.stdout


def pins(name):
    """Package to pinned versions; a package has two where Python versions need different ones."""
    found = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if "==" in line and not line.startswith(" "):
            package, _, version = line.split(";")[0].strip(" \\").partition("==")
            found.setdefault(canonicalize_name(package.split("[")[0]), []).append(version.strip())
    return found


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_inside_its_range_and_hashed(name):
    pinned = pins(name)
    wanted = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
    if name == "requirements-dev.txt":
        wanted += [Requirement(text) for text in PROJECT["dependency-groups"]["dev"]]

    for requirement in wanted:
        for version in pinned[canonicalize_name(requirement.name)]:
            assert requirement.specifier.contains(version), f"{requirement} against {version}"
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text.count("==") <= text.count("--hash=sha256:")
    assert "://" not in text


def test_the_tree_names_no_machine_and_holds_no_secret():
    for path in tracked():
        if path.suffix in {".png", ".ico"}:
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.])/(work|farm|root|opt)/", text) or path == Path(__file__), path
        assert not SECRET_MARKS.search(text), path


def product():
    return [path for path in tracked("*.py") if path.relative_to(ROOT).parts[0] not in {"tests", "tools"}]


def test_no_module_is_longer_than_350_lines():
    """A longer one holds two ideas."""
    long = [path for path in product() if len(path.read_text(encoding="utf-8").splitlines()) > 350]

    assert [path.relative_to(ROOT).as_posix() for path in long] == []


def lines_of(function):
    """The lines of a function, less its docstring."""
    first = function.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return function.end_lineno - function.lineno + 1 - (first.end_lineno - first.lineno + 1 if documented else 0)


def test_no_function_is_longer_than_50_lines():
    functions = [
        (path.name, node.name, lines_of(node))
        for path in product()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert [function for function in functions if function[2] > 50] == []


def test_everything_is_caught_at_two_places_at_most():
    """The boundary of the callbacks, and the recording of a request; anywhere else a broad except hides a fault."""
    broad = [
        f"{path.name}:{node.lineno}"
        for path in product()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
    ]

    assert len(broad) <= 2, broad


def test_folders_for_logs_and_cache_are_there_and_empty():
    kept = {path.relative_to(ROOT).as_posix() for path in tracked("logs", "cache")}

    assert kept == {"logs/.gitkeep", "cache/.gitkeep"}
