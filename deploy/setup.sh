#!/bin/sh
# Finds or installs what a job needs: deploy/setup.sh npm|demo|test|campaign
#
#   npm       the npm packages of the lock file (they bring Node 24 along)
#   demo      + nats-server, the built console
#   test      + Chromium, PostgreSQL, Mosquitto
#   campaign  + xfsprogs, strace, libfaketime, iproute2, iptables
#
# Says what it does, on stderr, and nothing when all is there. Safe to run twice. Where it may not
# install something it prints the one command that would. A missing piece fails `demo`; for the
# others it is a skip by name in the tests, and a failure with CI=true.
set -eu

job=${1:-demo}
case "$job" in
  npm | demo | test | campaign) ;;
  *)
    echo "setup: unknown job \"$job\": say npm, demo, test or campaign" >&2
    exit 2
    ;;
esac
cd "$(dirname "$0")/.."

say() { echo "setup: $*" >&2; }

# --- one at a time ------------------------------------------------------------------------------

# Two that start at once would pull the packages from under each other. The lock is on a file that
# is there anyway, and goes with this process, however that ends.
take_lock() {
  command -v flock >/dev/null 2>&1 || return 0
  exec 9<package-lock.json
  flock -n 9 && return
  say "another set-up is at work here: waiting for it"
  flock 9
}

# What runs from the packages: a process that loads a module later would find none, or another one.
# Whoever called us (npm under our own Node) is none of them.
users_of_packages() {
  [ -d node_modules ] && [ -r /proc/self/maps ] || return 0
  packages=$(cd node_modules && pwd -P)
  callers=' '
  pid=$$
  while [ "$pid" -gt 1 ]; do
    callers="$callers$pid "
    pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null) || break
    pid=${pid:-0}
  done
  for maps in /proc/[0-9]*/maps; do
    pid=${maps#/proc/}
    pid=${pid%/maps}
    case "$callers" in *" $pid "*) continue ;; esac
    if grep -qF "$packages/" "$maps" 2>/dev/null; then
      echo "  $pid  $(tr '\000' ' ' <"/proc/$pid/cmdline" 2>/dev/null | cut -c1-100)"
    fi
  done
}

# --- npm packages -------------------------------------------------------------------------------

# npm ci deletes node_modules, also under a running demo: only when the lock file changed.
install_packages() {
  lock=$(sha256sum package-lock.json | cut -d' ' -f1)
  stamp=node_modules/.holdfast-lock
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$lock" ]; then return; fi
  command -v npm >/dev/null 2>&1 || {
    say "npm is missing: install Node.js with npm (Debian: apt-get install nodejs npm)"
    exit 1
  }
  users=$(users_of_packages)
  if [ -n "$users" ]; then
    say "package-lock.json asks for other npm packages, but these processes run from the present ones:"
    echo "$users" >&2
    say "stop them (kill PID, systemctl stop holdfast-gateway@NAME), then run this again"
    exit 1
  fi
  say "installing the npm packages of package-lock.json"
  npm ci --loglevel=error --no-audit --no-fund >&2
  echo "$lock" >"$stamp"
}

# The project's own Node 24 comes first; where npm has none for this machine, one on the path does.
find_node() {
  PATH="$PWD/node_modules/.bin:$PATH"
  export PATH
  major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
  if [ "$major" -lt 24 ]; then
    say "Node 24 or newer is needed and npm has none for this machine: install it from nodejs.org"
    exit 1
  fi
}

# --- system packages ----------------------------------------------------------------------------

missing=''
need() { # need COMMAND PACKAGE: what COMMAND is not found, PACKAGE brings
  if ! command -v "$1" >/dev/null 2>&1 && [ ! -x "/usr/sbin/$1" ]; then missing="$missing $2"; fi
}
need_file() { # need_file GLOB PACKAGE
  for file in $1; do if [ -e "$file" ]; then return; fi; done
  missing="$missing $2"
}

active_services() {
  for service in nats-server mosquitto postgresql; do
    if service "$service" status >/dev/null 2>&1; then echo "$service"; fi
  done
}

# Debian starts services on installation, on default ports; we use our own processes and ports.
stop_started_services() { # stop_started_services BEFORE
  for service in $(active_services); do
    case " $1 " in *" $service "*) continue ;; esac
    say "stopping and disabling the service $service that the installation started"
    service "$service" stop >/dev/null 2>&1 || true
    if command -v systemctl >/dev/null 2>&1; then
      systemctl disable "$service" >/dev/null 2>&1 || true
    elif command -v update-rc.d >/dev/null 2>&1; then
      update-rc.d "$service" disable >/dev/null 2>&1 || true
    fi
  done
}

install_missing() {
  if [ -z "$missing" ]; then return; fi
  command="apt-get update && apt-get install --no-install-recommends -y$missing"
  if ! command -v apt-get >/dev/null 2>&1; then
    say "missing:$missing. This machine has no apt-get: install them with its own package manager"
    give_up
  elif [ "$(id -u)" -ne 0 ]; then
    say "missing:$missing. Not root, so run: sudo sh -c '$command'"
    give_up
  else
    say "installing with apt-get:$missing"
    before=$(active_services | tr '\n' ' ')
    output=$(mktemp)
    # A service that the installation starts must not inherit the lock.
    if DEBIAN_FRONTEND=noninteractive sh -c "$command" >"$output" 2>&1 9<&-; then
      rm -f "$output"
      stop_started_services "$before"
    else
      tail -n 5 "$output" >&2
      rm -f "$output"
      say "could not install:$missing. Try: $command"
      give_up
    fi
  fi
}

give_up() {
  if [ "$job" = demo ] || [ "${CI:-}" = true ]; then exit 1; fi
  say "going on: tests that need these are skipped by name"
}

# --- the console --------------------------------------------------------------------------------

build_console() {
  sources=$(find web hub/contracts -type f \( -name '*.ts' -o -name '*.css' -o -name '*.html' \) \
    -not -path 'web/dist/*' -not -name '*.test.ts' | LC_ALL=C sort | xargs cat package-lock.json |
    sha256sum | cut -d' ' -f1)
  if [ -f web/dist/.sources ] && [ "$(cat web/dist/.sources)" = "$sources" ]; then return; fi
  say "building the console"
  node node_modules/vite/bin/vite.js build --config web/vite.config.ts --logLevel warn >&2
  echo "$sources" >web/dist/.sources
}

take_lock
install_packages
find_node
if [ "$job" = npm ]; then exit 0; fi

need nats-server nats-server
if [ "$job" != demo ]; then
  need chromium chromium
  need_file '/usr/lib/postgresql/*/bin/postgres' postgresql
  need mosquitto mosquitto
  need mosquitto_pub mosquitto-clients
fi
if [ "$job" = campaign ]; then
  need mkfs.xfs xfsprogs
  need strace strace
  need_file '/usr/lib/*/faketime/libfaketime.so.1' libfaketime
  need ip iproute2
  need iptables iptables
fi
install_missing
build_console
