"""Made-up secrets in the places where they turn up, and harmless texts that only look like them."""

from __future__ import annotations

import base64
import json
import secrets
import string
from collections.abc import Iterator
from urllib.parse import quote

LETTERS = string.ascii_letters + string.digits
TOKEN_SIGNS = LETTERS + "_-"


def made_up(length: int, signs: str = LETTERS) -> str:
    """Never the same twice; mixed as real ones are."""
    while True:
        text = "".join(secrets.choice(signs) for _ in range(length))
        if any(char.isdigit() for char in text) and any(char.isalpha() for char in text) and text[0].isalnum():
            return text


def digits(length: int) -> str:
    return "".join(secrets.choice(string.digits) for _ in range(length))


def data_center_token() -> str:
    return base64.b64encode(digits(12).encode() + b":" + secrets.token_bytes(20)).decode()


def basic(user: str, value: str) -> str:
    return base64.b64encode(f"{user}:{value}".encode()).decode()


def card(prefix: str, length: int) -> str:
    body = prefix + digits(length - len(prefix) - 1)
    total = sum(sum(divmod(int(char) * (2 if place % 2 == 0 else 1), 10)) for place, char in enumerate(reversed(body)))
    return body + str(-total % 10)


def cloud_token() -> str:
    return "ATA" + "TT3xFfGF0" + made_up(171, TOKEN_SIGNS) + "=" + secrets.token_hex(4).upper()


def web_token() -> str:
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": made_up(5)}).encode()).decode().rstrip("=")
    return f"{head}.{base64.urlsafe_b64encode(secrets.token_bytes(40)).decode().rstrip('=')}.{made_up(43, TOKEN_SIGNS)}"


def key_block(kind: str) -> str:
    return "\n".join(made_up(64) for _ in range(4)) + f"\n{made_up(20)}=={kind}"[:20]


def known_shapes() -> Iterator[tuple[str, str]]:
    """Secrets that nothing around them gives away: (kind, secret)."""
    yield "cloud token", cloud_token()
    yield "cloud token cut short", cloud_token()[:40]
    yield "cloud token, long kind", "ATA" + "TT3xFfGF0" + made_up(240, TOKEN_SIGNS) + "=" + secrets.token_hex(4).upper()
    yield "repository token", "ATC" + "TT3xFfGN0" + made_up(160, TOKEN_SIGNS) + "=" + secrets.token_hex(4).upper()
    yield "app password", "ATB" + "B" + made_up(32)
    yield "data center token", data_center_token()
    yield "data center token cut short", data_center_token()[:30]
    yield "web token", web_token()
    yield "web token cut short", web_token()[:60]
    for kind in ("p", "o", "u", "s", "r"):
        yield f"github gh{kind}", f"gh{kind}_" + made_up(36)
    yield "github fine-grained", "github_" + "pat_" + made_up(22) + "_" + made_up(59)
    for kind in ("pat", "dt", "rt", "ptt"):
        yield f"gitlab {kind}", f"gl{kind}-" + made_up(20, TOKEN_SIGNS)
    for kind in ("b", "p", "a", "s", "r"):
        yield f"slack xox{kind}", f"xox{kind}-" + digits(11) + "-" + digits(12) + "-" + made_up(24)
    yield "slack app", "xapp-1-" + made_up(30).upper()
    yield "slack webhook", "https://hooks.slack.com/services/" + f"T{made_up(8)}/B{made_up(8)}/" + made_up(24)
    yield "npm", "npm_" + made_up(36)
    yield "pypi", "pypi-" + "AgEIcHlwaS5vcmc" + made_up(60, TOKEN_SIGNS)
    yield "aws id", "AKI" + "A" + made_up(16, string.ascii_uppercase + "234567")
    yield "aws temporary id", "ASI" + "A" + made_up(16, string.ascii_uppercase + "234567")
    yield "google key", "AIz" + "a" + made_up(35, TOKEN_SIGNS)
    yield "google access", "ya29." + made_up(60, TOKEN_SIGNS)
    yield "stripe", "sk_" + "live_" + made_up(24)
    yield "vault", "hvs." + made_up(90, TOKEN_SIGNS)
    yield "docker", "dckr_" + "pat_" + made_up(27, TOKEN_SIGNS)
    yield "visa", card("4", 16)
    yield "mastercard", card("55", 16)
    yield "american express", card("37", 15)
    number = card("4", 16)
    yield "card in groups", " ".join(number[at : at + 4] for at in range(0, 16, 4))
    yield "card with dashes", "-".join(number[at : at + 4] for at in range(0, 16, 4))
    yield "e-mail", f"{made_up(8)}.{made_up(5)}@mail.example.com"
    yield "e-mail quoted", f"{made_up(8)}%40example.org"
    yield (
        "account id",
        f"{digits(6)}:{secrets.token_hex(4)}-{'-'.join(secrets.token_hex(2) for _ in range(3))}-{secrets.token_hex(6)}",
    )
    for offset in range(3):
        yield (
            f"cloud token in base64, {offset}",
            base64.b64encode(b"u" * offset + b":" + cloud_token().encode()).decode(),
        )


