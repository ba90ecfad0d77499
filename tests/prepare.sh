#!/usr/bin/env bash
# Gets a machine ready: installs what is missing, says so, and never asks anything.
#
#   tests/prepare.sh python [EXTRA…]   .venv with markbook and these extras
#   tests/prepare.sh system            LibreOffice and what else the tests drive
#   tests/prepare.sh node              the npm tools that the tests run
#
# Where something cannot be installed (no apt, no rights, no network), it says
# exactly what to install by hand, and exits with 1.
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3}
OLDEST="3.11"
VENV=.venv

say() { printf '==> %s\n' "$*" >&2; }

stop() {
    printf '\n' >&2
    printf '%s\n' "$@" >&2
    exit 1
}

here() { command -v "$1" >/dev/null 2>&1; }

# ---------------------------------------------------------------- system packages

# Installs Debian packages. Fails, quietly, where that is not possible.
apt_install() {
    here apt-get || return 1
    local rights=()
    if [ "$(id -u)" != 0 ]; then
        # -n: a password is never asked for in the middle of a run
        here sudo && sudo -n true 2>/dev/null || return 1
        rights=(sudo -n)
    fi
    say "installing with apt-get (this may take minutes): $*"
    local apt=("${rights[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
    # A list that cannot be refreshed may be of a package we do not need.
    "${apt[@]}" update >&2 || say "some package lists could not be refreshed"
    "${apt[@]}" install -y --no-install-recommends "$@" >/dev/null
}

# How to install Debian packages by hand: the sentence to end a message with.
by_hand() {
    if here apt-get; then
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
    if ! here "$PYTHON"; then
        apt_install python3 python3-venv || true
        here "$PYTHON" || stop "There is no $PYTHON here, and Markbooks needs Python $OLDEST or newer." \
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

# What the environment is made from: Python itself and the parts of pyproject.toml
# that say what to install. Where this changes, .venv is made anew, so that nothing
# works by accident with a package that is no longer asked for.
made_from() {
    "$PYTHON" - <<'PY'
import json, sys, tomllib
with open("pyproject.toml", "rb") as file:
    told = tomllib.load(file)
print(sys.version, sys.base_prefix)
print(json.dumps({key: told[key] for key in ("build-system", "project")}, indent=1))
PY
}

python_ready() {
    need_python
    local extras wanted stamp
    extras=$(IFS=,; echo "$*")
    wanted=$(made_from)
    stamp="$VENV/.made-from${extras:+-$extras}"
    if [ -x "$VENV/bin/python" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
        return
    fi
    need_venv
    # An environment that was made for less (demo before test) is added to.
    if [ ! -f "$VENV/.made-from" ] || [ "$(cat "$VENV/.made-from")" != "$wanted" ]; then
        say "making $VENV with $("$PYTHON" -V)"
        "$PYTHON" -m venv --clear "$VENV"
    fi
    say "installing markbook${extras:+ with $extras} into $VENV"
    "$VENV/bin/python" -m pip install -q --disable-pip-version-check -e ".${extras:+[$extras]}" || stop \
        "pip could not install what pyproject.toml asks for (its message is above)." \
        "It needs a package index that it can reach: see 'pip config' for one of your own," \
        "or its --proxy option; then run this again."
    printf '%s\n' "$wanted" >"$VENV/.made-from"
    printf '%s\n' "$wanted" >"$stamp"
}

# ------------------------------------------------------------------------- system

has_calc() { here localc || { ! here apt-get && here soffice; }; }
has_uno() { /usr/bin/python3 -c 'import uno' 2>/dev/null; }
has_gnumeric() { here ssconvert; }
has_chromium() { here chromium || here chromium-browser || here google-chrome; }
has_pdf() { here pdftoppm; }
has_postgres() { here initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_fonts() { here fc-list && [ -n "$(fc-list 'Carlito')" ] && [ -n "$(fc-list 'DejaVu Sans')" ]; }

# What is asked for | Debian's packages | what it is for
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
    local name packages what
    while IFS='|' read -r name packages what; do
        [ -z "$name" ] || "has_$name" || printf '%s|%s|%s\n' "$name" "$packages" "$what"
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
    # The Node that is there may not be Debian's, and Debian's npm would remove it.
    if ! here node; then
        apt_install nodejs npm || true
    fi
    here node && here npm || stop \
        "The tests need Node.js 18 or newer with npm." \
        "$(here node && echo 'Node is there, npm is not: install the npm that belongs to it.' || by_hand nodejs npm)"
    local wanted
    wanted=$(node --version; cat "$tools/package.json")
    [ -f "$tools/node_modules/.made-from" ] && [ "$(cat "$tools/node_modules/.made-from")" = "$wanted" ] && return
    say "installing the npm tools into $tools/node_modules"
    # No lock file: versions are exact, and npm's own record differs by machine.
    (cd "$tools" && npm install --no-package-lock --no-audit --no-fund --loglevel=error >/dev/null) || stop \
        "npm could not install what $tools/package.json asks for (its message is above)." \
        "It needs an npm registry that it can reach: see 'npm config get registry'."
    printf '%s\n' "$wanted" >"$tools/node_modules/.made-from"
}

case "${1:-}" in
    python) shift; python_ready "$@" ;;
    system) system_ready ;;
    node) node_ready ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
