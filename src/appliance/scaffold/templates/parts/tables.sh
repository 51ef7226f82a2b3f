
password=$(od -An -N18 -tx1 /dev/urandom | tr -d ' \n')
as_postgres() { runuser -u postgres -- psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 "$@"; }
as_postgres --command 'DROP DATABASE IF EXISTS "{{ name }}"' --command 'DROP ROLE IF EXISTS "{{ name }}"'
as_postgres <<SQL
CREATE ROLE "{{ name }}" LOGIN PASSWORD '$password';
CREATE DATABASE "{{ name }}" OWNER "{{ name }}";
SQL
as_postgres --command 'SET ROLE "{{ name }}"' --file /etc/{{ name }}/schema.sql "{{ name }}"

# for programs on this machine, and, until the next start, for whoever sees the console
install -m 600 /dev/null /etc/{{ name }}/password
printf '%s\n' "$password" > /etc/{{ name }}/password
mkdir -p /run/issue.d
printf 'PostgreSQL: database and user {{ name }}, password %s\n\n' "$password" \
    > /run/issue.d/50-{{ name }}.issue