def key_files() -> Iterator[tuple[str, str]]:
    """(text with `{}`, secret) for private keys."""
    for kind in ("RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED ", ""):
        begin, end = f"-----BEGIN {kind}PRIVATE " + "KEY-----", f"-----END {kind}PRIVATE KEY-----"
        yield f"key:\n{begin}\n{{}}\n{end}\n", made_up(64)
        yield f"{begin}\\n{{}}\\n{end}", made_up(64)
        yield f"'{begin}\n{{}}", made_up(40)
    yield "{}\n" + made_up(64) + "\n-----END RSA PRIVATE " + "KEY-----", made_up(64)
    yield "-----BEGIN PGP PRIVATE " + "KEY BLOCK-----\n\n{}\n-----END PGP PRIVATE KEY BLOCK-----", made_up(64)


NAMES = (
    *("password", "JIRA_TOKEN", "apiToken", "api-key", "client_secret", "x-api-key", "os_password", "refreshToken"),
    *("db.password", "SECRET_KEY", "privateKey", "jiraApiToken2", "aws_secret_access_key", "passphrase", "JIRA_PAT"),
    *("credentials", "accessToken", "PGPASSWORD", "session_id", "X-Auth-Token", "service_account_password"),
)
SYNTAXES = (
    *("{name}={value}", "{name} = {value}", "{name}: {value}", "{name} => '{value}'", "{name}='{value}'"),
    *('"{name}": "{value}"', "'{name}': '{value}'", '{{"a": 1, "{name}": "{value}", "b": 2}}', "{name}:= {value}"),
    *(
        '{{\\"{name}\\": \\"{value}\\"}}',
        '{{\\\\\\"{name}\\\\\\": \\\\\\"{value}\\\\\\"}}',
        "Site(url='u', {name}='{value}')",
    ),
    *("<{name}>{value}</{name}>", '<property name="{name}" value="{value}"/>', '<entry key="{name}">{value}</entry>'),
    *("--{name} {value} run", "--{name}={value} run", "export {name}={value}", "?a=1&{name}={value}&b=2"),
    *("#{name}={value}", "%7B%22{name}%22%3A%20%22{value}%22%7D", "{name}%3D{value}%26a%3D1", ";{name}={value}?a=1"),
    *("('{name}', '{value}')", "[('a', 'b'), (b'{name}', b'{value}')]", "b'{name}={value}'", "{name}: {value}, a: b"),
    *('{{"name": "{name}", "value": "{value}"}}', "{name}: |\n  {value}\nother: 1", "os.environ['{name}'] = '{value}'"),
    *("{name}: str = '{value}'", "failed with {name}={value}: refused", "&quot;{name}&quot;: &quot;{value}&quot;"),
    *("\\u0022{name}\\u0022:\\u0022{value}\\u0022", "line\\n{name}={value}\\nline", '{name}="{value}" host=db'),
)


def named() -> Iterator[tuple[str, str]]:
    """(text, secret) for secrets that only their name gives away: every syntax under several names."""
    for at, syntax in enumerate(SYNTAXES):
        for step in range(6):
            name = NAMES[(at * 5 + step * 4) % len(NAMES)]
            value = made_up(secrets.choice((9, 14, 24, 40)))
            yield syntax.format(name=name, value=value), value


