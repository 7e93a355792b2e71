#!/bin/sh
# Creates the missing passwords for docker-compose.yml, in the given folder (default:
# deploy/docker/secrets). Only the owner can open the folder. The files are world-readable, because
# each is mounted into a container and read by that container's user.
set -eu

folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
chmod 700 "$folder"
for name in hub enroller admin; do
    file=$folder/redis-$name-password
    if [ -s "$file" ]; then
        echo "kept     $file"
    else
        od -An -N32 -tx1 /dev/urandom | tr -d ' \n' > "$file"
        echo "created  $file"
    fi
    chmod 644 "$file"
done
