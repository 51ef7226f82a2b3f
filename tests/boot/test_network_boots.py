"""A started system has the network and the people of its kickstart."""

from pathlib import Path

import pytest
from tests.boot.conftest import Started

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAnnaAnnaAnnaAnnaAnnaAnnaAnnaAnnaAnnaAnna000"
TEXT = f"""\
repo --name=debian-trixie
lang C.UTF-8
timezone UTC --utc
network --device=bond0 --bondslaves=eth0 --bondopts=mode=active-backup,miimon=100 \
--bootproto=static --ip=10.0.2.15 --netmask=255.255.255.0 --gateway=10.0.2.2 --noipv6 \
--hostname=web.example.org
network --device=bond0 --vlanid=171 --bootproto=static --ip=192.0.2.7 --netmask=255.255.255.128
rootpw --lock
group --name=operators --gid=3000
user --name=anna --uid=2001 --gid=2500 --groups=operators --password=hushhush --plaintext
user --name=dora
sshkey --username=anna "{KEY} anna"
bootloader --timeout=1
zerombr
clearpart --all --initlabel --disklabel=msdos
part / --fstype=ext4 --size=900

%packages --excludedocs --inst-langs= --exclude-weakdeps
@core
linux-image-cloud-amd64
iproute2
openssh-server
PACKAGES
%end
"""
CHECK = """\
set -ex
test "$(uname -n)" = web.example.org
test "$(id anna)" = 'uid=2001(anna) gid=2500(anna) groups=2500(anna),3000(operators)'
passwd --status anna | grep -x 'anna P .*'
passwd --status dora | grep -x 'dora L .*'
su anna -c 'test -r ~/.ssh/authorized_keys && ls -ld ~/.ssh' | grep ^drwx------
ssh-keygen -lf ~anna/.ssh/authorized_keys
for wait in $(seq 30); do
    if ip -4 -o address show bond0.171 | grep 192.0.2.7; then break; fi
    sleep 1
done
ip -4 -o address show bond0 | grep 'inet 10.0.2.15/24'
ip -4 -o address show bond0.171 | grep 'inet 192.0.2.7/25'
ip -d link show bond0.171 | grep 'vlan protocol 802.1Q id 171'
ip -d link show bond0 | grep 'bond mode active-backup active_slave eth0 miimon 100'
ip link show eth0 | grep 'master bond0'
ip route | grep 'default via 10.0.2.2 dev bond0'
test -z "$(ip -6 -o address show bond0 scope global)"
RUNS
"""
MANAGERS = {"systemd-networkd": "", "NetworkManager": "network-manager"}


@pytest.mark.slow
@pytest.mark.parametrize("manager", MANAGERS)
def test_bonds_and_vlans_come_up_and_users_can_log_in(manager: str, starts: Started) -> None:
    text = TEXT.replace("PACKAGES", MANAGERS[manager])
    starts(text, CHECK.replace("RUNS", f"systemctl is-active {manager}"), firmware="bios")


COUNTED = """\
network --device=eth0 --bootproto=static --ip=10.0.2.15 --netmask=255.255.255.0 \
--gateway=10.0.2.2 --hostname=counted
network --device=eth1 --bootproto=static --ip=192.0.2.7 --netmask=255.255.255.128 --nodefroute
"""
FIRST_OF_TWO = """\
set -ex
ls /sys/class/net | grep -vx lo | xargs | grep -x 'eth0 eth1'
basename "$(readlink -f /sys/class/net/eth0/device/driver)" | grep -x vmxnet3
test "$(readlink -f /sys/class/net/eth0/device)" '<' "$(readlink -f /sys/class/net/eth1/device)"
for wait in $(seq 60); do
    if ip -4 -o address show eth1 | grep 192.0.2.7; then break; fi
    sleep 1
done
ip -4 -o address show eth0 | grep 'inet 10.0.2.15/24'
ip -4 -o address show eth1 | grep 'inet 192.0.2.7/25'
ip route | grep 'default via 10.0.2.2 dev eth0'
test "$(ip route | grep -c default)" = 1
RUNS
"""


@pytest.mark.slow
@pytest.mark.parametrize("manager", MANAGERS)
def test_two_cards_of_another_model_have_the_addresses_of_their_numbers(
    manager: str, starts: Started, tmp_path: Path
) -> None:
    (tmp_path / "disks.toml").write_text("[machine]\ninterfaces = 2\n")
    lines = [line for line in TEXT.splitlines() if not line.startswith("network")]
    text = COUNTED + "\n".join(lines).replace("PACKAGES", MANAGERS[manager]) + "\n"
    check = FIRST_OF_TWO.replace("RUNS", f"systemctl is-active {manager}")

    starts(text, check, firmware="bios", tested=("--network-card", "vmxnet3"))
