#!/bin/sh
# Installs Booner on this machine: as a host, whose agent (and runner, if you want tasks) report to a hub; or as the hub itself. It needs
# Linux with systemd and nothing else: Node.js is in the package. Running it again upgrades or repairs. `install.sh --help` lists all.
#
# Everything is inside functions, and the last line calls main: a download that was cut off does nothing.

# shellcheck disable=SC2015,SC2016 # `a && b || fail` is meant so; what stands in single quotes is for others
set -eu
umask 022

VERSION='@VERSION@'
PREFIX=/opt/booner
CONFIG=/etc/booner
CREDENTIALS=$CONFIG/credentials
STATE=/var/lib/booner
UNITS=/etc/systemd/system
COMMAND=/usr/local/bin/booner
OLDEST_SYSTEMD=247
NEEDED_MIB=500
# Seconds.
HEALTHY_WITHIN=60
CLOCK_SKEW=5
MAX_LABEL_CHARACTERS=200 # as in packages/protocol/src/limits.ts

usage() {
  cat <<'TEXT'
install.sh --hub URL --key KEY   installs the agent; the key comes from `booner target add` or the dashboard
  --enable-tasks                 installs the runner too, which runs what /etc/booner/actions.d allows
  --no-remote-upgrade            with --enable-tasks: leaves out the action that upgrades this host from the hub
  --label TEXT                   what this host is, in your words
  --ca FILE                      certificate authority of the hub, in PEM, when it is one of your own
  --offline TARBALL              takes the package from a file instead of the hub
  --dry-run                      checks everything and says what it would do

install.sh --offline TARBALL --redis-url URL --redis-password-file FILE [--redis-username NAME]
           [--redis-ca-file FILE] [--host-id ID]
                                 without a key: a Redis whose password all share (see docs/redis.md for the risk)

install.sh --role hub --offline TARBALL [--listen ADDRESS] [--port PORT] [--public-url URL]
           [--redis-url URL --redis-password-file FILE [--redis-username NAME] [--redis-ca-file FILE]]
           [--enroller-username NAME --enroller-password-file FILE]
                                 installs the hub

install.sh --upgrade VERSION     replaces what is installed, and goes back when it does not come up
install.sh --uninstall           removes everything of Booner from this machine
TEXT
}

say() { printf '%s\n' "$*"; }
ok() { printf '  ok    %s\n' "$*"; }
warn() { printf '  note  %s\n' "$*"; }
# fail WHAT MEND: both are sentences.
fail() {
  failure=$1
  printf '\nNot installed: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '%s\n' "$2" >&2
  exit 1
}

main() {
  read_arguments "$@"
  case $action in
    install) install_role ;;
    upgrade) upgrade_to "$to_version" ;;
    uninstall) uninstall ;;
  esac
}

read_arguments() {
  action=install role=host
  hub='' key=${BOONER_KEY-} label='' label_given=no ca='' offline='' tasks=no remote_upgrade=yes dry_run=no to_version=''
  redis_url='' redis_username='' redis_password_file='' redis_ca_file='' host_id=''
  listen='' port='' public_url='' enroller_username='' enroller_password_file=''
  while [ $# -gt 0 ]; do
    case $1 in
      --enable-tasks) tasks=yes; shift; continue ;;
      --no-remote-upgrade) remote_upgrade=no; shift; continue ;;
      --dry-run) dry_run=yes; shift; continue ;;
      --uninstall) action=uninstall; shift; continue ;;
      --help | -h) usage; exit 0 ;;
    esac
    [ $# -ge 2 ] || fail "$1 is unknown or lacks its value." "See: install.sh --help"
    case $1 in
      --hub) hub=${2%/} ;;
      --key) key=$2 ;;
      --label) label=$2 label_given=yes ;;
      --ca) ca=$2 ;;
      --offline) offline=$2 ;;
      --role) role=$2 ;;
      --upgrade) action=upgrade to_version=$2 ;;
      --redis-url) redis_url=$2 ;;
      --redis-username) redis_username=$2 ;;
      --redis-password-file) redis_password_file=$2 ;;
      --redis-ca-file) redis_ca_file=$2 ;;
      --host-id) host_id=$2 ;;
      --listen) listen=$2 ;;
      --port) port=$2 ;;
      --public-url) public_url=$2 ;;
      --enroller-username) enroller_username=$2 ;;
      --enroller-password-file) enroller_password_file=$2 ;;
      *) fail "$1 is unknown." "See: install.sh --help" ;;
    esac
    shift 2
  done
  [ "$(count_characters "$label")" -le "$MAX_LABEL_CHARACTERS" ] ||
    fail "--label has more than $MAX_LABEL_CHARACTERS characters." 'Shorten it, and run this again: the key has not been used.'
  case $role in host | hub) ;; *) fail "--role is host or hub, not $role." ;; esac
  case $redis_url in *://*:*@*) fail "--redis-url holds a password, which everybody on this machine could read." \
    "Put it into a file and name that: --redis-password-file FILE" ;; esac
  [ -z "$key" ] || [ -n "$hub" ] || fail '--key needs --hub.' 'Copy the whole line again.'
  for file in "$ca" "$offline" "$redis_password_file" "$redis_ca_file" "$enroller_password_file"; do
    [ -z "$file" ] || [ -r "$file" ] || fail "$file cannot be read." "Check the path."
  done
  [ -n "$hub" ] || hub=$(setting "$CONFIG/install.env" HUB_URL)
  if [ -z "$ca" ] && [ -r "$CONFIG/hub-ca.pem" ]; then ca=$CONFIG/hub-ca.pem; fi
  case $key in *[!A-Za-z0-9_-]*) fail '--key is no key.' 'Copy the whole line again.' ;; esac
  case $hub in '' | http://* | https://*) ;; *) fail "--hub is a URL such as http://10.0.0.1:8000, not $hub." ;; esac
}