CARRIERS = (
    *("Authorization: Bearer {}", "{{'Authorization': 'Bearer {}'}}", "authorization=Bearer {}", "Bearer {}"),
    *("Proxy-Authorization: Basic {}", "Authorization: GenieKey {}", "-H 'Authorization: Token {}'", "JWT {}"),
    *("Authorization%3A%20Bearer%20{}", "Authorization: {}", '"authorization":["Bearer {}"]', "Private-Token: {}"),
    *("Cookie: a=b; JSESSIONID={}; c=d", "Set-Cookie: seraph.rememberme.cookie={}; Path=/", "tenant.session.token={}"),
    *("cloud.session.token={}", "atlassian.xsrf.token={}|lin", "{{'Cookie': 'session={}'}}", "/path;jsessionid={}?a=b"),
    *("https://ann:{}@jira.example.com/x", "postgresql://app:{}@db:5432/x", "redis://:{}@cache:6379/0"),
    *("git+https://{}@github.com/org/repo", "https://x-token-auth:{}@bitbucket.org/a/b.git", "amqp://a:{}%40x@mq/v"),
    *("https%3A%2F%2Fann%3A{}%40jira.example.com", "https:\\/\\/ann:{}@jira.example.com", "app:{}@tcp(db:3306)/x"),
    *(
        "curl -u ann:{} https://jira",
        "auth=('ann', '{}')",
        "auth=HTTPBasicAuth('ann', '{}')",
        "BasicAuth(login='a', password='{}')",
    ),
    *("GET /rest?jql=a&access_token={}&fields=b", "?X-Amz-Signature={}&x=1", "/callback?code={}&state=1", "?sig={}"),
    *(
        "machine jira login ann password {}",
        "the new token is {}, keep it",
        "API token: {}",
        "password was changed to {}",
    ),
    *("jira token {} was refused", 'Digest username="a", secret="{}"', "tokens: ['{}']", "credentials: {{'a': '{}'}}"),
)


def carried() -> Iterator[tuple[str, str]]:
    for carrier in CARRIERS:
        for length in (20, 24, 44):
            value = made_up(length)
            yield carrier.format(value), value
    for user in ("ann@example.com", "svc", "a"):
        for form in ("Basic {}", "Authorization: Basic {}", "{{'Authorization': 'Basic {}'}}", "Basic%20{}"):
            yield form.format(value := basic(user, made_up(12)).rstrip("=")), value


def secrets_in_context() -> list[tuple[str, str]]:
    """(text, secret): more than three hundred, every run with other values."""
    found = [(pattern.format(value), value) for pattern, value in key_files()]
    for kind, value in known_shapes():
        shown = value.removeprefix("https://hooks.slack.com/services/")
        found += [(f"seen {value} in passing ({kind})", shown), (f'{{"note": "{value}"}}', shown)]
    return [*found, *named(), *carried()]


