"""Every disk format: made as a build makes it, and read back by programs that we did not write."""

import errno
import json
import os
import random
import resource
import struct
import subprocess
import threading
import time
import zlib
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from appliance.backends import disk_formats
from appliance.backends.disk_formats import qemu_img, vhdx
from appliance.backends.disk_formats.stream_vmdk import GRAIN, HEADER, SECTOR, VmdkStream
from appliance.engine.hands import Hands, Tree
from appliance.errors import CommandError, RequestError
from appliance.steps.convert_disk import ConvertDisk
from appliance.store.results import Store
from appliance.units import GIB, KIB, MIB
from appliance.work.results import DiskImage

CLOCK = 1_700_000_000
DIGEST = "1d" * 32
FORMATS = sorted(set(disk_formats.KNOWN) - {"raw", "containerdisk"})
RANDOM = ("vdi", "vhd", "vhd-fixed", "vhdx", "vmdk", "vmdk-stream")  # have an identity
UNPACKERS = {"raw.xz": "xz", "raw.zst": "zstd", "raw.gz": "gzip"}
SEVEN_ZIP = {"vmdk": "vmdk", "vdi": "vdi", "vhd": "vhd", "vhd-fixed": "vhd", "vhdx": "vhdx"}
SIZE = 48 * MIB


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A disk with programs, noise, text, zeros that are no hole, and holes, also at its end."""
    raw = tmp_path_factory.mktemp("disk") / "web.raw"
    with raw.open("wb") as file:
        file.write(Path("/bin/bash").read_bytes())
        file.seek(3 * MIB)
        file.write(random.Random(1).randbytes(MIB + 5))
        file.seek(20 * MIB - 7)
        file.write(b"across " * 50_000 + bytes(MIB) + b"end")
        file.seek(45 * MIB)
        file.write(b"late")
        file.truncate(SIZE)
    return raw


def hands(place: Path, disk: Path, step: ConvertDisk, *, cores: int, digest: str) -> Hands:
    """What a build gives the step, with *disk* as the result before."""
    store = Store(place / "store")
    store.open()
    kept = store.path("d1")
    kept.mkdir(exist_ok=True)
    if not (kept / "data").exists():
        os.link(disk, kept / "data")
    draft = place / "draft"
    draft.mkdir()
    return Hands(
        clock=CLOCK, cores=cores, gives=step.gives,
        digests={DiskImage("sda"): "d1", step.gives: digest}, scratch=place, draft=draft,
        passing=Path(), layers=Tree(place / "root", store, cores), emit=lambda event: None,
    )  # fmt: skip


def made(name: str, disk: Path, place: Path, *, cores: int = 2, digest: str = DIGEST) -> Path:
    """The image that a build makes in *place*."""
    place.mkdir()
    step = ConvertDisk("sda", name, ())
    step.run(hands(place, disk, step, cores=cores, digest=digest))
    return place / "draft" / "data"


@pytest.fixture(scope="module", params=FORMATS)
def image(request: pytest.FixtureRequest, disk: Path, tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """(its format, the image) for each."""
    name = str(request.param)
    return name, made(name, disk, tmp_path_factory.mktemp("image") / name)


def said(*words: object) -> str:
    return subprocess.check_output([str(word) for word in words], text=True)


def test_the_same_disk_gives_the_same_bytes(
    image: tuple[str, Path], disk: Path, tmp_path: Path
) -> None:
    name, first = image
    if name in RANDOM:
        time.sleep(max(0, 1.1 + first.stat().st_mtime - time.time()))  # some note the second

    for cores in (1, 3):
        again = made(name, disk, tmp_path / f"elsewhere-{cores}", cores=cores)
        assert again.read_bytes() == first.read_bytes()


def test_another_step_s_image_is_another_disk(
    image: tuple[str, Path], disk: Path, tmp_path: Path
) -> None:
    name, first = image

    other = made(name, disk, tmp_path / "other", digest="2e" * 32)

    assert (other.read_bytes() != first.read_bytes()) == (name in RANDOM)


def test_others_read_what_the_disk_holds(
    image: tuple[str, Path], disk: Path, tmp_path: Path
) -> None:
    name, path = image
    kind = disk_formats.find(name)
    if name in UNPACKERS:
        content = subprocess.check_output([UNPACKERS[name], "-d", "-c", path])
        assert content == disk.read_bytes()
    else:
        info = json.loads(said("qemu-img", "info", "--output=json", "-f", kind.driver, path))
        assert info["virtual-size"] == SIZE
        subprocess.run(
            ["qemu-img", "convert", "-f", kind.driver, "-O", "raw", path, tmp_path / "back"],
            check=True,
        )
        assert (tmp_path / "back").read_bytes() == disk.read_bytes()
    if name in SEVEN_ZIP:
        back = subprocess.check_output(["7zz", "x", "-so", f"-t{SEVEN_ZIP[name]}", path])
        assert back == disk.read_bytes()
    assert kind.size(path) == SIZE
    assert path.stat().st_blocks * 512 < SIZE / 2


def test_what_is_compressed_says_so(image: tuple[str, Path]) -> None:
    name, path = image
    small = subprocess.run(["zstd", "-q", "-c", path], capture_output=True, check=True).stdout

    gains = len(small) < 0.7 * path.stat().st_blocks * 512

    assert disk_formats.find(name).compressed == (not gains)


def test_people_are_told_what_each_is_for(image: tuple[str, Path]) -> None:
    kind = disk_formats.find(image[0])

    assert kind.name == image[0]
    assert 10 < len(kind.says) < 100
    assert kind.suffix.split(".")[-1] in (*UNPACKERS, "xz", "zst", "gz", "qcow2", *SEVEN_ZIP)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("qcow", "qcow2"), ("vmdk-steam", "vmdk-stream"), ("raw.zstd", "raw.zst"), ("vpc", "")],
)
def test_the_nearest_name_is_told(typed: str, meant: str) -> None:
    with pytest.raises(RequestError) as refusal:
        disk_formats.find(typed)

    told = f", did you mean '{meant}'?" if meant else ""
    assert refusal.value.problem == f"unknown disk format '{typed}'{told}"
    assert refusal.value.hint == ", ".join(disk_formats.KNOWN)


def test_an_image_that_is_not_the_disk_is_refused(disk: Path, tmp_path: Path) -> None:
    step = ConvertDisk("sda", "vdi", ())
    work = hands(tmp_path, disk, step, cores=1, digest=DIGEST)
    path = work.results.path(step.gives)
    disk_formats.find("vdi").convert(work, raw=disk, image=path)
    content = path.read_bytes()
    place = content.index(b"across")
    path.write_bytes(content[:place] + b"?" + content[place + 1 :])

    with pytest.raises(CommandError, match="vdi image that was just made is not what") as refusal:
        qemu_img.verified(work, "vdi", raw=disk, image=path)

    assert "Content mismatch at offset" in refusal.value.tail[-1]


@pytest.mark.parametrize("name", ["raw.zst", "raw.gz", "vmdk-stream", "vmdk", "vhdx", "qcow2"])
def test_a_full_disk_in_the_middle_is_said_and_leaves_no_threads(
    name: str, disk: Path, tmp_path: Path
) -> None:
    before, limit = threading.active_count(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, limit[1]))  # Python ignores SIGXFSZ
    try:
        with pytest.raises((OSError, CommandError)) as refusal:
            made(name, disk, tmp_path / "full")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    error = refusal.value
    told = error.errno == errno.EFBIG if isinstance(error, OSError) else "qemu-img" in str(error)
    assert told, str(error)
    assert threading.active_count() == before


@pytest.mark.parametrize("name", ["raw.zst", "raw.gz", "raw.xz", "vmdk-stream"])
def test_our_own_writers_tell_of_a_full_disk(name: str, disk: Path, tmp_path: Path) -> None:
    step = ConvertDisk("sda", name, ())
    work = hands(tmp_path, disk, step, cores=2, digest=DIGEST)
    work.results.path(step.gives).symlink_to("/dev/full")
    before = threading.active_count()

    with pytest.raises(OSError) as refusal:
        step.run(work)

    assert refusal.value.errno == errno.ENOSPC
    assert threading.active_count() == before


# streamOptimized VMDK


@pytest.fixture(scope="module")
def stream(disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made("vmdk-stream", disk, tmp_path_factory.mktemp("stream") / "it")


def grains(content: bytes) -> tuple[dict[int, bytes], int]:
    """Read it as VMware does, from its first grain on: the grains by number, and where the first
    zero sector is, at which the stream ends."""
    found, place = {}, HEADER.unpack_from(content)[10] * SECTOR
    while content[place : place + 12] != bytes(12):
        sector, size = struct.unpack_from("<QI", content, place)
        found[sector * SECTOR // GRAIN] = zlib.decompress(content[place + 12 : place + 12 + size])
        place += (12 + size + SECTOR - 1) // SECTOR * SECTOR
    return found, place


def test_the_stream_ends_with_exactly_one_zero_sector(stream: Path) -> None:
    content = stream.read_bytes()
    found, end = grains(content)

    assert content[end:] == bytes(SECTOR)
    assert list(found) == sorted(found)
    assert not any(data == bytes(GRAIN) for data in found.values())


def test_its_tables_say_where_each_grain_is(stream: Path, disk: Path) -> None:
    content, raw = stream.read_bytes(), disk.read_bytes()
    found, _ = grains(content)
    directory = HEADER.unpack_from(content)[9] * SECTOR
    for number in range(SIZE // GRAIN):
        (table,) = struct.unpack_from("<I", content, directory + number // 512 * 4)
        (place,) = struct.unpack_from("<I", content, table * SECTOR + number % 512 * 4)
        grain = raw[number * GRAIN : (number + 1) * GRAIN]
        assert found.get(number, bytes(GRAIN)) == grain
        assert bool(place) == (number in found)
        if place:
            assert struct.unpack_from("<Q", content, place * SECTOR)[0] == number * GRAIN // SECTOR


def test_it_says_what_vmware_s_own_says(stream: Path) -> None:
    content = stream.read_bytes()
    text = content[SECTOR : 21 * SECTOR].rstrip(b"\0").decode()
    lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)

    assert content[:12] == b"KDMV" + struct.pack("<II", 3, 0x30001)
    assert lines["createType"] == '"streamOptimized"'
    assert lines["ddb.adapterType "] == ' "lsilogic"'
    assert lines["ddb.longContentID "].strip(' "').endswith(lines["CID"])
    assert f'RW {SIZE // SECTOR} SPARSE "disk.vmdk"' in text.splitlines()
    told = said("vmdkinfo", stream)
    assert "Stream optimized" in told
    assert f"0x{lines['CID']}" in told


def test_a_large_disk_is_quick_and_its_holes_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.seek(37 * GIB)
        file.write(b"lonely")
        file.truncate(40 * GIB + SECTOR)  # the last grain is not a whole one
    read, preadv = [], os.preadv

    def counted(*arguments: object) -> int:
        read.append(preadv(*arguments))  # type: ignore[arg-type]
        return read[-1]

    monkeypatch.setattr(os, "preadv", counted)

    path = made("vmdk-stream", tmp_path / "large", tmp_path / "it")

    assert sum(read) < 64 * KIB
    found, _ = grains(path.read_bytes())
    assert list(found) == [37 * GIB // GRAIN]
    assert path.stat().st_size < 4 * MIB


def test_more_than_a_vmdk_can_hold_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(2 * 1024 * GIB + SECTOR)

    with pytest.raises(
        RequestError,
        match="vmdk-stream holds a disk of at most 2048 GiB: this one has 512 bytes more",
    ):
        made("vmdk-stream", tmp_path / "large", tmp_path / "it")


def test_it_is_smaller_than_what_qemu_img_makes_or_hardly_larger(
    stream: Path, disk: Path, tmp_path: Path
) -> None:
    words = ["qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized"]
    subprocess.run([*words, disk, tmp_path / "theirs"], check=True)

    assert stream.stat().st_size < 1.1 * (tmp_path / "theirs").stat().st_size


def test_an_empty_disk_has_no_grains(tmp_path: Path) -> None:
    with (tmp_path / "empty").open("wb") as file:
        file.truncate(SIZE)

    path = made("vmdk-stream", tmp_path / "empty", tmp_path / "it")

    assert grains(path.read_bytes()) == ({}, path.stat().st_size - SECTOR)
    assert VmdkStream().size(path) == SIZE


# what the others have of their own


def test_the_plain_vmdk_has_our_identity_and_adapter(disk: Path, tmp_path: Path) -> None:
    text = made("vmdk", disk, tmp_path / "it").read_bytes()[SECTOR : 21 * SECTOR].decode()
    step = ConvertDisk("sda", "vmdk", ())
    own = hands(tmp_path, disk, step, cores=1, digest=DIGEST).identity.replace("-", "")[-8:]

    assert 'ddb.adapterType = "lsilogic"' in text
    assert f'RW {SIZE // SECTOR} SPARSE "disk.vmdk"' in text
    assert int(text.split("\nCID=")[1].split("\n")[0], 16) | 1 == int(own, 16) | 1


@pytest.mark.parametrize("name", ["vhd", "vhd-fixed"])
def test_both_footers_have_the_build_s_time_and_are_right(
    name: str, disk: Path, tmp_path: Path
) -> None:
    content = made(name, disk, tmp_path / "it").read_bytes()
    footers = [content[-512:], *([content[:512]] if name == "vhd" else [])]

    for footer in footers:
        checksum = int.from_bytes(footer[64:68], "big")
        assert checksum == ~(sum(footer) - sum(footer[64:68])) & 0xFFFFFFFF
        assert int.from_bytes(footer[24:28], "big") == CLOCK - 946_684_800
        assert footer == footers[0]
    told = said("vhdiinfo", tmp_path / "it/draft/data")
    assert f"({SIZE} bytes)" in told
    assert str(UUID(bytes=footers[0][68:84])) in told


def test_azure_gets_whole_mib_and_a_footer(disk: Path, tmp_path: Path) -> None:
    path = made("vhd-fixed", disk, tmp_path / "it")

    assert path.stat().st_size == SIZE + 512
    assert path.read_bytes()[:-512] == disk.read_bytes()


def test_a_build_before_2000_has_the_first_second_of_vhd(disk: Path, tmp_path: Path) -> None:
    step = ConvertDisk("sda", "vhd", ())
    work = replace(hands(tmp_path, disk, step, cores=1, digest=DIGEST), clock=0)

    step.run(work)

    assert work.results.path(step.gives).read_bytes()[24:28] == bytes(4)


def test_vhdx_has_two_right_headers_and_an_empty_log(disk: Path, tmp_path: Path) -> None:
    path = made("vhdx", disk, tmp_path / "it")
    content = path.read_bytes()

    for number, place in enumerate((64 * KIB, 128 * KIB), start=1):
        header = bytearray(content[place : place + 4 * KIB])
        check = bytes(header[4:8])
        header[4:8] = bytes(4)
        assert int.from_bytes(check, "little") == vhdx.crc32c(bytes(header))
        assert int.from_bytes(header[8:16], "little") == number
        assert header[48:64] == bytes(16)
    length, start = struct.unpack_from("<IQ", content, 64 * KIB + 68)
    assert content[start : start + length] == bytes(length)
    assert f"({SIZE} bytes)" in said("vhdiinfo", path)


def test_the_check_of_vhdx_is_crc_32c() -> None:
    assert vhdx.crc32c(b"123456789") == 0xE3069283  # of the catalogue of parametrised CRCs


def test_vdi_has_two_identities_that_are_not_the_same(disk: Path, tmp_path: Path) -> None:
    content = made("vdi", disk, tmp_path / "it").read_bytes()
    own, last, link, parent = (content[place : place + 16] for place in range(0x188, 0x1C8, 16))

    assert len({own, last, bytes(16)}) == 3
    assert link == parent == bytes(16)
    assert all(UUID(bytes_le=uuid).version == 5 for uuid in (own, last))
