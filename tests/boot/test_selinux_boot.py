"""A system that its own policy finds rightly labelled from its first boot on."""

import pytest
from tests.boot.conftest import Started

SYSTEM = """\
repo --name=debian-trixie
lang C.UTF-8
timezone UTC --utc
selinux --permissive
network --bootproto=dhcp
part biosboot --fstype=biosboot --size=1
part / --fstype=ext4 --size=1800
%packages --excludedocs --exclude-weakdeps
@core
linux-image-cloud-amd64
initramfs-tools
selinux-policy-default
policycoreutils
%end
"""
CHECK = """\
#!/bin/sh
set -ex
test "$(getenforce)" = Permissive
ls -Z /etc/shadow | grep :shadow_t:
cat /proc/1/attr/current | tr -d '\\0' | grep :init_t:
test -z "$(restorecon -Rnv /usr/bin /usr/sbin /usr/lib /boot /root)"
test ! -e /.autorelabel
"""


@pytest.mark.slow
def test_a_system_with_a_policy(starts: Started) -> None:
    starts(SYSTEM, CHECK, firmware="bios")
