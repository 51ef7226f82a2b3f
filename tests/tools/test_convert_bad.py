"""`appliance convert` with what is no image, with odd names, and where nothing can be written."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.bundle import manifest
from appliance.bundle.model import Artifact
from appliance.errors import ApplianceError, RequestError
from appliance.handover.convert import ConversionRequest, convert
from appliance.handover.form import FOLDER, Handover
from appliance.host import command
from appliance.intake.received import received
from ova_making import bundle


def converted(source: Path, output: Path, *formats: str, **words: object) -> tuple[Path, ...]:
    wanted = ConversionRequest(received(source), output, formats or ("qcow2",), plain=True, **words)  # type: ignore[arg-type]
    return convert(wanted, lambda event: None)


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    path = tmp_path / "web.raw"
    path.write_bytes(os.urandom(4096) + bytes(1 << 20))
    return path


def left(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir()) if place.is_dir() else []


def test_what_is_no_image_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty.raw").touch()
    (tmp_path / "empty.raw.gz").touch()
    (tmp_path / "text.vmdk").write_text("text\n")
    for name, says in (
        ("pipe", "pipe is not a file"),
        ("nothing", "there is no "),
        (".", "is not a bundle: nothing says which is meant"),
        ("empty.raw", "is empty"),
        ("empty.raw.gz", "is empty"),
        ("text.vmdk", "is no vmdk image"),
    ):
        with pytest.raises(RequestError, match=says):
            converted(tmp_path / name, tmp_path / "out")
    with pytest.raises(RequestError, match="/dev/null is not a file"):
        converted(Path("/dev/null"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("forms", [(), ("zip",)])
def test_a_damaged_source_leaves_no_directory(tmp_path: Path, forms: tuple[str, ...]) -> None:
    (tmp_path / "web.raw.xz").write_bytes(b"\xfd7zXZ\0 damaged")
    (tmp_path / "there").mkdir()
    for output in (tmp_path / "deep/out", tmp_path / "there"):
        with pytest.raises(ApplianceError):
            if forms:
                handed(tmp_path / "web.raw.xz", output, *forms)
            else:
                converted(tmp_path / "web.raw.xz", output)
    assert left(tmp_path) == ["there", "web.raw.xz"]


def test_no_disk_of_an_appliance_is_lost(tmp_path: Path) -> None:
    for disk in ("sda", "sdb"):
        raw = tmp_path / f"web-{disk}.raw"
        raw.write_bytes(disk.encode() * 512 * 128)
        command.run(["gzip", raw])
    images = [
        Artifact(disk, f"web-{disk}.raw.gz", "raw.gz", size=3 * 65536, sha256="")
        for disk in ("sda", "sdb")
    ]
    about = replace(bundle(), name="web", artifacts=tuple(images))
    (tmp_path / "web.appliance.json").write_text(manifest.description_text(about))
    made = converted(tmp_path, tmp_path / "out", "raw")
    assert [path.read_bytes()[:3] for path in made] == [b"sda", b"sdb"]


def test_an_ova_is_converted_by_its_disk(tmp_path: Path, disk: Path) -> None:
    words = [sys.executable, "-m", "appliance", "convert"]
    command.run([*words, disk, "--bundle", "ova", "-o", tmp_path])
    command.run([*words, tmp_path / "web.ova", "-f", "qcow2", "-o", tmp_path / "out"])
    command.run(["qemu-img", "compare", tmp_path / "out/web/web.qcow2", disk])


@pytest.mark.parametrize("name", ["nbd:x", "json:{}", "**", "a[b", "a,b", "it's; $x"])
def test_names_mean_nothing_to_the_tools(
    tmp_path: Path, disk: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    disk.rename(f"{name}.raw")
    images = converted(Path(f"{name}.raw"), Path("nbd:out"), "qcow2", "vhdx", "raw")
    assert left(tmp_path / "nbd:out") == [f"{name}.{kind}" for kind in ("qcow2", "raw", "vhdx")]
    for image in images:
        command.run(["qemu-img", "compare", image.absolute(), Path(f"{name}.raw").absolute()])


@pytest.mark.parametrize("name", ["../evil", "a/b", "-x", "..", "a\nb", "\udcff", "x" * 250])
def test_names_that_cannot_be_are_refused(tmp_path: Path, disk: Path, name: str) -> None:
    with pytest.raises(RequestError, match="name"):
        converted(disk, tmp_path / "out", name=name)
    assert left(tmp_path / "out") == []


def test_the_output_must_be_a_directory_and_its_places_free(tmp_path: Path, disk: Path) -> None:
    (tmp_path / "out/web.qcow2").mkdir(parents=True)
    with pytest.raises(RequestError, match=r"web\.qcow2 is a directory"):
        converted(disk, tmp_path / "out", force=True)
    with pytest.raises(RequestError, match=r"web\.raw is not a directory"):
        converted(disk, disk)
    with pytest.raises(RequestError, match=r"web\.raw/x is not a directory"):
        converted(disk, disk / "x")
    assert left(tmp_path / "out") == ["web.qcow2"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_an_output_that_cannot_be_written_to(tmp_path: Path, disk: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o555)
    with pytest.raises(ApplianceError, match="cannot be written to: Permission denied") as caught:
        converted(disk, tmp_path / "out")
    assert caught.value.exit_code == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_image_that_cannot_be_read(tmp_path: Path, disk: Path) -> None:
    disk.chmod(0)
    with pytest.raises(RequestError, match="cannot read"):
        converted(disk, tmp_path / "out")


def handed(source: Path, output: Path, *forms: str, **words: object) -> tuple[Path, ...]:
    """What *source* came to as a whole appliance, called as the command line calls it."""
    unpacked = output.parent / "unpacked"
    wanted = ConversionRequest(
        received(source, unpack=lambda file: unpacked), output, ("raw",),
        handover=Handover(forms=forms or (FOLDER,)), named=source, **words,  # type: ignore[arg-type]
    )  # fmt: skip
    return convert(wanted, lambda event: None)


@pytest.fixture
def appliance(tmp_path: Path, disk: Path) -> Path:
    """The directory of an appliance, which a build of its name replaces."""
    (made,) = handed(disk, tmp_path / "out", name="web")
    command.run(["qemu-img", "convert", "-O", "vmdk", disk, made / "web.vmdk"])
    (made / "web.vmx").write_text(
        'displayName = "web"\nscsi0.present = "TRUE"\nscsi0:0.fileName = "web.vmdk"\n'
        'scsi0:0.present = "TRUE"\n'
    )
    (made / "web.packages.json").write_text('{"packages": ["bash"]}\n')
    return made


@pytest.mark.parametrize("name", [".", "web.appliance.json", "web.vmx", "web.raw", "web.vmdk"])
def test_no_source_is_replaced_by_what_is_made_of_it(appliance: Path, name: str) -> None:
    before = {path.name: path.read_bytes() for path in appliance.iterdir()}
    for output in (appliance.parent, appliance / "../../out"):
        with pytest.raises(RequestError, match="web would be replaced by what is made of it"):
            handed(appliance / name, output, FOLDER, "zip")
    assert {path.name: path.read_bytes() for path in appliance.iterdir()} == before
    assert left(appliance.parent) == ["web"]


def test_a_bundle_file_is_not_replaced_by_what_is_made_of_it(appliance: Path) -> None:
    (packed,) = handed(appliance, appliance.parent, "zip")
    appliance.rename(appliance.parent.parent / "unpacked")
    before = packed.read_bytes()
    with pytest.raises(RequestError, match=r"web\.zip would be replaced by what is made of it"):
        handed(packed, packed.parent, "zip")
    assert packed.read_bytes() == before


def test_what_an_image_lies_over_is_not_replaced(appliance: Path) -> None:
    over = appliance.parent / "over.qcow2"
    base = appliance / "web.raw"
    words = ["-b", base.relative_to(over.parent), "-F", "raw", over]
    command.run(["qemu-img", "create", "-q", "-f", "qcow2", *words])
    with pytest.raises(RequestError, match="web would be replaced by what is made of it"):
        handed(over, over.parent, name="web")
    assert base.exists()


@pytest.mark.parametrize("name", [".", "web.appliance.json", "web.vmx", "web.raw"])
def test_the_package_list_comes_along(appliance: Path, tmp_path: Path, name: str) -> None:
    (made,) = handed(appliance / name, tmp_path / "again", name="new")
    assert (made / "new.packages.json").read_text() == '{"packages": ["bash"]}\n'


def test_no_package_list_says_that_nothing_is_installed(tmp_path: Path, disk: Path) -> None:
    for _ in range(2):  # what has no list is known as an appliance of ours, too
        (made,) = handed(disk, tmp_path / "out")
        assert {"web.appliance.json", "web.raw"} <= {*left(made)}
        assert "web.packages.json" not in left(made)
        assert "packages" not in (made / "SHA256SUMS").read_text()


@pytest.mark.parametrize("kind", ["link", "directory", "pipe", "other"])
def test_what_is_no_package_list_of_the_source_stays_there(
    appliance: Path, tmp_path: Path, kind: str
) -> None:
    secret, place = tmp_path / "secret", appliance / "web.packages.json"
    secret.write_text("secret\n")
    place.unlink()
    match kind:
        case "link":
            place.symlink_to(secret)
        case "directory":
            place.mkdir()
        case "pipe":
            os.mkfifo(place)
        case "other":
            (appliance / "leak.packages.json").symlink_to(secret)
    (made,) = handed(appliance, tmp_path / "again")
    assert not list(made.glob("*.packages.json"))


def test_a_package_list_without_end_is_refused(appliance: Path, tmp_path: Path) -> None:
    os.truncate(appliance / "web.packages.json", 1 << 40)
    with pytest.raises(RequestError, match=r"web\.packages\.json is longer than 64 MiB"):
        handed(appliance, tmp_path / "again")


@pytest.mark.parametrize("name", ["texts", "made", "scratch"])
def test_an_appliance_may_be_called_as_our_own_directories(
    tmp_path: Path, disk: Path, name: str
) -> None:
    made = handed(disk, tmp_path / "out", FOLDER, "zip", name=name)
    assert [path.name for path in made] == [name, f"{name}.zip"]
    assert left(tmp_path / "out") == [name, f"{name}.zip", f"{name}.zip.sha256"]
