"""The only reader of the environment: variables, `.env` and `secrets.env`.

Each process loads the sections it needs with `load`, for example `load(EngineSettings)`. A relative
path is taken from `CERBERUS_ROOT`, by default the folder of the checkout.
"""

import os
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeVar

from dotenv import dotenv_values
from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from cerberus.errors import Misconfigured


def section(prefix: str) -> SettingsConfigDict:
    """Return what the sections of settings have in common; variables begin with the prefix."""
    return SettingsConfigDict(env_prefix=prefix, extra="ignore", frozen=True, populate_by_name=True)


class Paths(BaseSettings):
    """Where everything lies; all that is written is below `var`."""

    model_config = section("CERBERUS_")

    root: Path = Path(__file__).resolve().parent.parent
    var: Path = Path("var")

    def under_var(self, *parts: str) -> Path:
        """Return a path below `var`, which may itself be relative to the root."""
        return self.root.joinpath(self.var, *parts)


class Ports(BaseSettings):
    """Where each process listens; always loopback unless `host` says otherwise."""

    model_config = section("CERBERUS_")

    host: str = "127.0.0.1"
    api_port: int = 8080
    engine_port: int = 8081
    engine_grpc_port: int = 50051
    simulator_port: int = 8090

    @property
    def api_url(self) -> str:
        """The URL under which the other processes reach the API."""
        return f"http://{self.host}:{self.api_port}"

    @property
    def engine_url(self) -> str:
        """The URL of Kestra's REST API."""
        return f"http://{self.host}:{self.engine_port}"

    @property
    def simulator_url(self) -> str:
        """The URL of the paper exchange."""
        return f"http://{self.host}:{self.simulator_port}"


class EngineSettings(BaseSettings):
    """The embedded Kestra engine."""

    model_config = section("CERBERUS_ENGINE_")

    heap_megabytes: int = 256
    worker_threads: int = 8
    poll_min_milliseconds: int = 5
    poll_max_milliseconds: int = 150
    grace_seconds: int = 15
    flows: Path = Path("flows")
    flows_poll_seconds: float = Field(default=0.5, ge=0.05, le=60)
    # five a day by the shipped flows
    backups_kept: int = Field(default=28, ge=1)
    # of every process that a task starts; a task's own timeout may be shorter
    task_memory_megabytes: int = Field(default=1024, ge=32)
    task_output_kilobytes: int = Field(default=10_240, ge=1)
    # H2 takes in about a thousand lines a second, for all tasks together
    task_output_lines: int = Field(default=20_000, ge=1)
    task_seconds: int = Field(default=3600, ge=1)
    username: str = "admin@cerberus.local"
    timezone: str = Field(
        default="UTC",
        validation_alias=AliasChoices("timezone", "CERBERUS_ENGINE_TIMEZONE", "CERBERUS_TIMEZONE"),
    )
    cache: Path | None = None
    cache_home: Path = Field(
        default=Path("~/.cache"),
        validation_alias=AliasChoices("cache_home", "XDG_CACHE_HOME"),
    )
    train_cache: bool = True
    # the first minute after a first start belongs to the first trade
    train_after_seconds: float = 45.0


class SimulatorSettings(BaseSettings):
    """The paper exchange."""

    model_config = section("CERBERUS_SIMULATOR_")

    speed: Decimal = Field(default=Decimal(1), gt=0, le=1_000_000)
    feed: Literal["replay"] = "replay"
    dataset: str = "2017-09-03"
    wallet_usdt: Decimal = Field(default=Decimal(10_000), ge=0, le=Decimal("1e12"))
    latency_milliseconds: int = Field(default=0, ge=0, le=60_000)
    #: lets tests move prices, order faults and pay in; never outside of tests
    control: bool = False
    #: further coins that play a bundled series under another name; needs the controls
    made_markets: int = Field(default=0, ge=0, le=200)


class SupervisorSettings(BaseSettings):
    """When a process counts as silent, and when its restarts are too many."""

    model_config = section("CERBERUS_SUPERVISOR_")

    probe_seconds: float = 5.0
    silent_seconds: float = 20.0
    ready_seconds: float = 180.0
    restart_limit: int = 5
    restart_window_seconds: float = 600.0
    stable_seconds: int = 60


