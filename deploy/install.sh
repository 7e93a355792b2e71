#!/bin/sh
# Installs Booner on this machine, either as a host with an agent (and optionally a runner) or as
# the hub. It needs only Linux with systemd; the package contains Node.js. Running it again upgrades
# or repairs. `install.sh --help` lists all options.
#
# All code is in functions and the last line calls main, so an interrupted download does nothing.

# SC2015: `a && b || fail` is intended. SC2016: single-quoted text is for other programs.
# shellcheck disable=SC2015,SC2016
set -eu
umask 022

VERSION='@VERSION@'
# Checksums of this version's packages. Empty in the copy inside a package, which cannot contain its
# own checksum.
SUMS='@SUMS@'
PREFIX=/opt/booner
# Public keys, in PEM. An installation that has them accepts only packages signed by one of them.
KEYS=$PREFIX/current/release-keys.pem
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
install.sh --hub URL --key KEY   installs the agent. Get a key with `booner target add` or on the dashboard;
                                 --key - reads it from stdin
  --enable-tasks                 also installs the runner, which runs the actions in /etc/booner/actions.d
  --remote-upgrade               also installs the action with which admins upgrade this host from the hub;
                                 needs --enable-tasks and signed packages
  --label TEXT                   describes this host
  --ca FILE                      your own certificate authority for the hub, in PEM
  --offline TARBALL              installs a package from a file instead of downloading it from the hub
  --allow-downgrade              accepts a version that is older than the installed one
  --dry-run                      only checks, and shows what it would do

install.sh --offline TARBALL --redis-url URL --redis-password-file FILE [--redis-username NAME]
           [--redis-ca-file FILE] [--host-id ID]
                                 installs without a key, with a Redis password that all hosts share
                                 (docs/redis.md explains the risk)

install.sh --role hub --offline TARBALL [--listen ADDRESS] [--port PORT] [--public-url URL]
           [--redis-url URL --redis-password-file FILE [--redis-username NAME] [--redis-ca-file FILE]]
           [--enroller-username NAME --enroller-password-file FILE]
                                 installs the hub

install.sh --upgrade VERSION [--hub URL] [--ca FILE] [--allow-downgrade]
                                 upgrades, and rolls back if the new version does not start
install.sh --uninstall           removes Booner from this machine
TEXT
}

say() { printf '%s\n' "$*"; }
ok() { printf '  ok    %s\n' "$*"; }
warn() { printf '  note  %s\n' "$*"; }
# fail PROBLEM [FIX]: both are sentences.
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
    complete) complete_upgrade ;;
  esac
}

read_arguments() {
  action=install role=host
  hub='' key=${BOONER_KEY-} label='' label_given=no ca='' offline='' tasks=no remote_upgrade=no allow_downgrade=no dry_run=no to_version=''
  redis_url='' redis_username='' redis_password_file='' redis_ca_file='' host_id=''
  listen='' port='' public_url='' enroller_username='' enroller_password_file=''
  while [ $# -gt 0 ]; do
    case $1 in
      --enable-tasks) tasks=yes; shift; continue ;;
      --remote-upgrade) remote_upgrade=yes; shift; continue ;;
      --no-remote-upgrade) warn '--no-remote-upgrade is the default now'; shift; continue ;;
      --allow-downgrade) allow_downgrade=yes; shift; continue ;;
      --dry-run) dry_run=yes; shift; continue ;;
      --uninstall) action=uninstall; shift; continue ;;
      --complete-upgrade) action=complete; shift; continue ;;
      --help | -h) usage; exit 0 ;;
    esac
    [ $# -ge 2 ] || fail "$1 is unknown or lacks its value." "Run install.sh --help to list the options."
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
      *) fail "$1 is unknown." "Run install.sh --help to list the options." ;;
    esac
    shift 2
  done
  [ "$(count_characters "$label")" -le "$MAX_LABEL_CHARACTERS" ] ||
    fail "--label has more than $MAX_LABEL_CHARACTERS characters." 'Shorten it and run this again. The key has not been used.'
  case $role in host | hub) ;; *) fail "--role must be host or hub, not $role." ;; esac
  case $redis_url in *://*:*@*) fail "--redis-url contains a password, which every account on this machine could read." \
    "Write the password to a file and use --redis-password-file FILE." ;; esac
  [ -z "$key" ] || [ -n "$hub" ] || fail '--key needs --hub.' 'Copy the whole command again.'
  if [ "$key" = - ]; then
    [ ! -t 0 ] || printf 'Key: '
    read -r key || :
    [ -n "$key" ] || fail '--key - found no key on stdin.' 'Copy the whole command again.'
  fi
  for file in "$ca" "$offline" "$redis_password_file" "$redis_ca_file" "$enroller_password_file"; do
    [ -z "$file" ] || [ -r "$file" ] || fail "$file cannot be read." "Check the path."
  done
  [ -n "$hub" ] || hub=$(setting "$CONFIG/install.env" HUB_URL)
  if [ -z "$ca" ] && [ -r "$CONFIG/hub-ca.pem" ]; then ca=$CONFIG/hub-ca.pem; fi
  case $key in *[!A-Za-z0-9_-]*) fail '--key is not a valid key.' 'Copy the whole command again.' ;; esac
  case $hub in '' | http://* | https://*) ;; *) fail "--hub must be a URL such as http://10.0.0.1:8000, not $hub." ;; esac
}

