#!/bin/sh
# Starts Redis with the users that Booner needs, in the container of docker-compose.yml. Keeps the
# users of hosts, which the hub's enroller adds and Redis saves. Recreates the users of the
# composition itself, so that a changed password takes effect after a restart.
set -eu
umask 077

# The variables allow running this without a container. Arguments go to redis-server.
data=${REDIS_DATA:-/data}
templates=${REDIS_USERS:-/etc/booner/redis-users.acl}
secrets=${REDIS_SECRETS:-/run/secrets}
users=$data/users.acl

sha256() {
    printf %s "$(cat "$secrets/redis-$1-password")" | sha256sum | cut -d ' ' -f 1
}

touch "$users"
{
    sed -e '/^#/d' -e "s/HUB_SHA256/$(sha256 hub)/" -e "s/ENROLLER_SHA256/$(sha256 enroller)/" \
        -e "s/ADMIN_SHA256/$(sha256 admin)/" "$templates"
    grep -Ev '^user (default|booner-hub|booner-enroller|booner-admin) ' "$users" || true
} > "$users.new"
mv "$users.new" "$users"

# A flood of data must not get Redis killed: it may use three quarters of the container's memory.
limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)
case $limit in
    '' | *[!0-9]*) ;;
    *) set -- --maxmemory "$((limit / 4 * 3))" "$@" ;;
esac

# At most 1 MB per argument, so that messages and values are bounded.
exec redis-server --dir "$data" --appendonly yes --aclfile "$users" --proto-max-bulk-len 1mb "$@"
