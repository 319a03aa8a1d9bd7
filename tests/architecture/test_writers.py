"""What touches the account's books goes through the desk, which checks the lease."""

from pathlib import Path

SERVICES = Path(__file__).parents[2] / "cerberus" / "services"
#: told to any API by a person or a flow, or right to repeat: none of it is an order or a position
UNFENCED = {
    "analytics.py",
    "backups.py",
    "desk.py",
    "emergency.py",
    "maintenance.py",
    "release.py",
    "tasks.py",
    "webhooks.py",
}


def test_only_what_is_no_order_is_written_without_the_lease() -> None:
    found = {file.name for file in SERVICES.glob("*.py") if "store.write(" in file.read_text()}

    assert found == UNFENCED
