# ruff: noqa: N818 - the names say what happened, which an Error suffix would not make clearer
"""Everything that can go wrong outside the program, named, each with its likely cause and what to do about it."""

from __future__ import annotations

import re
from datetime import datetime

from configuration.redaction import scrub_text

_LONGEST_QUOTE = 500
_BLANKS = re.compile(r"\s+")


def quoted(text: str) -> str:
    """Words from outside, made fit to be shown: no secret, no markup lines, no control characters, bounded."""
    plain = _BLANKS.sub(" ", "".join(char if char.isprintable() else " " for char in scrub_text(text))).strip()
    return plain if len(plain) <= _LONGEST_QUOTE else plain[: _LONGEST_QUOTE - 1] + "…"


class SightlineError(Exception):
    """A known failure. `detail` says what happened this time; the rest is the same for every one of its kind."""

    title = "Something did not work"
    likely_cause = "The cause is not known."
    next_step = "Look into logs/errors.log for more."

    def __init__(self, detail: str = "", *, likely_cause: str | None = None, next_step: str | None = None) -> None:
        self.detail = quoted(detail)
        self.likely_cause = quoted(likely_cause or self.likely_cause)
        self.next_step = quoted(next_step or self.next_step)
        super().__init__(self.detail)

    def __str__(self) -> str:
        """One paragraph: title, what happened, likely cause, what to do."""
        what = f"{self.title}: {self.detail}" if self.detail else self.title
        what = what if what.endswith((".", "!", "?", "…")) else f"{what}."
        return f"{what} Likely cause: {self.likely_cause} What to do: {self.next_step}"


class SettingsInvalid(SightlineError):
    title = "The saved settings cannot be used"
    likely_cause = "app_settings.json was edited by hand, or written by another version."
    next_step = "Correct the named entry in app_settings.json, or move the file away to start with the defaults."


class FetchCancelled(SightlineError):
    title = "Reading from Jira was stopped"
    likely_cause = "Somebody asked for it, or the program is ending."
    next_step = "Start it again when you like; nothing that was there before has been lost."


class DeadlinePassed(SightlineError):
    title = "Reading from Jira took longer than it may"
    likely_cause = "Jira is slow or makes us wait, or there is very much to read."
    next_step = "Start it again: what has been read is kept, and the next reading goes on from there."


class JiraError(SightlineError):
    """Jira, or the way to it, did not give what was asked.

    `status` is the HTTP status where there was one, `retry_after` the seconds that Jira asked us to wait, `trace_id`
    the name under which Jira's own log has the request. What ends by itself says `until` when it lasts.
    """

    title = "Jira did not give what was asked"
    status: int | None = None
    retry_after: float | None = None
    trace_id: str | None = None


class AuthenticationFailed(JiraError):
    title = "Jira does not accept the credentials"
    likely_cause = "The token is mistyped, expired or revoked, or belongs to another e-mail address or another Jira."
    next_step = "Create a new token in Jira, set JIRA_EMAIL and JIRA_TOKEN to match each other, and start again."


class CaptchaRequired(JiraError):
    title = "Jira asks for a CAPTCHA before this account may sign in again"
    likely_cause = "Too many sign-ins with a wrong password or token."
    next_step = "Sign in to Jira once in a browser with this account, solve the CAPTCHA, correct JIRA_TOKEN, try again."


class AnonymousAccess(JiraError):
    title = "Jira answered, but as if to a stranger"
    likely_cause = "The token is wrong or expired, and Jira then shows only what is public instead of refusing."
    next_step = "Create a new token in Jira, set JIRA_EMAIL and JIRA_TOKEN to match each other, and start again."


class PermissionDenied(JiraError):
    title = "The Jira account may not see this"
    likely_cause = (
        "The account lacks the permission to browse the project, or the token lacks the scope read:jira-work."
    )
    next_step = "Ask a Jira administrator for the permission to browse the project, or use a token with that scope."


class RateLimited(JiraError):
    title = "Jira asks us to wait"
    likely_cause = (
        "More requests than Jira allows have come in, from this program or from others with the same account."
    )
    next_step = "Wait until then and try again; reading less at once (a narrower JIRA_JQL) helps."

    def __init__(self, detail: str = "", *, retry_after: float | None = None, until: datetime | None = None) -> None:
        super().__init__(detail)
        self.retry_after, self.until = retry_after, until


class QuotaSpent(RateLimited):
    title = "Jira's quota for this account is spent"
    likely_cause = "Programs with the same account have asked Jira for more than it gives them in an hour or a day."
    next_step = "Wait until then; what has been read is kept, and the next reading goes on from there."


class Unavailable(JiraError):
    title = "Jira is not available at the moment"
    likely_cause = "Jira is down, restarting or overloaded, or the site is suspended."
    next_step = "Open Jira in a browser; when it works there, try again."


