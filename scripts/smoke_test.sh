#!/usr/bin/env bash
set -euo pipefail
usage="usage: scripts/smoke_test.sh

Let the running stack do what it is there for, trades apart, and print what passed; the exit code is
1 when a step failed. It runs the monitoring flow once."
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
case "${1-}" in
    -h | --help) printf '%s\n' "$usage"; exit 0 ;;
    ?*) printf '%s\n' "$usage" >&2; exit 2 ;;
esac
prepare core
exec python -m cerberus.commands.smoke_test
