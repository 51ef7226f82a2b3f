"""One build, many formats and packages; the same again from an image or a package of it."""

import hashlib
import json
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from building import Yard

MIB, GIB = 1024**2, 1024**3
DISKS = "part / --fstype=ext4 --size=48 --ondisk=sda\npart /srv --size=16 --ondisk=sdb"
FORMATS = (
    "raw,qcow2,vmdk,vmdk-stream,vdi,vhd,vhd-fixed,vhdx,raw.zst,raw.gz,raw.xz,"
    "containerdisk,tar,oci,dir"
)
PACKAGES = "none,zip,tar,tar.gz,tar.xz,tar.zst,tar.bz2,ova,box"
SHEET = """\
[product]
name = "Tiny"
vendor = "ACME"
eula-file = "EULA.txt"
[machine]
memory = "768MiB"
cpus = 3
"""


def sums(place: Path) -> dict[str, str]:
    """The digest of every file below *place*, but for the log."""
    return {
        str(path.relative_to(place)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(place.rglob("*"))
        if path.is_file() and not path.is_symlink() and path.name != "build.log"
    }


def described(place: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((place / "tiny.appliance.json").read_text())
    return found


def convert(yard: Yard, *words: str | Path, status: int = 0) -> str:
    ended = yard.run("convert", *words, "--store", yard.store)
    assert ended.status == status, ended.err
    assert "Traceback" not in ended.err
    return ended.err


@pytest.mark.slow
def test_everything_at_once_and_the_same_again(yard: Yard) -> None:
    recipe = yard.recipe("world", disk=DISKS)
    recipe.with_suffix(".toml").write_text(SHEET)
    (yard.place / "EULA.txt").write_text("Do what you want.\n")
    words = ("-f", FORMATS, "--bundle", PACKAGES)
    yard.build(recipe, *words)
    first, place = sums(yard.output), yard.output / "tiny"
    for disk in ("sda", "sdb"):
        raw = place / f"tiny-{disk}.raw"
        for name in ("qcow2", "vmdk", "stream.vmdk", "vdi", "vhdx"):
            image = place / f"tiny-{disk}.{name}"
            subprocess.run(["qemu-img", "compare", "-f", "raw", raw, image], check=True)
    listed = subprocess.check_output(["sha256sum", "--check", "SHA256SUMS"], cwd=place, text=True)
    assert "tiny.root.tar: OK" in listed
    assert "tiny-sda.raw.bmap: OK" in listed
    says = described(place)
    assert says["machine"]["memory"] == 768 * MIB  # type: ignore[index]
    assert says["machine"]["cpus"] == 3  # type: ignore[index]
    assert says["product"]["eula"] == "Do what you want."  # type: ignore[index]
    names = subprocess.check_output(["tar", "-tf", place / "tiny.root.tar"], text=True)
    assert "./usr/" in names
    assert (place / "tiny.root/usr").is_dir()
    with zipfile.ZipFile(yard.output / "tiny.zip") as zipped:
        assert zipped.testzip() is None
        assert zipped.read("tiny/tiny-sda.raw") == (place / "tiny-sda.raw").read_bytes()
    said = json.loads(
        subprocess.check_output(
            ["skopeo", "inspect", f"oci-archive:{place}/tiny.oci.tar"], text=True
        )
    )
    assert said["Os"] == "linux"
    with tarfile.open(place / "tiny.oci.tar") as image:
        (only,) = json.load(image.extractfile("index.json"))["manifests"]  # type: ignore[arg-type]
    # podman load calls it localhost/tiny:latest
    assert only["annotations"]["org.opencontainers.image.ref.name"] == "tiny:latest"
    yard.run("cache", "prune", "--keep", "0")
    yard.build(recipe, *words, "-j", "1")
    assert sums(yard.output) == first


@pytest.mark.slow
def test_a_package_is_converted_as_its_directory_is(yard: Yard) -> None:
    recipe = yard.recipe("world", disk=DISKS)
    yard.build(recipe, "-f", "qcow2", "--bundle", "none,tar.zst")
    one, two = yard.place / "one", yard.place / "two"
    convert(yard, yard.output / "tiny", "-f", "vdi,raw", "-o", one)
    convert(yard, yard.output / "tiny.tar.zst", "-f", "vdi,raw", "-o", two)
    assert sums(one) == sums(two)
    assert described(one / "tiny")["name"] == "tiny"
    assert (one / "tiny/tiny.packages.json").exists()
    yard.build(recipe, "-f", "raw")
    built = (yard.output / "tiny/tiny-sda.raw").read_bytes()
    assert (one / "tiny/tiny-sda.raw").read_bytes() == built


def test_one_image_becomes_others_beside_each_other(yard: Yard) -> None:
    (yard.place / "EULA.txt").write_text("You may.\n")
    built = yard.build(yard.recipe("world"), "-f", "raw", "--eula", yard.place / "EULA.txt")
    assert "libvirt has no word for the licence" in built.said  # as check says it
    image, place = yard.image(), yard.place / "made"
    before = image.read_bytes()
    convert(yard, image, "-f", "qcow2,vmdk-stream", "-o", place)
    assert sorted(path.name for path in place.iterdir()) == [
        "tiny-sda.qcow2",
        "tiny-sda.stream.vmdk",
    ]
    assert image.read_bytes() == before
    said = convert(yard, image, "-f", "qcow2", "-o", place, status=2)
    assert "is there already" in said
    convert(yard, image, "-f", "qcow2", "-o", place, "--force")
    said = convert(yard, image, "-f", "qocw2", "-o", place, status=2)
    assert "did you mean 'qcow2'" in said


@pytest.mark.slow
def test_places_get_what_they_take(yard: Yard) -> None:
    yard.build(yard.recipe("world"), "-f", "qcow2")
    image, place = yard.image(kind="qcow2"), yard.place / "made"
    convert(yard, image, "--for", "gcp,azure", "-n", "tiny", "-o", place)
    with tarfile.open(place / "tiny-gcp.tar.gz") as tar:
        (member,) = tar.getmembers()
        assert (member.name, member.size, member.issparse()) == ("disk.raw", GIB, True)
    yard.build(yard.recipe("world"), "--for", "gcp", "--bundle", "none")
    assert (yard.output / "tiny/tiny-sda.raw").stat().st_size == GIB
    said = convert(yard, image, "--for", "gpc", "-o", place, status=2)
    assert "gcp" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("-f", "qcow2,qcow2-plain"), "would both be tiny-sda.qcow2"),
        (("-f", "vmkd"), "unknown disk format 'vmkd', did you mean 'vmdk'?"),
        (("--bundle", "tar.zts"), "unknown package 'tar.zts'"),
        (("--launcher", "libvrit"), "unknown launch description 'libvrit'"),
        (("--for", "amazon"), "unknown place 'amazon'"),
        (("--bundle", "zip,zip.64"), "asked for twice"),
        (("--include", "nowhere"), "there is no nowhere"),
        (("--sign-key", "nowhere"), "there is no nowhere"),
        (("--sheet", "nowhere.toml"), "there is no nowhere.toml"),
    ],
)
def test_a_wrong_word_is_told_before_anything_is_made(
    yard: Yard, words: tuple[str, ...], says: str
) -> None:
    ended = yard.build(yard.recipe("world"), *words, status=2)
    assert says in ended.err
    assert not yard.output.exists() or not list(yard.output.iterdir())


