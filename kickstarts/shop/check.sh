#!/bin/sh -eu
# Run in a shop that was just started, by `appliance test --check`: everything that it promises.
name=$(cat /proc/sys/kernel/hostname)

# the shop: a page over TLS that its own certificate is good for, and an order that it keeps
python3 - "$name" <<'PYTHON'
import json, ssl, sys, urllib.parse, urllib.request

name = sys.argv[1]
trusting = ssl.create_default_context(cafile="/etc/shop/tls.crt")


def fetched(path, form=None):
    data = urllib.parse.urlencode(form).encode() if form else None
    with urllib.request.urlopen(f"https://localhost{path}", data, context=trusting) as answer:
        return answer.read().decode()


before = json.loads(fetched("/health"))["orders"]
assert "Teapot" in fetched("/")
fetched("/orders", {"goods": 1, "count": 2})
assert json.loads(fetched("/health"))["orders"] == before + 1
with urllib.request.urlopen("http://localhost/health", context=trusting) as answer:
    assert answer.url == "https://localhost/health", answer.url
PYTHON

# the database is on its own disk, and its password is the shop's alone
test "$(findmnt -n -o LABEL --target /var/lib/postgresql)" = shop-data
test "$(stat -c %a:%U:%G /etc/shop/database)" = 640:root:shop
test "$(runuser -u postgres -- psql -At -c 'SELECT count(*) FROM goods' shop)" = 3

# the firewall lets in what it must, and nothing else
systemctl is-active --quiet firewalld.service
firewall-cmd --query-service=ssh --quiet
firewall-cmd --query-port=443/tcp --quiet
if firewall-cmd --query-port=5432/tcp --quiet; then exit 1; fi

# the administrator has a password, and only the console knows it
test "$(passwd --status shopkeeper | cut -d' ' -f2)" = P
id -nG shopkeeper | grep -qw sudo
password=$(sed -n 's/.*shopkeeper, with the password //p' /run/issue.d/50-shop.issue)
test "${#password}" -ge 20
if grep -rqF -e "$password" /etc /root /var/log /var/lib/appliance /run/log; then exit 1; fi

# all of it was made at the first boot, once
systemctl is-active --quiet appliance-first-boot.service
test -e /var/lib/appliance/first-boot/done
