"""An OVA as people make it, with one command: what others read in it, and what lint says."""

import json
import random
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from appliance.backends.ova_rules import RULES
from ova_making import bundle, edited, good, pack

MIB = 1024 * 1024


def appliance(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "appliance", *map(str, words)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A disk of 8 MiB with holes, noise, and something that can be compressed."""
    path = tmp_path_factory.mktemp("disk") / "shop.raw"
    with path.open("wb") as file:
        file.truncate(8 * MIB)
        file.seek(MIB)
        file.write(random.Random(1).randbytes(300_000))
        file.seek(5 * MIB)
        file.write(b"x" * 70_000)
    return path


@pytest.mark.parametrize("words", [(), ("--firmware", "uefi", "--disk-bus", "sata", "--cpus", "2")])
def test_others_read_what_convert_makes(raw: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    made = appliance("convert", raw, "--bundle", "ova", "-o", tmp_path, *words)
    assert made.returncode == 0, made.stderr
    path = tmp_path / "shop.ova"

    linted = appliance("lint", path)
    assert linted.returncode == 0, linted.stdout
    assert "0 errors, 0 warnings" in linted.stdout

    with tarfile.open(path) as archive:
        names = archive.getnames()
    subprocess.run(["tar", "-xf", path], cwd=tmp_path, check=True)
    # Five grains of noise, which begin with one of them, and two of what can be compressed.
    assert f'populatedSize="{7 * 65536}"' in (tmp_path / "shop.ovf").read_text()
    assert [Path(name).suffix for name in names] == [".ovf", ".mf", ".vmdk"]
    for line in (tmp_path / "shop.mf").read_text().splitlines():
        said, name = line.split("= ")[1], line.split("(")[1].split(")")[0]
        found = subprocess.run(["sha256sum", tmp_path / name], capture_output=True, text=True,
                               check=True).stdout  # fmt: skip
        assert found.split()[0] == said
    for check in (["check", "-f", "vmdk", tmp_path / names[2]],
                  ["compare", "-f", "raw", "-F", "vmdk", raw, tmp_path / names[2]]):  # fmt: skip
        subprocess.run(["qemu-img", *check], check=True, capture_output=True)


def test_lint_counts_what_qemu_img_leaves_at_the_end(raw: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk.vmdk"
    subprocess.run(["qemu-img", "convert", "-O", "vmdk", "-o", "subformat=streamOptimized",
                    raw, disk], check=True)  # fmt: skip
    data = disk.read_bytes()
    zeros = (len(data) - len(data.rstrip(b"\0"))) // 512
    about = bundle(data, 8 * MIB)
    assert about.artifacts[0].size == 8 * MIB
    files = edited(good(data), (f'capacity="{8 * 65536}"', f'capacity="{8 * MIB}"'))
    linted = appliance("lint", "--json", pack(tmp_path, files))
    found = {each["rule"]: each["place"] for each in json.loads(linted.stdout)}
    assert found == ({"vmdk-end": f"shop-sda.stream.vmdk has {zeros}"} if zeros != 1 else {})
    assert linted.returncode == (2 if found else 0)


def test_lint_tells_people_and_programs(tmp_path: Path) -> None:
    bad = pack(tmp_path, edited(good(), ("vmx-13", "virtualbox-2.2")))
    said = appliance("lint", bad)
    assert said.returncode == 2
    assert "error: virtualbox-2.2\n" in said.stdout
    assert "hardware-family; see owncloud-archive/vm#53" in said.stdout
    warned = appliance("lint", pack(tmp_path, edited(good(), ("vmx-13", "vmx-19"))))
    assert warned.returncode == 0
    assert "0 errors, 1 warning," in warned.stdout


def test_lint_lists_its_rules() -> None:
    said = appliance("lint", "--rules", "--json")
    assert [each["rule"] for each in json.loads(said.stdout)][: len(RULES)] == [
        rule.name for rule in RULES
    ]
    assert appliance("lint").returncode == 2
    gone = appliance("lint", "/nonexistent.ova")
    assert gone.returncode == 2
    assert "there is no" in gone.stderr
