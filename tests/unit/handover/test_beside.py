"""What lies beside the disks: what was foreseen is what is written, on each condition."""

import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.backends import launchers
from appliance.bundle import manifest
from appliance.bundle.model import BIOS, Artifact, Bundle, Machine
from appliance.errors import RequestError
from appliance.events import Event
from appliance.handover import beside
from appliance.handover.export import Parcel, check, check_places, hand_over
from appliance.handover.form import FOLDER, Handover, Signer
from appliance.host import trees

SIGNER = Signer(Path("/none/key.pem"), Path("/none/certificate.pem"))


def bundle(disk_format: str = "qcow2", *, sha256: str = "") -> Bundle:
    """An appliance of one disk; with no *sha256*, before anybody has looked at it."""
    image = Artifact("sda", f"web-sda.{disk_format}", disk_format, 65536 if sha256 else 0, sha256)
    return Bundle(
        name="web", version="1.0", release="1", family="debian", family_release="trixie",
        clock=1, plan_digest="0" * 64, machine=Machine(), firmware=(BIOS,), artifacts=(image,),
        packages=(),
    )  # fmt: skip


@pytest.mark.parametrize("launcher", [None, *launchers.KNOWN])
@pytest.mark.parametrize("description", [True, False])
@pytest.mark.parametrize("sums", [True, False])
@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize("forms", [(FOLDER,), ("zip",), (FOLDER, "zip")])
def test_what_is_foreseen_is_written(
    tmp_path: Path,
    launcher: str | None,
    description: bool,
    sums: bool,
    log: bool,
    forms: tuple[str, ...],
) -> None:
    handover = Handover(
        launchers=(launchers.find(launcher),) if launcher else None,
        description=description, sums=sums, log=log, forms=forms,
    )  # fmt: skip
    for disk_format in ("qcow2", "vmdk-stream"):
        place = tmp_path / disk_format
        place.mkdir()
        (tmp_path / "log").touch()
        files = beside.written(
            bundle(disk_format, sha256="1" * 64), handover, place,
            given={beside.LOG: tmp_path / "log"},
        )  # fmt: skip
        before = bundle(disk_format)
        assert beside.taken(before, handover) == {*files, before.artifacts[0].path}
        assert (f"web{manifest.DESCRIPTION}" in files) == description
        assert (manifest.SUMS in files) == sums
        assert (beside.LOG in files) == (log and FOLDER in forms)


@pytest.mark.parametrize(
    ("disk_format", "signer", "named"),
    [("vmdk-stream", SIGNER, True), ("vmdk-stream", None, False), ("qcow2", SIGNER, False)],
)
def test_a_signature_takes_its_name_where_there_is_something_to_sign(
    disk_format: str, signer: Signer | None, named: bool
) -> None:
    taken = beside.taken(bundle(disk_format), Handover(signer=signer))
    assert ("web.cert" in taken) == named


def test_checksums_cover_all_but_the_log(tmp_path: Path) -> None:
    for name in ("log", "map"):
        (tmp_path / name).write_text(name)
    given = {beside.LOG: tmp_path / "log", "web-sda.raw.bmap": tmp_path / "map"}
    whole = bundle(sha256="1" * 64)
    files = beside.written(whole, Handover(), tmp_path, given=given)
    lines = files[manifest.SUMS].read_text().splitlines()
    assert {line.split(" *")[1] for line in lines} == {
        "web-sda.qcow2",
        *(set(files) - {beside.LOG, manifest.SUMS}),
    }
    assert f"{'1' * 64} *web-sda.qcow2" in lines


def test_checksums_cover_what_is_included(tmp_path: Path) -> None:
    (tmp_path / "GPL").write_text("text")
    files = beside.written(
        bundle(), Handover(), tmp_path, given={}, included={"licences/GPL": tmp_path / "GPL"}
    )
    assert "licences/GPL" in manifest.sums_read(files[manifest.SUMS].read_text())
    assert "licences/GPL" not in files


