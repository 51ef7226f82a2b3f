"""Containers made by cryptsetup on plain files; read back by cryptsetup, blkid and e2fsck."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.backends import block_layers
from appliance.backends.block_layers.model import Run
from appliance.errors import CommandError, Where
from appliance.layout.areas import Encrypted
from appliance.layout.place import CONTAINER
from appliance.units import MIB
from containers import decrypted, dump, opens
from filling import UUID, Bench, alone, partition

SIZE = 48 * MIB
WORD = "se cret \\ 'wörd'\nof two lines"
QUICK = Encrypted(UUID, f"luks-{UUID}", "env:WORD", "", "", 64, 0, 4)
WHERE = Where(Path("web.ks"), 3)


def encrypted(bench: Bench, wanted: Encrypted = QUICK, word: str = WORD) -> Path:
    """Put an ext4 into a container on a disk; return the container as a file of its own."""
    disk = bench.disk(MIB + SIZE + MIB)
    work = replace(bench.work(), secrets={"env:WORD": word})
    plain = work.scratch / "plain"
    with plain.open("wb") as file:
        file.truncate(SIZE - CONTAINER)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-L", "inside", plain], check=True)
    block_layers.find().encrypt(
        work, plain=plain, run=Run(disk, MIB, SIZE), container=wanted, where=WHERE
    )
    assert not any(disk.read_bytes()[:MIB] + disk.read_bytes()[-MIB:]), "its neighbours"
    return alone(disk, partition(SIZE))


def test_a_container_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    made = encrypted(Bench(tmp_path, tmp_path))

    assert opens(made, WORD)
    assert not opens(made, WORD + "\n")
    assert not opens(made, "se cret")
    said = dump(made)
    assert re.search(rf"UUID: +\t?{UUID}", said)
    assert "Version:       \t2" in said
    assert f"offset: {CONTAINER} [bytes]" in said
    assert "length: (whole device)" in said
    assert re.search(r"PBKDF: +argon2id", said)
    assert "reencrypt" not in said, "nothing is left to be done at first boot"
    assert made.read_bytes().count(b"inside") == 0, "the filesystem's label is hidden"


def test_what_was_in_the_clear_is_in_the_container(tmp_path: Path) -> None:
    plain = decrypted(encrypted(Bench(tmp_path, tmp_path)), WORD)

    assert (
        subprocess.run(["e2fsck", "-fn", plain], capture_output=True, check=False).returncode == 0
    )
    assert 'LABEL="inside"' in subprocess.check_output(["blkid", "-p", plain], text=True)


def test_each_container_has_keys_of_its_own(tmp_path: Path) -> None:
    bench = Bench(tmp_path, tmp_path)
    one = encrypted(bench).read_bytes()
    two = encrypted(bench).read_bytes()

    assert one[CONTAINER : CONTAINER + MIB] != two[CONTAINER : CONTAINER + MIB]


def test_an_author_chooses_cipher_and_derivation(tmp_path: Path) -> None:
    wanted = replace(
        QUICK, cipher="aes-cbc-essiv:sha256", derivation="pbkdf2", memory=0, iterations=1234
    )

    said = dump(encrypted(Bench(tmp_path, tmp_path), wanted))

    assert "cipher: aes-cbc-essiv:sha256" in said
    assert re.search(r"PBKDF: +pbkdf2", said)
    assert "Iterations: 1234" in said


def test_the_log_has_no_passphrase(tmp_path: Path) -> None:
    bench = Bench(tmp_path, tmp_path)

    encrypted(bench, word="Horse-Battery-Staple")

    assert any("cryptsetup" in str(event) for event in bench.said)
    assert not any("Horse" in str(event) for event in bench.said)


def test_a_cipher_that_does_not_exist_is_cryptsetups_refusal(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cryptsetup stopped with status"):
        encrypted(Bench(tmp_path, tmp_path), replace(QUICK, cipher="rot13-xts-plain64"))
