"""What `scripts/up` prints at its end: what was traded, and where everything is."""

from collections.abc import Sequence
from decimal import Context, InvalidOperation

from rich.console import Console
from rich.table import Table

from cerberus.errors import CerberusError
from cerberus.settings import EngineSettings, Paths, Ports, load
from cerberus.supervisor.pipeline import Outcome, Record, Run, read_outcomes, run_pipeline

UNKNOWN = "-"
ERRORS_SHOWN = 3
EIGHT_DIGITS = Context(prec=8)


def first_run(console: Console) -> bool:
    """Run the pipeline once and print what came of it; say whether it ended well."""
    console.print("running the trading pipeline once", highlight=False)
    try:
        run = run_pipeline()
        console.print(outcome_table(run, read_outcomes(run)))
    except CerberusError as error:
        _say(console, f"the pipeline did not run: {error}", style="red")
        return False
    for message in run.errors[:ERRORS_SHOWN]:
        _say(console, message, style="red")
    return run.ended_well


def outcome_table(run: Run, outcomes: Sequence[Outcome]) -> Table:
    """Return the way from the execution to the protected position, one row a step."""
    table = Table(title="what the pipeline did", title_justify="left", title_style="bold")
    table.add_column("step")
    table.add_column("what")
    colour = "green" if run.ended_well else "red"
    table.add_row(
        "execution", f"[{colour}]{run.state}[/] {run.execution_id} in {run.seconds:.1f} s"
    )
    if not outcomes and run.ended_well:
        table.add_row("signal", "none: nothing to do")
    for outcome in outcomes:
        table.add_row("signal", _signal(outcome.signal))
        table.add_row("decision", _decision(outcome.signal))
        for order in _records(outcome.trade, "orders"):
            table.add_row("order", _order(order))
        if outcome.trade:
            table.add_row("fill", _fill(outcome.trade))
        for item in outcome.exits:
            table.add_row(_text(item, "kind"), _exit(item))
    return table


def print_addresses(console: Console) -> None:
    """Print where the processes listen, where the tokens lie and how to stop."""
    ports, paths, user = load(Ports), load(Paths), load(EngineSettings).username
    lines = (
        f"API        {ports.api_url}  documentation at /docs, token in api_token",
        f"Kestra     {ports.engine_url}  REST API at /api/v1, user {user}, "
        "password in kestra_password",
        f"simulator  {ports.simulator_url}  the paper exchange",
        f"secrets    {paths.under_var('secrets')}  one file each",
        f"logs       {paths.under_var('log')}",
        "stop       scripts/down",
    )
    for line in lines:
        _say(console, line)


def _say(console: Console, line: str, style: str | None = None) -> None:
    console.print(line, style=style, markup=False, highlight=False, soft_wrap=True)


def _signal(record: Record) -> str:
    signal = _record(record, "signal")
    return (
        f"{_text(signal, 'side')} {_text(signal, 'symbol')} by {_text(signal, 'strategy')}, "
        f"confidence {_number(signal, 'confidence')}"
    )


def _decision(record: Record) -> str:
    decision = _record(record, "decision")
    if not decision:
        return _text(record, "status")
    if decision.get("approved"):
        return (
            f"approved: quantity {_number(decision, 'quantity')}, "
            f"risk {_number(decision, 'risk_usd')} USD, leverage {_number(decision, 'leverage')}"
        )
    return f"refused by {_text(decision, 'refused_by')}: {_text(decision, 'reason')}"


def _order(order: Record) -> str:
    words = " ".join(_text(order, name) for name in ("order_type", "side"))
    return f"{words} {_number(order, 'quantity')}, {_text(order, 'client_id')}: " + _text(
        order, "status"
    )


def _fill(trade: Record) -> str:
    return (
        f"{_number(trade, 'filled_quantity')} {_text(trade, 'symbol')} at "
        f"{_number(trade, 'entry_price')}, fees {_number(trade, 'fees')}, "
        f"unprotected for {_milliseconds(trade)}"
    )


def _milliseconds(trade: Record) -> str:
    seconds = trade.get("seconds_unprotected")
    return f"{seconds * 1000:.0f} ms" if isinstance(seconds, int | float) else UNKNOWN


def _exit(item: Record) -> str:
    where = _text(item, "where")
    return (
        f"{_text(item, 'side')} {_number(item, 'quantity')} at {_number(item, 'trigger_price')}, "
        f"{_text(item, 'status')}" + (" on the venue" if where == "venue" else "")
    )


def _record(record: Record, name: str) -> Record:
    found = record.get(name)
    return found if isinstance(found, dict) else {}


def _records(record: Record, name: str) -> list[Record]:
    found = record.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _text(record: Record, name: str) -> str:
    found = record.get(name)
    return UNKNOWN if found is None else str(found)


def _number(record: Record, name: str) -> str:
    try:
        return f"{EIGHT_DIGITS.create_decimal(_text(record, name)).normalize():f}"
    except InvalidOperation:
        return UNKNOWN
