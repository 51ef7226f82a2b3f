"""`appliance-creator`: the words and the results of old, on the tiny distribution."""

import hashlib
import json
import os
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from building import Yard

CREATOR = "import sys; from appliance.cli.creator import main; sys.exit(main())"
MACHINE = "part / --fstype=ext4 --size=64"


def create(
    yard: Yard, kickstart: Path, *words: str | Path, status: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run appliance-creator in the yard's place, with a store that all tests share."""
    argv = [
        *yard.person.before, yard.person.python, "-c", CREATOR, "-c", str(kickstart),
        "--keyring", str(yard.keyring), "-t", str(yard.store.parent / "creator"),
        *map(str, words),
    ]  # fmt: skip
    ended = subprocess.run(
        argv, cwd=yard.place, env=yard.env(), text=True, capture_output=True, check=False
    )
    assert ended.returncode == status, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended


def names(place: Path) -> set[str]:
    return {str(path.relative_to(place)) for path in place.rglob("*") if not path.is_dir()}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("words", "suffix"),
    [
        ([], "raw.xz"),
        (["-f", "raw"], "raw.xz"),
        (["--format=raw", "--no-compress"], "raw"),
        (["-f", "qcow2"], "qcow2"),
        (["-f", "qcow2", "--no-compress"], "qcow2"),
    ],
)
def test_the_disk_is_called_after_its_format(yard: Yard, words: list[str], suffix: str) -> None:
    create(yard, yard.recipe("hello"), "-n", "old", *words)
    place = yard.place / "old"
    assert names(place) == {f"old-sda.{suffix}", "old.xml", "old.packages.json"}
    image = place / f"old-sda.{suffix}"
    if suffix == "raw.xz":
        subprocess.run(["unxz", "--keep", image], check=True)
        image = image.with_suffix("")
    table = json.loads(subprocess.check_output(["qemu-img", "info", "--output=json", image]))
    assert table["format"] == suffix.removesuffix(".xz")
    assert table["virtual-size"] == 66 * 1024 * 1024


def test_no_compress_means_it(yard: Yard) -> None:
    plain, packed = yard.place / "plain.qcow2", yard.place / "packed.qcow2"
    for path, words in ((plain, ["--no-compress"]), (packed, [])):
        create(yard, yard.recipe("hello"), "-f", "qcow2", *words)
        (yard.place / "tiny/tiny-sda.qcow2").rename(path)
    assert packed.stat().st_size < plain.stat().st_size
    subprocess.run(["qemu-img", "compare", "-q", plain, packed], check=True)


def test_the_description(yard: Yard) -> None:
    words = ["--version=13", "--release", "7", "--vmem", "256", "--vcpu=3", "--checksum"]
    disks = f"{MACHINE}\npart /srv --fstype=ext4 --size=16 --ondisk=sdb"
    kickstart = yard.recipe("hello", disk=disks)
    create(yard, kickstart, "--no-compress", "-o", "here/there", *words)
    place = yard.place / "here/there/tiny"
    image = etree.parse(str(place / "tiny.xml")).getroot()
    name = image.find("name")
    assert (name.text, dict(name.attrib)) == ("tiny", {"version": "13", "release": "7"})
    assert image.findtext("domain/devices/vcpu") == "3"
    assert image.findtext("domain/devices/memory") == str(256 * 1024)
    for disk in ("tiny-sda.raw", "tiny-sdb.raw"):
        [said] = image.xpath(f"storage/disk[@file='{disk}']")
        assert said.get("format") == "raw"
        [checksum] = said.iterfind("checksum")
        assert (checksum.get("type"), checksum.text) == ("sha256", sha256(place / disk))


def test_nothing_is_said_of_what_was_not_asked(yard: Yard) -> None:
    create(yard, yard.recipe("hello"), "-f", "qcow2")
    image = etree.parse(str(yard.place / "tiny/tiny.xml")).getroot()
    assert dict(image.find("name").attrib) == {}
    assert not image.findall("storage/disk/checksum")
    assert image.findtext("domain/devices/memory") == str(512 * 1024)


