"""Mutation testing of the calculators: `python tools/mutate.py [--histories 400] [--module data.flow_calculator ...]`.

Each mutant changes one operator, comparison, constant or condition. It is killed when measuring a random history or a
seeded team then fails or differs from the unchanged code, which the property tests hold to the reference. Survivors are
printed for a person to judge.
"""
# ruff: noqa: T201, S311, S102 - prints; dice are no secrets; a mutant must be executed

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.util
import logging
import os
import signal
import sys
from collections.abc import Iterator
from copy import deepcopy
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from data.facts import facts_as_of  # noqa: E402 - found by the path above
from data.filters import Filters  # noqa: E402
from data.incidents import read_incidents  # noqa: E402

BELOW = frozenset({name for name in sys.modules if name.startswith("data.")} | {read_incidents.__module__})
"""What the facts are made of, loaded so far; everything above is loaded again with a mutant."""

from data.metric import read_facts  # noqa: E402
from tests.benchmarks.histories import NOW, as_history, plan  # noqa: E402
from tests.strategies import case_of  # noqa: E402

MODULES = ("data.dora_calculator", "data.flow_calculator", "data.durations", "data.figures", "data.sample")
SECONDS = 120

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
CHANGED = (ast.Compare, ast.BinOp, ast.BoolOp, ast.UnaryOp, ast.Constant)
REPLACED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.FloorDiv: ast.Mult,
}  # fmt: skip


def mutants(tree: ast.Module) -> Iterator[tuple[int, str, ast.Module]]:
    """Every tree that differs in one place, with the line and what was changed."""
    for place, original in enumerate(ast.walk(tree)):
        ways = 2 if isinstance(original, ast.IfExp) else int(isinstance(original, CHANGED))
        for way in range(ways):
            changed = deepcopy(tree)
            node = next(islice(ast.walk(changed), place, None))
            told = _mutate(node, way)
            if told:
                yield getattr(node, "lineno", 0), told, ast.fix_missing_locations(changed)


def _mutate(node: ast.AST, way: int) -> str:
    before = ast.unparse(node) if isinstance(node, ast.expr) else ""
    if isinstance(node, ast.Compare) and way == 0 and type(node.ops[0]) in COMPARED:
        node.ops[0] = COMPARED[type(node.ops[0])]()
    elif isinstance(node, ast.BinOp) and way == 0 and type(node.op) in REPLACED and not _is_type(node):
        node.op = REPLACED[type(node.op)]()
    elif isinstance(node, ast.BoolOp) and way == 0:
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.UnaryOp) and way == 0 and isinstance(node.op, ast.Not | ast.Invert | ast.USub):
        return _into(node, before, ast.UnaryOp(ast.UAdd(), node.operand) if not isinstance(node.op, ast.Not) else None)
    elif isinstance(node, ast.IfExp) and way < 2:
        node.test = ast.Constant(value=way == 0)
    elif isinstance(node, ast.Constant) and way == 0 and type(node.value) in (int, float, bool):
        node.value = (not node.value) if isinstance(node.value, bool) else node.value + 1
    else:
        return ""
    return f"{before}  ->  {ast.unparse(node)}"


def _into(node: ast.UnaryOp, before: str, other: ast.UnaryOp | None) -> str:
    node.op = other.op if other else ast.Not()
    if other is None:
        node.operand = ast.UnaryOp(ast.Not(), node.operand)
    return f"{before}  ->  {ast.unparse(node)}"


def _is_type(node: ast.BinOp) -> bool:
    """`X | None` of an annotation."""
    return isinstance(node.right, ast.Constant) and node.right.value is None


def without_prose(tree: ast.Module) -> ast.Module:
    """Annotations, the making of dataclasses and `strict=True` are not what is tested here."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            node.decorator_list = [ast.parse("dataclasses.dataclass", mode="eval").body] if node.decorator_list else []
        if isinstance(node, ast.Call):
            node.keywords = [keyword for keyword in node.keywords if keyword.arg != "strict"]
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Name("object", ast.Load())
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            for argument in (*node.args.args, *node.args.kwonlyargs):
                argument.annotation = None
    tree.body.insert(1, ast.parse("import dataclasses").body[0])
    tree.body.sort(
        key=lambda statement: not (isinstance(statement, ast.ImportFrom) and statement.module == "__future__")
    )
    return ast.fix_missing_locations(tree)


def cases(count: int) -> list[tuple[Any, int]]:
    """Facts of random histories, of seeded teams through filters, and of nothing at all."""
    found: list[tuple[Any, int]] = []
    for seed in range(1, count + 1):
        dice = Random(seed)
        case = case_of(dice, [Random(dice.getrandbits(40)) for _ in range(dice.choice([3, 8, 12, 20]))])
        facts = case.read(read_facts)
        found.append((facts, case.days))
        found.append((facts.where(Filters(project=frozenset({"EX"}))), case.days))
    facts = facts_as_of(as_history(plan(3000)), NOW)
    return [
        (read_facts([], {}, as_of=NOW), 30),
        (facts, 30),
        (facts, 365),
        (facts.where(Filters(team=frozenset({"Team 1", "Team 2"}))), 90),
        *found,
    ]


def measured(catalogue: Any, facts: Any, days: int) -> str:
    return repr([metric.measure(_fresh(facts), days) for metric in catalogue.METRICS])


def _fresh(facts: Any) -> Any:
    """The same facts with nothing worked out yet."""
    return facts_as_of(facts.history, facts.as_of).where(facts.filters)


def survives(module: str, tree: ast.Module, asked: list[tuple[Any, int]], expected: list[str]) -> bool:
    """Whether a child process with the mutant in place of the module measures the same."""
    child = os.fork()
    if child == 0:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # of the processor: a busy machine is no infinite loop
        status = 1
        try:
            status = 0 if _same(module, tree, asked, expected) else 1
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return status == 0


def _same(module: str, tree: ast.Module, asked: list[tuple[Any, int]], expected: list[str]) -> bool:
    sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - the process ends with it
    for name in [name for name in sys.modules if name.startswith("data.") and name not in BELOW]:
        del sys.modules[name]
    mutant = importlib.util.module_from_spec(_spec(module))
    sys.modules[module] = mutant
    exec(compile(tree, module, "exec"), vars(mutant))
    setattr(sys.modules["data"], module.partition(".")[2], mutant)
    catalogue = importlib.import_module("data.metric_catalogue")
    return all(measured(catalogue, facts, days) == told for (facts, days), told in zip(asked, expected, strict=True))


def _spec(name: str) -> Any:
    return importlib.util.find_spec(name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=400)
    parser.add_argument("--module", action="append")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    asked = cases(options.histories)
    catalogue = importlib.import_module("data.metric_catalogue")
    expected = [measured(catalogue, facts, days) for facts, days in asked]
    total = killed = 0
    for module in options.module or MODULES:
        path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
        tree = without_prose(ast.parse(path.read_text(encoding="utf-8")))
        if not survives(module, tree, asked, expected):
            raise AssertionError(f"{module} unchanged gives other results")
        own = [0, 0]
        for line, told, changed in mutants(tree):
            alive = survives(module, changed, asked, expected)
            own[0] += 1
            own[1] += not alive
            if alive:
                print(f"{module}:{line}: {told}", flush=True)
        total, killed = total + own[0], killed + own[1]
        print(f"{module}: {own[1]} of {own[0]} mutants killed", flush=True)
    print(f"{killed} of {total} mutants killed, {100 * killed / max(1, total):.1f} %")


if __name__ == "__main__":
    main()
