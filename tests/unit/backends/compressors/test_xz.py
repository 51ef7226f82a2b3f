"""What we write, read back by liblzma and by the xz program."""

import lzma
import os
import random
import subprocess
import threading
from pathlib import Path

import pytest

from appliance.backends.compressors import xz
from appliance.errors import HostError
from appliance.units import KIB, MIB

SMALL = 256 * KIB
WORDS = [f"word-{number}".encode() for number in range(5000)]


REAL = xz.BLOCK


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the tests are quick; what reads the format does not care."""
    monkeypatch.setattr(xz, "BLOCK", SMALL)


def text(size: int, seed: int = 1) -> bytes:
    """Bytes that compress about as well as programs do."""
    dice = random.Random(seed)
    return b" ".join(dice.choices(WORDS, k=size // 8))[:size].ljust(size, b".")


def noise(size: int) -> bytes:
    return random.Random(2).randbytes(size)


def packed(source: Path, *, cores: int = 2) -> Path:
    target = source.with_name(f"{source.name}.{cores}.xz")
    xz.compress(source, target, cores=cores, told=lambda done, total: None)
    return target


def listed(path: Path) -> list[list[str]]:
    """What `xz --list` says of each block (its manual: Robot mode, List mode)."""
    said = subprocess.check_output(["xz", "--robot", "--list", "-vv", path], text=True)
    return [line.split("\t") for line in said.splitlines() if line.startswith("block\t")]


def test_the_dictionary_that_blocks_state_is_the_one_of_the_preset() -> None:
    def packed_with(**more: int) -> bytes:
        filters = [{"id": lzma.FILTER_LZMA2, "preset": xz.PRESET, **more}]
        return lzma.compress(text(3 * MIB), format=lzma.FORMAT_RAW, filters=filters)

    assert packed_with() == packed_with(dict_size=xz.DICTIONARY)
    assert packed_with() != packed_with(dict_size=xz.DICTIONARY // 2)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        bytes(1),
        bytes(SMALL),
        bytes(2 * SMALL),
        bytes(SMALL + 1),
        text(SMALL - 1),
        text(SMALL),
        text(SMALL + 1),
        noise(SMALL + 4097),
        bytes(SMALL) + text(100 * KIB) + bytes(2 * SMALL) + b"end",
    ],
    ids=lambda content: f"{len(content)} bytes of {content[:4].hex()}",
)
def test_two_readers_get_the_same_bytes_back(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "disk").write_bytes(content)

    made = packed(tmp_path / "disk")

    assert lzma.decompress(made.read_bytes(), format=lzma.FORMAT_XZ) == content
    subprocess.run(["xz", "--test", made], check=True)
    assert subprocess.check_output(["xz", "-dc", made]) == content
    sizes = [int(block[7]) for block in listed(made)]
    assert sum(sizes) == len(content)
    assert set(sizes[:-1]) <= {xz.BLOCK}


def test_blocks_of_the_real_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xz, "BLOCK", REAL)
    content = text(REAL // 8) * 9 + bytes(REAL)
    (tmp_path / "disk").write_bytes(content)

    made = packed(tmp_path / "disk")

    assert lzma.decompress(made.read_bytes()) == content
    assert [int(block[7]) for block in listed(made)] == [REAL, REAL, REAL // 8]


def test_it_is_one_stream_whose_blocks_state_their_sizes(tmp_path: Path) -> None:
    (tmp_path / "disk").write_bytes(text(2 * xz.BLOCK + 5))

    made = packed(tmp_path / "disk")

    said = subprocess.check_output(["xz", "--robot", "--list", made], text=True)
    file = next(line.split("\t") for line in said.splitlines() if line.startswith("file\t"))
    assert file[1:3] == ["1", "3"]
    assert file[6] == "CRC32"
    assert {block[12] for block in listed(made)} == {"cu"}  # compressed, uncompressed size
    assert {block[-1] for block in listed(made)} == {"--lzma2=dict=1MiB"}


def test_the_number_of_cores_does_not_change_a_byte(tmp_path: Path) -> None:
    content = text(2 * xz.BLOCK) + bytes(3 * xz.BLOCK) + noise(xz.BLOCK) + text(xz.BLOCK // 3, 2)
    (tmp_path / "disk").write_bytes(content)

    made = {packed(tmp_path / "disk", cores=cores).read_bytes() for cores in (1, 2, 3, 8)}

    assert len(made) == 1


def test_holes_give_the_bytes_of_zeros_and_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sparse, plain = tmp_path / "sparse", tmp_path / "plain"
    places = {0: b"begin", 5 * xz.BLOCK - 3: b"across", 9 * xz.BLOCK + 100 * KIB: b"late"}
    with sparse.open("wb") as file:
        for place, word in places.items():
            file.seek(place)
            file.write(word)
        file.truncate(60 * xz.BLOCK + 77)
    if sparse.stat().st_blocks * 512 > MIB:
        pytest.skip("this filesystem has no holes")
    plain.write_bytes(sparse.read_bytes())
    read = []
    preadv = os.preadv

    def counted(*arguments: object) -> int:
        read.append(preadv(*arguments))  # type: ignore[arg-type]
        return read[-1]

    monkeypatch.setattr(os, "preadv", counted)
    made = packed(sparse).read_bytes()

    assert sum(read) < MIB
    assert made == packed(plain).read_bytes()
    assert lzma.decompress(made) == plain.read_bytes()


def test_zeros_are_compressed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "disk").open("wb") as file:
        file.write(bytes(2 * xz.BLOCK))
        file.truncate(2000 * xz.BLOCK)
    calls = []
    compress = lzma.compress

    def counted(*arguments: object, **words: object) -> bytes:
        calls.append(1)
        return compress(*arguments, **words)  # type: ignore[arg-type]

    monkeypatch.setattr(lzma, "compress", counted)
    made = packed(tmp_path / "disk")

    assert len(calls) == 1
    assert made.stat().st_size < 2000 * 300
    subprocess.run(["xz", "--test", made], check=True)


def test_no_more_pieces_are_held_than_promised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first block is slow: the others must not all be read before it is written."""
    (tmp_path / "disk").write_bytes(b"x" * (12 * xz.BLOCK))
    gate, read = threading.Event(), []
    block, preadv = xz._block, os.preadv

    def slow_first(piece: bytes) -> xz.Block:
        if threading.current_thread().name.endswith("_0"):
            gate.wait(0.5)
        return block(piece)

    def counted(*arguments: object) -> int:
        read.append(gate.is_set())
        return preadv(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(xz, "_block", slow_first)
    monkeypatch.setattr(os, "preadv", counted)
    xz.compress(tmp_path / "disk", tmp_path / "out", cores=2, told=lambda *_: gate.set())

    assert read.count(False) <= 2 * 2


def test_what_is_compressed_already_takes_no_long_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compress, presets = lzma.compress, []

    def noted(*arguments: object, **words: list[dict[str, int]]) -> bytes:
        presets.append(words["filters"][0]["preset"] if "filters" in words else -1)
        return compress(*arguments, **words)  # type: ignore[arg-type]

    monkeypatch.setattr(lzma, "compress", noted)
    content = text(SMALL) + lzma.compress(text(24 * SMALL))[:SMALL]
    content += Path("/bin/bash").read_bytes()[:SMALL]
    (tmp_path / "disk").write_bytes(content)
    presets.clear()

    made = packed(tmp_path / "disk", cores=1)

    assert sorted(presets) == [xz.HASTY_PRESET, xz.PRESET, xz.PRESET, xz.PRESET]  # one: zeros
    assert lzma.decompress(made.read_bytes()) == content


def test_progress_is_told_in_bytes(tmp_path: Path) -> None:
    (tmp_path / "disk").write_bytes(text(2 * xz.BLOCK + 5))
    told: list[tuple[int, int]] = []

    xz.compress(
        tmp_path / "disk", tmp_path / "out", cores=2,
        told=lambda done, total: told.append((done, total)),
    )  # fmt: skip

    total = 2 * xz.BLOCK + 5
    assert told == [(xz.BLOCK, total), (2 * xz.BLOCK, total), (total, total)]


def test_a_disk_that_is_cut_off_meanwhile_is_an_error(tmp_path: Path) -> None:
    source = tmp_path / "disk"
    source.write_bytes(noise(xz.BLOCK) * 8)
    before = threading.active_count()

    def cut(done: int, total: int) -> None:
        os.truncate(source, 100)

    with pytest.raises(HostError, match="disk was cut off while"):
        xz.compress(source, tmp_path / "out", cores=1, told=cut)

    assert threading.active_count() == before


def test_an_interruption_does_not_wait_for_what_is_left(tmp_path: Path) -> None:
    (tmp_path / "disk").write_bytes(text(xz.BLOCK) * 10)
    heard = []

    def interrupt(done: int, total: int) -> None:
        heard.append(done)
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        xz.compress(tmp_path / "disk", tmp_path / "out", cores=2, told=interrupt)

    assert heard == [xz.BLOCK]
    assert threading.active_count() == before