# count_characters TEXT: in UTF-16 code units, as the agent counts. Every character of UTF-8 is one byte that is not a
# continuation byte; those of four bytes are two units.
count_characters() {
  all=$(printf '%s' "$1" | LC_ALL=C tr -d '\200-\277' | wc -c)
  wide=$(printf '%s' "$1" | LC_ALL=C tr -cd '\360-\367' | wc -c)
  echo $((all + wide))
}

# --- checks -----------------------------------------------------------------------------------------------------------------------

check_machine() {
  say 'This machine'
  [ "$(uname -s)" = Linux ] || fail "this is $(uname -s), and Booner's packages are for Linux." \
    'Elsewhere the agent runs from a clone of the repository.'
  case $(uname -m) in
    x86_64 | amd64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) fail "there is no package for $(uname -m)." 'There are packages for x86_64 and aarch64.' ;;
  esac
  [ -d /run/systemd/system ] || fail 'systemd does not run here.' \
    'The packages are services of systemd. In containers, use the images (docs/install.md).'
  systemd=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
  [ "${systemd:-0}" -ge $OLDEST_SYSTEMD ] || fail "systemd $systemd is too old: $OLDEST_SYSTEMD or newer is needed." \
    'Debian 11, Ubuntu 22.04 and RHEL 9 have it.'
  for tool in tar gzip sha256sum sed awk df mktemp readlink base64 flock; do
    command -v $tool >/dev/null || fail "$tool is missing." "Install it with this system's package manager."
  done
  if [ "$dry_run" = no ] && [ "$(id -u)" -ne 0 ]; then
    fail 'this needs root.' 'Run it with sudo.'
  fi
  free=$(df -Pk "$(nearest "$PREFIX")" | awk 'NR == 2 { print int($4 / 1024) }')
  [ "$free" -ge $NEEDED_MIB ] || fail "$(nearest "$PREFIX") has $free MiB free, and $NEEDED_MIB are needed." \
    'Make room there.'
  ok "Linux on $arch, systemd $systemd, $free MiB free"
}

# The folder itself, or the nearest one above that is there.
nearest() {
  folder=$1
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  printf '%s' "$folder"
}

check_hub() {
  say "The hub at $hub"
  fetch "$hub/healthz" - >/dev/null || fail "$hub cannot be reached: $fetch_error." \
    "Try from here: curl -v $hub/healthz   On the hub's machine: does it listen on this address, and does its firewall let port $(port_of "$hub") in?"
  ok 'can be reached'
  there=$(hub_time)
  [ -n "$there" ] || return 0
  skew=$(($(date +%s) - there))
  [ ${skew#-} -gt $CLOCK_SKEW ] || { ok "clocks agree to $CLOCK_SKEW s"; return 0; }
  warn "this machine's clock is off by $skew s from the hub's. Samples are timed by the hub, so this only confuses logs."
  warn 'Mend it with: timedatectl set-ntp true'
}

# Seconds since 1970 by the Date header; nothing when that is not to be had.
hub_time() {
  if command -v curl >/dev/null; then
    header=$(curl -sI --max-time 10 ${ca:+--cacert "$ca"} "$hub/healthz" 2>/dev/null) || return 0
  else
    header=$(wget -q -S --spider ${ca:+--ca-certificate="$ca"} "$hub/healthz" 2>&1) || return 0
  fi
  date -u -d "$(printf '%s\n' "$header" | tr -d '\r' | sed -n 's/^ *[Dd]ate: //p' | tail -n 1)" +%s 2>/dev/null || :
}

port_of() {
  case ${1#*://} in
    *:[0-9]*) printf '%s' "$1" | sed 's/.*:\([0-9]*\).*/\1/' ;;
    *) case $1 in https:*) printf 443 ;; *) printf 80 ;; esac ;;
  esac
}

