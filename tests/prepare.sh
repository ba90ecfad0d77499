#!/usr/bin/env bash
# Prepare a machine: install what is missing, and never prompt.
#
#   tests/prepare.sh python [EXTRA…]   .venv with markbook and these extras
#   tests/prepare.sh system            LibreOffice and other programs that the tests drive
#   tests/prepare.sh node              the npm tools that the tests run
#   tests/prepare.sh lock              requirements.lock, from the newest versions
#
# If something cannot be installed (no apt, no rights, no network), it prints what to
# install by hand, and exits with 1.
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3}
OLDEST="3.11"
VENV=.venv
LOCK=requirements.lock

say() { printf '==> %s\n' "$*" >&2; }

stop() {
    printf '\n' >&2
    printf '%s\n' "$@" >&2
    exit 1
}

has_command() { command -v "$1" >/dev/null 2>&1; }

# ---------------------------------------------------------------- system packages

# Install Debian packages; fail quietly if that is not possible.
apt_install() {
    has_command apt-get || return 1
    local rights=()
    if [ "$(id -u)" != 0 ]; then
        # -n: never prompt for a password
        has_command sudo && sudo -n true 2>/dev/null || return 1
        rights=(sudo -n)
    fi
    say "installing with apt-get (this may take minutes): $*"
    local apt=("${rights[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
    # A list that cannot be refreshed may be of packages that are not needed.
    "${apt[@]}" update >&2 || say "some package lists could not be refreshed"
    "${apt[@]}" install -y --no-install-recommends "$@" >/dev/null
}

# How to install Debian packages by hand, to end a message with.
by_hand() {
    if has_command apt-get; then
        printf 'As root: apt-get update && apt-get install -y %s' "$*"
    else
        printf 'On Debian these are the packages: %s' "$*"
    fi
}

# ------------------------------------------------------------------------- python

new_enough() {
    "$PYTHON" -c "import sys; sys.exit(sys.version_info < (${OLDEST/./, }))"
}

need_python() {
    if ! has_command "$PYTHON"; then
        apt_install python3 python3-venv || true
        has_command "$PYTHON" || stop "There is no $PYTHON here, and Markbooks needs Python $OLDEST or newer." \
            "$(by_hand python3 python3-venv)"
    fi
    new_enough || stop \
        "Markbooks needs Python $OLDEST or newer; $PYTHON is $("$PYTHON" -V 2>&1)." \
        "Install a newer one (Debian 12 and Ubuntu 24.04 have it: python3 python3-venv)" \
        "and name it, if it is not python3: make ${MAKECMDGOALS:-test} PYTHON=python3.12"
}

need_venv() {
    "$PYTHON" -c "import venv, ensurepip" 2>/dev/null && return
    local version package
    version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    for package in "python$version-venv" python3-venv; do
        apt_install "$package" || true
        "$PYTHON" -c "import venv, ensurepip" 2>/dev/null && return
    done
    stop "$PYTHON has no venv module." "$(by_hand python3-venv)"
}

# What the environment depends on: Python itself, the parts of pyproject.toml that say
# what to install, and the lock. If this changes, .venv is created anew, so that nothing
# works by accident with a package that is no longer required.
environment_key() {
    "$PYTHON" - <<'PY'
import hashlib, json, pathlib, sys, tomllib
with open("pyproject.toml", "rb") as file:
    config = tomllib.load(file)
lock = pathlib.Path("requirements.lock")
print(sys.version, sys.base_prefix)
print(json.dumps({key: config[key] for key in ("build-system", "project")}, indent=1))
print(hashlib.sha256(lock.read_bytes() if lock.exists() else b"").hexdigest())
PY
}

# The Python and platform, as the lock names those that it is for.
lock_target() {
    "$PYTHON" -c 'import platform, sys
print("Python %d.%d on %s" % (*sys.version_info[:2], sys.platform), platform.machine())'
}

# Install into .venv, with the versions of the lock if it is for this Python and platform
# and the package index has them all; else with the newest versions.
pip_install() {
    local pip=("$VENV/bin/python" -m pip install -q --disable-pip-version-check)
    if [ -f "$LOCK" ] && head -n 1 "$LOCK" | grep -qF "$(lock_target)"; then
        "${pip[@]}" -c "$LOCK" "$@" && return
        say "the versions in $LOCK cannot be installed here: taking the newest ones"
    fi
    "${pip[@]}" "$@"
}

python_ready() {
    need_python
    local extras key stamp
    extras=$(IFS=,; echo "$*")
    key=$(environment_key)
    stamp="$VENV/.made-from${extras:+-$extras}"
    if [ -x "$VENV/bin/python" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$key" ]; then
        return
    fi
    need_venv
    # An environment with fewer extras (demo before test) is extended.
    if [ ! -f "$VENV/.made-from" ] || [ "$(cat "$VENV/.made-from")" != "$key" ]; then
        say "creating $VENV with $("$PYTHON" -V)"
        "$PYTHON" -m venv --clear "$VENV"
    fi
    say "installing markbook${extras:+ with $extras} into $VENV"
    pip_install -e ".${extras:+[$extras]}" || stop \
        "pip could not install what pyproject.toml requires (its message is above)." \
        "It needs a package index that it can reach: see 'pip config' for one of your own," \
        "or its --proxy option; then run this again."
    printf '%s\n' "$key" >"$VENV/.made-from"
    printf '%s\n' "$key" >"$stamp"
}

# Resolve all extras in a temporary environment, and write down the exact versions.
write_lock() {
    need_python
    need_venv
    local folder
    folder=$(mktemp -d)
    "$PYTHON" -m venv "$folder"
    "$folder/bin/python" -m pip install -q -e ".[server,postgres,reports,cluster,dev]"
    {
        printf '# Exact versions of every dependency and extra, for %s.\n' "$(lock_target)"
        printf '# Written by `bash tests/prepare.sh lock`; used as a constraint where it fits.\n'
        "$folder/bin/python" -m pip freeze --exclude-editable --all --exclude pip |
            LC_ALL=C sort -f
    } >"$LOCK"
    rm -rf "$folder"
}

# ------------------------------------------------------------------------- system

has_calc() { has_command localc || { ! has_command apt-get && has_command soffice; }; }
has_uno() { /usr/bin/python3 -c 'import uno' 2>/dev/null; }
has_gnumeric() { has_command ssconvert; }
has_chromium() { has_command chromium || has_command chromium-browser || has_command google-chrome; }
has_pdf() { has_command pdftoppm; }
has_postgres() { has_command initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_fonts() { has_command fc-list && [ -n "$(fc-list 'Carlito')" ] && [ -n "$(fc-list 'DejaVu Sans')" ]; }

# Name | Debian's packages | purpose
SYSTEM="
calc|libreoffice-calc|LibreOffice Calc (localc, soffice): opens, fills and saves markbooks
uno|python3-uno|LibreOffice's Python bridge: types into cells as a teacher does
gnumeric|gnumeric|Gnumeric (ssconvert): a second opinion on formulas
chromium|chromium|Chromium: the task pane of the add-in
pdf|poppler-utils|Poppler (pdftoppm): pictures of rendered sheets
postgres|postgresql|PostgreSQL: the store of a school that keeps it on a server
fonts|fontconfig fonts-crosextra-carlito fonts-dejavu-core|fonts as wide as Excel's
"

missing() {
    local name packages purpose
    while IFS='|' read -r name packages purpose; do
        [ -z "$name" ] || "has_$name" || printf '%s|%s|%s\n' "$name" "$packages" "$purpose"
    done <<<"$SYSTEM"
}

system_ready() {
    local lacking packages
    lacking=$(missing)
    [ -z "$lacking" ] && return
    say "the tests need:"
    cut -d'|' -f3 <<<"$lacking" | sed 's/^/      /' >&2
    packages=$(cut -d'|' -f2 <<<"$lacking" | tr '\n' ' ')
    # shellcheck disable=SC2086  # a list of words
    apt_install $packages || true
    lacking=$(missing)
    [ -z "$lacking" ] && return
    packages=$(cut -d'|' -f2 <<<"$lacking" | tr '\n' ' ')
    stop "The tests need these, and they could not be installed from here:" \
        "$(cut -d'|' -f3 <<<"$lacking" | sed 's/^/  - /')" \
        "$(by_hand "${packages% }")" \
        "Then run this again. (\`make demo\` needs none of them.)"
}

# --------------------------------------------------------------------------- node

node_ready() {
    local tools=tests/node
    # The installed Node may not be Debian's, and Debian's npm would remove it.
    if ! has_command node; then
        apt_install nodejs npm || true
    fi
    has_command node && has_command npm || stop \
        "The tests need Node.js 18 or newer with npm." \
        "$(has_command node && echo 'Node is there, npm is not: install the npm that belongs to it.' || by_hand nodejs npm)"
    local key
    key=$(node --version; cat "$tools/package.json")
    [ -f "$tools/node_modules/.made-from" ] && [ "$(cat "$tools/node_modules/.made-from")" = "$key" ] && return
    say "installing the npm tools into $tools/node_modules"
    # No lock file: versions are exact, and npm's own record differs by machine.
    (cd "$tools" && npm install --no-package-lock --no-audit --no-fund --loglevel=error >/dev/null) || stop \
        "npm could not install what $tools/package.json requires (its message is above)." \
        "It needs an npm registry that it can reach: see 'npm config get registry'."
    printf '%s\n' "$key" >"$tools/node_modules/.made-from"
}

case "${1:-}" in
    python) shift; python_ready "$@" ;;
    system) system_ready ;;
    node) node_ready ;;
    lock) write_lock ;;
    *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
