#!/bin/sh -eu
# The shop's database, new on the disk for data, with a password that nobody has seen.
version=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n')
[ -e "/etc/postgresql/$version/main" ] || pg_createcluster "$version" main
systemctl daemon-reload
systemctl start "postgresql@$version-main.service"

password=$(openssl rand -hex 24)
as_postgres() { runuser -u postgres -- psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 "$@"; }
as_postgres --command 'DROP DATABASE IF EXISTS shop' --command 'DROP ROLE IF EXISTS shop'
as_postgres <<SQL
CREATE ROLE shop LOGIN PASSWORD '$password';
CREATE DATABASE shop OWNER shop;
SQL

install -d -m 755 /etc/shop
install -m 640 -g shop /dev/null /etc/shop/database
printf 'DATABASE="host=127.0.0.1 dbname=shop user=shop password=%s"\n' "$password" \
    > /etc/shop/database
PGPASSWORD=$password psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 \
    --host 127.0.0.1 --username shop --file /opt/shop/schema.sql shop