class JiraResting(Unavailable):
    title = "Jira is left alone for a while"
    likely_cause = "It failed many times in a row, and asking a troubled server more often makes it worse."
    next_step = "Wait until then; it is tried again by itself. If Jira works in a browser by then, so will this."

    def __init__(self, detail: str = "", *, until: datetime | None = None) -> None:
        super().__init__(detail)
        self.until = until


class Unreachable(JiraError):
    title = "Jira cannot be reached"
    likely_cause = "The host name is misspelt, or this machine is off the network, VPN or proxy that leads to Jira."
    next_step = "Check JIRA_URL, and that the same address opens in a browser on this machine."


class TooSlow(Unreachable):
    title = "Jira did not answer in time"
    likely_cause = "Jira is overloaded, or a firewall swallows the connection."
    next_step = "Try again in a few minutes; if it stays so, check the network path to Jira."


class TlsFailed(Unreachable):
    title = "The secure connection to Jira could not be made"
    likely_cause = "The certificate is expired, for another name, or signed by an authority this machine does not know."
    next_step = "Check the address; for a company's own authority set REQUESTS_CA_BUNDLE to its certificate file."


class NotJira(JiraError):
    title = "What answered is not Jira's API"
    likely_cause = "JIRA_URL leads to another site, to a login page, or lacks a path such as /jira."
    next_step = "Set JIRA_URL to the address at which Jira's start page opens, without anything after it."


class RedirectedElsewhere(NotJira):
    title = "The address leads elsewhere"
    likely_cause = "JIRA_URL is an old address, lacks https or a path, or a single sign-on page stands before Jira."
    next_step = "Set JIRA_URL to the address that the browser shows once Jira has opened."


class QueryRejected(JiraError):
    title = "Jira does not accept the query"
    likely_cause = (
        "The JQL has a mistake, or names a project or field that does not exist or that the account may not see."
    )
    next_step = "Try the query in Jira's own issue search with the same account, then set JIRA_JQL to what works there."


class UnboundedQuery(QueryRejected):
    title = "Jira wants the query to be narrowed"
    likely_cause = "The JQL has no restriction that Jira counts as one."
    next_step = "Name at least a project, for example JIRA_JQL='project = \"ABC\"'."


class WindowExceeded(QueryRejected):
    title = "The query finds more issues than this Jira gives out in one go"
    likely_cause = "Very many issues were created in the same minute, so the query cannot be cut into smaller ones."
    next_step = "Narrow JIRA_JQL, for example to one project."


class ApiRemoved(JiraError):
    title = "This Jira has removed an address that was asked"
    likely_cause = "Atlassian has replaced this part of its API since this version of the program was made."
    next_step = "Install a newer version of this program."


class NotFound(JiraError):
    title = "Jira does not know the address that was asked"
    likely_cause = "JIRA_URL lacks a path such as /jira or has one too many, or what was asked for was deleted."
    next_step = "Set JIRA_URL to the address at which Jira's start page opens, without anything after it."


class IncompleteAnswer(JiraError):
    title = "Jira's answer was incomplete"
    likely_cause = "Issues changed while they were being read, or a proxy cut the answer short."
    next_step = "Try again; if it stays so, narrow JIRA_JQL. Nothing incomplete has been used."


class BrokenOff(IncompleteAnswer):
    title = "Jira's answer broke off"
    likely_cause = "The network or a proxy cut it short, or Jira is overloaded."
    next_step = "Try again in a few minutes; if it stays so, ask whoever runs the proxy or Jira."


class RequestRefused(JiraError):
    title = "Jira refused the request"
    likely_cause = "A proxy or security gateway stands before Jira, or this Jira is of an unusual version."
    next_step = "Ask a Jira administrator, quoting the answer above."


class StoreError(SightlineError):
    """The files that hold what was read from Jira do not do what is asked of them."""

    title = "What was read from Jira cannot be kept or found again"


class StoreUnwritable(StoreError):
    title = "There is no room for what was read from Jira"
    likely_cause = "The disk is full, or the folder of the cache belongs to somebody else."
    next_step = "Make room, or set SIGHTLINE_CACHE_DIR to a folder that may be written. What was kept before stays."


class StoreTaken(StoreError):
    title = "Another process is reading the same from Jira"
    likely_cause = "Two programs were started that keep their data in one folder."
    next_step = "Wait until the other one has finished, or end it; then try again."


class StoreDamaged(StoreError):
    title = "What was kept can no longer be read"
    likely_cause = "The disk is failing, or somebody changed or deleted files in the folder of the cache."
    next_step = "Read Jira again; the damaged files have been set aside in the folder quarantine."