# count_characters TEXT: counts UTF-16 code units, as the agent does. Every UTF-8 character has one
# byte that is not a continuation byte; characters of four bytes are two units.
count_characters() {
  all=$(printf '%s' "$1" | LC_ALL=C tr -d '\200-\277' | wc -c)
  wide=$(printf '%s' "$1" | LC_ALL=C tr -cd '\360-\367' | wc -c)
  echo $((all + wide))
}

# --- checks ---------------------------------------------------------------------------------------

check_machine() {
  say 'This machine'
  [ "$(uname -s)" = Linux ] || fail "this is $(uname -s), but Booner's packages are for Linux." \
    'On other systems, run the agent from a clone of the repository.'
  case $(uname -m) in
    x86_64 | amd64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) fail "there is no package for $(uname -m)." 'Packages exist for x86_64 and aarch64.' ;;
  esac
  [ -d /run/systemd/system ] || fail 'systemd is not running here.' \
    'The packages install systemd services. In containers, use the images (docs/compose.md).'
  systemd=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
  [ "${systemd:-0}" -ge $OLDEST_SYSTEMD ] || fail "systemd $systemd is too old: $OLDEST_SYSTEMD or newer is needed." \
    'Use Debian 11, Ubuntu 22.04, RHEL 9 or newer.'
  for tool in tar gzip sha256sum sed awk df mktemp readlink base64 flock sort; do
    command -v $tool >/dev/null || fail "$tool is missing." "Install it with this system's package manager."
  done
  if [ "$dry_run" = no ] && [ "$(id -u)" -ne 0 ]; then
    fail 'this needs root.' 'Run it with sudo.'
  fi
  free=$(df -Pk "$(nearest "$PREFIX")" | awk 'NR == 2 { print int($4 / 1024) }')
  [ "$free" -ge $NEEDED_MIB ] || fail "$(nearest "$PREFIX") has $free MiB free, but $NEEDED_MIB are needed." \
    'Free some space there.'
  ok "Linux on $arch, systemd $systemd, $free MiB free"
}

# Prints the folder, or its nearest ancestor that exists.
nearest() {
  folder=$1
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  printf '%s' "$folder"
}

check_hub() {
  say "The hub at $hub"
  fetch "$hub/healthz" - >/dev/null || fail "$hub cannot be reached: $fetch_error." \
    "Try here: curl -v $hub/healthz   On the hub's machine, check that the hub listens on this address and that the firewall allows port $(port_of "$hub")."
  ok 'reachable'
  there=$(hub_time)
  [ -n "$there" ] || return 0
  skew=$(($(date +%s) - there))
  [ ${skew#-} -gt $CLOCK_SKEW ] || { ok "clocks agree within $CLOCK_SKEW s"; return 0; }
  warn "this machine's clock is off by $skew s from the hub's. Only logs are affected, because the hub times samples."
  warn 'To fix it: timedatectl set-ntp true'
}

# Prints the hub's time in seconds since 1970, from the Date header, or nothing if there is none.
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

# Checks that every server in the URL accepts connections, with the package's Node.js.
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
    });' "$2") || fail "the package's Node.js does not run here." 'It needs glibc 2.28 or newer, as in Debian 10 and RHEL 8.'
  [ -z "$complaint" ] || fail "Redis cannot be reached: $complaint." \
    "Check that Redis listens on that address (bind in redis.conf) and that its firewall allows this host. Then run this again; you need no new key."
  ok "$(printf '%s' "$2" | sed 's#//[^@]*@#//#') accepts connections"
}

# --- downloads ------------------------------------------------------------------------------------

