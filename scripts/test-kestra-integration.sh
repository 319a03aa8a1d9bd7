#!/usr/bin/env bash
set -euo pipefail
usage="usage: scripts/test-kestra-integration.sh

See that the engine, its flows, both webhooks, alerts and metrics of the running stack work together:
every flow is run by hand once. Nothing is traded, closed or stopped: where a flow would, its run is a
dry one, and the line says so. Prints each step and N passed, N failed; the exit code is 1 when a
step failed.

It works on the embedded engine. For another one set
  CERBERUS_KESTRA_URL, CERBERUS_KESTRA_USERNAME, CERBERUS_KESTRA_PASSWORD, CERBERUS_KESTRA_WEBHOOK_KEY
for this script and for the API, which hands its webhooks over to the same engine."
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
case "${1-}" in
    -h | --help) printf '%s\n' "$usage"; exit 0 ;;
    ?*) printf '%s\n' "$usage" >&2; exit 2 ;;
esac
prepare core
exec python -m cerberus.commands.kestra_integration