def test_a_package_list_that_is_given_is_kept(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("{}\n")
    name = manifest.packages_file(bundle())
    given = {name: tmp_path / "list"}
    assert beside.written(bundle(), Handover(), tmp_path, given=given)[name] == tmp_path / "list"


def ignore(event: Event) -> None:
    del event


@pytest.mark.parametrize(
    "name", ["web-sda.qcow2", "web-sda.raw.bmap", "web.packages.json", "SHA256SUMS", "build.log"]
)
def test_a_name_that_is_taken_is_refused_before_a_build_and_after_it(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "mine").mkdir()
    mine = tmp_path / "mine" / name
    mine.write_text("mine\n")
    handover = Handover(include=(mine,))
    made = {each: tmp_path / each for each in ("image", "map", "log")}
    for path in made.values():
        path.write_text("made\n")
    given = {"web-sda.raw.bmap": made["map"]}

    with pytest.raises(RequestError, match=f"has a {name} of its own"):
        check(bundle(), handover, given=given)
    parcel = Parcel(
        bundle(), bundle, {"web-sda.qcow2": made["image"]}, given | {beside.LOG: made["log"]}
    )
    with pytest.raises(RequestError, match=f"has a {name} of its own"):
        hand_over(parcel, handover, tmp_path / "out", cores=1, emit=ignore)
    assert not (tmp_path / "out/web").exists()


def test_a_log_of_somebody_else_comes_along_where_there_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for path in ("mine/build.log", "image", "log"):
        (tmp_path / path).write_text(f"{path}\n")
    parcel = Parcel(
        bundle(), bundle, {"web-sda.qcow2": tmp_path / "image"}, {beside.LOG: tmp_path / "log"}
    )
    handover = Handover(log=False, include=(tmp_path / "mine/build.log",))
    check(bundle(), handover)

    hand_over(parcel, handover, tmp_path / "out", cores=1, emit=ignore)
    assert (tmp_path / "out/web/build.log").read_text() == "mine/build.log\n"
    hand_over(
        parcel, replace(handover, log=True, include=()), tmp_path / "out", cores=1, emit=ignore
    )
    assert (tmp_path / "out/web/build.log").read_text() == "log\n"


def handed_over(tmp_path: Path, handover: Handover) -> Path:
    """Hand an appliance over whose system lies there as a directory, too; return where."""
    (tmp_path / "system/etc").mkdir(parents=True)
    (tmp_path / "system/etc/motd").write_text("hello\n")
    (tmp_path / "system/etc/again").hardlink_to(tmp_path / "system/etc/motd")
    (tmp_path / "system/link").symlink_to("etc/motd")
    with tarfile.open(tmp_path / "system.tar", "w") as archive:
        archive.add(tmp_path / "system", ".")
    for name in ("image", "log"):
        (tmp_path / name).write_text(name)
    image = tmp_path / "image"
    whole = bundle(sha256=trees.sha256(image))
    parcel = Parcel(
        whole, lambda: whole, {"web-sda.qcow2": image}, {beside.LOG: tmp_path / "log"},
        {"web.dir": tmp_path / "system.tar"},
    )  # fmt: skip
    hand_over(parcel, handover, tmp_path / "out", cores=1, emit=ignore)
    return tmp_path / "out"


def test_checksums_cover_all_that_lies_there_but_the_log(tmp_path: Path) -> None:
    out = handed_over(tmp_path, Handover(forms=(FOLDER, "zip"), sums=True))
    there = {path for path in out.rglob("*") if path.is_file() and not path.is_symlink()}
    found = set()
    for sums in (out / "web/SHA256SUMS", out / "web.zip.sha256"):
        for name, sha256 in manifest.sums_read(sums.read_text()).items():
            assert trees.sha256(sums.parent / name) == sha256, name
            found.add(sums.parent / name)
        found.add(sums)
    assert there - found == {out / "web/build.log"}
    with zipfile.ZipFile(out / "web.zip") as archive:
        packed = manifest.sums_read(archive.read("web/SHA256SUMS").decode())
    assert not [name for name in packed if name.startswith("web.dir")], "it is not in there"


def test_a_checksum_beside_an_archive_is_renewed_and_nobody_elses_file_is(tmp_path: Path) -> None:
    handover = Handover(forms=("zip",))
    (tmp_path / "one").mkdir()
    out = handed_over(tmp_path / "one", handover)
    sums = out / "web.zip.sha256"
    sums.write_text(f"{'0' * 64}  web.zip\n")
    check_places(out, "web", handover)
    sums.write_text("my notes\n")
    with pytest.raises(RequestError, match=r"web.zip.sha256 exists, and is no checksum of web.zip"):
        check_places(out, "web", handover)
    check_places(out, "web", Handover(forms=("zip",), sums=False))