# Whether each server that the URL names takes a connection. Asked with the Node.js of the package.
check_redis() {
  say 'Redis'
  complaint=$("$1/bin/node" -e '
    const url = process.argv[1];
    const servers = url.replace(/^[a-z+]+:\/\//i, "").replace(/^[^@]*@/, "").split(/[/?]/)[0].split(",");
    const port = /sentinel/.test(url) ? 26379 : 6379;
    const tries = servers.map((server) => {
      const [, host, given] = /^(.*?)(?::(\d+))?$/.exec(server.startsWith("[") ? server.replace(/^\[(.*)\]/, "$1|") : server);
      const address = server.startsWith("[") ? host.split("|")[0] : host;
      return new Promise((resolve) => {
        const socket = require("net").connect(Number(given ?? port), address, () => resolve(null));
        socket.setTimeout(5000, () => resolve(`${server}: no answer within 5 s (a firewall?)`));
        socket.on("error", (error) => resolve(`${server}: ${error.code}`));
      });
    });
    Promise.all(tries).then((answers) => {
      if (answers.every(Boolean)) console.log(answers.join("; "));
      process.exit(0);
    });' "$2") || fail "the package's Node.js does not run here." 'It needs glibc 2.28 or newer, as Debian 10 or RHEL 8 have it.'
  [ -z "$complaint" ] || fail "Redis cannot be reached: $complaint." \
    "Does it listen on that address (bind in redis.conf), and does its machine's firewall let this one in? Then run this again: no new key is needed."
  ok "$(printf '%s' "$2" | sed 's#//[^@]*@#//#') takes connections"
}

# --- downloads --------------------------------------------------------------------------------------------------------------------

# fetch URL FILE: into the file, or to stdout for -. On failure fetch_error says why.
fetch() {
  fetch_error=''
  if command -v curl >/dev/null; then
    curl -fsSL --connect-timeout 10 --max-time 900 ${ca:+--cacert "$ca"} -o "$2" "$1" 2>/dev/null && return 0
    case $? in
      6) fetch_error='its name cannot be resolved' ;;
      7) fetch_error='the connection is refused' ;;
      22) fetch_error='the answer is an error' ;;
      28) fetch_error='no answer in time (a firewall?)' ;;
      35 | 60) fetch_error='its certificate is not trusted here (--ca FILE names an authority of your own)' ;;
      *) fetch_error="curl ended with $?" ;;
    esac
  elif command -v wget >/dev/null; then
    wget -q --timeout=30 --tries=1 ${ca:+--ca-certificate="$ca"} -O "$2" "$1" && return 0
    fetch_error="wget ended with $?"
  else
    fail 'neither curl nor wget is here.' 'Install one of them.'
  fi
  return 1
}

# Puts the package of a version into $work/package.tar.gz, and holds it against the hub's sums.
download() {
  name=booner-$role-$1-linux-$arch.tar.gz
  say "The package $name"
  if ! fetch "$hub/packages/SHA256SUMS" "$work/SHA256SUMS"; then
    mend="$hub does not answer this host. If the hub has another address now, run its line here, without a key: --hub URL"
    case $fetch_error in *'is an error' | 'wget ended with 8')
      mend='The hub has no packages to serve: run `npm run package` there, or point BOONER_PACKAGES_DIR at them.' ;;
    esac
    fail "$hub/packages/SHA256SUMS cannot be had: $fetch_error." "$mend"
  fi
  grep -q "  $name\$" "$work/SHA256SUMS" || fail "the hub does not serve $name." \
    "It has: $(sed 's/^[0-9a-f]*  //' "$work/SHA256SUMS" | tr '\n' ' ')"
  fetch "$hub/packages/$name" "$work/package.tar.gz" || fail "$name cannot be downloaded: $fetch_error." 'Try again.'
  verify "$work/SHA256SUMS" "$name"
}

# Takes --offline's file, with the SHA256SUMS beside it if there is one.
take_offline() {
  name=$(basename "$offline")
  say "The package $name"
  cp "$offline" "$work/package.tar.gz"
  sums=$(dirname "$offline")/SHA256SUMS
  if [ -r "$sums" ] && grep -q "  $name\$" "$sums"; then verify "$sums" "$name"
  else warn 'there is no SHA256SUMS beside it that names it: it is taken as it is'; fi
}

verify() {
  wanted=$(sed -n "s/^\([0-9a-f]*\)  $2\$/\1/p" "$1")
  found=$(sha256sum "$work/package.tar.gz" | cut -d ' ' -f 1)
  [ "$wanted" = "$found" ] || fail "$2 does not have the checksum that it should have." \
    'It was damaged on the way, or changed. Try again; if it stays so, make the packages again.'
  ok 'the checksum is right'
}

