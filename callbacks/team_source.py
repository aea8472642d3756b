"""Where the team's data comes from and is kept: the configured Jira, or the demo team behind a simulated one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from callbacks.team import Keep, Reading
from callbacks.team_columns import COLUMNS, Columns, opened, what_decides_reading
from configuration.clock import utc_now
from configuration.settings import JiraCredentials, Secret, Settings, load_settings
from data.attribution_overrides import OVERRIDES_FILE, Correction, in_force, load_corrections, record_correction
from data.config_version import plain
from data.configuration_history import (
    VERSIONS_FILE,
    ConfigurationVersion,
    DefinitionChange,
    configuration_versions,
    definition_changes,
    note_configuration,
)
from data.demo.jira import SimulatedJira
from data.demo.team import demo_site
from data.demo.team_workflow import DEMO_FIELD_MAPPINGS, DEMO_TEAM_RULES
from data.demo.transport import SimulatedTransport
from data.derived_cache import Derivation, derived, drop_derived
from data.errors import SettingsInvalid, StoreDamaged
from data.field_mapper import get_field_mappings
from data.jira_connection import connect, headroom
from data.jira_query_manager import JiraClient
from data.jira_requests.headroom import Headroom
from data.jira_requests.ledger import SqliteLedger
from data.jira_simple import (
    KeptTeam,
    SyncReceipt,
    SyncRequest,
    TeamData,
    kept_team,
    kept_version,
    synchronise,
    tell_lost,
)
from data.model import TeamRules
from data.persistence import change_app_settings, load_app_settings, load_schedule, load_team_rules, note_cache
from data.storage.bounds import delete_everything_kept
from data.storage.cache_entry import fingerprint
from data.team_rules import read_team_rules

JOBS = "jobs"
DEMO_URL = "https://demo.atlassian.net"
Connect = Callable[[JiraCredentials], JiraClient]


@dataclass(frozen=True)
class Source:
    """One team's Jira and what is kept of it here; `connect` None opens it as the settings say."""

    settings: Settings
    clock: Callable[[], datetime] = utc_now
    connect: Connect | None = None

    def __reduce__(self) -> tuple[Callable[[], Source], tuple[()]]:
        """Another process reads the environment itself, so that no credential is ever pickled."""
        return of_environment, ()

    @property
    def is_demo(self) -> bool:
        return self.settings.jira is None

    def request(self) -> SyncRequest:
        settings = self.settings
        if settings.jira is None:
            return SyncRequest(self._demo_reader(), None, DEMO_FIELD_MAPPINGS, settings.cache_dir)
        mappings = get_field_mappings(settings.app_settings_path)
        return SyncRequest(settings.jira, settings.jql, mappings, settings.cache_dir, settings.history_days)

    def version(self) -> str | None:
        """Another text means other numbers; None while nothing is kept."""
        kept = kept_version(self.request())
        if kept is None:
            return None
        if self.is_demo:
            return f"{kept}-{_corrections_stamp(self._corrections)}"
        return f"{kept}-{_stamp(self.settings.app_settings_path, self._corrections)}"

    def reading(self) -> Reading | None:
        """What is kept, with the team's own words for it, without asking Jira anything."""
        request = self.request()
        kept = kept_team(request)
        if kept is None:
            return None
        data = kept.data
        saved = DEMO_TEAM_RULES if self.is_demo else self._saved_rules(data.account_timezone)
        rules = replace(saved, attribution_overrides=in_force(self.corrections()))
        if not self.is_demo:
            note_configuration(rules, request.field_mappings, self.clock(), self._rule_versions)
        try:
            columns = self._columns(request, kept, rules)
        except StoreDamaged as damage:
            tell_lost(damage)
            return None
        return Reading(data, rules, request.field_mappings, columns, self._kept(request, data, rules))

    def save_rules(self, changes: Mapping[str, Any]) -> None:
        """Keep these entries of the team's rules, given as plain JSON; refused where they cannot be meant."""
        if self.is_demo:
            raise ValueError("the rules of the demo team are not saved")

        def change(saved: dict[str, Any]) -> Mapping[str, Any]:
            rules = {**saved.get("team_rules", {}), **changes}
            read_team_rules(rules, "UTC")
            return saved | {"team_rules": rules}

        change_app_settings(change, self.settings.app_settings_path)

    def rule_versions(self) -> list[ConfigurationVersion]:
        """The team's rules and mappings so far, oldest first; the demo team's never change."""
        return [] if self.is_demo else configuration_versions(self._rule_versions)

    def definition_changes(self, since: datetime) -> list[DefinitionChange]:
        """When the rules changed, and how; corrections of single incidents are no rules.

        Where what was noted cannot be read there are none: marks are worth less than the numbers that they stand by.
        """
        try:
            found = definition_changes(self.rule_versions(), since, self.clock())
        except SettingsInvalid:
            return []
        for change in found:
            change["changes"] = [one for one in change["changes"] if one["rule"] != "attribution_overrides"]
        return [change for change in found if change["changes"]]

    def corrections(self) -> list[Correction]:
        """All corrections of what caused an incident, oldest first."""
        return load_corrections(self._corrections)

    def correct(self, correction: Correction) -> None:
        record_correction(correction, self._corrections)

    def _kept(self, request: SyncRequest, data: TeamData, rules: TeamRules) -> Keep:
        """Measured once for each state of the data, in whichever process; what another query or mapping gave goes."""
        folder = self.settings.cache_dir
        drop_derived(folder, source=request.key, jql=data.jql, field_mappings=request.field_mappings)

        def keep(days: int, as_of: datetime, compute: Callable[[], Any]) -> Any:
            asked = _derivation(request, data, "all_metrics", plain(rules))
            asked = replace(asked, time_period_days=days, as_of=as_of)
            return derived(asked, compute, folder, clock=self.clock).value

        return keep

    def _columns(self, request: SyncRequest, kept: KeptTeam, rules: TeamRules) -> Columns:
        """Read once for each state of the data too, whatever the period and most of the rules."""
        asked = _derivation(request, kept.data, COLUMNS, what_decides_reading(rules))
        return opened(kept, asked, rules, cache_dir=self.settings.cache_dir, clock=self.clock)

    def synchronise(
        self,
        trigger: str,
        *,
        full: bool = False,
        accept_losses: bool = False,
        program_ends: Callable[[], bool] | None = None,
    ) -> SyncReceipt | None:
        """Read Jira; None where another thread or process is at it."""
        self._forgotten.unlink(missing_ok=True)
        request = self.request()
        receipt = synchronise(
            request,
            connect=self.connect or (self._connect_demo if self.is_demo else None),
            trigger=trigger,
            full=full,
            accept_losses=accept_losses,
            program_ends=program_ends,
            clock=self.clock,
        )
        if receipt is not None and receipt.data_version is not None and not self.is_demo:
            note_cache(request.key, request.config_hash, receipt.ended_at, self.settings.app_settings_path)
        return receipt

    def headroom(self) -> Headroom | None:
        """How much Jira may be asked right now; None if it never was from here."""
        request = self.request()
        return headroom(request.credentials, _ledger(request.books)) if request.books.exists() else None

    def forget(self) -> int:
        """Delete what is kept here and read nothing until somebody asks; the bytes that could not be deleted."""
        self._forgotten.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._forgotten.touch(mode=0o600)
        return delete_everything_kept(self.settings.cache_dir)

    def is_forgotten(self) -> bool:
        return self._forgotten.exists()

    def schedule(self) -> int:
        """Minutes between two readings that nobody asks for; 0 is none."""
        return load_schedule(load_app_settings(self.settings.app_settings_path), self.settings.schedule_minutes)

    def choose_schedule(self, minutes: int) -> None:
        chosen = {"schedule_minutes": minutes}
        load_schedule(chosen, 0)  # refuses what no page offers
        change_app_settings(lambda saved: saved | chosen, self.settings.app_settings_path)

    def site_name(self) -> str:
        return "the demo team" if self.settings.jira is None else urlsplit(self.settings.jira.url).netloc

    def link_target(self, site_url: str) -> str | None:
        """The site that issue keys link to: none for made-up issues, and plain http only where it was configured."""
        if self.settings.jira is None:
            return None
        return site_url if site_url.startswith("https://") or site_url == self.settings.jira.url else None

    @property
    def _forgotten(self) -> Path:
        return self.settings.cache_dir / JOBS / "deleted-on-request"

    @property
    def _rule_versions(self) -> Path:
        return self.settings.app_settings_path.with_name(VERSIONS_FILE)

    @property
    def _corrections(self) -> Path:
        """Those of a made-up world lie apart from a team's own, and go with it."""
        if self.is_demo:
            return self.settings.cache_dir / JOBS / f"corrections-{self._world()}.json"
        return self.settings.app_settings_path.with_name(OVERRIDES_FILE)

    def _saved_rules(self, account_timezone: str) -> TeamRules:
        return load_team_rules(load_app_settings(self.settings.app_settings_path), account_timezone)

    def _connect_demo(self, credentials: JiraCredentials) -> JiraClient:
        jira = _demo_jira(self.settings.demo_seed, self._demo_end(), fixed=self.settings.as_of is not None)
        ledger = _ledger(self.request().books)
        return connect(credentials, adapters={DEMO_URL: SimulatedTransport(jira)}, ledger=ledger)

    def _demo_end(self) -> datetime:
        """The made-up world ends where this day began, so that all processes read the same one all day."""
        return self.settings.as_of or self.clock().replace(hour=0, minute=0, second=0, microsecond=0)

    def _demo_reader(self) -> JiraCredentials:
        """Each made-up world has a reader of its own, so that what is kept of one is never taken for another's."""
        return JiraCredentials(url=DEMO_URL, email=f"reader-{self._world()}@demo.invalid", token=Secret("made-up"))

    def _world(self) -> str:
        return f"{self.settings.demo_seed}-{self._demo_end():%Y%m%dT%H%M}"


