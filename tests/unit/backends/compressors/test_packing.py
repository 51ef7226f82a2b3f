"""What all compressors promise, read back by the programs that everybody has."""

import errno
import io
import os
import random
import resource
import subprocess
import sys
import tarfile
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from zlib_ng import zlib_ng

from appliance.backends import compressors
from appliance.backends.compressors import Compressor, Writer, bz2, compress, deflate, gz, xz, zst
from appliance.backends.compressors.blocks import Block
from appliance.errors import HostError, RequestError
from appliance.units import KIB, MIB

SMALL = 256 * KIB
KINDS: tuple[Compressor, ...] = (xz.Xz("xz", SMALL), zst.Zst("zst", SMALL), gz.Gz("gz", SMALL))
ALL = (*KINDS, bz2.Bz2("bz2", SMALL))
READERS = {"xz": "xz", "zst": "zstd", "gz": "gzip", "bz2": "bzip2"}
SIZES = {"xz": xz.size, "zst": zst.size, "gz": gz.size}
WORDS = [f"word-{number}".encode() for number in range(5000)]
CONTENTS = [
    b"",
    b"x",
    bytes(SMALL),
    bytes(SMALL + 1),
    b"word " * 100_000,
    bytes(SMALL) + b"middle" * KIB + bytes(2 * SMALL) + b"end",
]
each = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.suffix)
each_of_all = pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.suffix)


