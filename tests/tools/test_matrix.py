"""What a bundle claims, and what becomes of it: machines of 512 bytes that fail at once."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from test_boot_machine import speaker

from appliance.backends import launchers
from appliance.bundle.manifest import description_text
from appliance.bundle.model import Artifact, Bundle, Machine
from appliance.cli import main
from appliance.errors import BootError, RequestError
from appliance.host import command
from appliance.intake.received import received, to_start
from appliance.trial import matrix
from appliance.trial.matrix import Cell, Matrix, Outcome
from appliance.trial.prove import Hardware, Trial, prepare
from appliance.trial.report import FAILED, PASSED, BootReport, Check
from appliance.units import MIB

SAYS = "Kernel panic - not syncing: of a test"
DRIVERS = {"raw": "raw", "vmdk": "vmdk", "qcow2": "qcow2", "vhdx": "vhdx"}


def bundle(place: Path, *formats: str, **said: object) -> Bundle:
    """A bundle whose machine panics; described for all of *formats*, with no launch files."""
    plain = speaker(place / "plain", SAYS)
    artifacts = []
    for name in formats:
        file = place / f"web-sda.{name}"
        if name in DRIVERS:
            command.run(["qemu-img", "convert", "-f", "raw", "-O", DRIVERS[name], plain, file])
        artifacts.append(Artifact("sda", file.name, name, size=MIB, sha256=""))
    made = Bundle(
        name="web", version="1", release="1", family="debian", family_release="trixie", clock=0,
        plan_digest="0" * 64, machine=Machine(memory=64 * MIB), firmware=("bios",),
        artifacts=tuple(artifacts), packages=(),
    )  # fmt: skip
    made = replace(made, **said)  # type: ignore[arg-type]
    (place / "web.appliance.json").write_text(description_text(made))
    return made


def launched_by(place: Path, made: Bundle, *names: str) -> None:
    for name in names:
        for file, text in launchers.find(name).files(made).items():
            (place / file).write_text(text)


def asked(place: Path, **options: object) -> Matrix:
    given = received(place)
    trial = prepare(to_start(given), output=place / "report", **options)  # type: ignore[arg-type]
    return matrix.claims(trial, given)


def ran(asked_: Matrix, kept: Path, *, again: bool = False) -> list[Outcome]:
    return list(matrix.run(asked_, kept, again=again, say=print, on_check=lambda name, check: None))


def test_a_bundle_claims_its_formats_its_firmware_and_what_its_descriptions_name(
    tmp_path: Path,
) -> None:
    made = bundle(tmp_path, "raw", "vmdk", "vhdx", "oci", firmware=("bios", "uefi"))
    launched_by(tmp_path, made, "vmx", "libvirt", "xen", "hyper-v")

    found = asked(tmp_path)

    ways = {(cell.disk_format, cell.firmware, cell.disk_bus): cell for cell in found.cells}
    assert set(ways) == {
        *((name, way, "virtio") for name in ("raw", "vmdk", "vhdx") for way in ("bios", "uefi")),
        ("vmdk", "bios", "pvscsi"),
    }
    assert ways["vmdk", "bios", "pvscsi"].network_card == "vmxnet3"
    assert ways["vmdk", "bios", "pvscsi"].claims == ("vmx",)
    assert ways["raw", "bios", "virtio"].claims == ("the bundle", "libvirt")
    assert [note.split(":")[0] for note in found.notes] == [
        "QEMU alone has no Xen",
        "QEMU has none of Hyper-V's disks and cards",
        "no machine here starts from oci, or it is not there",
    ]
    narrowed = asked(tmp_path, firmwares=("uefi",))
    assert {cell.firmware for cell in narrowed.cells} == {"uefi"}


def test_a_plain_image_claims_both_firmwares_on_what_was_asked_for(tmp_path: Path) -> None:
    disk = speaker(tmp_path / "web.raw", SAYS)

    found = asked(disk, hardware=Hardware(disk_bus="nvme", network_card="e1000"))

    assert found.cells == tuple(
        Cell("raw", name, "nvme", "e1000", (matrix.BUNDLE,)) for name in ("bios", "uefi")
    )


def test_what_fails_is_told_and_tried_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle(tmp_path, "raw", machine=Machine(memory=64 * MIB, interfaces=0))
    words = ["test", str(tmp_path), "--matrix", "--store", str(tmp_path / "store")]
    output = ["--output", str(tmp_path / "report")]

    assert main([*words, *output]) == 5

    said = capsys.readouterr()
    assert "1 of 1 ways to start it failed" in said.err
    assert "raw-bios-virtio-virtio: login prompt: the kernel panicked" in said.err
    assert "raw          bios      virtio       virtio   failed" in said.out
    assert (tmp_path / "report/raw-bios-virtio-virtio/console-bios.log").is_file()
    assert list((tmp_path / "store/boots").iterdir()) == []
    assert main([*words, *output, "--json"]) == 5
    (cell,) = json.loads(capsys.readouterr().out)["matrix"]
    assert (cell["verdict"], cell["disk_format"], cell["kept"]) == ("failed", "raw", False)


def test_what_was_well_is_not_tried_again_until_something_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[str] = []

    def well(trial: Trial, **_: object) -> tuple[BootReport, ...]:
        """Instead of a minute of a real machine, which tests/boot spends."""
        starts.append(trial.output.name)
        return (BootReport("0", "bios", (Check("login", 1.5, True, "in"),), "log", PASSED),)

    monkeypatch.setattr("appliance.trial.prove.prove", well)
    kept = tmp_path / "kept"
    bundle(tmp_path, "raw", "qcow2")

    assert [each.kept for each in ran(asked(tmp_path), kept)] == [False, False]
    assert [each.kept for each in ran(asked(tmp_path), kept)] == [True, True]
    assert len(starts) == 2
    assert [each.kept for each in ran(asked(tmp_path), kept, again=True)] == [False, False]
    assert [
        each.kept for each in ran(asked(tmp_path, hardware=Hardware(memory=128 * MIB)), kept)
    ] == [False] * 2
    with (tmp_path / "web-sda.raw").open("r+b") as disk:
        disk.seek(MIB // 2)
        disk.write(b"changed")
    assert [each.kept for each in ran(asked(tmp_path), kept)] == [True, False]
    for file in kept.iterdir():
        file.write_text("{")  # a result that cannot be read is none
    assert [each.kept for each in ran(asked(tmp_path), kept)] == [False, False]


def test_hardware_without_a_driver_is_not_waited_for(tmp_path: Path) -> None:
    made = bundle(tmp_path, "vmdk", lacks=("sata", "e1000"), machine=Machine(disk_bus="sata"))
    launched_by(tmp_path, made, "vmx")

    outcomes = ran(asked(tmp_path), tmp_path / "kept")

    assert {(each.verdict, each.problem) for each in outcomes} == {
        ("no driver", "the kernel has no driver for sata")
    }
    with pytest.raises(BootError, match="2 of 2 ways"):
        matrix.complain(outcomes)


def test_a_disk_that_is_not_the_one_that_is_described(tmp_path: Path) -> None:
    made = bundle(tmp_path, "raw")
    wrong = replace(made.artifacts[0], sha256="0" * 64)
    (tmp_path / "web.appliance.json").write_text(
        description_text(replace(made, artifacts=(wrong,)))
    )

    with pytest.raises(RequestError, match="sha256 differs"):
        ran(asked(tmp_path), tmp_path / "kept")


def test_a_firmware_without_a_driver_proves_nothing() -> None:
    cell = Cell("raw", "uefi", "pvscsi", "virtio", ("vmx",))
    check = Check("login prompt", 9.0, False, "the firmware found nothing to boot")
    failed = BootReport("", "uefi", (check,), "log", FAILED)

    blind = matrix._outcome(cell, failed, kept=False)
    seeing = matrix._outcome(replace(cell, disk_bus="sata"), failed, kept=False)

    assert (blind.verdict, blind.failed) == (matrix.CANNOT_TELL, False)
    assert (seeing.verdict, seeing.failed) == (FAILED, True)
