"""What `check` says of those that are to launch an appliance."""

from pathlib import Path

import pytest

from appliance.backends import launchers
from appliance.bundle.model import Product, Property
from appliance.bundle.sheet import Sheet
from appliance.creation.foresee import Foreseen, Launched, foresee
from appliance.handover.form import Handover
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides
from appliance.recipe.repository_options import RepositoryOptions

TEXT = """\
repo --name=debian-trixie
part biosboot --fstype=biosboot --size=1
part / --size=1000
%packages
linux-image-cloud-amd64
%end
"""


def looked(
    tmp_path: Path, sheet: Sheet, *formats: str, forms: tuple[str, ...] = (), launcher: str = ""
) -> Foreseen:
    file = tmp_path / "web.ks"
    file.write_text(TEXT)
    asked = (launchers.find(launcher),) if launcher else None
    handover = Handover(forms=forms or ("none",), launchers=asked)
    launched = Launched(Target(formats=formats), handover, sheet)
    return foresee(file, Overrides(), RepositoryOptions(), launched)


def said(found: Foreseen) -> str:
    return "\n".join(note.text for note in found.notes)


def test_hardware_without_a_driver_is_told(tmp_path: Path) -> None:
    found = looked(tmp_path, Sheet(disk_bus="lsilogic", network_card="e1000"), "vmdk-stream")
    assert "ovf names a disk on lsilogic, for which this kernel has no driver" in said(found)
    assert "linux-image-amd64" in said(found)


def test_what_a_launcher_has_no_word_for_is_told(tmp_path: Path) -> None:
    product = Product(eula="No.", properties=(Property("hostname"),))
    found = looked(tmp_path, Sheet(product=product), "qcow2")
    assert "libvirt has no word for the licence" in said(found)
    assert "hostname" in said(found)
    assert "ovf" not in said(found)


def test_a_package_that_cannot_be_is_a_problem(tmp_path: Path) -> None:
    found = looked(tmp_path, Sheet(), "qcow2", forms=("ova",))
    assert ["--bundle ova" in str(problem) for problem in found.problems] == [True]


def test_a_launcher_that_is_asked_for_has_to_be_written(tmp_path: Path) -> None:
    found = looked(tmp_path, Sheet(), "qcow2", launcher="vmx")
    assert ["--launcher vmx: " in str(problem) for problem in found.problems] == [True]
    assert not looked(tmp_path, Sheet(), "qcow2", "vmdk", launcher="vmx").problems


@pytest.mark.parametrize(("forms", "refused"), [(("ova",), True), (("ova", "zip"), False)])
def test_what_comes_along_needs_a_package_with_room(
    tmp_path: Path, forms: tuple[str, ...], refused: bool
) -> None:
    (tmp_path / "README").touch()
    launched = Launched(
        Target(formats=("vmdk-stream",)), Handover(forms=forms, include=(tmp_path / "README",))
    )
    (tmp_path / "web.ks").write_text(TEXT)
    found = foresee(tmp_path / "web.ks", Overrides(), RepositoryOptions(), launched)
    assert ["nothing comes along in ova" in str(each) for each in found.problems] == [
        True
    ] * refused


def test_xen_is_written_where_somebody_may_mean_it(tmp_path: Path) -> None:
    sheet = Sheet(disk_bus="ide")
    assert "xen" not in said(looked(tmp_path, sheet, "qcow2"))
    assert "xen" in said(looked(tmp_path, sheet, "qcow2", launcher="xen"))
    assert "xen" in said(looked(tmp_path, sheet, "qcow2", "raw"))


@pytest.mark.parametrize("formats", [("qcow2", "qcow2-plain"), ("qcow2", "qcow2-zlib")])
def test_two_formats_in_one_file_are_a_problem(tmp_path: Path, formats: tuple[str, ...]) -> None:
    found = looked(tmp_path, Sheet(), *formats)
    assert ["would both be web-sda.qcow2" in str(each) for each in found.problems] == [True]


@pytest.mark.parametrize(
    ("name", "size", "most"),
    [("vhd", 2100, "2040"), ("vhd-fixed", 2100, "2040"), ("vmdk-stream", 2100, "2048")],
)
def test_a_disk_that_a_format_does_not_hold_is_a_problem(
    tmp_path: Path, name: str, size: int, most: str
) -> None:
    file = tmp_path / "web.ks"
    file.write_text(TEXT + f"part /srv --fstype=xfs --size={size * 1024}\n")
    for formats, count in (((name,), 1), (("qcow2",), 0)):
        launched = Launched(Target(formats=formats))
        found = foresee(file, Overrides(), RepositoryOptions(), launched)
        assert len(found.problems) == count
        for problem in found.problems:
            assert problem.problem.startswith(
                f"{name} holds a disk of at most {most} GiB: this one"
            )
            assert "-f qcow2" in problem.hint
