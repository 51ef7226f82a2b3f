{% extends "common/check.sh" %}
{% block check %}

test "$(systemctl get-default)" = graphical.target
systemctl is-active --quiet display-manager.service
# somebody draws on the screen
for _ in $(seq 60); do
    if pgrep --exact 'Xorg|gnome-shell' > /dev/null; then break; fi
    sleep 2
done
pgrep --exact 'Xorg|gnome-shell' > /dev/null
test "$(passwd --status person | cut -d' ' -f2 | cut -c1)" = P
test "$(stat -c %U /home/person/Desktop/welcome.txt)" = person
{% endblock %}
