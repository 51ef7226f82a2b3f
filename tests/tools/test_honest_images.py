"""What honest people hand over is taken by every command: one table, as that of the hostile."""

import json
import lzma
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from test_boot_machine import speaker

from appliance.backends.launchers.ovf import Ovf
from appliance.backends.launchers.vmx import Vmx
from appliance.boot.emulator import Launch
from appliance.boot.machine import RunningMachine
from appliance.bundle import manifest
from appliance.bundle.model import Artifact, Machine
from appliance.cli import main, virt_image
from appliance.host import accelerator, command
from appliance.units import MIB
from hostile_images import qemu_img, xml
from ova_making import bundle
from receiving import machine_in

Maker = Callable[[Path, Path], Path]
SIZE = 2 * MIB


def converted(kind: str, name: str, *words: str) -> Maker:
    """The disk in another format of QEMU's."""

    def make(place: Path, raw: Path) -> Path:
        qemu_img("convert", "-f", "raw", "-O", kind, *words, raw, place / name)
        return place / name

    return make


def copied(name: str) -> Maker:
    def make(place: Path, raw: Path) -> Path:
        (place / name).write_bytes(raw.read_bytes())
        return place / name

    return make


def over(base: Maker, *, absolute: bool = False) -> Maker:
    """An overlay with nothing in it, beside its base."""

    def make(place: Path, raw: Path) -> Path:
        below = base(place, raw)
        kind = "raw" if below.suffix == ".raw" else "qcow2"
        named = below if absolute else below.name
        path = place / f"over-{below.stem}.qcow2"
        qemu_img("create", "-q", "-f", "qcow2", "-b", named, "-F", kind, path)
        return path

    return make


def linked(place: Path, raw: Path) -> Path:
    """Whoever types a link means what it leads to, wherever that is."""
    (place / "elsewhere").mkdir()
    over(copied("base.raw"))(place / "elsewhere", raw)
    (place / "web.qcow2").symlink_to("elsewhere/over-base.qcow2")
    return place / "web.qcow2"


def packed(tool: str, inner: Maker) -> Maker:
    def make(place: Path, raw: Path) -> Path:
        path = inner(place, raw)
        if tool == "xz":
            (place / f"{path.name}.xz").write_bytes(lzma.compress(path.read_bytes()))
            return place / f"{path.name}.xz"
        command.run([tool, "-q", path])
        return path.with_name(f"{path.name}.{ {'gzip': 'gz', 'zstd': 'zst'}[tool] }")

    return make


def described(place: Path, raw: Path, *, launcher: Ovf | Vmx | None = None) -> Path:
    """A bundle's directory, by its own description or by a launcher's."""
    kind = "vmdk-stream" if isinstance(launcher, Ovf) else "vmdk"
    words = ["-o", "subformat=streamOptimized"] if isinstance(launcher, Ovf) else []
    converted("vmdk", "web-sda.vmdk", *words)(place, raw)
    artifact = Artifact("sda", "web-sda.vmdk", kind, size=SIZE, sha256="")
    machine = Machine(memory=64 * MIB, cpus=2, disk_bus="ide")
    about = replace(bundle(), name="web", machine=machine, artifacts=(artifact,))
    files = launcher.files(about) if launcher else {}
    for name, text in (files or {"web.appliance.json": manifest.description_text(about)}).items():
        (place / name).write_text(text)
    return place


def ova(place: Path, raw: Path) -> Path:
    (place / "web").mkdir()
    described(place / "web", raw, launcher=Ovf())
    with tarfile.open(place / "web.ova", "w") as tar:
        for file in sorted((place / "web").iterdir(), key=lambda file: file.suffix != ".ovf"):
            tar.add(file, file.name)
    return place / "web.ova"


def directory(inner: Maker) -> Maker:
    def make(place: Path, raw: Path) -> Path:
        inner(place, raw)
        return place

    return make


