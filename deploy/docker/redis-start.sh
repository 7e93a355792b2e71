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

# At most 1 MB per argument, so that no agent can publish a message for which Redis would disconnect
# the hubs.
exec redis-server --dir "$data" --appendonly yes --aclfile "$users" --proto-max-bulk-len 1mb "$@"
