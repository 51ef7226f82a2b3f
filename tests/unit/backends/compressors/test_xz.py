"""What we write, read back by liblzma and by the xz program."""

import lzma
import os
import random
import subprocess
from functools import cache
from pathlib import Path

import pytest

from appliance.backends.compressors import compress, xz
from appliance.units import KIB, MIB

SMALL = 256 * KIB
WORDS = [f"word-{number}".encode() for number in range(5000)]


PACKER = xz.Xz(block_size=SMALL)  # so that the tests are quick; what reads it does not care
REAL = xz.BLOCK


@cache
def text(size: int, seed: int = 1) -> bytes:
    """Bytes that compress about as well as programs do."""
    dice = random.Random(seed)
    return b" ".join(dice.choices(WORDS, k=size // 8))[:size].ljust(size, b".")


def noise(size: int) -> bytes:
    return random.Random(2).randbytes(size)


def packed(source: Path, *, cores: int = 2, packer: xz.Xz = PACKER) -> Path:
    target = source.with_name(f"{source.name}.{cores}.xz")
    compress(packer, source, target=target, cores=cores, told=lambda done, total: None)
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
    assert set(sizes[:-1]) <= {SMALL}


def test_blocks_of_the_real_size(tmp_path: Path) -> None:
    content = text(REAL // 8) * 9 + bytes(REAL)
    (tmp_path / "disk").write_bytes(content)

    made = packed(tmp_path / "disk", packer=xz.Xz())

    assert lzma.decompress(made.read_bytes()) == content
    assert [int(block[7]) for block in listed(made)] == [REAL, REAL, REAL // 8]


def test_it_is_one_stream_whose_blocks_state_their_sizes(tmp_path: Path) -> None:
    (tmp_path / "disk").write_bytes(text(2 * SMALL + 5))

    made = packed(tmp_path / "disk")

    said = subprocess.check_output(["xz", "--robot", "--list", made], text=True)
    file = next(line.split("\t") for line in said.splitlines() if line.startswith("file\t"))
    assert file[1:3] == ["1", "3"]
    assert file[6] == "CRC32"
    assert {block[12] for block in listed(made)} == {"cu"}  # compressed, uncompressed size
    assert {block[-1] for block in listed(made)} == {"--lzma2=dict=1MiB"}


def test_the_number_of_cores_does_not_change_a_byte(tmp_path: Path) -> None:
    content = text(2 * SMALL) + bytes(3 * SMALL) + noise(SMALL) + text(SMALL // 3, 2)
    (tmp_path / "disk").write_bytes(content)

    made = {packed(tmp_path / "disk", cores=cores).read_bytes() for cores in (1, 2, 3, 8)}

    assert len(made) == 1


def test_holes_give_the_bytes_of_zeros_and_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sparse, plain = tmp_path / "sparse", tmp_path / "plain"
    places = {0: b"begin", 5 * SMALL - 3: b"across", 9 * SMALL + 100 * KIB: b"late"}
    with sparse.open("wb") as file:
        for place, word in places.items():
            file.seek(place)
            file.write(word)
        file.truncate(60 * SMALL + 77)
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
        file.write(bytes(2 * SMALL))
        file.truncate(200 * SMALL)
    calls = []
    compress = lzma.compress

    def counted(*arguments: object, **words: object) -> bytes:
        calls.append(1)
        return compress(*arguments, **words)  # type: ignore[arg-type]

    monkeypatch.setattr(lzma, "compress", counted)
    made = packed(tmp_path / "disk")

    assert len(calls) == 1
    assert made.stat().st_size < 200 * 300
    subprocess.run(["xz", "--test", made], check=True)


def test_what_is_compressed_already_takes_no_long_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compress, presets = lzma.compress, []

    def noted(*arguments: object, **words: list[dict[str, int]]) -> bytes:
        presets.append(words["filters"][0]["preset"] if "filters" in words else -1)
        return compress(*arguments, **words)  # type: ignore[arg-type]

    monkeypatch.setattr(lzma, "compress", noted)
    content = text(SMALL) + lzma.compress(text(6 * SMALL), preset=0)[:SMALL]
    content += Path("/bin/bash").read_bytes()[:SMALL]
    (tmp_path / "disk").write_bytes(content)
    presets.clear()

    made = packed(tmp_path / "disk", cores=1)

    assert sorted(presets) == [xz.HASTY_PRESET, xz.PRESET, xz.PRESET]
    assert lzma.decompress(made.read_bytes()) == content
