"""Files as a kernel shows them: read out of what was packed, and compared."""

import io
import tarfile
from pathlib import Path

from appliance.difference.mounted_files import differing
from appliance.difference.spans import Difference
from appliance.intake.mounted import MountedFile, listed

MEMBERS = {
    ".": {"type": tarfile.DIRTYPE, "mode": 0o755},
    "./etc": {"type": tarfile.DIRTYPE, "mode": 0o755},
    "./etc/motd": {"mode": 0o644, "uid": 5, "data": b"hello"},
    "./etc/again": {"type": tarfile.LNKTYPE, "linkname": "./etc/motd"},
    "./link": {"type": tarfile.SYMTYPE, "linkname": "etc/motd"},
    "./dev": {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 3},
}


def packed(path: Path, **changed: dict[str, object]) -> dict[str, MountedFile]:
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, fields in MEMBERS.items():
            said = {"mtime": 1_700_000_000, **fields, **changed.get(Path(name).name, {})}
            data = said.pop("data", b"")
            assert isinstance(data, bytes)
            member = tarfile.TarInfo(name)
            member.size = len(data)
            for field, value in said.items():
                setattr(member, field, value)
            archive.addfile(member, io.BytesIO(data))
    return dict(listed(path))


def test_all_that_a_file_is_is_read(tmp_path: Path) -> None:
    found = packed(
        tmp_path / "a",
        motd={"pax_headers": {"SCHILY.xattr.user.x": "y", "mtime": "1700000000.25"}},
    )
    assert set(found) == {"/", "/etc", "/etc/motd", "/etc/again", "/link", "/dev"}
    motd = found["/etc/motd"]
    assert (motd.mode, motd.uid, motd.size, motd.mtime) == (0o644, 5, 5, 1_700_000_000.25)
    assert motd.attributes == (("user.x", "y"),)
    assert found["/dev"].device == (1, 3)
    assert (found["/link"].target, found["/etc/again"].target) == ("etc/motd", "./etc/motd")
    assert (found["/etc"].kind, motd.kind, found["/link"].kind) == ("5", "0", "2")


def test_what_differs_is_named(tmp_path: Path) -> None:
    one = packed(tmp_path / "a")
    assert differing("p", one, one) == []
    two = packed(tmp_path / "b", motd={"data": b"world", "mode": 0o600}, dev={"devminor": 5})
    two["/new"] = two.pop("/link")
    said = {each.what: (each.left, each.right) for each in differing("p", one, two)}
    contents = said.pop("/etc/motd: content")
    assert contents[0] != contents[1]
    assert said == {
        "/link: only here": ("there", ""),
        "/new: only here": ("", "there"),
        "/etc/motd: mode": ("0o644", "0o600"),
        "/dev: device": ("(1, 3)", "(1, 5)"),
    }
    assert isinstance(differing("p", one, two)[0], Difference)
