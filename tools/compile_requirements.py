"""Compile requirements*.txt from pyproject.toml, or with --check say whether they are current."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGETS = {"requirements.txt": [], "requirements-dev.txt": ["--group", "dev"]}
OPTIONS = [
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-annotate",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--quiet",
]


def compile_into(folder: Path, name: str) -> str:
    """The compiled text; pins of the existing file are kept wherever the ranges still allow them."""
    target = folder / name
    if (ROOT / name).exists():
        target.write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "uv", "pip", "compile", *OPTIONS, "pyproject.toml", *TARGETS[name]]
    subprocess.run([*command, "--output-file", str(target)], cwd=ROOT, check=True)  # noqa: S603 - our own command
    return target.read_text(encoding="utf-8")


def main(arguments: list[str]) -> int:
    stale = []
    with tempfile.TemporaryDirectory() as folder:
        for name in TARGETS:
            compiled = compile_into(Path(folder), name)
            if (ROOT / name).read_text(encoding="utf-8") == compiled:
                continue
            stale.append(name)
            if "--check" not in arguments:
                (ROOT / name).write_text(compiled, encoding="utf-8", newline="\n")
    if not stale:
        print("requirements are current")  # noqa: T201 - a command's answer
    elif "--check" in arguments:
        print(f"{' and '.join(stale)} not current: run python tools/compile_requirements.py", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