# Unpacks it to $PREFIX/versions/<version> and sets $version. What is there already in good order stays.
unpack() {
  mkdir "$work/package"
  tar -xzf "$work/package.tar.gz" -C "$work/package" --strip-components=1 --no-same-owner 2>/dev/null ||
    fail 'the package cannot be unpacked.' 'Is there room, and is it a tarball of Booner?'
  version=$(cat "$work/package/VERSION" 2>/dev/null) || fail "this is no package of Booner."
  [ "$role" = host ] || [ -e "$work/package/booner-hub.mjs" ] || fail 'this package is for hosts.' \
    "The hub's is called booner-hub-$version-linux-$arch.tar.gz."
  "$work/package/bin/node" --version >/dev/null 2>&1 || fail "the package's Node.js does not run here." \
    'Is it for this architecture? It needs glibc 2.28 or newer, as Debian 10 or RHEL 8 have it.'
  target=$PREFIX/versions/$version
  mkdir -p "$PREFIX/versions"
  if [ -e "$target/booner-hub.mjs" ] && [ ! -e "$work/package/booner-hub.mjs" ]; then
    # This machine is the hub too, whose package holds all of the host's.
    ok "version $version is here already, as the hub's"
    return 0
  fi
  # Whoever runs from there goes on: the folder that it has open stays until it ends.
  if [ -e "$target" ]; then mv "$target" "$work/replaced"; fi
  mv "$work/package" "$target"
  ok "unpacked to $target"
}

# --- settings ---------------------------------------------------------------------------------------------------------------------

# setting FILE NAME: its value, as set_setting wrote it.
setting() {
  [ -r "$1" ] || return 0
  sed -n "s/^$2=\"\{0,1\}\(.*[^\"]\)\"\{0,1\}\$/\1/p" "$1" | tail -n 1
}

# set_setting FILE NAME VALUE: in place of the line that was there; other lines stay. Quoted as systemd.exec(5) reads it.
set_setting() {
  escaped=$(printf '%s' "$3" | tr -d '\000-\037' | sed 's/[\\"$`]/\\&/g')
  touch "$1"
  { grep -v "^$2=" "$1" || :; printf '%s="%s"\n' "$2" "$escaped"; } >"$1.new"
  mv "$1.new" "$1"
}

# set_credential NAME FILE: readable by root alone.
set_credential() {
  (umask 077 && cat "$2" >"$CREDENTIALS/$1.new" && mv "$CREDENTIALS/$1.new" "$CREDENTIALS/$1")
}

make_config_folders() {
  mkdir -p "$CONFIG"
  chmod 755 "$CONFIG" # the services' own users read the authority's certificate in it
  (umask 077 && mkdir -p "$CREDENTIALS")
  chmod 700 "$CREDENTIALS"
}

# --- enrolment --------------------------------------------------------------------------------------------------------------------

# Exchanges the key for this host's own credentials. The key is sent in the body, from a file that only root can read.
enrol() {
  say 'Enrolment'
  roles='"agent"'
  [ "$tasks" = no ] || roles='"agent","runner"'
  (umask 077 && printf '{"key":"%s","roles":[%s]}' "$key" "$roles" >"$work/request" && : >"$work/answer")
  if command -v curl >/dev/null; then
    status=$(curl -sS --max-time 30 ${ca:+--cacert "$ca"} -o "$work/answer" -w '%{http_code}' -H 'Accept: text/plain' \
      -H 'Content-Type: application/json' --data "@$work/request" "$hub/enrol") || fail "the hub does not answer: curl ended with $?." 'Try again.'
  else
    wget -q -S --timeout=30 --tries=1 ${ca:+--ca-certificate="$ca"} --content-on-error --header='Accept: text/plain' \
      --header='Content-Type: application/json' --post-file="$work/request" -O "$work/answer" "$hub/enrol" 2>"$work/headers" || :
    status=$(sed -n 's/^ *HTTP\/[0-9.]* \([0-9]*\).*/\1/p' "$work/headers" | tail -n 1)
  fi
  rm -f "$work/request"
  if [ "$status" != 200 ]; then
    detail=$(sed -n 's/.*"detail":"\([^"]*\)".*/\1/p' "$work/answer")
    fail "the hub refuses the key: ${detail:-it answered ${status:-nothing}}" \
      'Keys serve once and for 15 minutes. Make another: booner target add HOST (with --replace if the host is enrolled already), or "Add host" on the dashboard.'
  fi
  make_config_folders
  redis_ca=''
  while read -r line; do
    value=${line#*=}
    case ${line%%=*} in
      HOST_ID) host_id=$value; set_both BOONER_HOST_ID "$value" ;;
      REDIS_URL) redis_url=$value; set_both REDIS_URL "$value" ;;
      AGENT_USERNAME) set_setting "$CONFIG/agent.env" REDIS_USERNAME "$value" ;;
      RUNNER_USERNAME) [ -z "$value" ] || [ "$tasks" = no ] || set_setting "$CONFIG/runner.env" REDIS_USERNAME "$value" ;;
      AGENT_PASSWORD) secret_line redis-agent-password "$value" ;;
      RUNNER_PASSWORD) [ -z "$value" ] || [ "$tasks" = no ] || secret_line redis-runner-password "$value" ;;
      LABEL_BASE64) [ -z "$value" ] || [ "$label_given" = yes ] || label=$(printf '%s' "$value" | base64 -d) ;;
      REDIS_CA_BASE64) redis_ca=$value ;;
    esac
  done <"$work/answer"
  rm -f "$work/answer"
  [ -n "$host_id" ] && [ -n "$redis_url" ] && [ -s "$CREDENTIALS/redis-agent-password" ] ||
    fail "the hub's answer is incomplete." "Is $hub a hub of Booner of this version?"
  if [ -n "$redis_ca" ]; then
    printf '%s' "$redis_ca" | base64 -d >"$CONFIG/redis-ca.pem"
    set_both REDIS_CA_FILE "$CONFIG/redis-ca.pem"
  fi
  set_setting "$CONFIG/install.env" KEY_SHA256 "$(sum_of_key)"
  ok "this host is $host_id"
}

