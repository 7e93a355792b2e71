#!/bin/sh
# Makes the passwords of docker-compose.yml that are not there yet, in the folder that it names: deploy/docker/secrets.
# Only the owner may look into the folder; the files themselves can be read by the users of the containers, which are shown a file each.
set -eu

folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
chmod 700 "$folder"
for name in hub enroller admin; do
    file=$folder/redis-$name-password
    if [ -s "$file" ]; then
        echo "kept  $file"
    else
        od -An -N32 -tx1 /dev/urandom | tr -d ' \n' > "$file"
        echo "made  $file"
    fi
    chmod 644 "$file"
done