def _digest(kind: int) -> str:
    return secrets.token_hex(kind // 2)


def look_alikes() -> list[str]:
    """Texts that must come out as they went in."""
    prose = (
        "User authenticated",
        "the password reset page",
        "Basic authentication is deprecated",
        "Bearer of bad news",
        "private key rotation runbook",
        "rotate the secret every month",
        "token bucket is empty",
        "no token was given",
        "Authentication failed for the third time",
        "the cookie banner covers the page",
        "session expired, log in again",
        "Secretary of the board",
        "passed 12 of 14 checks",
        "keyboard shortcuts",
        "a pattern of late deliveries",
        "password must be at least 12 characters",
        "Password: must be at least 12 characters",
        "token: expired",
        "compass bearing 270",
        "author: Ann Lee",
        "authority figures",
        "tokenisation of text",
        "monkey patching",
        "the API key page was moved",
        "API key rotation",
        "credentials are missing",
        "credential helper",
        "the token was refused",
        "a token is needed",
        "Basic understanding of Jira",
        "Bearer token required",
        "jwt library updated",
        "secret santa list",
        "secrets manager",
        "passphrase policy",
        "cookie policy",
        "signature mismatch",
        "design patterns",
        "signal handler",
        "session-based estimates",
        "pat on the back",
        "the password is too short",
        "forgot your password?",
        "Two tokens were spent",
        "access keys are listed below",
        "Key results: 3 of 4",
        "private beta",
        "public key infrastructure",
        "tokens per second went up",
    )
    jira = (
        "TOKEN-42 blocks AUTH-7",
        'project = TOKEN AND text ~ "secret"',
        'summary ~ "password reset" ORDER BY created',
        'labels in ("token", "secret")',
        "labels in (token, secret, auth)",
        "status changed to Done after -30d",
        "issuekey in (TOKEN-1, SECRET-2, AUTH-3)",
        "component = Authentication",
        'text ~ "api token" AND type = Bug',
        'project in (PASS, KEY) AND "Story Points" > 5',
        "jql=project%20%3D%20TOKEN&maxResults=100&fields=status",
        "GET /rest/api/3/search/jql?jql=project+%3D+SECRET&fields=key,status&maxResults=100",
        "customfield_10016",
        "issue_key: PROJ-17",
        "issueKey=PROJ-17",
        "project_key: TOKEN",
        "nextPageToken: abc",
        'fixVersion = "2.0"',
        "nextPageToken=Ch0jU3RyaW5nJlVGSk",
        "startAt=0&maxResults=50&total=120",
        "board 42, sprint 7",
    )
    settings = (
        "tokens=57.5 token_bucket_capacity=100 max_tokens=5",
        "tokens_available: 12",
        "token=None password=<unset>",
        "token_count=3",
        "has_token=True",
        "token_type: bearer",
        "password=",
        "password=&user=ann",
        "token: null",
        "auth_method=basic",
        "token_source=environment",
        "api_key_configured: yes",
        "token_expires_at=2026-01-31",
        "expires_in=3600",
        "password: ********",
        "api_key=${API_KEY}",
        "token: {{ vault }}",
        "secret: <secret>",
        "X-Atlassian-Token: no-check",
        "WWW-Authenticate: Basic realm=Jira",
        'WWW-Authenticate: Bearer realm="jira"',
        "cookie_count: 4",
        "session_count=3",
        "passed=12 failed=0",
        "pass: 12",
        "token_url=https://a.example/oauth",
        "password=%s",
        "token=%(token)s",
        "token=self.token",
        "password=os.environ['JIRA_PASSWORD']",
        "is_secret: false",
        "cache_key_length=32",
        "primary_key=id",
        "sort_key=created",
        "public_key=ssh",
        "secret_name=jira",
        "token_limit=100",
        "auth_type: oauth",
        "min_password_length=12",
        "token_status=valid",
        "sign=minus",
    )
    technical = (
        "git@github.com:org/repo.git",
        "ssh://git@github.com/org/repo.git",
        "@scope/pkg@1.2.3",
        "lodash@4.17.21",
        "actions/checkout@v4",
        "logo@2x.png",
        "https://jira.example.com:8443/browse/TOKEN-42",
        "http://[::1]:8050/x",
        "https://jira.example.com/secure/Dashboard.jspa?selectPageId=10000",
        "postgresql://db:5432/sightline",
        "2025-11-09T14:30:45.123+0000",
        "2025-11-09T14:30:45.123Z",
        "1492070429000",
        "4111111111119",
        "1763770000123",
        "1763770000123456",
        "1763770000123456789",
        "v1.2.3-rc.4",
        "10.0.0.1:8050",
        "100 requests / 10 s",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        'W/"0815"',
        "sha256-" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "Content-Type: application/json",
        "data.jira_query_manager.JiraClient",
        "calculate_deployment_frequency",
        "ISO-8859-1",
        "image@sha256:" + _digest(64),
        "5f0a2b6e-52d1-4f7e-9a51-3f4f0b9f3a11",
        "+49 30 901820",
        "1234-5678",
        "PROJ-1234 5678 9012",
        "(1, 2), ('a', 'b')",
        "KeyError: 'fields'",
        "TypeError: unsupported operand",
        "[Errno 28] No space left on device",
        "n/a",
        "\u00dcberpr\u00fcfung l\u00e4uft",
        "\u4f60\u597d",
        "100 %",
        "C:\\Users\\ann\\logs",
        "a=b; c=d",
        "x@y",
        "@app.route",
    )
    random = [
        *(_digest(32) for _ in range(4)),
        *(_digest(40) for _ in range(4)),
        *(_digest(64) for _ in range(4)),
        *(f"cache_key={_digest(32)}" for _ in range(4)),
        *(f"request_id={_digest(32)}" for _ in range(3)),
        *(f"commit {_digest(40)}" for _ in range(3)),
        *(f"Jira {digits(13)} ms" for _ in range(4)),
        *(base64.b64encode(b"thirty-three letters of plain " + _digest(4).encode()).decode()[:44] for _ in range(4)),
        *(quote(f"project = TOKEN AND key = TOKEN-{digits(3)}") for _ in range(3)),
    ]
    return [*prose, *jira, *settings, *technical, *random]
