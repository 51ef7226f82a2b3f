"""What stands in an image's tree while its packages are configured."""

import pytest

from appliance.backends.package_managers.apt import guards
from appliance.backends.package_managers.model import LockedPackage


@pytest.mark.parametrize(("name", "stand"), [("openssh-server", True), ("dropbear", False)])
def test_no_host_keys_stand_where_a_package_would_read_them(name: str, stand: bool) -> None:
    found = guards([LockedPackage(name, "1", "amd64", "0" * 64, 1, "main", f"{name}.deb")])

    assert ("etc/ssh/ssh_host_rsa_key" in found) == stand
    assert "usr/sbin/policy-rc.d" in found
