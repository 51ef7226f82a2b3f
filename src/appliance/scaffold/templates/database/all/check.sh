{% extends "common/check.sh" %}
{% block check %}

# the data are on a disk of their own
test "$(findmnt --noheadings --output LABEL --target {% if base.packages == "apt" %}/var/lib/postgresql{% else %}/var/lib/pgsql{% endif %})" = data

# whoever has the password gets in over the network, nobody else does
export PGPASSWORD
asked() { psql --no-psqlrc -At --host "$1" --username {{ name }} --command "$2" {{ name }}; }
PGPASSWORD=$(cat /etc/{{ name }}/password)
test "${#PGPASSWORD}" -ge 32
test "$(stat -c %a:%U /etc/{{ name }}/password)" = 600:root
test "$(asked 127.0.0.1 'SELECT text FROM greetings')" = 'Hello from {{ name }}'
test "$(asked 127.0.0.1 'SHOW listen_addresses')" = '*'
PGPASSWORD=wrong
if asked 127.0.0.1 'SELECT 1' 2> /dev/null; then exit 1; fi

# only the console and the file know the password
grep -q 'password [0-9a-f]' /run/issue.d/50-{{ name }}.issue
{% endblock %}
