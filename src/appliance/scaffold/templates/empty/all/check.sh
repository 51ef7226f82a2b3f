{% extends "common/check.sh" %}
{% block check %}
test -r /etc/{{ name }}/README
{% endblock %}