def _derivation(request: SyncRequest, data: TeamData, what: str, rules: Any) -> Derivation:
    return Derivation(
        source=request.key,
        what=what,
        jql=data.jql,
        field_mappings=request.field_mappings,
        time_period_days=None,
        rules=rules,
        data_version=data.data_version,
        as_of=None,
        calculation=_calculation(),
    )


@lru_cache(maxsize=1)
def _calculation() -> str:
    """Changes with every version of the program that could compute something else."""
    files = sorted((Path(__file__).parents[1] / "data").rglob("*.py"))
    return fingerprint([file.read_text("utf-8") for file in files])


def of_environment() -> Source:
    return Source(load_settings())


@lru_cache(maxsize=8)
def _ledger(books: Path) -> SqliteLedger:
    """One connection to a file, for all who only look."""
    return SqliteLedger(books)


@lru_cache(maxsize=2)
def _demo_jira(seed: int, end: datetime, *, fixed: bool) -> SimulatedJira:
    return SimulatedJira(demo_site(seed, end), flavour="cloud", clock=(lambda: end) if fixed else utc_now)


def _stamp(file: Path, corrections: Path) -> str:
    """Tells one state of the team's own words from another, since they change the numbers too."""
    saved = load_app_settings(file)
    own = {name: saved.get(name) for name in ("field_mappings", "team_rules")}
    return fingerprint(own | {"corrections": load_app_settings(corrections).get("corrections")})[:8]


def _corrections_stamp(file: Path) -> str:
    return fingerprint({"corrections": load_app_settings(file).get("corrections")})[:8]
