"""A branded Debian shows its own name wherever somebody looks, and an update does not change it."""

from pathlib import Path

import pytest
from tests.boot.conftest import PASSWORD, appliance

import waiting
from pictures import png

SHEET = """\
[product]
name = "ACME Web"
version = "1.2"
vendor = "ACME"

[brand]
id = "acme-web"
logo = "logo.png"
colour = "#f1faee"
background = "#1d3557"
banner = "Authorised users only."

[[port]]
number = 80
name = "http"
"""
KICKSTART = """\
%include aos-debian.ks
%packages --excludedocs --inst-langs= --exclude-weakdeps
apt
dbus
%end
"""
# base-files again, as a newer version, out of what is installed of it: dpkg-repack, by hand.
UPDATE = """\
set -eu
mkdir -p /tmp/new/DEBIAN
dpkg -L base-files | grep '^/' | while read -r path; do
    from=$path
    if [ -e "$path.distrib" ]; then from=$path.distrib; fi
    if [ ! -e "$from" ] && [ ! -L "$from" ]; then continue; fi  # documentation
    if [ -d "$from" ] && [ ! -L "$from" ]; then mkdir -p "/tmp/new$path"; continue; fi
    cp -a "$from" "/tmp/new$path"
done
echo "# newer" >> /tmp/new/usr/lib/os-release
echo "Debian GNU/Linux, newer" > /tmp/new/etc/issue
fields='Package: ${Package}\\nVersion: ${Version}+newer\\nArchitecture: ${Architecture}\\n'
fields="${fields}Essential: yes\\nMaintainer: \\${Maintainer}\\nDescription: newer\\n"
dpkg-query -W -f "$fields" base-files > /tmp/new/DEBIAN/control
cp /var/lib/dpkg/info/base-files.conffiles /tmp/new/DEBIAN/conffiles
for name in preinst postinst prerm postrm; do
    if [ -e "/var/lib/dpkg/info/base-files.$name" ]; then
        cp "/var/lib/dpkg/info/base-files.$name" /tmp/new/DEBIAN/
    fi
done
mkdir -p /tmp/repository
dpkg-deb --root-owner-group --build /tmp/new /tmp/repository/base-files_newer_all.deb > /dev/null
cd /tmp/repository
{
    dpkg-deb -f base-files_newer_all.deb
    echo "Filename: ./base-files_newer_all.deb"
    echo "Size: $(stat -c %s base-files_newer_all.deb)"
    echo "SHA256: $(sha256sum base-files_newer_all.deb | cut -d' ' -f1)"
} > Packages
rm -f /etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/tmp/repository ./' > /etc/apt/sources.list
apt-get update -q > /dev/null
DEBIAN_FRONTEND=noninteractive apt-get upgrade -y -q < /dev/null
dpkg-query -W -f '${Version}\\n' base-files | grep -q newer
grep -q '^# newer' /usr/lib/os-release.distrib
"""
CHECK = f"""\
#!/bin/sh -eu
unchanged() {{  # documentation is left out, as all of it is
    changed=$(dpkg --verify base-files | grep -Ev '/usr/share/(doc|lintian)/' || true)
    [ -z "$changed" ] || {{ echo "$changed"; exit 1; }}
}}
told() {{
    grep -q '^PRETTY_NAME="ACME Web 1.2"$' /etc/os-release
    grep -q '^ACME Web 1.2 ' /etc/issue
    grep -q '^ID_LIKE=debian$' /etc/os-release
    [ "$(readlink /etc/dpkg/origins/default)" = acme-web ]
    hostnamectl | grep 'Operating System: ACME Web 1.2'
    grep -q 'menuentry "ACME Web 1.2"' /boot/grub/grub.cfg
    ! grep -l Debian /etc/issue /etc/issue.net /etc/motd /boot/grub/grub.cfg /usr/lib/os-release
}}
told
unchanged
cat > /tmp/update.sh <<'SCRIPT'
{UPDATE}SCRIPT
said=$(sh /tmp/update.sh 2>&1) || {{ echo "$said"; exit 1; }}
unchanged
told
/usr/sbin/sshd -T | grep -i '^banner /etc/issue.net$'
"""


def built(place: Path, *options: str) -> Path:
    (place / "web.ks").write_text(KICKSTART)
    (place / "web.toml").write_text(SHEET)
    (place / "logo.png").write_bytes(png(16, 16))
    words = ("--root-password", PASSWORD, "--store", place / "store", "-o", place / "out")
    waiting.well(appliance("build", place / "web.ks", *words, *options))
    return place / "out/web"


@pytest.mark.slow
def test_a_brand_is_shown_and_kept(tmp_path: Path) -> None:
    place = built(tmp_path)
    check = tmp_path / "check.sh"
    check.write_text(CHECK)
    report = tmp_path / "report"

    done = appliance(
        "test",
        place,
        "--firmware",
        "bios",
        "--login",
        f"root:{PASSWORD}",
        "--check",
        check,
        "--output",
        report,
    )

    waiting.well(done)
    console = "".join(path.read_text(errors="replace") for path in report.rglob("console*"))
    assert "ACME Web 1.2" in console
    assert "Web page: http://" in console
