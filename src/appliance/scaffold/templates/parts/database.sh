install -o postgres -g postgres -m 640 /etc/{{ name }}/postgresql.conf "$settings/{{ name }}.conf"
grep -q '^include .{{ name }}.conf' "$settings/postgresql.conf" ||
    echo "include '{{ name }}.conf'" >> "$settings/postgresql.conf"
# the administrator on this machine, and whoever has the password
cat > "$settings/pg_hba.conf" <<HBA
local all postgres peer
host {{ name }} {{ name }} all scram-sha-256
HBA
