"""The shipped kickstarts of the RPM family, built from a distribution that the tests make."""

import json
from pathlib import Path

import pytest
from tests.boot.conftest import Build, Started, appliance
from tests.boot.test_shipped_appliances import (
    KICKSTARTS,
    boots,
    first_boot_is_kept,
    nothing_leaks,
)

CHECK = """\
#!/bin/sh
set -e
test "$(systemctl is-system-running --wait)" = running
test "$(stat -c %U:%G:%a /root)" = root:root:550
test -s /etc/machine-id
grep -q '^options root=UUID=' /boot/loader/entries/*.conf
! grep -q "BOOT_IMAGE" /boot/loader/entries/*.conf
test -e /etc/udev/hwdb.bin || test -e /usr/lib/udev/hwdb.bin
getcap /usr/bin/ping | grep -q cap_net_raw || ! command -v getcap > /dev/null
rpm -qa --qf '%{{NAME}} %|EPOCH?{{%{{EPOCH}}:}}:{{}}|%{{VERSION}}-%{{RELEASE}} %{{ARCH}}\\n' |
    grep -v '^gpg-pubkey ' | LC_ALL=C sort > /tmp/installed
cat > /tmp/listed <<'END'
{listed}
END
diff /tmp/listed /tmp/installed
"""

WANTED = "chrony firewalld qemu-guest-agent sudo python3 curl rsync lvm2 cryptsetup nftables"
RUN = """\
rpm -q WANTED
for unit in chronyd firewalld NetworkManager sshd; do
systemctl is-enabled $unit
systemctl is-active $unit
done
test ! -e /dev/virtio-ports/org.qemu.guest_agent.0 || systemctl is-active qemu-guest-agent
firewall-cmd --list-services | grep http
sudo -V
python3 -c 'print(1)'
curl --version
"""


@pytest.mark.parametrize(
    "name", ["aos-fedora", pytest.param("aos-centos-stream", marks=pytest.mark.slow)]
)
def test_the_aos_boots_with_what_its_manifest_lists(
    name: str, build: Build, rpm_words: dict[str, list[str]], tmp_path: Path
) -> None:
    place = build(name, *rpm_words[name])
    packages = json.loads((place / f"{name}.packages.json").read_text())["packages"]
    listed = sorted(f"{item['name']} {item['version']} {item['architecture']}" for item in packages)
    check = tmp_path / "check.sh"
    check.write_text(CHECK.format(listed="\n".join(listed)))

    reports = boots(place, tmp_path, "--check", check)

    assert [one["firmware"] for one in reports] == ["bios", "uefi"]


@pytest.mark.parametrize(
    "name", ["aos-fedora", pytest.param("aos-centos-stream", marks=pytest.mark.slow)]
)
def test_nothing_is_in_it_that_must_not_leave(
    name: str, build: Build, rpm_words: dict[str, list[str]]
) -> None:
    nothing_leaks(build(name, *rpm_words[name]))


@pytest.mark.parametrize(
    "name", ["aos-fedora", pytest.param("aos-centos-stream", marks=pytest.mark.slow)]
)
def test_it_goes_by_the_conventions(
    name: str, build: Build, rpm_words: dict[str, list[str]]
) -> None:
    done = appliance("lint", "--conventions", build(name, *rpm_words[name]))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "edition 1: 0 breaks" in done.stdout


def test_only_configuration_differs_from_what_the_packages_hold(
    build: Build, rpm_words: dict[str, list[str]]
) -> None:
    place = build("aos-fedora", *rpm_words["aos-fedora"])

    said = appliance("shell", place, "--", "rpm", "-Va", "--nomode", "--nocaps")

    changed = [line for line in said.stdout.splitlines() if line[9:13].strip() not in ("c", "g")]
    assert changed == [], said.stdout


@pytest.mark.slow
def test_what_is_wanted_most_runs_and_a_first_boot_is_kept(
    starts: Started, rpm_words: dict[str, list[str]], tmp_path: Path
) -> None:
    text = (
        f"%include {KICKSTARTS}/aos-fedora.ks\nfirewall --enabled --http\n"
        f"%packages --excludedocs --inst-langs= --exclude-weakdeps\n"
        + "".join(f"{name}\n" for name in WANTED.split())
        + "%end\n"
    )
    check = RUN.replace("WANTED", WANTED)
    first_boot_is_kept(starts, tmp_path, text, *rpm_words["aos-fedora"], check=check)
