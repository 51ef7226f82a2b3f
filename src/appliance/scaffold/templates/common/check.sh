#!/bin/bash -eu
# Run inside {{ name }} after it has started, by `appliance test out/{{ name }} --check check.sh`. It is
# well if this ends with 0: each line must succeed. That no unit failed is looked at anyway.
trap 'echo "line $LINENO failed: $BASH_COMMAND"' ERR

test "$(cat /proc/sys/kernel/hostname)" = {{ name }}
{% block check %}{% endblock %}
