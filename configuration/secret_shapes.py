"""Secrets and personal data that are known by their shape alone, whatever stands around them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass

from configuration.live_secrets import MASK

EMAIL_MASK = "[EMAIL_REDACTED]"

Replacement = str | Callable[[re.Match[str]], str]


@dataclass(frozen=True)
class Shape:
    """A pattern and what replaces it. `marks`: every text it matches holds one of them, once folded."""

    marks: tuple[str, ...]
    pattern: re.Pattern[str]
    replacement: Replacement
    needs_run: bool = False  # it matches nothing without fourteen letters, digits and signs of base64 in a row


def _basic(match: re.Match[str]) -> str:
    """`Basic` is followed by credentials when the next word decodes to `name:password`, or is too odd for a word."""
    word = match[2]
    plain = re.sub(r"%(?:25){0,3}3[dD]", "", word).rstrip("=")
    try:
        decoded = base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_" if set("-_") & set(plain) else None)
    except (binascii.Error, ValueError):
        decoded = b""
    odd = len(plain) >= 12 and re.search(r"\d", plain) and re.search(r"[A-Z]", plain) and re.search(r"[a-z]", plain)
    return f"{match[1]}{MASK}" if b":" in decoded or odd else match[0]


def _card(match: re.Match[str]) -> str:
    """A card number passes the check of Luhn; times and counters hardly ever begin and add up like one."""
    digits = [int(char) for char in match[0] if char.isdigit()]
    doubled = [digit if place % 2 == 0 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(reversed(digits))]
    return MASK if sum(doubled) % 10 == 0 and len(set(digits)) > 2 else match[0]


_BREAK = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrtbf])|(?<=%[0-9A-Fa-f]{2})|(?<=\\x[0-9a-f]{2})|(?<=\\u00[0-9a-f]{2}))"
_SPACE = r"(?:\s{1,4}|%(?:25){0,3}20|\+)"
_AT = r"(?:@|%(?:25){0,3}40)"
_DIGITS_IN_BASE64 = r"(?:[MNO][DTjz][AEIMQUYcgk][0-5w-z])"
DATA_CENTER_TOKEN = re.compile(rf"{_DIGITS_IN_BASE64}{{4}}O[g-v][A-Za-z0-9+/_\-]{{2,26}}(?:=|%(?:25){{0,3}}3[dD])?")
_MIXED = r"(?=[A-Za-z_\-]{0,40}\d)"

_VENDORS = (
    rf"AT(?:AT|CT|BB|ST|OA){_MIXED}[A-Za-z0-9_\-]{{16,}}(?:(?:=|%(?:25){{0,3}}3[dD])[A-Fa-f0-9]{{0,8}})?",
    r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas)-[A-Za-z0-9_\-]{16,}",
    r"xox[a-z]-[A-Za-z0-9\-]{10,}|xapp-[A-Za-z0-9\-]{10,}|npm_[A-Za-z0-9]{20,}|pypi-AgE[A-Za-z0-9_\-]{16,}",
    r"A(?:KI|SI|GP|RO|BI|CC)A[A-Z0-9]{16}|AIza[A-Za-z0-9_\-]{30,}|ya29\.[A-Za-z0-9_\-]{16,}|GOCSPX-[A-Za-z0-9_\-]{16,}",
    rf"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{{10,}}|\bsk-(?:ant-|proj-)?{_MIXED}[A-Za-z0-9_\-]{{20,}}|SG\.[\w\-]{{16,}}\.[\w\-]{{16,}}",
    r"hv[sb]\.[A-Za-z0-9_\-]{20,}|do[opr]_v1_[a-f0-9]{32,}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|dckr_pat_[A-Za-z0-9_\-]{16,}",
    r"gls[ab]_[A-Za-z0-9_]{20,}|glc_[A-Za-z0-9+/]{20,}|dapi[a-f0-9]{32}|sntry[su]_[A-Za-z0-9_+/=\-]{20,}|sq[upa]_[a-f0-9]{40}",
    r"\d{8,10}:AA[A-Za-z0-9_\-]{33}|AGE-SECRET-KEY-1[A-Z0-9]{40,}|lin_api_[A-Za-z0-9]{30,}|figd_[A-Za-z0-9_\-]{30,}",
    r"PMAK-[a-f0-9]{20,}|NRAK-[A-Z0-9]{20,}|dp\.(?:pt|st|ct)\.[A-Za-z0-9]{30,}|rubygems_[a-f0-9]{40,}|hf_[A-Za-z]{30,}",
)
_VENDOR_MARKS = (
    "atat", "atct", "atbb", "atst", "atoa", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-",
    "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glsoat-", "glagent-", "gloas-", "xox", "xapp-", "npm_",
    "pypi-age", "akia", "asia", "agpa", "aroa", "abia", "acca", "aiza", "ya00.", "gocspx-", "k_live_",
    "k_test_", "sk-", "sg.", "hvs.", "hvb.", "_v0_", "shp", "dckr_", "glsa_", "glsb_", "glc_", "dapi",
    "sntry", "squ_", "sqp_", "sqa_", ":aa", "age-sec", "lin_api_", "figd_", "pmak-", "nrak-", "dp.",
    "rubygems_", "hf_",
)  # fmt: skip

# Every repetition is bounded or cannot start over inside itself, so that a hostile megabyte costs linear time.
SHAPES: tuple[Shape, ...] = (
    Shape(
        ("-----begin",),
        re.compile(
            r"(?i)-----BEGIN(?:[A-Z0-9 _+]|%(?:25){0,3}20){0,40}PRIVATE(?:[ _+]|%(?:25){0,3}20)KEY[\s\S]*?"
            r"(?:-----END(?:[A-Z0-9 _+]|%(?:25){0,3}20){0,40}KEY(?:[ _+]BLOCK)?-----|\Z)"
        ),
        MASK,
    ),
    Shape(
        ("private key-----", "private key block-----"),
        re.compile(r"(?:[A-Za-z0-9+/=]{16,}(?:\s|\\{1,15}[nr])+)+-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----"),
        MASK,
    ),
    Shape(("b0blbnnzac0rzxkt",), re.compile(r"b3BlbnNzaC1rZXkt[A-Za-z0-9+/=\s\\]+"), MASK, needs_run=True),
    Shape(("private-lines",), re.compile(r"(?i)(Private-Lines: ?\d+)[\s\S]*"), rf"\1 {MASK}"),
    Shape(_VENDOR_MARKS, re.compile("|".join(_VENDORS)), MASK, needs_run=True),
    Shape(
        ("eyj",),
        re.compile(rf"{_BREAK}eyJ[A-Za-z0-9_\-]{{11,}}+(?:\.|%2[eE])[A-Za-z0-9_\-]{{6,}}(?:\.[A-Za-z0-9_\-]*){{0,3}}"),
        MASK,
        needs_run=True,
    ),
    Shape(("eyj",), re.compile(r"eyJ(?:hbGciOi|0eXAiOi|raWQiOi)[A-Za-z0-9_\-]{4,}"), MASK, needs_run=True),
    Shape(
        ("slack.com", "discord", "webhook"),
        re.compile(
            r"(?i)((?:hooks\.slack\.com\\{0,15}/(?:services|workflows|triggers)|discord(?:app)?\.com/api/webhooks"
            r"|webhook\.office\.com\\{0,15}/webhookb2|hooks\.slack\.com%(?:25){0,3}2Fservices)(?:\\{0,15}/|%(?:25){0,3}2F))"
            r"[^\s\"'<>]+"
        ),
        rf"\1{MASK}",
    ),
    Shape(
        ("qvrbvfqz", "fuqvrum", "bvefuvd"),
        re.compile(
            r"(?:(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{0,400}?)?(?:QVRBVFQz|FUQVRUM|BVEFUVD)[A-Za-z0-9+/_\-]*={0,2}"
        ),
        MASK,
        needs_run=True,
    ),
    Shape(
        ("bearer", "jwt", "negotiate"),
        re.compile(
            rf"(?i){_BREAK}((?:Bearer|JWT|Negotiate)(?:{_SPACE}|\s?\\{{0,15}}[:=\"']\s?))"
            r"(?=[A-Za-z0-9._~+/=\-%]{0,200}\d|[A-Za-z0-9._~+/=\-%]{20})[A-Za-z0-9._~+/=\-%]+"
        ),
        rf"\1{MASK}",
    ),
    Shape(
        ("basic",),
        re.compile(
            rf"(?i){_BREAK}(Basic(?:{_SPACE}|:\s?))([A-Za-z0-9+/_\-]{{4,}}(?:={{1,2}}|(?:%(?:25){{0,3}}3d){{1,2}})?)"
        ),
        _basic,
    ),
    Shape(
        ("basicauth(", "digestauth(", "proxyauth(", "ntlmauth("),
        re.compile(r"(?i)((?:basic|digest|proxy|ntlm)auth\()[^()\r\n]{1,1000}"),
        rf"\1{MASK}",
    ),
    Shape(
        ("@", "%00", "%0000"),
        re.compile(
            rf"(?i)([a-z][a-z0-9+.\-]{{0,20}}(?::(?:\\{{0,15}}/){{2}}|%(?:25){{0,3}}3a(?:%(?:25){{0,3}}2f){{2}}))"
            rf"(?!(?:git|hg|svn)@)(?:[^\s/?#\"'<>\[\]:]{{0,300}}:(?!\d{{1,5}}[/?#])[^\s\"'<>]{{0,500}}|[^\s/?#\"'<>]{{1,500}}){_AT}"
            r"(?=[A-Za-z0-9\[])"
        ),
        rf"\1{MASK}@",
    ),
    Shape(
        ("@tcp(", "@unix("),
        re.compile(r"[\w.\-]{1,64}:[^\s@/]{1,200}@(?=(?:tcp|unix)\()"),
        f"{MASK}@",
    ),
    Shape(
        ("x-token-auth:", "x-access-token:", "oauth0:", "ci-token:", "x-bitbucket-api-token-auth:"),
        re.compile(r"(?i)((?:x-token-auth|x-access-token|oauth2|ci-token|api-token-auth):)[^\s@/\"']{4,}"),
        rf"\1{MASK}",
    ),
    Shape(
        ("curl",),
        re.compile(
            r"(?i)(\bcurl\b[^\r\n]{0,300}?\s(?:-u|--user|--proxy-user)(?:\s{1,3}|=)?[\"']?[^\s:\"']{0,100}:)[^\s\"']+"
        ),
        rf"\1{MASK}",
    ),
    Shape(
        ("machine",),
        re.compile(r"(?i)(\bmachine\s+\S{1,200}\s+login\s+\S{1,200}\s+password\s+)\S+"),
        rf"\1{MASK}",
    ),
    Shape(
        ("code=", "samlresponse=", "assertion=", "ticket="),
        re.compile(r"(?i)([?&#;](?:code|SAMLResponse|assertion|ticket)=)[^&\s\"'<>]{8,}"),
        rf"\1{MASK}",
    ),
    Shape(
        (),
        DATA_CENTER_TOKEN,
        MASK,
        needs_run=True,
    ),
    Shape(
        ("000000:",),
        re.compile(_BREAK + r"\d{6}:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"),
        MASK,
        needs_run=True,
    ),
    Shape(
        ("000000%0a", "000000%000a", "000000%00000a"),
        re.compile(_BREAK + r"\d{6}%(?:25){0,3}3[aA][0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"),
        MASK,
        needs_run=True,
    ),
    Shape(
        ("00000000000000", "0000 0000", "0000-0000", "0000 000000", "0000-000000"),
        re.compile(
            r"(?:(?<![\w.\-])|(?<=\\[nrtbf]))(?:(?:4\d{3}|5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720|6011|65\d\d|64[4-9]\d|35\d\d)"
            r"(?:([ \-]?)\d{4}\1\d{4}\1\d{4})|3[47]\d{2}([ \-]?)\d{6}\2\d{5}"
            r"|3(?:0[0-5]|[68]\d)\d([ \-]?)\d{6}\3\d{4})(?![\w\-]|\.\d)"
        ),
        _card,
    ),
)

EMAIL = Shape(
    ("@", "%00", "%0000"),
    re.compile(
        rf"(?<![A-Za-z0-9._+\-])(?!git@)[A-Za-z0-9._+\-]{{1,64}}{_AT}(?!\dx\.)(?:[^\W_](?:[\w\-]{{0,61}}[^\W_])?\.){{1,6}}"
        r"[A-Za-z]{2,24}(?![A-Za-z0-9])"
    ),
    EMAIL_MASK,
)


def mask_shapes(text: str, line: str) -> str:
    """`line` is the folded text, in which the marks are looked for; a shape without marks is always tried."""
    for shape in SHAPES:
        if not shape.marks or any(mark in line for mark in shape.marks):
            text = shape.pattern.sub(shape.replacement, text)
    return text


def mask_emails(text: str) -> str:
    return EMAIL.pattern.sub(EMAIL.replacement, text)
