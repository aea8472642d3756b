"""The token reaches Jira and nothing else: no page, no event's answer, no file."""

import base64
import secrets
from urllib.parse import quote

from app import create_app
from configuration.settings import Settings
from data.metric_catalogue import METRICS
from tests.integration.page_events import body_of, ended, explanation_of, poll
from tests.jira_sites import AS_OF, credentials, few_issues, serving
from ui.pages import DRAWN_PAGES, PAGES

EMAIL = "reader@example.com"


def forms(token):
    pair = base64.b64encode(f"{EMAIL}:{token}".encode()).decode()
    return [form.encode() for form in (token, quote(token), pair, base64.b64encode(token.encode()).decode())]


def test_no_answer_and_no_file_holds_the_token_in_any_form(tmp_path):
    token = secrets.token_hex(20) + "=/+"
    seen = []
    with serving(few_issues(), "cloud", token=token) as (_, url):
        app = create_app(
            Settings(
                jira=credentials(url, token=token),
                as_of=AS_OF,
                cache_dir=tmp_path,
                app_settings_path=tmp_path / "app_settings.json",
            )
        )
        client = app.server.test_client()
        seen.append(poll(client).encode())
        assert '"phase":"ready"' in ended(client)
        seen += [body_of(client, page.key, 365).encode() for page in DRAWN_PAGES]
        seen += [explanation_of(client, metric.key, 365).encode() for metric in METRICS]
        rules = app.server.url_map.iter_rules()
        paths = {rule.rule for rule in rules if "GET" in (rule.methods or ()) and "<" not in rule.rule}
        for path in paths | {page.path for page in PAGES} | {"/nowhere"}:
            with client.get(path) as answer:
                seen.append(answer.get_data() + str(answer.headers).encode())
    seen += [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]

    assert len(seen) > 18
    assert b"Flow velocity" in b"".join(seen)
    for form in forms(token):
        assert not [text[:200] for text in seen if form in text]
