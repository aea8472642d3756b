"""What the Dockerfile makes of this folder, as far as files are concerned, without anything that builds images."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path, PurePosixPath
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]


class Instruction(NamedTuple):
    name: str
    words: list[str]


def stages() -> list[list[Instruction]]:
    """The instructions from each FROM on; what comes before the first is left out."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    joined = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
    found: list[list[Instruction]] = []
    for line in filter(None, map(str.strip, joined.splitlines())):
        name, _, rest = line.partition(" ")
        words = json.loads(rest) if rest.startswith("[") else shlex.split(rest)
        if name == "FROM":
            found.append([])
        if found:
            found[-1].append(Instruction(name, words))
    return found


def copied(stage: list[Instruction]) -> list[tuple[list[str], str]]:
    """What is copied out of the folder, and where to."""
    return [(words[:-1], words[-1]) for name, words in stage if name == "COPY" and not words[0].startswith("--from=")]


def is_let_in(path: str) -> bool:
    """Whether .dockerignore leaves the file in the context: the last line that fits it, or a folder of it, decides."""
    is_in = True
    whole = PurePosixPath(path)
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.removeprefix("!")
        if not pattern or pattern.startswith("#"):
            continue
        name = pattern.removeprefix("**/")
        assert name == "*" or not set(name) & set("*?[/"), f"{line} is more than this reader knows of the format"
        fits = name == "*" or (name in whole.parts if name != pattern else name == whole.parts[0])
        is_in = line.startswith("!") if fits else is_in
    return is_in


def put_together(folder: Path, *, without: str = "") -> None:
    """The working folder of the image, made in this one; `without` leaves out a source."""
    for sources, target in copied(stages()[-1]):
        for source in (one for one in sources if one != without):
            place = folder / source if target in {".", "./"} else folder / target
            if (ROOT / source).is_dir():
                for file in sorted((ROOT / source).rglob("*")):
                    inside = file.relative_to(ROOT / source)
                    if file.is_file() and is_let_in(str(PurePosixPath(source, inside.as_posix()))):
                        (place / inside).parent.mkdir(parents=True, exist_ok=True)
                        shutil.copyfile(file, place / inside)
            elif is_let_in(source):
                shutil.copyfile(ROOT / source, place)