# fetch URL FILE: downloads to the file, or to stdout for -. On failure, fetch_error has the reason.
fetch() {
  fetch_error=''
  if command -v curl >/dev/null; then
    curl -fsSL --connect-timeout 10 --max-time 900 ${ca:+--cacert "$ca"} -o "$2" "$1" 2>/dev/null && return 0
    case $? in
      6) fetch_error='its name cannot be resolved' ;;
      7) fetch_error='the connection was refused' ;;
      22) fetch_error='it answered with an error' ;;
      28) fetch_error='no answer in time (a firewall?)' ;;
      35 | 60) fetch_error='its certificate is not trusted here (for your own authority, use --ca FILE)' ;;
      *) fetch_error="curl exited with $?" ;;
    esac
  elif command -v wget >/dev/null; then
    wget -q --timeout=30 --tries=1 ${ca:+--ca-certificate="$ca"} -O "$2" "$1" && return 0
    fetch_error="wget exited with $?"
  else
    fail 'neither curl nor wget is installed.' 'Install one of them.'
  fi
  return 1
}

# take FILE NAME: gets a file from where the package is, the hub or the folder of the --offline
# package.
take() {
  if [ -z "$offline" ]; then fetch "$hub/packages/$1" "$work/$2"
  else fetch_error='no such file'; cp "$(dirname "$offline")/$1" "$work/$2" 2>/dev/null; fi
}

# choose_package VERSION: sets the package's $name, and $wanted to the checksum that it must have.
# Nothing of the package is read before that is known.
choose_package() {
  if [ -n "$offline" ]; then name=$(basename "$offline"); else name=booner-$role-$1-linux-$arch.tar.gz; fi
  say "The package $name"
  wanted=$(printf '%s\n' "$SUMS" | sum_of "$name")
  if [ -s "$KEYS" ]; then
    take_sums
    check_signature
    wanted=$(sum_of "$name" <"$work/SHA256SUMS")
  elif [ -z "$wanted" ] && { [ -z "$offline" ] || [ -e "$(dirname "$offline")/SHA256SUMS" ]; }; then
    take_sums
    wanted=$(sum_of "$name" <"$work/SHA256SUMS")
  elif [ -z "$wanted" ]; then
    warn 'not verified, because no SHA256SUMS lies beside it'
    return 0
  fi
  [ -n "$offline" ] && lacks='SHA256SUMS does not list' || lacks='the hub does not serve'
  [ -n "$wanted" ] || fail "$lacks $name." "It has: $(sed 's/^[0-9a-f]*  //' "$work/SHA256SUMS" | tr '\n' ' ')"
}

# sum_of NAME: prints the checksum of a file from the lines of SHA256SUMS on stdin.
sum_of() { sed -n "s/^\([0-9a-f]*\)  $1\$/\1/p"; }

take_sums() {
  take SHA256SUMS SHA256SUMS && return 0
  [ -z "$offline" ] || fail "SHA256SUMS does not lie beside $offline." 'Copy it from where the package comes from, with SHA256SUMS.sig.'
  fix="If the hub has a new address, add it: --hub URL"
  case $fetch_error in *'with an error' | 'wget exited with 8')
    fix='The hub has no packages to serve. Run `npm run package` there, or set BOONER_PACKAGES_DIR.' ;;
  esac
  fail "$hub/packages/SHA256SUMS cannot be downloaded: $fetch_error." "$fix"
}

# Checks that one of the installed keys signed SHA256SUMS, with the installed Node.js. Nothing that
# was downloaded takes part in the check.
check_signature() {
  signer='This installation accepts only packages that are signed with its release key (docs/releasing.md).'
  take SHA256SUMS.sig SHA256SUMS.sig || fail "the packages have no signature: SHA256SUMS.sig: $fetch_error." "$signer"
  "$PREFIX/current/bin/node" -e '
    const { createPublicKey, verify } = require("node:crypto");
    const [keys, sums, signature] = process.argv.slice(1).map((file) => require("node:fs").readFileSync(file));
    const pems = String(keys).match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [];
    const isSigned = pems.map((pem) => createPublicKey(pem))
      .some((key) => key.asymmetricKeyType === "ed25519" && verify(null, sums, key, signature));
    process.exit(isSigned ? 0 : 1);' "$KEYS" "$work/SHA256SUMS" "$work/SHA256SUMS.sig" 2>/dev/null ||
    fail 'the signature of SHA256SUMS is not by a key that this installation trusts.' "$signer"
  ok 'signed with a key that this installation trusts'
}

# Gets the chosen package as $work/package.tar.gz and verifies its checksum.
get_package() {
  take "$name" package.tar.gz || fail "$name cannot be downloaded: $fetch_error." 'Run this again.'
  [ -n "$wanted" ] || return 0
  found=$(sha256sum "$work/package.tar.gz" | cut -d ' ' -f 1)
  [ "$wanted" = "$found" ] || fail "$name does not match its checksum." \
    'It was damaged in transit or changed. Run this again. If that does not help, build the packages again.'
  ok 'checksum verified'
}

