"""Bundle files that came from anywhere."""

import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.backends import bundle_formats
from appliance.backends.bundle_formats.model import Member, Packing
from appliance.backends.compressors import zst
from appliance.errors import RequestError
from appliance.intake import bundle_files
from appliance.intake.bundle_files import is_bundle_file, unpacked
from appliance.store.results import Store

FORMS = [name for name in bundle_formats.KNOWN if name.startswith(("zip", "tar"))]


def opened(bundle: Path, tmp_path: Path) -> Path:
    return unpacked(bundle, Store(tmp_path / "store"), lambda event: None)


def tar_of(path: Path, *members: tarfile.TarInfo, data: bytes = b"") -> Path:
    with tarfile.open(path, "w") as tar:
        for member in members:
            member.size = len(data) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(data))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, link
    return found


@pytest.mark.parametrize("form", FORMS)
def test_what_we_pack_is_unpacked_with_its_holes(tmp_path: Path, form: str) -> None:
    disk, kind = tmp_path / "disk", bundle_formats.find(form)
    bundle = tmp_path / f"web{kind.suffix}"
    with disk.open("wb") as file:
        file.write(b"a" * 4096)
        file.seek(8 << 20)
        file.write(b"z")
        file.truncate(16 << 20)
    kind.write(bundle, [Member("web/web.json", data=b"{}"), Member("web/web.raw", disk)],
               Packing(0, 2))  # fmt: skip
    assert is_bundle_file(bundle)
    place = opened(bundle, tmp_path)
    assert place.name == "web"
    assert (place / "web.raw").read_bytes() == disk.read_bytes()
    assert (place / "web.raw").stat().st_blocks * 512 < 4 << 20
    before = (place / "web.raw").stat().st_ino
    assert (opened(bundle, tmp_path) / "web.raw").stat().st_ino == before  # not done twice


@pytest.mark.parametrize(
    ("hostile", "says"),
    [
        (member("/etc/passwd"), "leads out of it"),
        (member("web/../../x"), "leads out of it"),
        (member("web\\..\\x"), "leads out of it"),
        (member("web/link", tarfile.SYMTYPE, "/etc"), "is a link or device"),
        (member("web/hard", tarfile.LNKTYPE, "/etc/passwd"), "is a link or device"),
        (member("web/sda", tarfile.BLKTYPE), "is a link or device"),
        (member("web/pipe", tarfile.FIFOTYPE), "is a link or device"),
        (member("/".join("abcdefghij")), "is too deep"),
    ],
)
def test_what_could_do_harm_is_refused(tmp_path: Path, hostile: tarfile.TarInfo, says: str) -> None:
    bundle = tar_of(tmp_path / "web.tar", member("web/first"), hostile)
    with pytest.raises(RequestError, match=says):
        opened(bundle, tmp_path)
    assert not list((tmp_path / "store/results").iterdir())
    assert not list((tmp_path / "store/drafts").iterdir())


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("web/" + "a" * 256, "too long a name"),
        ("web/a\nb", "control characters"),
        ("web/first/x", "twice"),  # below a file
    ],
)
def test_names_that_cannot_be_are_refused(tmp_path: Path, name: str, says: str) -> None:
    bundle = tar_of(tmp_path / "web.tar", member("web/first"), member(name))
    with pytest.raises(RequestError, match=says):
        opened(bundle, tmp_path)
    with zipfile.ZipFile(tmp_path / "web.zip", "w") as zipped:
        zipped.writestr("web/first", "")
        zipped.writestr(name, "")
    with pytest.raises(RequestError, match=says):
        opened(tmp_path / "web.zip", tmp_path)


def test_a_directory_where_a_file_is_is_refused(tmp_path: Path) -> None:
    bundle = tar_of(tmp_path / "web.tar", member("web"), member("web", tarfile.DIRTYPE))
    with pytest.raises(RequestError, match="twice"):
        opened(bundle, tmp_path)


def test_a_header_as_large_as_memory_is_refused(tmp_path: Path) -> None:
    for kind in (tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME):
        header = member("x", kind)
        header.size = 1 << 40
        bundle = tmp_path / "web.tar"
        tar_of(bundle, member("web/first"))
        whole = bundle.read_bytes()
        bundle.write_bytes(whole[:512] + header.tobuf(tarfile.GNU_FORMAT) + bytes(4096))
        with pytest.raises(RequestError, match="a header that says more has 1024 GiB"):
            opened(bundle, tmp_path)


def _old_gnu_map(pieces: int) -> bytes:
    """A sparse member of an archive, with a map of at least so many pieces, none of them empty."""
    header = member("web/disk", tarfile.GNUTYPE_SPARSE)
    blocks = -(-pieces // 21)
    first = bytearray(header.tobuf(tarfile.GNU_FORMAT))
    first[482] = 1  # the map goes on
    first[148:156] = b" " * 8
    first[148:156] = b"%06o\0 " % sum(first)
    block = b"00000000001\0" * 42 + b"\1" + bytes(7)
    return bytes(first) + block * (blocks - 1) + block[:504] + bytes(8)


def _pax_map(pieces: int) -> bytes:
    said = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "1"}
    header = member("web/disk")
    numbers = f"{pieces}\n".encode() + b"100000000001\n" * (2 * pieces)
    header.size, header.pax_headers = len(numbers), said
    return header.tobuf(tarfile.PAX_FORMAT) + numbers + bytes(-len(numbers) % 512)