def test_a_wrong_sheet_is_told_with_its_line(yard: Yard) -> None:
    recipe = yard.recipe("world")
    recipe.with_suffix(".toml").write_text("[machine]\ncpus = 2\nmemroy = '1GiB'\n")
    ended = yard.build(recipe, status=2)
    assert "tiny.toml:3: there is no 'memroy'" in ended.err
    assert "memory" in ended.err


def test_an_image_that_shows_other_files_is_refused(yard: Yard) -> None:
    secret, image = yard.place / "secret.raw", yard.place / "given/evil.qcow2"
    secret.write_bytes(b"x" * MIB)
    image.parent.mkdir()
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-b", secret, "-F", "raw", image], check=True
    )
    said = convert(yard, image, "-f", "raw", "-o", yard.place / "made", status=2)
    assert "takes its bytes from another file" in said
    assert not (yard.place / "made").exists()


def test_no_disk_image_is_told(yard: Yard) -> None:
    empty = yard.place / "made"
    for name, data in (("broken.qcow2", b"QFI\xfb" + bytes(8)), ("cut.vhdx", b"vhdxfile")):
        (yard.place / name).write_bytes(data)
        convert(yard, yard.place / name, "-f", "vdi", "-o", empty, status=2)
    convert(yard, yard.place / "missing", "-f", "vdi", "-o", empty, status=2)
    assert not empty.exists() or not list(empty.iterdir())


@pytest.mark.parametrize(
    "form",
    [
        pytest.param("vmdk-stream", marks=pytest.mark.slow),
        "qcow2",
        pytest.param("raw.gz", marks=pytest.mark.slow),
        pytest.param("vdi", marks=pytest.mark.slow),
    ],
)
def test_a_disk_that_is_full_leaves_nothing_half_written(
    yard: Yard, quiet_host: None, form: str
) -> None:
    raw, place = yard.place / "noise.raw", yard.place / "small"
    raw.write_bytes(os.urandom(16 * MIB))
    place.mkdir()
    small = (
        "unshare", "--mount", "--map-root-user", "sh", "-c",
        'mount -t tmpfs -o size=6m none "$0" || exit 99; "$@"; code=$?; ls -A "$0"; exit $code',
        str(place),
    )  # fmt: skip
    ended = yard.run("convert", raw, "-f", form, "-o", place, "--store", yard.store, before=small)
    assert (ended.status, ended.out) == (3, "")
    assert "no space left" in ended.err
    assert "Traceback" not in ended.err
