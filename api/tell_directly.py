"""Tell people while the API is dead: `python -m api.tell_directly FILE`.

The file holds what `POST /api/alerts` takes. It prints one JSON object: `told`, on which `channel`,
how often it was counted, and the `alert_id` under which the API will know it.
"""

import asyncio
import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from api.alert_schemas import AlertIn
from cerberus.bootstrap_tell import tell_directly
from cerberus.errors import CerberusError, Misconfigured


def main(file: str) -> int:
    """Tell the alert of the file and return the exit code, 1 when it waits for the API."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    try:
        told = AlertIn.model_validate_json(Path(file).read_bytes())
        one = asyncio.run(tell_directly(told.to_alert(datetime.now(UTC))))
    except (OSError, ValidationError, Misconfigured) as error:
        print(f"error: {error}", file=sys.stderr)
        return 78  # EX_CONFIG
    except CerberusError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    alert = {"alert_id": one.alert.alert_id, "count": one.alert.count}
    is_told = one.told_at is not None
    print(json.dumps({"told": is_told, "channel": one.channel if is_told else None, **alert}))
    return 0 if is_told else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
