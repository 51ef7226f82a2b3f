"""Keys in either of their two forms, and what gpgv is given of them."""

import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.errors import SourceError
from appliance.packages import keys
from rpm_distribution.keys import Key, key

pytestmark = pytest.mark.skipif(
    not (shutil.which("gpg") and shutil.which("gpgv")), reason="gpg or gpgv is not installed"
)


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Key, Key]]:
    both = [key(tmp_path_factory.mktemp("gpg") / "k", name) for name in ("Ours", "Theirs")]
    yield both[0], both[1]
    for one in both:
        one.rest()


def binary_of(signer: Key) -> bytes:
    argv = ["gpg", "--homedir", signer.home, "--batch", "--export", signer.fingerprint]
    return subprocess.run(argv, capture_output=True, check=True).stdout


def test_both_forms_become_armor_that_gpg_reads(signers: tuple[Key, Key], tmp_path: Path) -> None:
    ours, _ = signers
    raw = binary_of(ours)
    for text in (ours.public.encode(), raw, ours.public.replace("\n", "\r\n").encode()):
        armored = keys.armored(text, "k")
        assert keys.binary(armored) == raw
        home = tmp_path / "home"
        home.mkdir(mode=0o700)
        show = ["gpg", "--homedir", home, "--batch", "--show-keys", "--with-colons"]
        done = subprocess.run(show, input=armored, capture_output=True, check=False)
        assert done.returncode == 0, (text[:100], done.stderr)
        assert ours.fingerprint.encode() in done.stdout
        shutil.rmtree(home)


def test_several_keys_words_around_and_comments_are_understood(signers: tuple[Key, Key]) -> None:
    ours, theirs = signers
    commented = theirs.public.replace("BLOCK-----\n", "BLOCK-----\nComment: x: ü\n", 1)
    text = f"-----BEGIN nothing\nwords ü\n{ours.public}\nmore\n{commented}".encode()
    both = keys.binary(keys.armored(text, "k"))
    assert both == binary_of(ours) + binary_of(theirs)


def test_a_place_holds_all_keys_of_a_repository(signers: tuple[Key, Key], tmp_path: Path) -> None:
    ours, theirs = signers
    (tmp_path / "two words").write_text(ours.public)
    (tmp_path / "raw").write_bytes(binary_of(theirs))
    place = tmp_path / "all.asc"
    keys.collect([(tmp_path / "two words").as_uri(), str(tmp_path / "raw")], place)
    assert keys.binary(place.read_bytes()) == binary_of(ours) + binary_of(theirs)
    with pytest.raises(SourceError, match="the key /nowhere is not there"):
        keys.collect(["/nowhere"], place)


@pytest.mark.parametrize(
    "text", [b"", b"<html>", b"words\n", keys.BEGIN, keys.END + keys.BEGIN, b"\n\x99"]
)
def test_what_is_no_key_is_refused_by_its_name(text: bytes) -> None:
    with pytest.raises(SourceError, match="http://h/KEY holds no OpenPGP key"):
        keys.armored(text, "http://h/KEY")


@pytest.mark.parametrize(
    "body", [b"\nabc", b"\n\xff\xff\xff\xff", b"Version: x", b"\n\xc3\xbc\xc3\xbc"]
)
def test_a_damaged_key_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError, match="a key is damaged"):
        keys.binary(keys.BEGIN + b"\n" + body + b"\n" + keys.END)


def test_flipped_bits_are_our_error_and_no_other(signers: tuple[Key, Key]) -> None:
    dice = random.Random(1)
    for _ in range(1000):
        data = bytearray(signers[0].public.encode())
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        try:
            keys.binary(keys.armored(bytes(data), "k"))
        except SourceError:
            continue


def test_four_megabytes_of_beginnings_take_no_time() -> None:
    began = time.process_time()
    with pytest.raises(SourceError):
        keys.armored((keys.BEGIN + b"\n") * 100_000, "k")
    assert time.process_time() - began < 1


def test_a_signature_is_good_by_a_known_key_only(signers: tuple[Key, Key], tmp_path: Path) -> None:
    ours, theirs = signers
    signed, keyring = tmp_path / "repomd.xml", tmp_path / "base.asc"
    signed.write_text("<repomd/>")
    keys.collect([str(_written(tmp_path, theirs)), str(_written(tmp_path, ours))], keyring)
    when = 1714564800
    for armor in (True, False):
        keys.check(signed, ours.sign(b"<repomd/>", when, armor=armor), keyring, name="base")
    keys.collect([str(_written(tmp_path, theirs))], keyring)
    with pytest.raises(SourceError) as caught:
        keys.check(signed, ours.sign(b"<repomd/>", when), keyring, name="base")
    number = ours.fingerprint
    assert caught.value.problem == (
        f"the metadata of base is signed with key {number}, which is not known for it"
    )
    with pytest.raises(SourceError, match="the signature of the metadata of base is not valid"):
        keys.check(signed, theirs.sign(b"changed", when), keyring, name="base")
    for nonsense in (b"", b"<html>", b"\x00" * 100):
        with pytest.raises(SourceError, match="metadata of base"):
            keys.check(signed, nonsense, keyring, name="base")


def _written(place: Path, signer: Key) -> Path:
    path = place / signer.fingerprint
    path.write_text(signer.public)
    return path


@pytest.mark.skipif(not shutil.which("rpmkeys"), reason="rpm is not installed")
def test_rpm_imports_what_was_not_armored(signers: tuple[Key, Key], tmp_path: Path) -> None:
    place = tmp_path / "k.asc"
    place.write_bytes(keys.armored(binary_of(signers[0]), "k"))
    define = ["--define", f"_dbpath {tmp_path}/db"]
    subprocess.run(["rpmkeys", *define, "--import", place], check=True)
    done = subprocess.run(["rpm", *define, "-q", "gpg-pubkey"], capture_output=True, check=True)
    assert signers[0].fingerprint[-8:].lower().encode() in done.stdout