# Fails if a version is older than the installed one: an attacker could bring back its weaknesses.
refuse_downgrade() {
  installed=$(installed_version)
  [ -n "$installed" ] && [ "$installed" != "$1" ] && [ "$allow_downgrade" = no ] || return 0
  # GNU sort puts ~ before everything, so a pre-release comes before its release.
  older=$(printf '%s\n' "$1" "$installed" | sed 's/-/~/' | LC_ALL=C sort -V | sed 's/~/-/;q')
  [ "$older" != "$1" ] || fail "version $1 is older than the installed version $installed." \
    'If you want it anyway, run this on the host with --allow-downgrade.'
}

# Unpacks the package to $PREFIX/versions/<version> and sets $version.
unpack() {
  mkdir "$work/package"
  tar -xzf "$work/package.tar.gz" -C "$work/package" --strip-components=1 --no-same-owner 2>/dev/null ||
    fail 'the package cannot be unpacked.' 'Check that the disk has space and that the file is a Booner package.'
  version=$(cat "$work/package/VERSION" 2>/dev/null) || fail "this is not a Booner package."
  [ "$role" = host ] || [ -e "$work/package/booner-hub.mjs" ] || fail 'this package is for hosts.' \
    "Use the hub's: booner-hub-$version-linux-$arch.tar.gz"
  refuse_downgrade "$version"
  [ -s "$work/package/release-keys.pem" ] || [ ! -s "$KEYS" ] ||
    fail 'this package has no release keys, so no later package could be verified.' 'Build it with --sign or --trust (docs/releasing.md).'
  "$work/package/bin/node" --version >/dev/null 2>&1 || fail "the package's Node.js does not run here." \
    'Check that the package is for this architecture. It needs glibc 2.28 or newer, as in Debian 10 and RHEL 8.'
  target=$PREFIX/versions/$version
  mkdir -p "$PREFIX/versions"
  if [ -e "$target/booner-hub.mjs" ] && [ ! -e "$work/package/booner-hub.mjs" ]; then
    # This machine is also the hub, whose package contains everything in the host's.
    ok "version $version is already installed as the hub's"
    return 0
  fi
  # Running processes keep the old folder open until they exit.
  if [ -e "$target" ]; then mv "$target" "$work/replaced"; fi
  mv "$work/package" "$target"
  ok "unpacked to $target"
  [ -s "$target/release-keys.pem" ] ||
    warn 'these packages are not signed: whoever controls the hub decides what an upgrade installs (docs/releasing.md)'
}

# --- settings -------------------------------------------------------------------------------------

# setting FILE NAME: prints the value that set_setting wrote.
setting() {
  [ -r "$1" ] || return 0
  sed -n "s/^$2=\"\{0,1\}\(.*[^\"]\)\"\{0,1\}\$/\1/p" "$1" | tail -n 1
}

# set_setting FILE NAME VALUE: replaces the setting and keeps other lines. Quotes as systemd.exec(5)
# expects.
set_setting() {
  escaped=$(printf '%s' "$3" | tr -d '\000-\037' | sed 's/[\\"$`]/\\&/g')
  touch "$1"
  { grep -v "^$2=" "$1" || :; printf '%s="%s"\n' "$2" "$escaped"; } >"$1.new"
  mv "$1.new" "$1"
}

# set_credential NAME FILE: stores a secret, readable by root only.
set_credential() {
  (umask 077 && cat "$2" >"$CREDENTIALS/$1.new" && mv "$CREDENTIALS/$1.new" "$CREDENTIALS/$1")
}

make_config_folders() {
  mkdir -p "$CONFIG"
  chmod 755 "$CONFIG" # the services' users read the authority's certificate in it
  (umask 077 && mkdir -p "$CREDENTIALS")
  chmod 700 "$CREDENTIALS"
}

# --- enrolment ------------------------------------------------------------------------------------

# Exchanges the key for this host's own credentials. The key is sent in the body, from a file that
# only root can read, so it is not in the arguments of curl or wget.
enrol() {
  say 'Enrolment'
  roles='"agent"'
  [ "$tasks" = no ] || roles='"agent","runner"'
  (umask 077 && printf '{"key":"%s","roles":[%s]}' "$key" "$roles" >"$work/request" && : >"$work/answer")
  if command -v curl >/dev/null; then
    status=$(curl -sS --max-time 30 ${ca:+--cacert "$ca"} -o "$work/answer" -w '%{http_code}' -H 'Accept: text/plain' \
      -H 'Content-Type: application/json' --data "@$work/request" "$hub/enrol") || fail "the hub does not answer: curl exited with $?." 'Run this again.'
  else
    wget -q -S --timeout=30 --tries=1 ${ca:+--ca-certificate="$ca"} --content-on-error --header='Accept: text/plain' \
      --header='Content-Type: application/json' --post-file="$work/request" -O "$work/answer" "$hub/enrol" 2>"$work/headers" || :
    status=$(sed -n 's/^ *HTTP\/[0-9.]* \([0-9]*\).*/\1/p' "$work/headers" | tail -n 1)
  fi
  rm -f "$work/request"
  if [ "$status" != 200 ]; then
    detail=$(sed -n 's/.*"detail":"\([^"]*\)".*/\1/p' "$work/answer")
    fail "the hub rejected the key: ${detail:-it answered ${status:-nothing}}" \
      'A key works once, for 15 minutes. Create another with booner target add HOST (with --replace if the host is enrolled), or "Add host" on the dashboard.'
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
    fail "the hub's answer is incomplete." "Check that $hub is a Booner hub of this version."
  if [ -n "$redis_ca" ]; then
    printf '%s' "$redis_ca" | base64 -d >"$CONFIG/redis-ca.pem"
    set_both REDIS_CA_FILE "$CONFIG/redis-ca.pem"
  fi
  set_setting "$CONFIG/install.env" KEY_SHA256 "$(sum_of_key)"
  ok "this host is $host_id"
}

