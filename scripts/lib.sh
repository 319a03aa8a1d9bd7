# Shared by the scripts, which source it after `set -euo pipefail`.
root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)"

die() { # message
    printf 'cerberus: %s\n' "$1" >&2
    exit "${2:-1}"
}

# Print the first Python of at least 3.11 on PATH; `python3` wins where it is new enough.
find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            printf '%s\n' "$name"
            return
        fi
    done
    die "Python 3.11 or newer is needed, and none is on PATH (python3 --version says: $(python3 --version 2>&1 || true))"
}

# Print the hash of everything that an environment of this kind is made from.
fingerprint() { # core | dev
    local locks=("$root/requirements/core.lock")
    [ "$1" = core ] || locks+=("$root/requirements/$1.lock")
    { printf '%s\n' "$root"; cat "$root/pyproject.toml" "${locks[@]}"; } | sha256sum | cut -d ' ' -f 1
}

# Make .venv hold what the lock says; costs some milliseconds when it does already.
prepare() { # core | dev
    local wanted stamp="$root/.venv/.cerberus-$1"
    wanted="$(fingerprint "$1")"
    if ! { [ -f "$stamp" ] && [ "$(<"$stamp")" = "$wanted" ] && "$root/.venv/bin/python" -I -S -c '' 2>/dev/null; }; then
        local python
        python="$(find_python)"
        "$python" "$root/scripts/environment.py" "$1" "$wanted"
    fi
    PATH="$root/.venv/bin:$PATH"
    export PATH VIRTUAL_ENV="$root/.venv"
    unset PYTHONHOME
}
