"""Secrets known by the name they stand under, in whatever syntax name and value are written."""

from __future__ import annotations

import re

from configuration.live_secrets import MASK
from configuration.secret_names import LONGEST_NAME, keeps_secret, may_keep_secret

LONGEST_VALUE = 8_000

_PERCENT = r"%(?:25){0,3}"
_BACKSLASH = rf"(?:\\|{_PERCENT}5[Cc])"
_QUOTE = (
    rf"(?:\\{{0,15}}[\"'`]|{_BACKSLASH}{{0,15}}{_PERCENT}2[27]|&quot;|&#3[49];|&#x2[27];|&apos;"
    rf"|{_BACKSLASH}{{1,15}}u002[27]|{_BACKSLASH}{{1,15}}x2[27])"
)
_BLANK = rf"(?:[ \t+]|{_PERCENT}20){{0,4}}"
_OPERATOR = rf"(?:=>|:=|==?|:|->|{_PERCENT}3[AaDd]|{_BACKSLASH}{{1,15}}u003[ad])"
_TYPED = r"(?:\s?(?:str|bytes|string|SecretStr|Optional\[str\]|str \| None)\s?=\s?)?"
_KEYS = r"(?:api|private|access|sign(?:ing)?|encryption|shared|account|master|ssh|deploy|auth|service|storage|crypt)"
KEYWORD = (
    r"(?:pass(?:w(?:or[dt]|d)|phrase|code)?|pwd|pswd|pw|secret|token|authori[sz]ation|authentication|auth|cred|cookie"
    r"|session|sess(?:id)?|sid|jwt|pat|otp|cv[vc]|[cx]srf|sig(?:nature)?|bearer|ticket|account[ _.\-]?id"
    rf"|{_KEYS}[ _.\-]?key|(?:subscription|license)[ _.\-]?key)"
)
_NAMED = re.compile(
    rf"(?i)(?P<keyword>{KEYWORD})(?:[A-Za-z0-9_]|[.\-](?=[A-Za-z0-9_])){{0,40}}+"
    rf"(?:(?P<operator>{_QUOTE}?\]?{_BLANK}{_OPERATOR}{_TYPED}(?:{_BLANK}|\s{{0,40}}(?={_QUOTE})))"
    rf"|(?P<pair>{_QUOTE}\s{{0,3}},\s{{0,40}}(?P<valued>{_QUOTE}?value{_QUOTE}?\s{{0,3}}[:=]\s{{0,3}})?)"
    rf"|(?P<attribute>{_QUOTE}\s{{1,5}}value\s?=\s?)"
    rf"|(?P<element>{_QUOTE}?\s?>|\s[^<>]{{0,100}}>)"
    r"|(?P<blank>[ ]{1,3}))"
)
_NAME_SIGNS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")
_GLUED = re.compile(r"(?:25){0,3}(?:5[Cc](?:u00[0-9a-f]{2}|x[0-9a-f]{2}|[nrtbfv])|[0-9A-Fa-f]{2})")
_ESCAPED = re.compile(r"u00[0-9a-f]{2}|x[0-9a-f]{2}|[nrtbfv]")
_OPENING = re.compile(rf"[bBuUrRfF]{{0,2}}({_QUOTE})")
_QUOTE_SIGN = re.compile(r"(\\{0,15})([\"'`])")
_BLOCK = re.compile(
    r"[|>][+\-]?\d?[ \t]*(?:\r?\n((?:[ \t]+[^\n]*(?:\n|\Z))+)"
    r"|(?:\\{1,15}r)?\\{1,15}n((?:[ \t]+[^\n\\]*\\{1,15}n)*[ \t]+[^\n\\\"]*))"
)
_PLAIN = re.compile(
    r"(?:[^\s\"'`<>,;&|)\]}\\]|(?![,;&|][\w.\-%\[\]]{1,40}[=:])[,;&|)\]}](?=[^\s,;&|)\]}\"'\\>])"
    r"|[\"'<>`](?=[A-Za-z0-9])|\\(?![nrtbf\"'u\\x]))+"
)
_PERCENT_ENCODED = re.compile(r"(?:[^\s\"'<>&%\\,;)\]}]|%(?!(?:25){0,3}(?:26|20|22|27|7[dD]|2[cC]|5[dD]|0[aAdD])))+")
_SCHEME = re.compile(
    rf"(?i)(?:Bearer|Basic|JWT|Token|Negotiate|NTLM|Kerberos|ApiKey|Api-Key|GenieKey|SSWS|OAuth|Splunk|Key)"
    rf"(?:[ \t+]{{1,4}}|{_PERCENT}20|:\s?)"
)
_LISTED_SCHEME = re.compile(r"(?i)(?:Digest|AWS4-HMAC-SHA256|Signature|Hawk|OAuth)\s+(?=\w+\s?=)")
_FOREIGN_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9\-]{1,24}[ ]+(?=[^\s\"',;]*\d|[^\s\"',;]{16})")
_PLACEHOLDER = re.compile(
    r"(?i)(?:none|null|nil|true|false|yes|no|no-check|unset|undefined|n/?a|empty|required|optional|missing|invalid|expired"
    r"|revoked|rejected|accepted|refused|present|absent|failed|denied|ok|okay|valid|changed|refreshed|redacted|hidden"
    r"|masked|basic|bearer|digest|unknown|default|disabled|enabled|is|was|are|has|the|an?|must|should|see|please|your|not"
    r"|can|cannot|may|for|from|of|in|to|and|or|will|needs?|with|without|by|on|at|this|that|its?|only|never|always|how"
    r"|what|who|why|when|where|if|we|you|they|there|option|flag|value|header|str|string|bytes"
    r"|<[^>]{0,60}>?|\[[A-Z_ ]{3,30}\]?|\$\{.*|\$\(.*|\$[A-Za-z_]+|\{\{.*|\{[a-z_.]*\}?|%\(?\w*\)?[sdr]|\*+|x{3,}"
    r"|\.{2,}|…|-{2,}"
    r"|realm=.*|(?:os\.(?:environ|getenv)|process\.env|getenv|env)\b.*"
    r"|(?:[a-z_]+\.)*(?:password|passwd|token|secret|api_?key|credentials?|auth))[\"'\\.,;:!?)\]}]*\Z"
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_NEAR = re.compile(
    r"(?i)\b(?:token|secret|password|passwd|pwd|passphrase|pass|api[ _\-]?key|credential|pat)s?\b[^\w\r\n]{1,4}"
    r"(?:(?:is|was|of|for|to|the|new|old|jira|value|named|called|set|changed|with|using|user|an?|now|has|been)[^\w\r\n]{1,3}){0,5}"
    r"(?P<value>[A-Za-z0-9_\-+/!#$%^*~.@]{8,}={0,2})"
)
_HARMLESS_VALUE = re.compile(
    r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[A-Z][A-Z0-9_]+-\d+"
    r"|\d[\d\-:.TZ+/]*|v?\d+(?:\.\d+)*[a-z0-9]*"
)


def looks_made_up(value: str) -> bool:
    """Whether a word among words is a credential: mixed like one, and neither digest, date, version nor issue key."""
    if _HARMLESS_VALUE.fullmatch(value) or not re.search(r"\d", value) or not re.search(r"[A-Za-z]", value):
        return False
    if len(value) >= 16 and len(re.findall(r"\d", value)) >= 3 and re.fullmatch(r"[\w\-+=]+", value):
        return True
    cases = bool(re.search(r"[a-z]", value)) + bool(re.search(r"[A-Z]", value))
    return len(value) >= 6 and (cases == 2 or re.search(r"[!#$%^*~@]", value) is not None)


def mask_near_words(text: str) -> str:
    """Prose such as “the token is …”, where only the value can tell."""

    def replace(match: re.Match[str]) -> str:
        kept = match[0][: match.start("value") - match.start()]
        return f"{kept}{MASK}" if looks_made_up(match["value"].rstrip(".")) else match[0]

    return _NEAR.sub(replace, text)


def mask_named_values(text: str) -> str:
    kept: list[str] = []
    done = position = 0
    while match := _NAMED.search(text, position):
        span = _secret_span(text, match)
        if span is None:
            position = match.end("keyword")
            continue
        kept += [text[done : span[0]], MASK]
        done = position = span[1]
    return "".join([*kept, text[done:]])


def _secret_span(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    start = _name_start(text, match.start())
    name = text[start : _separator_start(match)]
    if not may_keep_secret(name) or not _is_written_as_name(text, match, start):
        return None
    span = _value_span(text, match.end(), name, encoded="%" in _operator(match))
    if span is None:
        return None
    value = text[span[0] : span[1]]
    if not value.strip("\"'`\\,;") or _PLACEHOLDER.match(value) or not keeps_secret(name, value):
        return None
    if match["pair"] and not match["valued"] and not _is_pair(text, start, value):
        return None
    return span


def _separator_start(match: re.Match[str]) -> int:
    return max(match.start(kind) for kind in ("operator", "pair", "attribute", "element", "blank"))


def _operator(match: re.Match[str]) -> str:
    return match["operator"] or ""


def _name_start(text: str, start: int) -> int:
    """Where the name begins that the keyword is part of; the end of an escape before it does not belong to it."""
    keyword, lowest = start, max(0, start - LONGEST_NAME)
    while start > lowest and text[start - 1] in _NAME_SIGNS:
        start -= 1
    before = text[start - 1] if start else ""
    glued = {"%": _GLUED, "\\": _ESCAPED}.get(before)
    tail = glued.match(text, start, keyword) if glued else None
    return tail.end() if tail else start


def _is_written_as_name(text: str, match: re.Match[str], start: int) -> bool:
    if match["blank"]:
        return text[start : start + 1] == "-" and text[match.end() : match.end() + 1] not in {"", "-", "="}
    if match["element"]:
        opens = text[max(0, start - 20) : start]
        return match["element"][0] not in "> \t\n" or re.search(r"<(?:\w{1,15}:)?\Z", opens) is not None
    return True


def _is_pair(text: str, start: int, value: str) -> bool:
    """`('Authorization', 'x')` is a name with its value; `in ("token", "secret")` is a list of words."""
    before = re.sub(rf"[bBuU]?{_QUOTE}\Z", "", text[max(0, start - 12) : start])
    if before[-1:] not in {"(", "["} or re.search(r"(?i)\bin\s?[(\[]\Z", before):
        return False
    return before[-1] == "(" or looks_made_up(value) or " " in value


def _value_span(text: str, start: int, name: str, *, encoded: bool) -> tuple[int, int] | None:
    if opening := _OPENING.match(text, start):
        end = _quoted_end(text, opening.end(), opening[1])
        return _after_scheme(text, opening.end()), end
    if block := _BLOCK.match(text, start):
        return block.span(block.lastindex or 0)
    if text[start : start + 1] in _CLOSING and not text.startswith("[REDACTED", start):
        return _group(text, start)
    listed = _LISTED_SCHEME.match(text, start)
    if listed or ("ookie" in name and ":" in text[start - 3 : start]):
        return listed.end() if listed else start, _end_of(text, start, "\r\n\"'")
    return _plain_span(text, start, name, encoded=encoded)


def _plain_span(text: str, start: int, name: str, *, encoded: bool) -> tuple[int, int] | None:
    begin = _after_scheme(text, start)
    if begin == start and "uthori" in name and (foreign := _FOREIGN_SCHEME.match(text, start)):
        begin = foreign.end()
    plain = (_PERCENT_ENCODED if encoded else _PLAIN).match(text, begin, begin + LONGEST_VALUE)
    if plain is None:
        return None
    return begin, plain.end() + text.startswith(MASK, plain.end() - len(MASK) + 1)


def _after_scheme(text: str, start: int) -> int:
    scheme = _SCHEME.match(text, start)
    return scheme.end() if scheme else start


def _end_of(text: str, start: int, stops: str) -> int:
    return min((at for stop in stops if (at := text.find(stop, start)) >= 0), default=len(text))


def _quoted_end(text: str, start: int, quote: str) -> int:
    """The end of a quoted value: its own quote behind as many backslashes, or fewer when the text around it ends."""
    if quote[-1] not in "\"'`":
        closing = re.compile(re.escape(quote), re.IGNORECASE).search(text, start, start + LONGEST_VALUE)
        return closing.start() if closing else _end_of(text, start, '\r\n"')
    depth = len(quote) - 1
    for sign in _QUOTE_SIGN.finditer(text, start, start + LONGEST_VALUE):
        if sign[2] == quote[-1] and (len(sign[1]) % 2 == 0 if depth == 0 else len(sign[1]) <= depth):
            return sign.start() if depth else sign.start(2)
    return min(len(text), start + LONGEST_VALUE)


def _group(text: str, start: int) -> tuple[int, int]:
    opens, closes, depth = text[start], _CLOSING[text[start]], 0
    end = min(len(text), start + LONGEST_VALUE)
    for at in range(start, end):
        depth += (text[at] == opens) - (text[at] == closes)
        if depth == 0:
            return start, at + 1
    return start, end
