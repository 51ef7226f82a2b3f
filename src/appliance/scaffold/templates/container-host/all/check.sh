{% extends "common/check.sh" %}
{% block check %}

systemctl is-active --quiet hello.service
podman ps --format {% raw %}'{{.Names}}'{% endraw %} | grep -q hello
# a container has processes of its own, and what it writes is not the appliance's
test "$(podman run --rm --rootfs /:O sh -c 'echo $$; touch /written')" = 1
test ! -e /written
{% endblock %}