sum_of_key() { printf '%s' "$key" | sha256sum | cut -d ' ' -f 1; }

# Whether it was this key that this host's credentials were had for: the same line, pasted again, then repairs.
is_enrolled_by_key() {
  [ "$(setting "$CONFIG/install.env" KEY_SHA256)" = "$(sum_of_key)" ] && [ -s "$CREDENTIALS/redis-agent-password" ] || return 1
  [ "$tasks" = no ] || [ -s "$CREDENTIALS/redis-runner-password" ]
}

# In what the agent reads and, where there is one, the runner.
set_both() {
  set_setting "$CONFIG/agent.env" "$1" "$2"
  [ "$tasks" = no ] || set_setting "$CONFIG/runner.env" "$1" "$2"
}

secret_line() {
  (umask 077 && printf '%s\n' "$2" >"$work/secret")
  set_credential "$1" "$work/secret"
  rm -f "$work/secret"
}

# Simple mode: agent and runner share what the operator gives.
take_redis() {
  [ -n "$redis_password_file" ] || fail '--redis-url needs --redis-password-file.' \
    'A Redis that hosts reach without a password is open to everybody.'
  make_config_folders
  set_both REDIS_URL "$redis_url"
  [ -z "$redis_username" ] || set_both REDIS_USERNAME "$redis_username"
  [ -z "$host_id" ] || set_both BOONER_HOST_ID "$host_id"
  set_credential redis-agent-password "$redis_password_file"
  [ "$tasks" = no ] || set_credential redis-runner-password "$redis_password_file"
  take_redis_ca agent.env
  [ "$tasks" = no ] || take_redis_ca runner.env
}

take_redis_ca() {
  [ -n "$redis_ca_file" ] || return 0
  [ "$redis_ca_file" = "$CONFIG/redis-ca.pem" ] || cat "$redis_ca_file" >"$CONFIG/redis-ca.pem"
  set_setting "$CONFIG/$1" REDIS_CA_FILE "$CONFIG/redis-ca.pem"
}

# --- installing -------------------------------------------------------------------------------------------------------------------

install_role() {
  check_machine
  if [ "$role" = host ]; then prepare_host; else prepare_hub; fi
  if [ "$role" = host ] && [ -n "$hub" ]; then check_hub; fi
  if [ "$dry_run" = yes ]; then plan; return 0; fi
  open_work
  if [ -n "$offline" ]; then take_offline; else download "$VERSION"; fi
  unpack
  if [ "$role" = host ]; then configure_host; else configure_hub; fi
  previous=$(installed_version)
  if ! activate "$version"; then
    reason=$activation_error again=$touched
    [ -n "$previous" ] && [ "$previous" != "$version" ] ||
      fail "$reason." 'What it says: journalctl -u booner-agent -u booner-runner -u booner-hub -n 20. Run this again when that is mended.'
    activate "$previous" "$again" || warn "version $previous does not come up either: $activation_error"
    fail "version $version does not come up: $reason. Version $previous runs again." 'What it says: journalctl -u "booner-*" -n 50'
  fi
  forget_old_versions "$version" "$previous"
  say_next
}

