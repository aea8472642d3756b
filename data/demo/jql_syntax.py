"""The grammar of the JQL that the simulated Jira understands, with Jira's own words for what it cannot read."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_ORDER_FIELDS = 7
MAX_DEPTH = 100

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<operator>!=|>=|<=|!~|=|>|<|~)
    |(?P<mark>[(),])
    |(?P<symbol>&&|\|\||!)
    |(?P<word>[^\s=!<>~(),"'&|]+)
    )""",
    re.VERBOSE,
)
_SYMBOLS = {"&&": "and", "||": "or", "!": "not"}
_OPERATOR_NAMES = "'=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'"


class JqlError(Exception):
    """A query Jira refuses; the text is what Jira answers."""


@dataclass(frozen=True, slots=True)
class Operand:
    """`kind` is `text` (quoted), `word` (bare), `function` or `empty`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Clause:
    field: str
    operator: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """`kind` is `and`, `or` or `not`."""

    kind: str
    parts: tuple[Node, ...]


Node = Clause | Group


@dataclass(frozen=True, slots=True)
class Query:
    where: Node | None
    order: tuple[tuple[str, bool | None], ...]
    """Fields with True for descending, False for ascending, None for the field's own default."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int

    @property
    def keyword(self) -> str:
        return _SYMBOLS.get(self.text, self.text.lower()) if self.kind in {"word", "symbol"} else ""


def parse_jql(text: str) -> Query:
    return _Parser(text).query()


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            if text[start] in "\"'":
                raise JqlError(
                    f"Error in the JQL Query: The quoted string '{text[start + 1 :]}' has not been completed. "
                    f"{_place(text, start)}"
                )
            raise JqlError(
                f"Error in the JQL Query: The character '{text[start]}' is a reserved JQL character. You must "
                f"enclose it in a string or use the escape '\\u{ord(text[start]):04x}' instead. {_place(text, start)}"
            )
        tokens.append(_Token(found.lastgroup, found.group(found.lastgroup), found.start(found.lastgroup)))
        at = found.end()
    return tokens


def _place(text: str, at: int) -> str:
    line = text.count("\n", 0, at) + 1
    return f"(line {line}, character {at - (text.rfind(chr(10), 0, at) + 1) + 1})"


def _unquoted(token: _Token) -> str:
    if token.kind != "string":
        return token.text
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), token.text[1:-1])


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.position = 0
        self.depth = 0

    def query(self) -> Query:
        where = None if self._at_order() or self._peek() is None else self._or()
        order = self._order() if self._at_order() else ()
        rest = self._peek()
        if rest is not None:
            raise self._unexpected("Expecting either 'OR' or 'AND' but got", rest)
        return Query(where, order)

    def _peek(self, ahead: int = 0) -> _Token | None:
        number = self.position + ahead
        return self.tokens[number] if number < len(self.tokens) else None

    def _keyword(self, ahead: int = 0) -> str:
        token = self._peek(ahead)
        return token.keyword if token else ""

    def _at_order(self) -> bool:
        return self._keyword() == "order" and self._keyword(1) == "by"

    def _next(self, expected: str) -> _Token:
        token = self._peek()
        if token is None:
            raise JqlError(f"Error in the JQL Query: Expecting {expected} before the end of the query.")
        self.position += 1
        return token

    def _unexpected(self, expectation: str, token: _Token, more: str = "") -> JqlError:
        place = _place(self.text, token.at)
        return JqlError(f"Error in the JQL Query: {expectation} '{_unquoted(token)}'.{more} {place}")

    def _or(self) -> Node:
        parts = [self._and()]
        while self._keyword() == "or":
            self.position += 1
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Group("or", tuple(parts))

    def _and(self) -> Node:
        parts = [self._not()]
        while self._keyword() == "and":
            self.position += 1
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else Group("and", tuple(parts))

    def _not(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise JqlError("Error in the JQL Query: The query is too deeply nested.")
        node = self._negated_or_grouped()
        self.depth -= 1
        return node

    def _negated_or_grouped(self) -> Node:
        if self._keyword() == "not":
            self.position += 1
            return Group("not", (self._not(),))
        token = self._peek()
        if token is not None and token.text == "(" and token.kind == "mark":
            self.position += 1
            inner = self._or()
            self._close()
            return inner
        return self._clause()

    def _close(self) -> None:
        token = self._next("')'")
        if token.text != ")" or token.kind != "mark":
            raise self._unexpected("Expecting ')' but got", token)

    def _clause(self) -> Clause:
        token = self._next("a field name")
        if token.kind not in {"word", "string"}:
            raise self._unexpected("Expecting a field name but got", token)
        operator = self._operator()
        return Clause(_unquoted(token), operator, self._operands(operator))

    def _operator(self) -> str:
        token = self._next("an operator")
        if token.kind == "operator":
            return token.text
        match token.keyword, self._keyword():
            case "in", _:
                return "in"
            case "not", "in":
                self.position += 1
                return "not in"
            case "is", "not":
                self.position += 1
                return "is not"
            case "is", _:
                return "is"
            case (("was" | "changed"), _):
                return "was"
        more = f" The valid operators are {_OPERATOR_NAMES}."
        raise self._unexpected("Expecting operator but got", token, more)

    def _operands(self, operator: str) -> tuple[Operand, ...]:
        if operator == "was":
            self.position = len(self.tokens)
            return ()
        token = self._peek()
        if operator in {"in", "not in"} and token is not None and token.text == "(" and token.kind == "mark":
            self.position += 1
            operands = [self._operand()]
            while (follower := self._peek()) is not None and follower.text == ",":
                self.position += 1
                operands.append(self._operand())
            self._close()
            return tuple(operands)
        return (self._operand(),)

    def _operand(self) -> Operand:
        token = self._next("either a value, list or function")
        if token.kind not in {"word", "string"}:
            raise self._unexpected("Expecting either a value, list or function but got", token)
        follower = self._peek()
        if token.kind == "word" and follower is not None and follower.text == "(":
            while self._next("')'").text != ")":
                pass
            return Operand("function", token.text)
        if token.kind == "word" and token.keyword in {"empty", "null"}:
            return Operand("empty", "")
        return Operand("text" if token.kind == "string" else "word", _unquoted(token))

    def _order(self) -> tuple[tuple[str, bool | None], ...]:
        self.position += 2
        order: list[tuple[str, bool | None]] = []
        while True:
            name = _unquoted(self._next("a field name"))
            direction = {"asc": False, "desc": True}.get(self._keyword())
            if direction is not None:
                self.position += 1
            order.append((name, direction))
            follower = self._peek()
            if follower is None or follower.text != ",":
                break
            self.position += 1
        if len(order) > MAX_ORDER_FIELDS:
            raise JqlError(f"JQL can be ordered by at most {MAX_ORDER_FIELDS} fields.")
        return tuple(order)
