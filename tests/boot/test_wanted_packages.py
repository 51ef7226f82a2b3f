"""The shipped AOS carries what people put on it: the packages that are wanted most, several to an
image, each with its service running."""

import pytest
from tests.boot.conftest import REPOSITORY, Started

pytestmark = pytest.mark.slow  # minutes each; make test-all

TEXT = f"""\
%include {REPOSITORY}/kickstarts/aos-debian.ks
MORE
part / --fstype=ext4 --size=5000 --grow --label=root
%packages --excludedocs --inst-langs= --exclude-weakdeps
PACKAGES
%end
%post --erroronfail
set -e
settings=/etc/default/grub
sed -i 's/^GRUB_CMDLINE_LINUX="\\(.*\\)"/GRUB_CMDLINE_LINUX="\\1 appliance.test=1"/' $settings
update-grub
%end
"""
# haproxy needs an instruction that some emulators lack, and is killed there
WITH_CX16 = """\
%post --erroronfail
mkdir -p /etc/systemd/system/haproxy.service.d
printf '[Unit]\\nConditionCPUFeature=cx16\\n' > /etc/systemd/system/haproxy.service.d/cx16.conf
%end
"""
WEB = (
    f"timezone Europe/Berlin\nfirewall --enabled --http\n{WITH_CX16}",
    "nginx postgresql redis-server php-fpm haproxy python3 nodejs fail2ban certbot rsyslog chrony "
    "prometheus-node-exporter sudo openjdk-21-jre-headless default-mta",
    "nginx postgresql redis-server php8.4-fpm fail2ban rsyslog chrony firewalld "
    "prometheus-node-exporter",
    """\
systemctl is-enabled haproxy
if grep -qw cx16 /proc/cpuinfo; then systemctl is-active haproxy; fi
python3 -c 'print(1)'
node --version
java -version
certbot --version
sudo -V
firewall-cmd --list-services | grep http
grep Europe/Berlin /etc/timezone
""",
)
SERVERS = (
    "",
    "apache2 mariadb-server squid bind9 samba nfs-kernel-server strongswan wireguard-tools podman "
    "zabbix-agent docker.io cloud-init open-vm-tools qemu-guest-agent open-iscsi nvme-cli ssl-cert "
    "curl perl ca-certificates",
    "apache2 mariadb squid named smbd nfs-server zabbix-agent docker",
    "podman --version\ndpkg -s strongswan\nwg --version\ncloud-init --version\n"
    "test -s /etc/bind/rndc.key\nrndc status\n"
    "grep . /etc/nvme/hostnqn /etc/nvme/hostid\n"
    "openssl rsa -check -noout -in /etc/ssl/private/ssl-cert-snakeoil.key\n"
    "systemctl start iscsid; grep ^InitiatorName=iqn /etc/iscsi/initiatorname.iscsi\n",
)
CHECK = """\
set -ex
grep appliance.test=1 /proc/cmdline
test ! -e /boot/vmlinuz.old
for unit in UNITS; do
for wait in $(seq 300); do
if systemctl is-active -q $unit; then break; fi
sleep 1
done
systemctl is-active $unit || { systemctl status --no-pager -l $unit; exit 1; }
done
"""


@pytest.mark.parametrize("image", [WEB, SERVERS], ids=["web", "servers"])
def test_what_is_wanted_most_runs(image: tuple[str, str, str, str], starts: Started) -> None:
    more, packages, units, check = image
    text = TEXT.replace("MORE", more).replace("PACKAGES", "\n".join(packages.split()))
    starts(text, CHECK.replace("UNITS", units) + check, firmware="bios")