DISKS: dict[str, tuple[Maker, str]] = {
    "raw": (copied("web.raw"), "raw"),
    "raw called img": (copied("web.img"), "raw"),
    "raw called nothing": (copied("web"), "raw"),
    "qcow2": (converted("qcow2", "web.qcow2"), "qcow2"),
    "qcow2 of 2009": (converted("qcow2", "web.qcow2", "-o", "compat=0.10"), "qcow2"),
    "qcow2 called img": (converted("qcow2", "web.img"), "qcow2"),
    "qcow": (converted("qcow", "web.qcow"), "qcow"),
    "overlay": (over(copied("base.raw")), "qcow2"),
    "overlay of qcow2": (over(converted("qcow2", "base.img")), "qcow2"),
    "overlay, absolute": (over(converted("qcow2", "b.qcow2"), absolute=True), "qcow2"),
    "overlay of an overlay": (over(over(copied("base.raw"))), "qcow2"),
    "link": (linked, ""),
    "vmdk": (converted("vmdk", "web.vmdk"), "vmdk"),
    "vmdk, streamed": (converted("vmdk", "web.vmdk", "-o", "subformat=streamOptimized"), "vmdk"),
    "vmdk, flat": (converted("vmdk", "web.vmdk", "-o", "subformat=monolithicFlat"), "vmdk"),
    "vmdk, split": (converted("vmdk", "web.vmdk", "-o", "subformat=twoGbMaxExtentSparse"), "vmdk"),
    "vdi": (converted("vdi", "web.vdi"), "vdi"),
    "vhd": (converted("vpc", "web.vhd", "-o", "force_size=on"), "vhd"),
    "vhd, fixed": (converted("vpc", "web.vhd", "-o", "subformat=fixed,force_size=on"), "vpc"),
    "vhdx": (converted("vhdx", "web.vhdx"), "vhdx"),
    "raw.xz": (packed("xz", copied("web.raw")), "raw"),
    "raw.gz": (packed("gzip", copied("web.raw")), "raw"),
    "raw.zst": (packed("zstd", copied("web.raw")), "raw"),
    "qcow2.xz": (packed("xz", converted("qcow2", "web.qcow2")), "qcow2"),
}
APPLIANCES: dict[str, Maker] = {
    "our own": described,
    "OVF": lambda place, raw: described(place, raw, launcher=Ovf()),
    "VMX": lambda place, raw: described(place, raw, launcher=Vmx()),
    "VMX by name": lambda place, raw: described(place, raw, launcher=Vmx()) / "web.vmx",
    "box": directory(converted("qcow2", "box.img")),
    "lone": directory(converted("vmdk", "web.vmdk")),
    "OVA": ova,
}
MACHINES = (
    "overlay of an overlay",
    "vmdk, flat",
    "qcow2.xz",
    "VMX",
)  # of all formats: test_controllers


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = speaker(tmp_path_factory.mktemp("raw") / "fine.raw", "web login: ")
    with path.open("r+b") as file:
        file.truncate(SIZE)
    return path


def made(name: str, tmp_path: Path, raw: Path) -> Path:
    (tmp_path / "web").mkdir()
    maker = DISKS[name][0] if name in DISKS else APPLIANCES[name]
    return maker(tmp_path / "web", raw)


@pytest.mark.parametrize("name", [*DISKS, *APPLIANCES])
def test_it_is_converted_to_the_same_bytes(name: str, tmp_path: Path, raw: Path) -> None:
    image = made(name, tmp_path, raw)
    store = ["--store", str(tmp_path / "store")]

    assert (
        main(["convert", str(image), "-f", "raw", "-o", str(tmp_path / "out"), "-q", *store]) == 0
    )

    (disk,) = (tmp_path / "out").rglob("*.raw")
    assert disk.read_bytes() == raw.read_bytes()


@pytest.mark.parametrize("name", DISKS)
def test_it_is_compared_as_a_guest_sees_it(
    name: str, tmp_path: Path, raw: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = made(name, tmp_path, raw)

    main(["diff", str(image), str(raw), "--json"])

    said = json.loads(capsys.readouterr().out)
    assert [each["what"] for each in said["differences"]] in (
        [],
        ["the same for a guest, but the image files differ"],
    )


@pytest.mark.parametrize("name", [name for name, (_, said) in DISKS.items() if said])
def test_a_description_may_name_it(
    name: str, tmp_path: Path, raw: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = made(name, tmp_path, raw)
    path = xml(image.name, DISKS[name][1])(image.parent)

    assert virt_image.main(["--print", str(path)]) == 0

    assert "evil-vda-" in capsys.readouterr().out
    assert machine_in(path).disks[0].path == image


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_starts_from_it(name: str, tmp_path: Path, raw: Path) -> None:
    launch = Launch(machine_in(made(name, tmp_path, raw)), memory=64 * MIB, cpus=1)

    with RunningMachine(launch, accelerator.tcg("for a test"), log=tmp_path / "log") as machine:
        machine.console.wait_for(r"login: ", seconds=10)


def test_a_vmx_of_ours_is_read_as_it_was_meant(tmp_path: Path, raw: Path) -> None:
    image = machine_in(made("VMX", tmp_path, raw))

    assert (image.name, image.path.name) == ("web", "web.vmx")
    wanted = Machine(memory=64 * MIB, cpus=2, disk_bus="ide", network_card="e1000", firmware="bios")
    assert replace(image.machine, network_card="e1000") == wanted
