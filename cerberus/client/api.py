"""The Cerberus API as methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from cerberus.client.http import JsonConnection, Query
from cerberus.errors import Transient

if TYPE_CHECKING:
    # making some dozen types takes longer than everything else here
    from cerberus.client.answers import (
        Assessment,
        Backup,
        BackupTaken,
        Evaluation,
        Exit,
        Health,
        Monitored,
        Position,
        Release,
        Signal,
        SignalRecord,
        Stopped,
        Trade,
        Validation,
        Why,
        Workers,
    )


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

    def exits(self, trade_id: str | None = None) -> list[Exit]:
        """Return protective exits, newest first."""
        return cast("list[Exit]", self._page("/api/exits", "exits", {"trade_id": trade_id}))

    def emergency_stop(self, reason: str, *, idempotency_key: str | None = None) -> Stopped:
        """Block entries, cancel entry orders, close every position; locked until released."""
        body = {"reason": reason}
        path = "/api/system/emergency-stop"
        return cast("Stopped", self._send(path, body, idempotency_key))

    def release(self, confirmation: str | None = None) -> Release:
        """Ask for a confirmation, or send it back and release the emergency stop."""
        body = {} if confirmation is None else {"confirmation": confirmation}
        return cast("Release", self._send("/api/system/release", body))

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

    def _read(self, path: str) -> object:
        return _object(self._connection.call("GET", path), path)

    def _page(self, path: str, name: str, query: Query) -> object:
        return _object(self._connection.call("GET", path, query=query), path)[name]

    def _send(self, path: str, body: object, idempotency_key: str | None = None) -> object:
        headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        return _object(self._connection.call("POST", path, body, headers=headers), path)


def _part(text: str) -> str:
    return quote(text, safe="")


def _object(answer: object, path: str) -> dict[str, object]:
    if not isinstance(answer, dict):
        raise Transient(f"{path} did not answer with an object, is this the Cerberus API?")
    return answer
