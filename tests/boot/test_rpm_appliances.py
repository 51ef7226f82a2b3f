"""The shipped kickstarts of the RPM family, built from a distribution that the tests make."""

import json
from pathlib import Path

import pytest
from tests.boot.conftest import Build, appliance
from tests.boot.test_shipped_appliances import boots, nothing_leaks

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