# What has to be known before anything is changed.
prepare_host() {
  credentials=no
  [ ! -s "$CREDENTIALS/redis-agent-password" ] || credentials=yes
  # What was decided once holds for the next time.
  [ "$(setting "$CONFIG/install.env" TASKS)" != yes ] || tasks=yes
  if [ -z "$key$redis_url" ] && [ "$credentials" = no ]; then
    fail 'there is neither a key nor a Redis.' 'Paste the line that `booner target add HOST` prints, or see: install.sh --help'
  fi
  if [ -z "$key$redis_url" ] && [ "$tasks" = yes ] && [ ! -s "$CREDENTIALS/redis-runner-password" ]; then
    fail 'this host was enrolled without tasks.' 'Get a key for both: booner target add HOST --enable-tasks --replace'
  fi
  [ -n "$hub$offline" ] || fail 'there is no hub to get the package from.' 'Name it (--hub URL), or a file (--offline TARBALL).'
  case $VERSION in @*) [ -n "$offline" ] || fail 'this copy of install.sh knows no version.' "Take the hub's: $hub/install.sh" ;; esac
}

prepare_hub() {
  [ -n "$offline" ] || fail '--role hub needs --offline TARBALL.' 'npm run package makes it: dist/packages/booner-hub-VERSION-linux-ARCH.tar.gz'
  [ -z "$redis_url" ] || [ -n "$redis_password_file" ] || [ -s "$CREDENTIALS/redis-hub-password" ] ||
    warn 'no --redis-password-file: this Redis must be one that asks nobody for a password'
}

