#!/bin/sh -eu
# The database, new on the disk for data, with a password that nobody has seen.
settings=/var/lib/pgsql/data
[ -e "$settings/PG_VERSION" ] || postgresql-setup --initdb
{% include "parts/database.sh" %}
systemctl enable postgresql.service
systemctl restart postgresql.service
{% include "parts/tables.sh" %}
