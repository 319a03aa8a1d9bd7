"""The Cerberus API as methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from cerberus.client.http import JsonConnection, Query
from cerberus.errors import Transient

if TYPE_CHECKING:
    # making some dozen types takes longer than everything else here
    from cerberus.client.alert_answers import AlertPage, AlertShown, AlertStory
    from cerberus.client.answers import (
        Assessment,
        Backup,
        BackupTaken,
        Evaluation,
        Exit,
        Health,
        Position,
        Release,
        Signal,
        SignalRecord,
        Stopped,
        Trade,
        Validation,
        Why,
    )
    from cerberus.client.worker_answers import Monitored, Workers


class CerberusClient:
    """The API at a URL, with a bearer token; use it in one thread.

    Every method raises `ApiProblem` where the API refuses, `Transient` where it cannot be reached,
    and `Unknown` where the answer of a changing call is lost. Repeating a call with the same
    `idempotency_key` never acts twice.
    """

    def __init__(self, url: str, token: str = "", timeout_seconds: float = 10.0) -> None:
        authorization = f"Bearer {token}" if token else ""
        self._connection = JsonConnection(url, authorization, timeout_seconds)

    def __enter__(self) -> CerberusClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next call opens it again."""
        self._connection.close()

    def health(self) -> Health:
        """Return how the API is; needs no token."""
        return cast("Health", self._read("/health"))

    def detailed_health(self) -> dict[str, Any]:
        """Return how each part of the API is."""
        return self._read("/health/detailed")

    def metrics(self) -> dict[str, object]:
        """Return the metrics; those with labels are nested."""
        return self._read("/metrics")

    def account(self) -> dict[str, object]:
        """Return the account, asked at the venue now."""
        return self._read("/account")

    def risk_status(self) -> dict[str, object]:
        """Return which limits are in force, and how trading has gone."""
        return self._read("/api/risk/status")

    def evaluate(
        self, symbols: list[str] | None = None, timeframe: str | None = None
    ) -> Evaluation:
        """Let the strategies judge the last closed bar of the symbols; changes nothing."""
        wanted = {"symbols": symbols, "timeframe": timeframe}
        body = {name: value for name, value in wanted.items() if value is not None}
        return cast("Evaluation", self._send("/api/signals/evaluate", body))

    def validate(self, signal: Signal) -> Validation:
        """Say what is wrong with a signal; changes nothing."""
        return cast("Validation", self._send("/api/signals/validate", signal))

    def tell(self, signal: Signal, *, idempotency_key: str | None = None) -> SignalRecord:
        """Take a signal in and judge it; no order is sent."""
        return cast("SignalRecord", self._send("/api/signals", signal, idempotency_key))

    def assess(self, signal: Signal) -> Assessment:
        """Run every risk check; changes nothing."""
        return cast("Assessment", self._send("/api/risk/assess", {"signal": signal}))

    def trade(self, signal: Signal, *, idempotency_key: str | None = None) -> Trade:
        """Execute a signal."""
        return cast("Trade", self._send("/api/trades", {"signal": signal}, idempotency_key))

    def trades(self, *, status: str | None = None, limit: int = 50) -> list[Trade]:
        """Return trades, newest first."""
        return cast(
            "list[Trade]", self._page("/api/trades", "trades", {"status": status, "limit": limit})
        )

    def trade_by_id(self, trade_id: str) -> Trade:
        """Return one trade with its orders, fills and exits."""
        return cast("Trade", self._read(f"/api/trades/{_part(trade_id)}"))

    def why(self, anything: str) -> Why:
        """Explain a signal, trade, position or order by its id."""
        return cast("Why", self._read(f"/api/why/{_part(anything)}"))

    def positions(self, *, open_only: bool = False) -> list[Position]:
        """Return positions, newest first."""
        return cast(
            "list[Position]", self._page("/api/positions", "positions", {"open_only": open_only})
        )

    def holdings(self, symbol: str | None = None) -> list[Mapping[str, object]]:
        """Return the open positions, or those of a symbol, at the prices of now."""
        found = self._page("/api/holdings", "positions", {"symbol": symbol})
        return cast("list[Mapping[str, object]]", found)

    def exits(self, trade_id: str | None = None) -> list[Exit]:
        """Return protective exits, newest first."""
        return cast("list[Exit]", self._page("/api/exits", "exits", {"trade_id": trade_id}))

    def charts(self, days: int) -> bytes:
        """Return the charts of the last days as PNG."""
        return self._connection.fetch("/api/analytics/picture", query={"days": days})

    def emergency_stop(self, reason: str, *, idempotency_key: str | None = None) -> Stopped:
        """Block entries, cancel entry orders, close every position; locked until released."""
        body = {"reason": reason}
        path = "/api/system/emergency-stop"
        return cast("Stopped", self._send(path, body, idempotency_key))

    def release(self, confirmation: str | None = None) -> Release:
        """Ask for a confirmation, or send it back and release the emergency stop."""
        body = {} if confirmation is None else {"confirmation": confirmation}
        return cast("Release", self._send("/api/system/release", body))

    def close_position(
        self, position_id: str, reason: str, *, idempotency_key: str | None = None
    ) -> Trade:
        """Close a position at the market and return its trade."""
        path = f"/api/positions/{_part(position_id)}/close"
        return cast("Trade", self._send(path, {"reason": reason}, idempotency_key))

    def write_off(
        self,
        position_id: str,
        reason: str,
        result_usd: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Position:
        """Take a position in quarantine out of the books; needs the admin token."""
        body = {"position_id": position_id, "reason": reason}
        if result_usd is not None:
            body["result_usd"] = result_usd
        path = "/api/reconciliation/write-off"
        return cast("Position", self._send(path, body, idempotency_key))

    def maintenance(
        self,
        *,
        on: bool,
        reason: str,
        minutes: int | None = None,
        idempotency_key: str | None = None,
    ) -> Mapping[str, object]:
        """Hold entries back, for some minutes where they are told, or let them through again."""
        body: dict[str, object] = {"on": on, "reason": reason}
        if minutes is not None:
            body["minutes"] = minutes
        return self._send("/api/system/maintenance", body, idempotency_key)

    def raise_alert(self, alert: Mapping[str, object]) -> AlertShown:
        """Raise an alert; the same `id` counts once."""
        return cast("AlertShown", self._send("/api/alerts", alert))

    def alerts(
        self,
        *,
        status: str | None = None,
        level: str | None = None,
        name: str | None = None,
        limit: int = 50,
    ) -> AlertPage:
        """Return alerts, newest first."""
        wanted = {"status": status, "level": level, "name": name, "limit": limit}
        told = self._connection.call("GET", "/api/alerts", query=wanted)
        return cast("AlertPage", _object(told, "/api/alerts"))

    def alert(self, alert_id: str) -> AlertStory:
        """Return one alert, by our id or its caller's, with what became of telling it."""
        return cast("AlertStory", self._read(f"/api/alerts/{_part(alert_id)}"))

    def acknowledge_alert(self, alert_id: str) -> AlertShown:
        """Say that a person has seen an alert."""
        return cast("AlertShown", self._send(f"/api/alerts/{_part(alert_id)}/acknowledge", {}))

    def live_alerts(self) -> list[Mapping[str, object]]:
        """Return the newest alerts that are open."""
        found = self._page("/api/alerts", "alerts", {"status": "open", "limit": 200})
        return cast("list[Mapping[str, object]]", found)

    def alert_channels(self, alert_id: str) -> list[str]:
        """Return the channels that an alert was, or will be, told on."""
        return [f"{one['channel']} {one['status']}" for one in self.alert(alert_id)["deliveries"]]

    def resolve_alert(self, alert_id: str, reason: str) -> AlertShown:
        """Say that what an alert tells of is over."""
        path = f"/api/alerts/{_part(alert_id)}/resolve"
        return cast("AlertShown", self._send(path, {"reason": reason}))

    def note(self, actor: str, action: str, subject: str, detail: str) -> None:
        """Note in the audit trail what a person is about to do."""
        body = {"actor": actor, "action": action, "subject": subject, "detail": detail}
        self._send("/api/audit", body)

    def back_up(self, *, idempotency_key: str | None = None) -> BackupTaken:
        """Back the state up, on the API's machine."""
        return cast("BackupTaken", self._send("/api/system/backup", {}, idempotency_key))

    def backups(self) -> list[Backup]:
        """Return the backups, newest first."""
        return cast("list[Backup]", self._page("/api/system/backups", "backups", {}))

    def workers(self) -> Workers:
        """Return who works on the store, the leases, and the tasks by status."""
        return cast("Workers", self._read("/api/system/workers"))

    def monitored(self) -> Monitored:
        """Return what the API's process uses, and how its parts are."""
        return cast("Monitored", self._read("/api/system/monitor"))

    def _read(self, path: str) -> dict[str, object]:
        return _object(self._connection.call("GET", path), path)

    def _page(self, path: str, name: str, query: Query) -> object:
        return _object(self._connection.call("GET", path, query=query), path)[name]

    def _send(
        self, path: str, body: object, idempotency_key: str | None = None
    ) -> dict[str, object]:
        headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        return _object(self._connection.call("POST", path, body, headers=headers), path)


def _part(text: str) -> str:
    return quote(text, safe="")


def _object(answer: object, path: str) -> dict[str, object]:
    if not isinstance(answer, dict):
        raise Transient(f"{path} did not answer with an object, is this the Cerberus API?")
    return answer