# A folder beside the versions, so that what is ready is moved rather than copied. One installer at a time.
open_work() {
  exec 9>/run/booner-install.lock
  flock -n 9 || fail 'another installation or upgrade is under way.' 'Wait for it.'
  mkdir -p "$PREFIX"
  work=$(mktemp -d "$PREFIX/.installing-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

plan() {
  say ''
  say 'Nothing was changed. It would:'
  if [ -n "$offline" ]; then say "  unpack $offline below $PREFIX/versions"
  else say "  download version $VERSION from the hub, check its sum, and unpack it below $PREFIX/versions"; fi
  if [ "$role" = hub ]; then
    say "  write $CONFIG/hub.env, and start booner-hub.service"
    return 0
  fi
  [ -z "$key" ] || say "  exchange the key for this host's credentials, in $CREDENTIALS"
  say "  write $CONFIG/agent.env, and start booner-agent.service"
  [ "$tasks" = no ] || say "  write $CONFIG/runner.env, make $CONFIG/actions.d, and start booner-runner.service"
}

configure_host() {
  if [ -n "$key" ] && ! is_enrolled_by_key; then enrol; elif [ -n "$redis_url" ]; then take_redis; fi
  check_redis "$PREFIX/versions/$version" "$(setting "$CONFIG/agent.env" REDIS_URL)"
  [ -z "$label" ] || set_setting "$CONFIG/agent.env" BOONER_LABEL "$label"
  [ -z "$hub" ] || set_setting "$CONFIG/install.env" HUB_URL "$hub"
  if [ -n "$ca" ] && [ "$ca" != "$CONFIG/hub-ca.pem" ]; then cat "$ca" >"$CONFIG/hub-ca.pem"; fi
  [ "$tasks" = yes ] || return 0
  set_setting "$CONFIG/install.env" TASKS yes
  mkdir -p "$CONFIG/actions.d"
  upgrade_action=$PREFIX/versions/$version/actions/booner-upgrade.yaml
  # Asked once: whoever took the action away does not get it back by an upgrade.
  if [ "$remote_upgrade" = yes ] && [ -e "$upgrade_action" ] && [ -z "$(setting "$CONFIG/install.env" REMOTE_UPGRADE)" ]; then
    cat "$upgrade_action" >"$CONFIG/actions.d/booner-upgrade.yaml"
  fi
  [ -n "$(setting "$CONFIG/install.env" REMOTE_UPGRADE)" ] || set_setting "$CONFIG/install.env" REMOTE_UPGRADE "$remote_upgrade"
}

configure_hub() {
  make_config_folders
  touch "$CONFIG/hub.env"
  for pair in "HOST=$listen" "PORT=$port" "BOONER_PUBLIC_URL=$public_url" "REDIS_URL=$redis_url" \
    "REDIS_USERNAME=$redis_username" "BOONER_ENROLLER_USERNAME=$enroller_username"; do
    [ -z "${pair#*=}" ] || set_setting "$CONFIG/hub.env" "${pair%%=*}" "${pair#*=}"
  done
  take_redis_ca hub.env
  [ -z "$redis_password_file" ] || set_credential redis-hub-password "$redis_password_file"
  [ -z "$enroller_password_file" ] || set_credential redis-enroller-password "$enroller_password_file"
  redis_url=$(setting "$CONFIG/hub.env" REDIS_URL)
  [ -z "$redis_url" ] || check_redis "$PREFIX/versions/$version" "$redis_url"
}

# --- systemd ----------------------------------------------------------------------------------------------------------------------

installed_version() {
  [ ! -L "$PREFIX/current" ] || basename "$(readlink "$PREFIX/current")"
}

# Services of this machine: those that are there, and those of this call.
services() {
  if [ "$role" = host ] || [ -e "$UNITS/booner-agent.service" ]; then printf 'agent '; fi
  if [ "$(setting "$CONFIG/install.env" TASKS)" = yes ]; then printf 'runner '; fi
  if [ "$role" = hub ] || [ -e "$UNITS/booner-hub.service" ]; then printf 'hub '; fi
}

# activate VERSION [SERVICES]: makes it the current one, and starts its services anew, or these of them. What was started anew is in
# $touched; on failure activation_error says why.
activate() {
  say "Starting version $1"
  activation_error='' touched=''
  from=$PREFIX/versions/$1
  for service in $(services); do
    [ -e "$from/booner-$service.mjs" ] || { activation_error="version $1 has no $service"; return 1; }
    cat "$from/systemd/booner-$service.service" >"$UNITS/booner-$service.service"
  done
  drop_in agent nvidia <"$from/systemd/nvidia.conf"
  credentials_of_hub | drop_in hub credentials
  ln -sfn "versions/$1" "$PREFIX/current.new"
  mv -T "$PREFIX/current.new" "$PREFIX/current"
  if [ -e "$from/booner.mjs" ]; then ln -sfn "$PREFIX/current/bin/booner" "$COMMAND"; fi
  systemctl daemon-reload
  for service in ${2-$(services)}; do
    touched="$touched $service"
    systemctl enable --quiet "booner-$service.service" 2>/dev/null || :
    systemctl reset-failed "booner-$service.service" 2>/dev/null || :
    restart "$service" || return 1
  done
}

# Puts stdin into a drop-in of a service that is here: nvidia where there are such cards.
drop_in() {
  [ "$2" != nvidia ] || [ -e /dev/nvidiactl ] || return 0
  [ -e "$UNITS/booner-$1.service" ] || return 0
  mkdir -p "$UNITS/booner-$1.service.d"
  cat >"$UNITS/booner-$1.service.d/$2.conf"
}

# The hub's secrets: those of these files that are there.
credentials_of_hub() {
  echo '# Made by install.sh of what lies in /etc/booner/credentials.'
  echo '[Service]'
  while read -r file name variable; do
    [ -s "$CREDENTIALS/$file" ] || continue
    echo "LoadCredential=$name:$CREDENTIALS/$file"
    echo "Environment=$variable=/run/credentials/booner-hub.service/$name"
  done <<'TEXT'
redis-hub-password redis-password REDIS_PASSWORD_FILE
redis-enroller-password enroller-password BOONER_ENROLLER_PASSWORD_FILE
oidc-client-secret oidc-client-secret BOONER_OIDC_CLIENT_SECRET_FILE
TEXT
}

# A start is over when the service says so (Type=notify); then it must do its work before long.
restart() {
  if ! systemctl restart "booner-$1.service" 2>/dev/null; then
    activation_error="booner-$1.service does not start: $(last_words "$1")"
    return 1
  fi
  case $1 in agent) works='publishing *' ;; runner) works='serving *' ;; hub) works='at *' ;; esac
  deadline=$(($(date +%s) + HEALTHY_WITHIN))
  while :; do
    state=$(systemctl show -p ActiveState --value "booner-$1.service")
    status=$(systemctl show -p StatusText --value "booner-$1.service")
    # shellcheck disable=SC2254 # a pattern
    case $state/$status in active/$works) break ;; esac
    if [ "$(date +%s)" -ge $deadline ]; then
      activation_error="booner-$1.service is $state after $HEALTHY_WITHIN s: ${status:-$(last_words "$1")}"
      return 1
    fi
    sleep 0.5
  done
  ok "booner-$1: $status"
}

# What the service itself said since its last start, rather than systemd about it.
last_words() {
  invocation=$(systemctl show -p InvocationID --value "booner-$1.service")
  journalctl "_SYSTEMD_UNIT=booner-$1.service" ${invocation:+"_SYSTEMD_INVOCATION_ID=$invocation"} --since '2 minutes ago' -n 20 -o cat --no-pager >"$work/words" 2>/dev/null || :
  { grep -i error "$work/words" || tail -n 1 "$work/words"; } | tail -n 1 | cut -c 1-300
}

# Keeps two: the one that runs, and the one to go back to.
forget_old_versions() {
  for folder in "$PREFIX"/versions/*; do
    case ${folder##*/} in "$1" | "$2") ;; *) rm -rf "$folder" ;; esac
  done
}

# --- upgrade ----------------------------------------------------------------------------------------------------------------------

