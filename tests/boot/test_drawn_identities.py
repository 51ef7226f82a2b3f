"""What packages draw while they are installed is in no image: two builds that share nothing have
the same bits, and two copies of one image each draw their own."""

import json
import re
from pathlib import Path

import pytest
from tests.boot.conftest import PASSWORD, REPOSITORY, appliance

import waiting

pytestmark = pytest.mark.slow  # minutes each; make test-all

DRAWING = """open-iscsi nvme-cli ssl-cert bind9 munge dropbear-bin dropbear xrdp openssl
    mariadb-server"""
NEWLINE = "\n"
TEXT = f"""\
%include {REPOSITORY}/kickstarts/aos-debian.ks
part / --fstype=ext4 --size=3000 --grow --label=root
%packages --excludedocs --inst-langs= --exclude-weakdeps
{NEWLINE.join(DRAWING.split())}
%end
%post --erroronfail
find /var/lib/mysql -mindepth 1 -delete
echo DROPBEAR_PORT=2222 >> /etc/default/dropbear
%end
"""
SHEET = """\
[first-boot]
scripts = ["database.sh"]
before = ["mariadb.service"]
"""
DOCUMENTED = REPOSITORY / "docs/how-to/same-bits.md"
DRAWN = """\
#!/bin/sh
set -e
systemctl start iscsid
echo "iscsi=$(sed -n 's/^InitiatorName=//p' /etc/iscsi/initiatorname.iscsi)"
echo "nvme=$(cat /etc/nvme/hostnqn)"
echo "nvme-id=$(cat /etc/nvme/hostid)"
echo "tls=$(openssl rsa -noout -modulus -in /etc/ssl/private/ssl-cert-snakeoil.key | sha256sum)"
echo "rndc=$(sha256sum < /etc/bind/rndc.key)"
echo "munge=$(sha256sum < /etc/munge/munge.key)"
echo "dropbear=$(dropbearkey -y -f /etc/dropbear/dropbear_ed25519_host_key | grep ^ssh)"
echo "xrdp=$(sha256sum < /etc/xrdp/rsakeys.ini)"
echo "sshd=$(cat /etc/ssh/ssh_host_ed25519_key.pub)"
echo "machine=$(cat /etc/machine-id)"
systemctl is-active appliance-identities.service mariadb.service
mariadb --execute 'SHOW DATABASES' | grep -x mysql
"""


def built(place: Path) -> Path:
    """The image, with a store that nobody else uses."""
    place.mkdir()
    (place / "drawn.ks").write_text(TEXT)
    (place / "drawn.toml").write_text(SHEET)
    (script,) = re.findall(r"```sh\n(.*?)```", DOCUMENTED.read_text(), re.DOTALL)
    (place / "database.sh").write_text(script)
    done = appliance(
        *("build", place / "drawn.ks", "--root-password", PASSWORD),
        *("--store", place / "store", "-o", place / "out"),
    )
    waiting.well(done)
    return place / "out/drawn"


def drawn(place: Path, tmp_path: Path) -> dict[str, str]:
    """What a copy of an image has drawn when it is up."""
    check = tmp_path / "drawn.sh"
    check.write_text(DRAWN)
    words = ("--login", f"root:{PASSWORD}", "--check", check, "--firmware", "bios")
    done = waiting.well(appliance("test", place, *words, "--json", "--output", tmp_path / "report"))
    said = "".join(each["evidence"] for each in json.loads(done.stdout)["reports"][0]["checks"])
    pairs = (line.split("=", 1) for line in said.splitlines() if "=" in line)
    return {name: value for name, value in pairs if value.strip()}


def test_two_builds_have_the_same_bits_and_two_copies_have_secrets_of_their_own(
    tmp_path: Path,
) -> None:
    place = built(tmp_path / "one")
    other = built(tmp_path / "two")

    found = appliance("diff", place, other)
    assert (found.returncode, found.stdout) == (0, "")

    one, two = drawn(place, tmp_path), drawn(place, tmp_path)
    names = [line.split("=")[0].split('"')[1] for line in DRAWN.splitlines() if line[:4] == "echo"]
    assert set(names) <= one.keys()
    assert [name for name in names if one[name] == two[name]] == []
