"""The command line behind `scripts/up` and `scripts/down`."""

import argparse
import sys

from rich.console import Console

from cerberus.errors import CerberusError
from cerberus.supervisor import daemon, state
from cerberus.supervisor.decisions import Phase
from cerberus.supervisor.display import process_table
from cerberus.supervisor.programs import cerberus_stack
from cerberus.supervisor.stack import Stack
from cerberus.supervisor.steps import STEPS
from cerberus.supervisor.summary import first_run, print_addresses
from cerberus.supervisor.up import FAILED, READY, Hooks, Options, stop_all, up

UP_EPILOG = """exit codes: 0 all processes are ready (and were, until Ctrl-C stopped them: 130);
1 a start failed; 2 wrong usage; 3 all are ready, but the pipeline did not end well"""


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    chosen = _parser().parse_args(arguments)
    console = Console()
    try:
        stack = cerberus_stack(getattr(chosen, "mode", None))
        match chosen.command:
            case "up":
                hooks = Hooks(STEPS, first_run, print_addresses)
                options = Options(chosen.detach, not chosen.no_pipeline, chosen.mode)
                return up(stack, options, hooks, console)
            case "down":
                stop_all(stack, console)
                return READY
            case _:
                return _status(stack, console)
    except CerberusError as error:
        Console(stderr=True).print(f"cerberus: {error}", markup=False, highlight=False)
        return FAILED


def _status(stack: Stack, console: Console) -> int:
    found = state.read(stack.state_file)
    if daemon.running_pid(stack) is None or found is None:
        console.print("nothing is running", highlight=False)
        return FAILED
    console.print(process_table(stack, found))
    return READY if all(item.phase is Phase.READY for item in found.health.values()) else FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cerberus.supervisor", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser(
        "up",
        prog="scripts/up",
        description="Set up what is missing, start all processes, run the trading pipeline once, "
        "and stay up. On a running stack it changes nothing and says what runs.",
        epilog=UP_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    start.add_argument("--detach", action="store_true", help="return once all are ready")
    start.add_argument("--no-pipeline", action="store_true", help="do not run the pipeline")
    start.add_argument("--mode", choices=["paper", "testnet", "live"], help="default: paper")
    commands.add_parser(
        "down", prog="scripts/down", description="Stop all processes of this stack within 30 s."
    )
    commands.add_parser("status", description="Say what runs; exit code 0 when all are ready.")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
