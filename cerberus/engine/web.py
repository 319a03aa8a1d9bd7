"""The HTTP side of the engine process: the API over a running engine, and its server."""

import uvicorn

from cerberus import secret_files
from cerberus.engine.api.app import build_app
from cerberus.engine.api.auth import Credentials
from cerberus.engine.api.routers.care import Care
from cerberus.engine.kestra.facade import Kestra
from cerberus.engine.reports import Reports
from cerberus.engine.secrets import Vault
from cerberus.engine.surroundings import Surroundings

HTTP_STOP_SECONDS = 2


def http_server(
    around: Surroundings, kestra: Kestra, vault: Vault, reports: Reports
) -> uvicorn.Server:
    """Return the server that is to be run."""
    settings = around.settings
    password = secret_files.read(around.secrets, "kestra_password")
    app = build_app(kestra, Credentials(settings.username, password), reports)
    backups = around.paths.under_var("backup").resolve()
    app.state.care = Care(vault, around.home, backups, settings.backups_kept)
    config = uvicorn.Config(
        app,
        host=around.ports.host,
        port=around.ports.engine_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=HTTP_STOP_SECONDS,
        # longer than clients keep idle connections: none is closed under a request
        timeout_keep_alive=75,
    )
    return uvicorn.Server(config)
