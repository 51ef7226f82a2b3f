"""Thousands of packages are one transaction: dnf is called once, or not at all."""

import re
import subprocess

from appliance.backends.package_managers import dnf

PACKAGES = 5000


def test_dnf_is_called_once_however_many_packages_there_are() -> None:
    found = re.search(r"^(xargs [^$]*)\$dnf", dnf.SCRIPT, re.MULTILINE)
    assert found, "the script calls dnf in another way"
    files = "".join(f"{dnf.RPMS}/{number:064x}.rpm\n" for number in range(PACKAGES))

    done = subprocess.run(
        [*found[1].split(), "sh", "-c", "echo $#", "dnf"],
        input=files, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.split() == [str(PACKAGES)]
