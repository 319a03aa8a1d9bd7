#!/usr/bin/env bash
set -euo pipefail
usage="usage: scripts/health-check.sh [-v]

Ask every part of the running stack how it is and print a table; the exit code is 1 when something
is wrong. It changes nothing.
  -v  each part of the API and its figures too"
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
case "${1-}" in
    -h | --help) printf '%s\n' "$usage"; exit 0 ;;
    "" | -v) ;;
    *) printf '%s\n' "$usage" >&2; exit 2 ;;
esac
prepare core
exec python -m cerberus.commands.health_check "$@"