def test_partitions_are_numbered_as_declared(yard: Yard) -> None:
    """Fixed and growing, large and small; the last of two lines counts, where it stands; and the
    partition table is MBR, unless the kickstart says otherwise."""
    disk = "\n".join(
        (
            "part /srv --fstype=ext4 --size=16",
            "part / --fstype=ext4 --size=20",
            "part /home --fstype=ext4 --size=32",
            "part / --fstype=ext4 --size=64",
        )
    )
    create(yard, yard.recipe("hello", disk=disk), "--no-compress")
    said = subprocess.check_output(["sfdisk", "--json", yard.place / "tiny/tiny-sda.raw"])
    table = json.loads(said)["partitiontable"]
    assert table["label"] == "dos"
    assert [part["size"] // 2048 for part in table["partitions"]] == [16, 32, 64]

    gpt = f"clearpart --all --initlabel --disklabel=gpt\n{disk}"
    create(yard, yard.recipe("hello", disk=gpt), "--no-compress")
    said = subprocess.check_output(["sfdisk", "--json", yard.place / "tiny/tiny-sda.raw"])
    assert json.loads(said)["partitiontable"]["label"] == "gpt"


@pytest.mark.parametrize("kind", ["zip", "zip.64", "tar", "tar.gz", "tar.bz2"])
def test_packages(yard: Yard, kind: str) -> None:
    extra = yard.place / "extra"
    (extra / "docs").mkdir(parents=True)
    (extra / "docs/README").write_text("read me\n")
    (extra / "run").write_text("#!/bin/sh\n")
    (extra / "run").chmod(0o755)
    made = yard.place / f"tiny.{kind.removesuffix('.64')}"
    digests = []
    for _ in range(2):
        create(yard, yard.recipe("hello"), "-p", kind, "-i", extra, "--checksum")
        digests.append(sha256(made))
    assert digests[0] == digests[1]
    assert not (yard.place / "tiny").exists()

    target = yard.place / "unpacked"
    if made.suffix == ".zip":
        subprocess.run(["unzip", "-q", made, "-d", target], check=True)
    else:
        target.mkdir()
        subprocess.run(["tar", "-xf", made, "-C", target], check=True)
        listed = subprocess.check_output(["tar", "-tvf", made], text=True).splitlines()
        assert [line for line in listed if "root/root" not in line] == []
    place = target / "tiny"
    assert names(target) == {
        *(f"tiny/{name}" for name in ("tiny-sda.raw.xz", "tiny.xml", "tiny.packages.json")),
        *("tiny/docs/README", "tiny/run"),
    }
    assert (place / "run").stat().st_mode & 0o777 == 0o755
    assert sha256(place / "tiny-sda.raw.xz") in (place / "tiny.xml").read_text()


def test_what_is_included(yard: Yard) -> None:
    (yard.place / "notes.txt").write_text("note\n")
    create(yard, yard.recipe("hello"), "-f", "qcow2", "--include", "notes.txt")
    assert (yard.place / "tiny/notes.txt").read_text() == "note\n"

    ended = create(yard, yard.recipe("hello"), "-f", "qcow2", "-i", "nothing", status=2)
    assert "there is no nothing" in ended.stderr
    (yard.place / "tiny.xml").write_text("mine\n")
    ended = create(yard, yard.recipe("hello"), "-f", "qcow2", "-i", "tiny.xml", status=2)
    assert "of its own" in ended.stderr
    assert (yard.place / "tiny/notes.txt").exists()
    assert not list(yard.place.glob(".*"))


def test_an_included_name_that_is_taken_is_refused_before_anything_is_fetched(yard: Yard) -> None:
    (yard.place / "tiny-sda.qcow2").write_text("mine\n")
    words = ["-f", "qcow2", "-i", "tiny-sda.qcow2", "-t", str(yard.place / "store")]
    ended = create(yard, yard.recipe("hello"), *words, status=2)
    assert "has a tiny-sda.qcow2 of its own" in ended.stderr
    assert not list((yard.place / "store").glob("appliance-*/packages/*"))


def test_the_cache_holds_what_is_installed(yard: Yard) -> None:
    cache = yard.place / "cache"
    create(yard, yard.recipe("hello"), "-f", "qcow2", "--cache", cache)
    assert names(cache) == {
        f"packages/{name}_1.0_amd64.deb" for name in ("hello", "world", "tiny-base", "e2fsprogs")
    }
    create(yard, yard.recipe("slowish"), "-f", "qcow2", "--cache", cache)
    assert "packages/hello_1.0_amd64.deb" not in names(cache)
    assert "packages/slowish_1.0_amd64.deb" in names(cache)

    (cache / "packages/thesis.txt").write_text("mine\n")
    ended = create(yard, yard.recipe("hello"), "-f", "qcow2", "--cache", cache, status=2)
    assert "thesis.txt is not a package" in ended.stderr
    assert (cache / "packages/thesis.txt").exists()


def test_the_cache_is_filled_from_a_store_that_lost_its_packages(yard: Yard) -> None:
    store = yard.place / "store"
    words = ["-f", "qcow2", "--cache", "cache", "-t", str(store)]
    create(yard, yard.recipe("hello"), *words)
    for path in store.glob("appliance-*/packages/*"):
        path.unlink()
    before = names(yard.place / "cache")
    create(yard, yard.recipe("hello"), *words)
    assert names(yard.place / "cache") == before


def test_the_log(yard: Yard) -> None:
    log = yard.place / "it.log"
    log.write_text("earlier\n")
    create(yard, yard.recipe("hello"), "-f", "qcow2", "--logfile", log, "-q")
    assert log.read_text().startswith("earlier\n")
    assert "== layer:packages" in log.read_text()
    create(yard, yard.recipe("no-such"), "-f", "qcow2", "--logfile", log, status=2)
    assert "error: " in log.read_text()
    assert "'no-such'" in log.read_text()
    ended = create(yard, yard.recipe("hello"), "--logfile", yard.place, status=2)
    assert "cannot be written to" in ended.stderr


def test_what_it_says(yard: Yard) -> None:
    quiet = create(yard, yard.recipe("hello"), "-f", "qcow2", "--quiet")
    assert quiet.stdout + quiet.stderr == ""
    assert create(yard, yard.recipe("hello"), "-f", "qcow2").stdout == "tiny\n"
    more = "%post\necho I was here\n%end\n"
    loud = create(yard, yard.recipe("hello", more=more), "-f", "qcow2", "-d")
    assert "    I was here" in loud.stderr


def test_what_no_build_made_is_left_alone(yard: Yard) -> None:
    place = yard.place / "tiny"
    place.mkdir()
    create(yard, yard.recipe("hello"), "-f", "qcow2")  # empty: nothing is lost
    for path in place.iterdir():
        path.unlink()
    (place / "tiny.xml").write_text("<image/>\n")
    (place / "tiny-sda.raw").write_text("by the original\n")
    create(yard, yard.recipe("hello"), "-f", "qcow2")
    assert "tiny-sda.raw" not in names(place)
    (place / "tiny.packages.json").unlink()
    (place / "thesis.txt").write_text("mine\n")
    ended = create(yard, yard.recipe("hello"), "-f", "qcow2", status=2)
    assert "no build made it" in ended.stderr
    assert (place / "thesis.txt").exists()


def test_a_store_that_somebody_else_prepared_is_not_used(yard: Yard) -> None:
    shared = yard.place / "shared"
    shared.mkdir()
    (shared / f"appliance-{os.geteuid()}").symlink_to(yard.place)
    ended = create(yard, yard.recipe("hello"), "-t", shared, status=3)
    assert "not ours alone" in ended.stderr
