{% extends "common/check.sh" %}
{% block check %}

# Prints what the service answers to a request for the path $1. (The appliance has no curl.)
fetched() {
    exec 3<> /dev/tcp/localhost/8080
    printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$1" >&3
    cat <&3
    exec 3>&-
}

systemctl is-active --quiet {{ name }}.service
fetched / | grep -q 'Hello from {{ name }}'
fetched /health | grep -q '"ok"'
test "$(systemctl show --property User --value {{ name }}.service)" != root
{% endblock %}