class TradingSettings(BaseSettings):
    """What is traded where, and the state behind it."""

    model_config = section("CERBERUS_")

    mode: Literal["paper", "testnet", "live"] = "paper"
    enable_trading: bool = Field(
        default=False, validation_alias=AliasChoices("enable_trading", "ENABLE_TRADING")
    )
    exchange: Literal["gate", "binance"] = "gate"
    market_type: Literal["swap", "spot"] = Field(
        default="swap", validation_alias=AliasChoices("market_type", "MARKET_TYPE")
    )
    symbols: str = "BTC/USDT,ETH/USDT"
    timeframe: str = "5m"
    database_url: str | None = None
    gate_api_key: SecretStr | None = None
    gate_api_secret: SecretStr | None = None
    binance_api_key: SecretStr | None = None
    binance_api_secret: SecretStr | None = None
    venue_timeout_seconds: float = Field(default=5.0, gt=0, le=60)
    stop_loss_percent: Decimal = Field(default=Decimal(2), gt=0, lt=50)
    take_profit_percent: Decimal = Field(default=Decimal(4), gt=0, lt=50)
    market_band_percent: Decimal = Field(default=Decimal("0.5"), gt=0, le=10)
    signal_age_seconds: int = Field(default=300, gt=0)
    funding_seconds: float = Field(default=60.0, gt=0, le=3600)
    reconcile_seconds: float = Field(default=60.0, gt=0, le=3600)
    backups_kept: int = Field(default=28, ge=1, le=10_000)
    reports_kept: int = Field(default=120, ge=1, le=10_000)
    analytics_seconds: float = Field(default=60.0, gt=0, le=3600)

    @property
    def venue_keys(self) -> tuple[SecretStr | None, SecretStr | None]:
        """Key and secret of the venue that is traded on."""
        if self.exchange == "binance":
            return self.binance_api_key, self.binance_api_secret
        return self.gate_api_key, self.gate_api_secret


class AlertSettings(BaseSettings):
    """Where the rules of alerts are, and how often the outbox is looked at."""

    model_config = section("CERBERUS_ALERTS_")

    file: Path = Path("config/alerts.yaml")
    poll_seconds: float = Field(default=0.5, ge=0.05, le=60)
    watch_seconds: float = Field(default=2.0, ge=0.05, le=600)


class LimitSettings(BaseSettings):
    """Who shares the venue's request limits with this process."""

    model_config = section("CERBERUS_")

    #: without it this process shares them with nobody
    redis_url: SecretStr | None = None
    limits_address: str = Field(default="default", pattern=r"^[A-Za-z0-9.:_-]{1,64}$")
    limits_processes: int = Field(default=4, ge=1, le=1000)


class RiskSettings(BaseSettings):
    """The limits of every entry; a flow or a signal can only tighten them."""

    model_config = section("CERBERUS_RISK_")

    usd_per_trade: Decimal = Field(default=Decimal(15), gt=0)
    max_leverage: Decimal = Field(default=Decimal(30), ge=1, le=125)
    default_leverage: Decimal = Field(default=Decimal(5), ge=1, le=125)
    max_positions: int = Field(default=5, ge=0)
    max_exposure_usd: Decimal = Field(default=Decimal(5000), gt=0)
    max_drawdown_percent: Decimal = Field(default=Decimal(5), gt=0, le=100)
    max_daily_loss_usd: Decimal = Field(default=Decimal(60), gt=0)
    max_losses_in_a_row: int = Field(default=5, ge=1)
    cooldown_seconds: int = Field(default=300, ge=0)
    max_quote_age_seconds: Decimal = Field(default=Decimal(10), gt=0)
    max_spread_percent: Decimal = Field(default=Decimal("0.3"), gt=0)
    min_confidence: Decimal = Field(default=Decimal("0.5"), ge=0, le=1)
    trading_hours_utc: str = Field(default="00:00-00:00", pattern=r"^\d\d:\d\d-\d\d:\d\d$")


Section = TypeVar("Section", bound=BaseSettings)


def load(section: type[Section], **overrides: object) -> Section:
    """Read one section; variables win over `secrets.env`, which wins over `.env`.

    Raises
    ------
    Misconfigured
        A value does not fit; the message names the variable, the value's problem and the limit.
    """
    root = Path(os.environ.get("CERBERUS_ROOT", Path(__file__).resolve().parent.parent))
    files = (root / ".env", root / "secrets.env")
    try:
        return section(_env_file=files, **overrides)  # type: ignore[arg-type]  # pydantic checks the fields
    except ValidationError as error:
        problems = "; ".join(
            f"{_variable(section, str(item['loc'][0]))}: {item['msg']}"
            for item in error.errors(include_input=False)
        )
        raise Misconfigured(problems) from error


def named_secret(folder: Path, name: str) -> str | None:
    """Return a secret by its name: its file, its variable in capitals, its line in secrets.env."""
    file = folder / name
    if file.is_file():
        return file.read_text().strip() or None
    root = Path(os.environ.get("CERBERUS_ROOT", Path(__file__).resolve().parent.parent))
    told = dotenv_values(root / "secrets.env") if (root / "secrets.env").is_file() else {}
    return os.environ.get(name.upper()) or told.get(name.upper()) or None


def _variable(section: type[BaseSettings], told: str) -> str:
    for name, field in section.model_fields.items():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices) and told in (name, *alias.choices):
            return str(alias.choices[-1])
    return f"{section.model_config.get('env_prefix', '')}{told}".upper()


__all__ = [
    "AlertSettings",
    "EngineSettings",
    "LimitSettings",
    "Paths",
    "Ports",
    "RiskSettings",
    "SecretStr",
    "SimulatorSettings",
    "SupervisorSettings",
    "TradingSettings",
    "load",
    "named_secret",
    "section",
]