@cache
def text(size: int, seed: int = 1) -> bytes:
    dice = random.Random(seed)
    return b" ".join(dice.choices(WORDS, k=size // 8))[:size].ljust(size, b".")


def packed(kind: Compressor, source: Path, *, cores: int = 2) -> Path:
    target = source.with_name(f"{source.name}.{cores}.{kind.suffix}")
    compress(kind, source, target=target, cores=cores, told=lambda done, total: None)
    return target


def written(kind: Compressor, chunks: list[bytes], *, cores: int = 2) -> bytes:
    stream = io.BytesIO()
    with Writer(kind, stream, cores=cores) as writer:
        for chunk in chunks:
            assert writer.write(chunk) == len(chunk)
    return stream.getvalue()


def unpacked(kind: Compressor, data: bytes) -> bytes:
    return subprocess.run(
        [READERS[kind.suffix], "-d", "-c"], input=data, capture_output=True, check=True
    ).stdout


@each
@pytest.mark.parametrize("content", CONTENTS, ids=len)
def test_others_get_the_same_bytes_back_and_its_size_is_known(
    tmp_path: Path, kind: Compressor, content: bytes
) -> None:
    (tmp_path / "disk").write_bytes(content)

    made = packed(kind, tmp_path / "disk")

    assert unpacked(kind, made.read_bytes()) == content
    subprocess.run([READERS[kind.suffix], "-t", made], check=True, capture_output=True)
    assert SIZES[kind.suffix](made) == len(content)


@each_of_all
@pytest.mark.parametrize("content", CONTENTS, ids=len)
def test_what_is_written_to_is_read_by_others(kind: Compressor, content: bytes) -> None:
    made = written(kind, [content])

    assert unpacked(kind, made) == content
    cuts = [content[start : start + 70_001] for start in range(0, len(content), 70_001)]
    assert written(kind, cuts, cores=3) == made


@each_of_all
def test_tar_takes_and_reads_it(tmp_path: Path, kind: Compressor) -> None:
    (tmp_path / "file").write_bytes(text(3 * SMALL))
    place = tmp_path / "archive"

    with (
        place.open("wb") as stream,
        Writer(kind, stream, cores=2) as writer,
        tarfile.open(mode="w|", fileobj=writer) as archive,
    ):
        archive.add(tmp_path / "file", "file")

    with tarfile.open(fileobj=io.BytesIO(unpacked(kind, place.read_bytes()))) as archive:
        member = archive.extractfile("file")
        assert member
        assert member.read() == text(3 * SMALL)


@each
def test_the_number_of_cores_does_not_change_a_byte(tmp_path: Path, kind: Compressor) -> None:
    noise = random.Random(2).randbytes(SMALL)
    (tmp_path / "disk").write_bytes(text(2 * SMALL) + bytes(3 * SMALL) + noise + text(99, 2))

    made = {packed(kind, tmp_path / "disk", cores=cores).read_bytes() for cores in (1, 2, 3, 8)}

    assert len(made) == 1


@each
def test_holes_are_not_read_and_zeros_packed_once(
    tmp_path: Path, kind: Compressor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sparse, plain = tmp_path / "sparse", tmp_path / "plain"
    with sparse.open("wb") as file:
        for place in (0, 5 * SMALL - 3, 9 * SMALL + 100 * KIB):
            file.seek(place)
            file.write(b"across")
        file.truncate(40 * SMALL + 77)
    if sparse.stat().st_blocks * 512 > MIB:
        pytest.skip("this filesystem has no holes")
    plain.write_bytes(sparse.read_bytes())
    read, blocks = [], []
    preadv, block = os.preadv, type(kind).block

    def counted(*arguments: object) -> int:
        read.append(preadv(*arguments))  # type: ignore[arg-type]
        return read[-1]

    def noted(self: Compressor, piece: bytes) -> Block:
        blocks.append(piece)
        return block(self, piece)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "preadv", counted)
    monkeypatch.setattr(type(kind), "block", noted)
    made = packed(kind, sparse).read_bytes()

    assert sum(read) < MIB
    assert len(blocks) == 6  # with data: 4, the rest at the end, zeros
    assert made == packed(kind, plain).read_bytes()


def test_no_more_pieces_are_held_than_promised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first block is slow: the others must not all be read before it is written."""
    (tmp_path / "disk").write_bytes(b"x" * (12 * SMALL))
    gate, read = threading.Event(), []
    preadv = os.preadv

    @dataclass(frozen=True)
    class SlowFirst(xz.Xz):
        block_size: int = SMALL

        def block(self, piece: bytes) -> Block:
            if threading.current_thread().name.endswith("_0"):
                gate.wait(0.5)
            return super().block(piece)

    def counted(*arguments: object) -> int:
        read.append(gate.is_set())
        return preadv(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "preadv", counted)
    compress(
        SlowFirst(), tmp_path / "disk", target=tmp_path / "out", cores=2,
        told=lambda *_: gate.set(),
    )  # fmt: skip

    assert read.count(False) <= 2 * 2


def test_progress_is_told_in_bytes(tmp_path: Path) -> None:
    (tmp_path / "disk").write_bytes(text(2 * SMALL + 5))
    told: list[tuple[int, int]] = []

    compress(
        KINDS[0], tmp_path / "disk", target=tmp_path / "out", cores=2,
        told=lambda done, total: told.append((done, total)),
    )  # fmt: skip

    total = 2 * SMALL + 5
    assert told == [(SMALL, total), (2 * SMALL, total), (total, total)]


def test_a_disk_that_is_cut_off_meanwhile_is_an_error(tmp_path: Path) -> None:
    source = tmp_path / "disk"
    source.write_bytes(random.Random(2).randbytes(8 * SMALL))
    before = threading.active_count()

    def cut(done: int, total: int) -> None:
        os.truncate(source, 100)

    with pytest.raises(HostError, match="disk was cut off while"):
        compress(KINDS[0], source, target=tmp_path / "out", cores=1, told=cut)

    assert threading.active_count() == before


def test_an_interruption_does_not_wait_for_what_is_left(tmp_path: Path) -> None:
    (tmp_path / "disk").write_bytes(text(SMALL) * 10)
    heard = []

    def interrupt(done: int, total: int) -> None:
        heard.append(done)
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        compress(KINDS[0], tmp_path / "disk", target=tmp_path / "out", cores=2, told=interrupt)

    assert heard == [SMALL]
    assert threading.active_count() == before


@each_of_all
def test_an_error_leaves_no_threads_and_no_end(kind: Compressor) -> None:
    stream, before = io.BytesIO(), threading.active_count()

    with pytest.raises(ZeroDivisionError), Writer(kind, stream, cores=2) as writer:
        writer.write(text(3 * SMALL + 1))
        raise ZeroDivisionError

    assert threading.active_count() == before
    whole = written(kind, [text(3 * SMALL + 1)])
    assert len(stream.getvalue()) < len(whole)


@each
def test_a_full_disk_is_an_error_and_leaves_no_threads(tmp_path: Path, kind: Compressor) -> None:
    (tmp_path / "disk").write_bytes(random.Random(3).randbytes(8 * SMALL))
    before, limit = threading.active_count(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, limit[1]))  # Python ignores SIGXFSZ
    try:
        with pytest.raises(OSError) as refusal:
            packed(kind, tmp_path / "disk")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    assert refusal.value.errno == errno.EFBIG
    assert threading.active_count() == before


def test_gz_is_one_member_without_name_and_time(tmp_path: Path) -> None:
    (tmp_path / "disk").write_bytes(text(2 * SMALL + 5))

    made = packed(KINDS[2], tmp_path / "disk").read_bytes()

    assert made[3:10] == bytes((4, 0, 0, 0, 0, 0, 3))  # an extra field; time, flags; Unix
    assert made.count(b"\x1f\x8b\x08\x04") == 1
    assert int.from_bytes(made[-4:], "little") == 2 * SMALL + 5


def test_a_size_beyond_4_gib_is_known(tmp_path: Path) -> None:
    """What gzip itself says of its size is modulo 4 GiB."""
    with (tmp_path / "disk").open("wb") as file:
        file.truncate(5 * 1024 * MIB)

    for name in ("gz", "zst"):
        made = packed(compressors.find(name), tmp_path / "disk")
        assert SIZES[name](made) == 5 * 1024 * MIB
        assert made.stat().st_size < 8 * MIB


def test_sizes_of_other_people_s_files(tmp_path: Path) -> None:
    (tmp_path / "disk").write_bytes(text(SMALL))
    subprocess.run(["zstd", "-q", "--keep", tmp_path / "disk"], check=True)
    subprocess.run(["gzip", "--keep", tmp_path / "disk"], check=True)
    content = (tmp_path / "disk.zst").read_bytes()
    (tmp_path / "cut.zst").write_bytes(content[:-50])
    (tmp_path / "bent.zst").write_bytes(b"bent" + content)
    (tmp_path / "skip.zst").write_bytes(b"\x50\x2a\x4d\x18\2\0\0\0??" + content)
    (tmp_path / "piped.zst").write_bytes(
        subprocess.run(["zstd", "-c"], input=text(SMALL), capture_output=True, check=True).stdout
    )

    assert zst.size(tmp_path / "disk.zst") == zst.size(tmp_path / "skip.zst") == SMALL
    for name, problem in (("cut", "is cut off"), ("bent", "no .zst"), ("piped", "does not say")):
        with pytest.raises(HostError, match=problem):
            zst.size(tmp_path / f"{name}.zst")
    with pytest.raises(HostError, match="does not say how large"):
        gz.size(tmp_path / "disk.gz")


def test_unknown_names_are_told_the_known() -> None:
    assert set(compressors.KNOWN) == {"bz2", "gz", "xz", "zst"}
    with pytest.raises(RequestError, match="unknown compressor 'lz4'") as refusal:
        compressors.find("lz4")
    assert refusal.value.hint == "bz2, gz, xz, zst"


def test_a_library_whose_bytes_depend_on_the_cpu_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert deflate.library() is zlib_ng
    for version in ("2.1.5", "2.0.7"):
        monkeypatch.setattr(zlib_ng, "ZLIBNG_RUNTIME_VERSION", version)
        with pytest.raises(HostError, match=f"zlib-ng {version} packs differently"):
            deflate.library()
    monkeypatch.setattr(zlib_ng, "ZLIBNG_RUNTIME_VERSION", "2.2.0.beta")
    assert deflate.library() is zlib_ng


@pytest.mark.parametrize(("module", "library"), [("zlib_ng", deflate), ("zstandard", zst)])
def test_a_library_that_is_not_there_is_said(
    module: str, library: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(HostError, match="cannot be used") as refusal:
        library.library()

    assert "pip install" in refusal.value.hint
