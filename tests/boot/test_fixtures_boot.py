"""Kickstarts as people write them (tests/data/fixtures), built and started; the others of them are
planned only (tests/unit/test_fixture_plans.py): for machines of other kinds, or packages that no
archive here has."""

import pytest
from tests.boot.conftest import REPOSITORY, Started

FIXTURES = REPOSITORY / "tests/data/fixtures"
CHECKS = {
    "01-minimal-cloud": "systemctl is-enabled ssh\ngrep net.ifnames=0 /proc/cmdline",
    "06-lvm-cloud": """\
findmnt -n -o SOURCE / | grep -x /dev/mapper/rootvg-rootlv
findmnt -n -o OPTIONS /var/log | grep nosuid
vgs rootvg
grep dm- /proc/swaps""",
    "10-includes": """\
test "$(tr '\\n' ' ' < /root/order)" = "storage minimal desktop spin outermost "
command -v vim.tiny
! command -v nano
test "$(cat /etc/timezone)" = America/New_York""",
    "11-vagrant": """\
su vagrant -c 'sudo -n id -u' | grep -x 0
test "$(stat -c %U:%a /home/vagrant/.ssh/authorized_keys)" = vagrant:600""",
    "16-people": """\
id anna | grep 'uid=2001(anna) gid=2500'
test "$(cat /srv/anna/before)" = kept
test "$(stat -c %U /srv/anna/.ssh/authorized_keys)" = anna
getent group operators | grep -x 'operators:x:3000:anna'""",
    "18-scripts": """\
test "$(cat /root/python)" = "100 percent"
grep -x '%word stays as it is' /root/heredoc
test "$(tr '\\n' ' ' < /root/order)" = "second third "
test "$(uname -r)" = "$(cat /root/uname)" """,
    "19-many-partitions": """\
findmnt -n /srv
findmnt -n -o OPTIONS /var/log | grep noexec
blkid -L data
tail -n +2 /proc/swaps | grep .""",
    "22-safety": "test -e /root/post",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKS)
def test_a_fixture_starts_and_is_what_it_says(
    name: str, starts: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FIXTURES)
    text = (FIXTURES / f"{name}.ks").read_text()
    network = "" if "\nnetwork " in text else "network --bootproto=dhcp\n"
    check = f"#!/bin/sh\nset -ex\n{CHECKS[name]}\n"

    starts(network + text, check, "--include-path", str(FIXTURES), firmware="bios")