upgrade_to() {
  role=host
  check_machine
  [ -n "$hub" ] || fail 'it is not known where this host was installed from.' 'Name the hub: --hub URL'
  case $1 in *[!0-9A-Za-z.-]* | '' | .* | -*) fail "$1 is no version." ;; esac
  previous=$(installed_version)
  [ -n "$previous" ] || fail 'Booner is not installed here.'
  [ ! -e "$UNITS/booner-hub.service" ] || fail 'this machine is the hub, too, which brings its own package.' \
    'Upgrade both at once: install.sh --role hub --offline TARBALL'
  open_work
  trap 'upgrade_result false "${failure:-it was broken off}"; rm -rf "$work"' EXIT
  upgrade_from=$previous reason=''
  [ "$previous" != "$1" ] || say "Version $1 is installed already: its services are started anew."
  download "$1"
  unpack
  [ "$version" = "$1" ] || fail "the package says that it is version $version."
  if activate "$1"; then
    forget_old_versions "$1" "$previous"
    finish_upgrade true ''
    say "Version $1 runs."
    return 0
  fi
  reason=$activation_error again=$touched
  say "Version $1 does not come up: $reason"
  say "Going back to version $previous"
  # A runner that the new version did not get to goes on undisturbed.
  activate "$previous" "$again" || reason="$reason; and version $previous does not come up either: $activation_error"
  [ "$previous" = "$1" ] || rm -rf "$PREFIX/versions/$1"
  finish_upgrade false "$reason"
  say "Rolled back: version $(installed_version) runs. $reason" >&2
  exit 1
}

finish_upgrade() {
  trap 'rm -rf "$work"' EXIT
  upgrade_result "$@"
}

# upgrade_result OK REASON: for those who ask later.
upgrade_result() {
  mkdir -p "$STATE"
  chmod 700 "$STATE"
  words=$(printf '%s' "$2" | tr -d '\000-\037' | sed 's/[\\"]/\\&/g')
  printf '{"from":"%s","to":"%s","ok":%s,"reason":%s,"atMs":%s000}\n' "$upgrade_from" "$to_version" "$1" \
    "$([ -n "$words" ] && printf '"%s"' "$words" || printf null)" "$(date +%s)" >"$STATE/upgrade.json.new"
  mv "$STATE/upgrade.json.new" "$STATE/upgrade.json"
}

# --- uninstall --------------------------------------------------------------------------------------------------------------------

uninstall() {
  [ "$(id -u)" -eq 0 ] || fail 'this needs root.' 'Run it with sudo.'
  host_id=$(setting "$CONFIG/agent.env" BOONER_HOST_ID)
  if [ "$dry_run" = yes ]; then
    say "Nothing was changed. It would end all tasks, stop and remove booner-agent, booner-runner and booner-hub, and remove"
    say "  $PREFIX $CONFIG (with your actions) $STATE $STATE-hub $COMMAND"
    return 0
  fi
  # Tasks first: the runner would wait for them.
  systemctl stop booner-tasks.slice booner.slice 2>/dev/null || :
  for service in agent runner hub; do
    systemctl disable --now --quiet "booner-$service.service" 2>/dev/null || :
    rm -rf "$UNITS/booner-$service.service" "$UNITS/booner-$service.service.d"
  done
  rm -rf "$UNITS/booner-tasks.slice.d"
  systemctl daemon-reload
  systemctl reset-failed 'booner-*' 2>/dev/null || :
  if [ "$(readlink "$COMMAND" 2>/dev/null)" = "$PREFIX/current/bin/booner" ]; then rm -f "$COMMAND"; fi
  rm -rf "$PREFIX" /root/.cache/booner "$CONFIG" "$STATE" "$STATE-hub" /var/lib/private/booner-hub /run/booner-upgrade.log \
    /run/booner-upgrade.code /run/booner-upgrade.sh /run/booner-install.lock /run/booner
  say 'Booner is gone from this machine.'
  [ -z "$host_id" ] || say "The hub still knows the host: booner target remove $host_id"
}

say_next() {
  say ''
  if [ "$role" = hub ]; then
    say "Booner $version is installed as the hub: $(systemctl show -p StatusText --value booner-hub.service)."
    say "Settings: $CONFIG/hub.env, then systemctl restart booner-hub. Next: journalctl -u booner-hub"
    return 0
  fi
  [ -n "$host_id" ] || host_id=$(setting "$CONFIG/agent.env" BOONER_HOST_ID)
  # Without a key the agent finds it out by itself, and says so.
  [ -n "$host_id" ] || host_id=$(systemctl show -p StatusText --value booner-agent.service | sed 's/^publishing as //')
  say "Booner $version is installed: this host is $host_id${hub:+, and is on the dashboard at $hub}."
  [ "$tasks" = no ] || say "Put what may be run here into $CONFIG/actions.d, as root; see docs/actions.md."
}

main "$@"