sum_of_key() { printf '%s' "$key" | sha256sum | cut -d ' ' -f 1; }

# Succeeds if this host's credentials came from this key. Running the same command again then
# repairs.
is_enrolled_by_key() {
  [ "$(setting "$CONFIG/install.env" KEY_SHA256)" = "$(sum_of_key)" ] && [ -s "$CREDENTIALS/redis-agent-password" ] || return 1
  [ "$tasks" = no ] || [ -s "$CREDENTIALS/redis-runner-password" ]
}

# set_both NAME VALUE: sets it for the agent and, if there is one, the runner.
set_both() {
  set_setting "$CONFIG/agent.env" "$1" "$2"
  [ "$tasks" = no ] || set_setting "$CONFIG/runner.env" "$1" "$2"
}

secret_line() {
  (umask 077 && printf '%s\n' "$2" >"$work/secret")
  set_credential "$1" "$work/secret"
  rm -f "$work/secret"
}

# Simple mode: agent and runner share the Redis password of the operator.
take_redis() {
  [ -n "$redis_password_file" ] || fail '--redis-url needs --redis-password-file.' \
    'A Redis without a password is open to everyone who can reach it.'
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

# --- installing -----------------------------------------------------------------------------------

install_role() {
  check_machine
  if [ "$role" = host ]; then prepare_host; else prepare_hub; fi
  if [ "$role" = host ] && [ -n "$hub" ]; then check_hub; fi
  if [ "$dry_run" = yes ]; then plan; return 0; fi
  [ -n "$offline" ] || refuse_downgrade "$VERSION"
  open_work
  choose_package "$VERSION"
  # Before the download, so that no one else can use the key meanwhile.
  if [ "$role" = host ] && [ -n "$key" ] && ! is_enrolled_by_key; then enrol; fi
  get_package
  unpack
  if [ "$role" = host ]; then configure_host; else offer_packages; configure_hub; fi
  previous=$(installed_version)
  if ! activate "$version"; then
    reason=$activation_error again=$touched
    [ -n "$previous" ] && [ "$previous" != "$version" ] ||
      fail "$reason." 'To see its log: journalctl -u booner-agent -u booner-runner -u booner-hub -n 20. Fix the problem, then run this again.'
    activate "$previous" "$again" || warn "version $previous does not start either: $activation_error"
    fail "version $version does not start: $reason. Version $previous runs again." 'To see its log: journalctl -u "booner-*" -n 50'
  fi
  forget_old_versions "$version" "$previous"
  say_next
}

# Checks everything that must be known before anything is changed.
prepare_host() {
  credentials=no
  [ ! -s "$CREDENTIALS/redis-agent-password" ] || credentials=yes
  # Keep the choice of the first installation.
  [ "$(setting "$CONFIG/install.env" TASKS)" != yes ] || tasks=yes
  if [ -z "$key$redis_url" ] && [ "$credentials" = no ]; then
    fail 'neither a key nor a Redis was given.' 'Run the command that `booner target add HOST` prints, or see install.sh --help.'
  fi
  [ "$tasks" = no ] || [ -e /run/dbus/system_bus_socket ] || fail 'D-Bus is not running, through which systemd starts tasks.' \
    "Install dbus with this system's package manager, or install without --enable-tasks."
  if [ -z "$key$redis_url" ] && [ "$tasks" = yes ] && [ ! -s "$CREDENTIALS/redis-runner-password" ]; then
    fail 'this host was enrolled without tasks.' 'Create a key for both: booner target add HOST --enable-tasks --replace'
  fi
  [ "$remote_upgrade" = no ] || [ "$tasks" = yes ] || fail '--remote-upgrade needs --enable-tasks.' 'The upgrade is an action of the runner.'
  [ -n "$hub$offline" ] || fail 'no hub is known to download the package from.' 'Add --hub URL, or --offline TARBALL.'
  case $VERSION in @*) [ -n "$offline" ] || fail 'this copy of install.sh has no version.' "Use the hub's: $hub/install.sh" ;; esac
}

