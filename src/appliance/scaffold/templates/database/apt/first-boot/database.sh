#!/bin/sh -eu
# The database, new on the disk for data, with a password that nobody has seen.
version=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n')
settings=/etc/postgresql/$version/main
[ -e "$settings" ] || pg_createcluster "$version" main
{% include "parts/database.sh" %}
systemctl enable "postgresql@$version-main.service"
systemctl restart "postgresql@$version-main.service"
{% include "parts/tables.sh" %}
