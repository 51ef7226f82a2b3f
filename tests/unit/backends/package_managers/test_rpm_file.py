"""What an RPM package says of itself; and what a spoiled one cannot make us do."""

import random
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from appliance.backends.package_managers import rpm_file, rpm_header
from appliance.errors import SourceError
from rpm_distribution.keys import key
from rpm_distribution.rpm_file import Package, regular


def package() -> Package:
    made = Package("greeting", "1.0", "3.tl13", epoch=2, arch="noarch", summary="Says hello")
    made.files = [regular("/usr/share/greeting", "hello\n" * 1000)]
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return package().write(tmp_path, None)


def test_a_package_is_read_as_rpm_reads_it(file: Path) -> None:
    header = rpm_file.read(file)
    assert (header.name, header.epoch, header.version) == ("greeting", 2, "1.0")
    assert (header.release, header.architecture, header.evr) == ("3.tl13", "noarch", "2:1.0-3.tl13")
    assert not header.signed
    if not shutil.which("rpm"):
        pytest.skip("rpm is not installed")
    form = "%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE} %{ARCH} %{SHA256HEADER}"
    argv = ["rpm", "--dbpath", file.parent / "db", "-qp", "--nosignature", "--qf", form, file]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert said == f"{header.name} {header.evr} {header.architecture} {header.content}"


@pytest.mark.skipif(not shutil.which("gpg"), reason="gpg is not installed")
def test_signing_changes_the_file_but_not_what_is_inside(tmp_path: Path, file: Path) -> None:
    signer = key(tmp_path / "k", "Somebody")
    try:
        signed = package().write(tmp_path, signer)
    finally:
        signer.rest()
    again = rpm_file.read(signed)
    assert again.signed
    assert again.content == rpm_file.read(file).content
    assert len(again.content) == 64


def test_what_is_no_package_is_refused_by_its_name(tmp_path: Path) -> None:
    for data in (
        b"",
        b"<html>",
        b"\xed\xab\xee\xdb",
        bytes(200),
        b"\xed\xab\xee\xdb" + bytes(9999),
    ):
        path = tmp_path / "x.rpm"
        path.write_bytes(data)
        with pytest.raises(SourceError, match=r"x\.rpm is not an RPM package: "):
            rpm_file.read(path)


def test_each_truncation_is_refused(file: Path) -> None:
    data = file.read_bytes()
    payload = data.index(b"\x28\xb5\x2f\xfd")  # of zstd: the header ends before it
    for length in (*range(300), *range(300, payload, 41), payload - 1):
        file.write_bytes(data[:length])
        with pytest.raises(SourceError):
            rpm_file.read(file)


def test_flipped_bits_are_our_error_and_no_other(file: Path) -> None:
    data = file.read_bytes()
    payload = data.index(b"\x28\xb5\x2f\xfd")
    dice, refused = random.Random(1), 0
    for _ in range(3000):
        spoiled = bytearray(data[:payload])
        for _ in range(dice.choice((1, 3, 30))):
            spoiled[dice.randrange(payload)] ^= 1 << dice.randrange(8)
        file.write_bytes(spoiled)
        try:
            dice.choice((rpm_file.read, rpm_file.facts))(file)
        except SourceError:
            refused += 1
    assert refused


@pytest.mark.parametrize(
    ("count", "size"), [(0xFFFFFFFF, 16), (1, 0xFFFFFFFF), (65_537, 0), (60_000, 200 << 20)]
)
def test_huge_counts_take_no_memory(tmp_path: Path, count: int, size: int) -> None:
    path = tmp_path / "x.rpm"
    lead = b"\xed\xab\xee\xdb" + bytes(92)
    path.write_bytes(lead + rpm_file.MAGIC + struct.pack(">II", count, size) + bytes(100))
    with pytest.raises(SourceError):
        rpm_file.read(path)


@pytest.mark.parametrize(
    "entry",
    [
        (rpm_header.NAME, 6, 0, 1),  # text without an end
        (rpm_header.EPOCH, 4, 5, 1),  # a number that ends outside
        (rpm_header.NAME, 6, 99, 1),
        (rpm_header.NAME, 6, -1, 1),
    ],
)
def test_values_that_leave_their_header_are_refused(
    tmp_path: Path, entry: tuple[int, int, int, int]
) -> None:
    path = tmp_path / "x.rpm"
    lead = b"\xed\xab\xee\xdb" + bytes(92)
    empty = rpm_file.MAGIC + struct.pack(">II", 0, 0)
    main = rpm_file.MAGIC + struct.pack(">II", 1, 8) + struct.pack(">iiii", *entry) + b"x" * 8
    path.write_bytes(lead + empty + main)
    with pytest.raises(SourceError, match=r"x\.rpm is not an RPM package"):
        rpm_file.read(path)


def test_it_says_where_it_is_from_what_it_is_and_what_it_needs(tmp_path: Path) -> None:
    made = package()
    made.files.append(regular("/usr/sbin/greet", "#!/bin/sh\n"))
    made.vendor, made.license = "Testing Linux", "MIT"
    made.shell("post", "true")
    file = made.write(tmp_path, None)

    facts = rpm_file.facts(file)

    assert (facts.vendor, facts.documented_by, facts.priority) == ("Testing Linux", "", "")
    assert (facts.source, facts.source_version) == ("greeting", "2:1.0-3.tl13")
    assert facts.installed_size == 6010
    assert ("/usr/bin/sh",) in facts.requires
    assert {"greeting", "/usr/bin/greet"} <= set(facts.provides)
    assert "/usr/share/greeting" not in facts.provides
    assert facts.licence == "MIT"


def test_a_header_that_counts_more_than_it_has_is_damaged(file: Path) -> None:
    data = file.read_bytes()
    place = data.index(struct.pack(">ii", rpm_header.PROVIDES, rpm_header.STRINGS)) + 12
    file.write_bytes(data[:place] + struct.pack(">i", 1 << 30) + data[place + 4 :])
    with pytest.raises(SourceError, match="is not an RPM package"):
        rpm_file.facts(file)