prepare_hub() {
  [ -n "$offline" ] || fail '--role hub needs --offline TARBALL.' 'Build it with npm run package: dist/packages/booner-hub-VERSION-linux-ARCH.tar.gz'
  [ -z "$redis_url" ] || [ -n "$redis_password_file" ] || [ -s "$CREDENTIALS/redis-hub-password" ] ||
    warn 'no --redis-password-file was given, so this Redis must accept connections without a password'
}

# Creates the work folder beside the versions, so that a finished package can be moved instead of
# copied. Only one installer runs at a time. Other accounts cannot open the lock: one that holds it
# would prevent upgrades.
open_work() {
  (umask 077 && : >>/run/booner-install.lock)
  chmod 600 /run/booner-install.lock # an earlier installer let everyone read it
  exec 9>/run/booner-install.lock
  flock -n 9 || fail 'another installation or upgrade is in progress.' 'Wait until it has finished.'
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
  else say "  download version $VERSION from the hub, verify its checksum, and unpack it below $PREFIX/versions"; fi
  if [ "$role" = hub ]; then
    say "  write $CONFIG/hub.env, and start booner-hub.service"
    return 0
  fi
  [ -z "$key" ] || say "  exchange the key for this host's credentials, in $CREDENTIALS"
  say "  write $CONFIG/agent.env, and start booner-agent.service"
  [ "$tasks" = no ] || say "  write $CONFIG/runner.env, create $CONFIG/actions.d, and start booner-runner.service"
}

configure_host() {
  [ -n "$key" ] || [ -z "$redis_url" ] || take_redis
  check_redis "$PREFIX/versions/$version" "$(setting "$CONFIG/agent.env" REDIS_URL)"
  [ -z "$label" ] || set_setting "$CONFIG/agent.env" BOONER_LABEL "$label"
  remember_hub
  [ "$tasks" = yes ] || return 0
  set_setting "$CONFIG/install.env" TASKS yes
  mkdir -p "$CONFIG/actions.d"
  [ "$remote_upgrade" = yes ] || return 0
  [ -s "$PREFIX/versions/$version/release-keys.pem" ] || fail '--remote-upgrade needs signed packages.' \
    'Without them, whoever controls the hub would be root here. Leave the option out, or sign the packages (docs/releasing.md).'
  cat "$PREFIX/versions/$version/actions/booner-upgrade.yaml" >"$CONFIG/actions.d/booner-upgrade.yaml"
}

remember_hub() {
  [ -z "$hub" ] || set_setting "$CONFIG/install.env" HUB_URL "$hub"
  if [ -n "$ca" ] && [ "$ca" != "$CONFIG/hub-ca.pem" ]; then cat "$ca" >"$CONFIG/hub-ca.pem"; fi
}

# Puts the files that hosts need beside the host packages in the hub's package.
offer_packages() {
  packages=$PREFIX/versions/$version/packages
  mkdir -p "$packages"
  for file in install.sh SHA256SUMS SHA256SUMS.sig; do
    [ ! -e "$(dirname "$offline")/$file" ] || cp "$(dirname "$offline")/$file" "$packages/"
  done
  (cd "$packages" && [ -e install.sh ] && sha256sum --check --status --ignore-missing SHA256SUMS 2>/dev/null) ||
    warn 'hosts cannot install from this hub: copy install.sh, SHA256SUMS and SHA256SUMS.sig of this version beside the package, then run this again'
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

# --- systemd --------------------------------------------------------------------------------------

installed_version() {
  [ ! -L "$PREFIX/current" ] || basename "$(readlink "$PREFIX/current")"
}

# Prints the services of this machine: installed ones and those of this run.
services() {
  if [ "$role" = host ] || [ -e "$UNITS/booner-agent.service" ]; then printf 'agent '; fi
  if [ "$(setting "$CONFIG/install.env" TASKS)" = yes ]; then printf 'runner '; fi
  if [ "$role" = hub ] || [ -e "$UNITS/booner-hub.service" ]; then printf 'hub '; fi
}

# activate VERSION [SERVICES]: makes the version current and restarts its services, or only those
# named. $touched lists the restarted ones. On failure, activation_error has the reason.
activate() {
  say "Starting version $1"
  activation_error='' touched=''
  from=$PREFIX/versions/$1
  for service in $(services); do
    [ -e "$from/booner-$service.mjs" ] || { activation_error="version $1 has no $service"; return 1; }
    cat "$from/systemd/booner-$service.service" >"$UNITS/booner-$service.service"
  done
  install_launcher "$from"
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

# install_launcher FOLDER: installs the units of the root part of the runner, or removes them if the
# version in the folder has none.
install_launcher() {
  case " $(services)" in *' runner '*) ;; *) return 0 ;; esac
  for unit in booner-launcher.socket booner-launcher.service; do
    if [ -e "$1/systemd/$unit" ]; then cat "$1/systemd/$unit" >"$UNITS/$unit"; else rm -f "$UNITS/$unit"; fi
  done
}

