"""`appliance lint --conventions`, asked of images that mke2fs makes."""

import json
import subprocess
from pathlib import Path

from tests.boot.conftest import appliance

from appliance.backends.image_rules.conventions import RULES
from appliance.units import MIB


def image(tmp_path: Path, files: dict[str, str]) -> Path:
    """A disk that is one filesystem with these *files*."""
    tree, disk = tmp_path / "tree", tmp_path / "disk.raw"
    for name, text in files.items():
        path = tree / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    words = ("mke2fs", "-q", "-F", "-t", "ext4", "-d", tree, disk, f"{16 * MIB // 1024}k")
    subprocess.run(words, check=True, capture_output=True)
    return disk


SYSTEM = {
    "/usr/lib/os-release": 'ID=shop\nPRETTY_NAME="Shop"\n',
    "/etc/fstab": "UUID=1 / ext4 x-systemd.growfs 0 1\n",
    "/etc/issue": "Shop\n",
    "/usr/bin/cloud-init": "#!/usr/bin/python3\n",
}


def test_an_image_without_a_description_is_judged_by_its_files(tmp_path: Path) -> None:
    done = appliance("lint", "--conventions", image(tmp_path, SYSTEM))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(f"disk.raw: no edition is named: 0 breaks of {len(RULES)} rules\n")


def test_breaks_are_told_with_their_numbers(tmp_path: Path) -> None:
    files = {**SYSTEM, "/data\x1b[31m": "x", "/etc/fstab": "/dev/sda1 / ext4 defaults 0 1\n"}
    disk = image(tmp_path, files)

    done = appliance("lint", "--conventions", disk)
    said = json.loads(appliance("lint", "--conventions", "--json", disk).stdout)

    assert done.returncode == 2
    assert "\x1b" not in done.stdout
    assert done.stdout.endswith(f"3 breaks of {len(RULES)} rules\n")
    assert [each["rule"] for each in said["breaks"]] == ["2.1", "9.1", "9.2"]
    assert set(said) == {"edition", "breaks", "notes"}
    assert set(said["breaks"][0]) == {"rule", "sentence", "path", "what"}


def test_what_has_no_system_in_it_is_no_appliance(tmp_path: Path) -> None:
    done = appliance("lint", "--conventions", image(tmp_path, {"/readme": "x"}))
    assert done.returncode == 2
    assert "has no root of a system that can be read" in done.stderr


def test_the_rules_are_listed() -> None:
    said = json.loads(appliance("lint", "--conventions", "--rules", "--json").stdout)
    assert [row["rule"] for row in said] == [rule.number for rule in RULES]
    lines = appliance("lint", "--conventions", "--rules").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [rule.number for rule in RULES]
