"""Run the paper exchange: `python -m cerberus.simulator`."""

import asyncio
import logging
import signal
import sys
import time

import uvloop

from cerberus import secret_files
from cerberus.errors import Misconfigured
from cerberus.settings import Paths, Ports, SimulatorSettings, load
from cerberus.simulator.auth import Credentials
from cerberus.simulator.build import build_venue
from cerberus.simulator.control import Control
from cerberus.simulator.exchange import Exchange
from cerberus.simulator.server import Server

_log = logging.getLogger("cerberus.simulator")


async def _serve() -> None:
    paths, ports, settings = load(Paths), load(Ports), load(SimulatorSettings)
    secrets = paths.under_var("secrets")
    secret_files.ensure(secrets)
    credentials = Credentials(
        secret_files.read(secrets, "simulator_key"), secret_files.read(secrets, "simulator_secret")
    )
    data = paths.under_var("data")
    data.mkdir(parents=True, exist_ok=True)
    venue = build_venue(settings, data / "simulator.db", int(time.time() * 1000))
    exchange = Exchange(venue, credentials, time.time)
    control = Control(exchange, settings.control)
    server = Server(exchange, control, settings.latency_milliseconds)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await server.start(ports.host, ports.simulator_port)
    _log.info("listening on %s, dataset %s", ports.simulator_url, settings.dataset)
    await stopping.wait()
    await server.stop()
    venue.store.close()


def main() -> int:
    """Serve until told to stop; return the process's exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        uvloop.run(_serve())
    except Misconfigured as error:
        _log.error("refused to start: %s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