# Stops the runner, which waits for its tasks, and then its launcher.
stop_runner() {
  systemctl stop booner-runner.service booner-launcher.service booner-launcher.socket 2>/dev/null || :
  [ ! -e "$UNITS/booner-launcher.service" ] || adopt_runner_state
}

# Copies identity and journal of a version without a launcher, unless its own copy is newer. A
# rollback uses the originals. systemd gives a new folder to the user of the service. That user may
# have put links into it, which are removed: root must not write or change owners through them.
adopt_runner_state() {
  [ -e "$STATE/journal.jsonl" ] || return 0
  [ ! -e "$STATE-runner/journal.jsonl" ] || [ "$STATE/journal.jsonl" -nt "$STATE-runner/journal.jsonl" ] || return 0
  mkdir -p "$STATE-runner"
  chmod 700 "$STATE-runner"
  for file in runner.json journal.jsonl; do
    rm -rf "$STATE-runner/$file"
    cp -p "$STATE/$file" "$STATE-runner/$file"
    chown --reference="$STATE-runner/." "$STATE-runner/$file"
  done
}

# Installs what an installer without a launcher left out. booner-runner.service calls it before it
# starts. Remove it with the version after the next one.
complete_upgrade() {
  role=host
  install_launcher "$PREFIX/current"
  adopt_runner_state
  systemctl daemon-reload
  systemctl start booner-launcher.socket booner-launcher.service
}

# drop_in SERVICE NAME: writes stdin to a drop-in of an installed service; nvidia only if there are
# such GPUs.
drop_in() {
  [ "$2" != nvidia ] || [ -e /dev/nvidiactl ] || return 0
  [ -e "$UNITS/booner-$1.service" ] || return 0
  mkdir -p "$UNITS/booner-$1.service.d"
  cat >"$UNITS/booner-$1.service.d/$2.conf"
}

# Prints a drop-in with the hub's secrets, for the files that exist.
credentials_of_hub() {
  echo '# Generated by install.sh from the files in /etc/booner/credentials.'
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

# Restarts a service. systemctl returns once the service is ready (Type=notify); its status must
# then show within the deadline that it does its work.
restart() {
  [ "$1" != runner ] || stop_runner
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

# Prints the service's own last error since its last start, rather than systemd's message about it.
last_words() {
  invocation=$(systemctl show -p InvocationID --value "booner-$1.service")
  journalctl "_SYSTEMD_UNIT=booner-$1.service" ${invocation:+"_SYSTEMD_INVOCATION_ID=$invocation"} --since '2 minutes ago' -n 20 -o cat --no-pager >"$work/words" 2>/dev/null || :
  if [ "$1" = runner ] && [ ! -s "$work/words" ]; then
    last_words launcher
    return 0
  fi
  { grep -i error "$work/words" || tail -n 1 "$work/words"; } | tail -n 1 | cut -c 1-300
}

# Keeps two versions: the current one, and the one to roll back to.
forget_old_versions() {
  for folder in "$PREFIX"/versions/*; do
    case ${folder##*/} in "$1" | "$2") ;; *) rm -rf "$folder" ;; esac
  done
  for kept in "$1" "${2:-$1}"; do
    [ -e "$PREFIX/versions/$kept/booner-launcher.mjs" ] || return 0
  done
  rm -f "$STATE/runner.json" "$STATE/journal.jsonl" "$STATE/lock"
}

# --- upgrade --------------------------------------------------------------------------------------