@pytest.mark.parametrize("mapped", [_old_gnu_map, _pax_map])
def test_a_sparse_member_in_too_many_pieces_is_refused(
    tmp_path: Path, mapped: Callable[[int], bytes]
) -> None:
    first = tar_of(tmp_path / "first.tar", member("web/first")).read_bytes()[:512]
    bundle = tmp_path / "web.tar.zst"
    compressor = zst.library().ZstdCompressor()
    for pieces in (1000, 1_000_000):
        bundle.write_bytes(compressor.compress(first + mapped(pieces) + bytes(10240)))
        with bundle_files.opened(bundle) as members:
            assert next(members).name == "web/first"
            if pieces == 1000:
                assert next(members).name == "web/disk"
                continue
            with pytest.raises(tarfile.ReadError, match="more than 100000 pieces"):
                next(members)


def test_a_bundle_that_lost_its_end_is_told(tmp_path: Path) -> None:
    bundle = tar_of(tmp_path / "web.tar", member("web/a"), member("web/b"))
    whole = bundle.read_bytes()
    for data, says in (
        (whole[:1024], "the end of the archive is missing"),
        (whole[:700], "truncated header"),
        (whole[:600] + b"?" + whole[601:], "bad checksum of a member"),
    ):
        bundle.write_bytes(data)
        with pytest.raises(RequestError, match=says):
            opened(bundle, tmp_path)


def _at(data: bytes, place: int, new: bytes) -> bytes:
    return data[:place] + new + data[place + len(new) :]


def test_zips_that_python_stumbles_over_are_told(tmp_path: Path) -> None:
    bundle = tmp_path / "web.zip"
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("web/x", bytes(1000))
    whole = bundle.read_bytes()
    central = whole.index(b"PK\1\2")
    bzip2 = b"\x0c"
    for data, says in (
        (_at(_at(whole, central + 8, b"\1"), 6, b"\1"), "is encrypted"),
        (_at(_at(whole, central + 10, bzip2), 8, bzip2), "Invalid data"),
        (whole[:20] + whole[central:], "cannot be unpacked"),  # begins before the file does
    ):
        bundle.write_bytes(data)
        with pytest.raises(RequestError, match=says):
            opened(bundle, tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_bundle_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    bundle = tar_of(tmp_path / "web.tar", member("web/x"))
    bundle.chmod(0)
    with pytest.raises(RequestError, match="cannot read .*Permission denied"):
        opened(bundle, tmp_path)


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    bundle = tmp_path / "web.zip"
    with zipfile.ZipFile(bundle, "w") as zipped:
        link = zipfile.ZipInfo("web/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(link, "/etc/passwd")
    with pytest.raises(RequestError, match="link or device"):
        opened(bundle, tmp_path)


def test_the_same_name_twice_is_refused(tmp_path: Path) -> None:
    bundle = tar_of(tmp_path / "web.tar", member("web/x"), member("web/x"))
    with pytest.raises(RequestError, match="twice"):
        opened(bundle, tmp_path)


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_files, "MOST_FILES", 3)
    bundle = tar_of(tmp_path / "web.tar", *(member(f"web/{n}") for n in range(5)))
    with pytest.raises(RequestError, match="more than 3 files"):
        opened(bundle, tmp_path)
    monkeypatch.setattr(bundle_files, "MOST_BYTES", 1000)
    bundle = tar_of(tmp_path / "big.tar", member("web/x"), data=bytes(2000))
    with pytest.raises(RequestError, match="more than"):
        opened(bundle, tmp_path)


@pytest.mark.parametrize("name", ["web.zip", "web.tar", "web.tar.gz", "web.tar.zst", "web.ova"])
def test_what_is_damaged_is_told(tmp_path: Path, name: str) -> None:
    bundle = tmp_path / name
    for data in (b"", b"nothing of that kind" * 100, os.urandom(2000)):
        bundle.write_bytes(data)
        with pytest.raises(RequestError, match=name):
            opened(bundle, tmp_path)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_cut_off_is_told(tmp_path: Path, form: str) -> None:
    kind = bundle_formats.find(form)
    bundle = tmp_path / f"web{kind.suffix}"
    kind.write(bundle, [Member("web/x", data=os.urandom(100_000))], Packing(0))
    bundle.write_bytes(bundle.read_bytes()[:50_000])
    with pytest.raises(RequestError, match="web"):
        opened(bundle, tmp_path)
    assert not list((tmp_path / "store/results").iterdir())


def test_a_name_that_no_file_has_is_no_bundle_file(tmp_path: Path) -> None:
    assert not is_bundle_file(tmp_path / ("x" * 256 + ".zip"))
