{% extends "common/check.sh" %}
{% block check %}

# Prints what the web server answers to a request for the path $1. (The appliance has no curl.)
fetched() {
    exec 3<> /dev/tcp/localhost/80
    printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$1" >&3
    cat <&3
    exec 3>&-
}

systemctl is-active --quiet nginx.service
fetched / | grep -qF '<h1>{{ title }}</h1>'
fetched /nothing | grep -q '^HTTP/1.. 404'
journalctl --quiet --identifier nginx --grep 'GET /nothing' > /dev/null
{% endblock %}