upgrade_to() {
  role=host
  check_machine
  [ -n "$hub" ] || fail 'the hub that this host was installed from is unknown.' 'Add --hub URL.'
  case $1 in *[!0-9A-Za-z.-]* | '' | .* | -*) fail "$1 is not a version." ;; esac
  previous=$(installed_version)
  [ -n "$previous" ] || fail 'Booner is not installed here.'
  [ ! -e "$UNITS/booner-hub.service" ] || fail 'this machine is also the hub, which has its own package.' \
    'Upgrade both at once: install.sh --role hub --offline TARBALL'
  open_work
  trap 'upgrade_result false "${failure:-it was interrupted}"; rm -rf "$work"' EXIT
  upgrade_from=$previous reason=''
  refuse_downgrade "$1"
  [ "$previous" != "$1" ] || say "Version $1 is already installed. Restarting its services."
  choose_package "$1"
  get_package
  unpack
  [ "$version" = "$1" ] || fail "the package contains version $version instead of $1."
  if activate "$1"; then
    forget_old_versions "$1" "$previous"
    remember_hub
    finish_upgrade true ''
    say "Version $1 is running."
    return 0
  fi
  reason=$activation_error again=$touched
  say "Version $1 does not start: $reason"
  say "Rolling back to version $previous"
  # A runner that was not restarted with the new version keeps running undisturbed.
  activate "$previous" "$again" || reason="$reason; and version $previous does not start either: $activation_error"
  [ "$previous" = "$1" ] || rm -rf "$PREFIX/versions/$1"
  finish_upgrade false "$reason"
  say "Rolled back: version $(installed_version) runs. $reason" >&2
  exit 1
}

finish_upgrade() {
  trap 'rm -rf "$work"' EXIT
  upgrade_result "$@"
}

# upgrade_result OK REASON: records the result in upgrade.json.
upgrade_result() {
  mkdir -p "$STATE"
  chmod 700 "$STATE"
  words=$(printf '%s' "$2" | tr -d '\000-\037' | sed 's/[\\"]/\\&/g')
  printf '{"from":"%s","to":"%s","ok":%s,"reason":%s,"atMs":%s000}\n' "$upgrade_from" "$to_version" "$1" \
    "$([ -n "$words" ] && printf '"%s"' "$words" || printf null)" "$(date +%s)" >"$STATE/upgrade.json.new"
  mv "$STATE/upgrade.json.new" "$STATE/upgrade.json"
}

# --- uninstall ------------------------------------------------------------------------------------

uninstall() {
  [ "$(id -u)" -eq 0 ] || fail 'this needs root.' 'Run it with sudo.'
  host_id=$(setting "$CONFIG/agent.env" BOONER_HOST_ID)
  if [ "$dry_run" = yes ]; then
    say "Nothing was changed. It would end all tasks, stop and remove booner-agent, booner-runner, booner-launcher and booner-hub, and delete"
    say "  $PREFIX $CONFIG (with your actions) $STATE $STATE-agent $STATE-runner $STATE-hub $COMMAND"
    return 0
  fi
  # Tasks first, because the runner would wait for them.
  systemctl stop booner-tasks.slice booner.slice 2>/dev/null || :
  # A stop of the services signals only the main process of each task.
  systemctl kill --signal=KILL booner-tasks.slice 2>/dev/null || :
  for unit in agent.service runner.service launcher.socket launcher.service hub.service; do
    systemctl disable --now --quiet "booner-$unit" 2>/dev/null || :
    rm -rf "$UNITS/booner-$unit" "$UNITS/booner-$unit.d"
  done
  rm -rf "$UNITS/booner-tasks.slice.d"
  systemctl daemon-reload
  systemctl reset-failed 'booner-*' 2>/dev/null || :
  if [ "$(readlink "$COMMAND" 2>/dev/null)" = "$PREFIX/current/bin/booner" ]; then rm -f "$COMMAND"; fi
  rm -rf "$PREFIX" /root/.cache/booner "$CONFIG" "$STATE" "$STATE-hub" "$STATE-agent" "$STATE-runner" \
    /var/lib/private/booner-hub /var/lib/private/booner-agent /var/lib/private/booner-runner \
    /run/booner-upgrade.log /run/booner-upgrade.code /run/booner-upgrade.sh \
    /run/booner-install.lock /run/booner /run/booner-launcher
  # An audit file in it is evidence, so it stays.
  if rmdir /var/log/private/booner-hub 2>/dev/null; then rm -f /var/log/booner-hub; fi
  say 'Booner was removed from this machine.'
  [ -z "$host_id" ] || say "To remove the host from the hub too: booner target remove $host_id"
}

say_next() {
  say ''
  if [ "$role" = hub ]; then
    say "Booner $version is installed as the hub: $(systemctl show -p StatusText --value booner-hub.service)."
    say "To see its log: journalctl -u booner-hub. To change settings, edit $CONFIG/hub.env and run systemctl restart booner-hub."
    return 0
  fi
  [ -n "$host_id" ] || host_id=$(setting "$CONFIG/agent.env" BOONER_HOST_ID)
  # Without a key, the agent determines its host id itself and shows it in its status.
  [ -n "$host_id" ] || host_id=$(systemctl show -p StatusText --value booner-agent.service | sed 's/^publishing as //')
  say "Booner $version is installed: this host is $host_id${hub:+, and is on the dashboard at $hub}."
  [ "$tasks" = no ] || say "Next, as root, write the actions that may run here to $CONFIG/actions.d (docs/actions.md)."
}

main "$@"
