"""What images say of other files is read as QEMU reads it; what contradicts itself is refused."""

import io
import struct

import pytest

from appliance.intake import headers
from appliance.intake.headers import BadHeaderError, Header

BACKING = b"base.raw"
END = struct.pack(">II", 0, 0)


def extension(kind: int, content: bytes) -> bytes:
    return struct.pack(">II", kind, len(content)) + content + bytes(-len(content) % 8)


def qcow2(
    *extensions: bytes, name: bytes = b"", version: int = 3, cipher: int = 0, features: int = 0
) -> bytes:
    """A header as docs/interop/qcow2.txt has it, and nothing behind it."""
    length = 104 if version == 3 else 72
    inner = b"".join(extensions)
    place = length + len(inner) if name else 0
    head = struct.pack(">4sIQIIQI", b"QFI\xfb", version, place, len(name), 16, 1 << 20, cipher)
    head = head.ljust(72, b"\0")
    if version == 3:
        head += struct.pack(">QQQII", features, 0, 0, 4, length)
    return head + inner + name


def read(content: bytes, driver: str = "qcow2") -> Header:
    return headers.read(io.BytesIO(content), driver)


def test_a_qcow2_names_what_is_behind_it_and_its_format() -> None:
    said = extension(headers.BACKING_FORMAT, b"raw")

    assert read(qcow2(END)) == Header()
    assert read(qcow2(said, END, name=BACKING)) == Header("base.raw", "raw")
    assert read(qcow2(said, END, name=BACKING, version=2)) == Header("base.raw", "raw")
    assert read(qcow2(name=BACKING, version=2)) == Header("base.raw")  # as in 2007
    assert read(qcow2(extension(1, b"?"), said, END, name=BACKING)).backing_format == "raw"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (qcow2(END, cipher=1), "is encrypted"),
        (qcow2(END, cipher=2), "is encrypted"),
        (qcow2(END, features=headers.DATA_FILE), "has its data in another file"),
        (qcow2(extension(headers.EXTERNAL_DATA, b"x"), END), "has its data in another file"),
    ],
)
def test_what_nobody_should_open(content: bytes, problem: str) -> None:
    assert read(content).problem == problem


@pytest.mark.parametrize(
    "content",
    [
        b"QFI\xfb",
        qcow2(END)[:80],
        qcow2(END, name=BACKING)[:-1],
        qcow2(END, name=b"x" * 1024),
        qcow2(END, name=b"a\0b"),
        qcow2(struct.pack(">II", 1, 1 << 30)),
        qcow2(*[extension(1, b"")] * 65, END),
    ],
)
def test_a_header_that_is_none(content: bytes) -> None:
    with pytest.raises(BadHeaderError):
        read(content)


def test_an_old_qcow_names_what_is_behind_it() -> None:
    head = struct.pack(">4sIQIIQII", b"QFI\xfb", 1, 48, 8, 0, 1 << 20, 0, 0).ljust(48, b"\0")

    assert read(head + BACKING, "qcow") == Header("base.raw")


DESCRIPTOR = b'# Disk DescriptorFile\nRW 9 FLAT "a-flat.vmdk" 0\nRW 9 ZERO\n RW 9 SPARSE "b"\n'


def sparse(text: bytes, *, capacity: int) -> bytes:
    head = struct.pack("<4sIIQQQQ", b"KDMV", 1, 3, capacity, 128, 1, 20).ljust(512, b"\0")
    return head + text.ljust(20 * 512, b"\0")


def test_a_vmdk_names_its_extents_and_its_parent() -> None:
    assert read(DESCRIPTOR, "vmdk") == Header("", "", ("a-flat.vmdk", "b"), ("b",))
    parent = DESCRIPTOR + b'parentFileNameHint="c.vmdk"\n'
    assert read(parent, "vmdk").backing == "c.vmdk"


@pytest.mark.parametrize(
    "line",
    [
        b'RW\n1\nFLAT\n"/x" 0',
        b'RW\r1 FLAT "/x" 0',
        b'RW +1 FLAT "/x" 0',
        b'RW 0x1 FLAT "/x" 0',
        b'RW 1 FLAT "/x" -1',
        b'RW 1 SPARSE "/x',
        b'RW 1 SPARSE "' + b"/" * 511 + b'"',
        b'RW 1 SPARSE "b" "/x"',
        b'\v RW\v1 SPARSE "/x"',
        b'RW 1 OTHER "/x"',
        b"RW 1 FLAT",
    ],
)
def test_an_extent_that_qemu_may_see_is_understood_or_refused(line: bytes) -> None:
    with pytest.raises(BadHeaderError, match="that of no extent"):
        read(DESCRIPTOR + line + b"\n", "vmdk")


def test_an_extent_of_its_own_header_must_have_a_size() -> None:
    headers.read_extent(io.BytesIO(sparse(b"", capacity=9)))
    headers.read_extent(io.BytesIO(b"COWD"))
    for bad in (sparse(b"", capacity=0), b"KDMV"):
        with pytest.raises(BadHeaderError):
            headers.read_extent(io.BytesIO(bad))


def test_a_sparse_vmdk_has_its_data_itself_and_must_have_a_size() -> None:
    assert read(sparse(DESCRIPTOR, capacity=9), "vmdk") == Header()
    with pytest.raises(BadHeaderError, match="has no size"):
        read(sparse(DESCRIPTOR, capacity=0), "vmdk")
    parent = DESCRIPTOR + b'parentFileNameHint="c.vmdk"\n'
    assert read(sparse(parent, capacity=9), "vmdk").backing == "c.vmdk"


@pytest.mark.parametrize(
    "content", [DESCRIPTOR * 2000, DESCRIPTOR * 65, b"KDMV", b"\n" * headers.LONGEST_DESCRIPTOR]
)
def test_a_vmdk_without_end_is_refused(content: bytes) -> None:
    with pytest.raises(BadHeaderError):
        read(content, "vmdk")


def test_differences_to_other_disks() -> None:
    footer = b"conectix".ljust(60, b"\0") + struct.pack(">I", 4)
    assert "differs" in read(footer.ljust(512, b"\0"), "vpc").problem
    assert "differs" in read(bytes(512) + footer.ljust(512, b"\0"), "vpc").problem
    assert read(bytes(1024), "vpc") == Header()
    assert "differs" in read(bytes(0x4C) + b"\4\0\0\0", "vdi").problem
    assert read(bytes(0x4C) + b"\1\0\0\0", "vdi") == Header()
