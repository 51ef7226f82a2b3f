"""`virt-image` on a real libvirt, and on QEMU alone: a guest of 512 bytes writes into its disk."""

import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import waiting
from appliance.cli import virt_image
from building import SOURCE
from libvirt_fixtures import PrivateLibvirt

MAIN = "import sys; from appliance.cli.virt_image import main; sys.exit(main())"
NOBODY = "qemu+unix:///session?socket=/nonexistent"  # a libvirt that does not answer
SAYS = b"written\r\n\0"
# x86: int 13h writes the boot sector over the sector after it; SAYS goes to the serial port; ACPI
# switches the machine off
PROGRAM = bytes.fromhex(
    "31c08ed88ec0b80103b90200b600bb007ccd13be307cbaf803ac84c07403eeebf8ba0406b80020eff4ebfd"
).ljust(0x30, b"\x90")
XML = """<image>
  <name>old</name>
  <domain>
    <boot type="xen">
      <guest><arch>x86_64</arch></guest>
      <os><loader>pygrub</loader></os>
      <drive disk="root"/>
    </boot>
    <boot type="hvm">
      <guest><arch>x86_64</arch><features><pae/></features></guest>
      <os><loader dev="hd"/></os>
      <drive disk="root" target="vda"/><drive disk="data"/>
    </boot>
    <devices><vcpu>1</vcpu><memory>65536</memory><interface/><graphics/></devices>
  </domain>
  <storage>
    <disk id="root" file="root.{suffix}"><checksum type="sha256">{digest}</checksum></disk>
    <disk id="data" file="data.raw" use="user" size="4"/>
  </storage>
</image>
"""


def image(place: Path, *, packed: bool = False) -> Path:
    """An image in *place*/old; returns what *place*/old.xml would be."""
    (place / "old").mkdir()
    disk = place / "old/root.raw"
    disk.write_bytes((PROGRAM + SAYS).ljust(510, b"\0") + b"\x55\xaa" + bytes(1024 * 1024 - 512))
    if packed:
        subprocess.run(["xz", disk], check=True)
        disk = disk.with_name("root.raw.xz")
    digest = hashlib.sha256(disk.read_bytes()).hexdigest()
    suffix = disk.name.removeprefix("root.")
    (place / "old/old.xml").write_text(XML.format(digest=digest, suffix=suffix))
    return place / "old.xml"


def content(disk: Path, raw: Path) -> bytes:
    """What a guest sees of a disk."""
    subprocess.run(["qemu-img", "convert", "-O", "raw", disk, raw], check=True)
    return raw.read_bytes()


def is_written(data: bytes) -> bool:
    return data[512:1022] == data[:510]


@pytest.fixture
def place(libvirt: PrivateLibvirt, request: pytest.FixtureRequest) -> Path:
    return Path(tempfile.mkdtemp(prefix=f"{request.node.name[:20]}-", dir=libvirt.place))


def old(
    libvirt: PrivateLibvirt, *words: str | Path, status: int = 0
) -> subprocess.CompletedProcess[str]:
    libvirt.give(libvirt.place)
    argv = (libvirt.person.python, "-c", MAIN, "--connect", libvirt.uri, *words)
    return libvirt.run(*argv, status=status)


def until_off(libvirt: PrivateLibvirt, name: str) -> None:
    waiting.until(
        lambda: libvirt.virsh("domstate", name).strip() == "shut off",
        f"the end of {name}", seconds=waiting.LONG,
    )  # fmt: skip


@pytest.mark.parametrize("packed", [False, True])
def test_a_guest_writes_into_a_disk_of_its_own(
    libvirt: PrivateLibvirt, place: Path, tmp_path: Path, packed: bool
) -> None:
    path = image(place, packed=packed)
    shipped = place / ("old/root.raw.xz" if packed else "old/root.raw")
    before = shipped.read_bytes()

    said = old(libvirt, path, "-n", "mine", "--nographics", "-r", "48").stderr

    assert "It runs." in said
    until_off(libvirt, "mine")
    own = place / ("old/mine-vda-root.raw" if packed else "old/mine-vda-root.qcow2")
    assert is_written(content(own, tmp_path / "raw"))
    assert shipped.read_bytes() == before
    assert (place / "old/mine-vdb-data.raw").stat().st_size == 4 * 1024 * 1024
    assert not (place / "old/data.raw").exists()
    assert "<memory unit='KiB'>49152</memory>" in libvirt.virsh("dumpxml", "mine")
    libvirt.virsh("undefine", "mine")


def test_the_image_itself_is_written_only_when_that_is_asked_for(
    libvirt: PrivateLibvirt, place: Path
) -> None:
    path = image(place)

    old(libvirt, path, "--in-place", "--nographics")

    until_off(libvirt, "old")
    assert is_written((place / "old/root.raw").read_bytes())
    assert sorted(file.name for file in (place / "old").iterdir()) == [
        "data.raw", "old.xml", "root.raw",
    ]  # fmt: skip
    libvirt.virsh("undefine", "old")


def test_a_name_is_taken_once(libvirt: PrivateLibvirt, place: Path) -> None:
    path = image(place)
    old(libvirt, path, "--noreboot", "-u", "0" * 31 + "1", "-m", "52:54:00:AA:00:01")
    assert libvirt.virsh("domuuid", "old").strip() == "00000000-0000-0000-0000-000000000001"
    assert "52:54:00:aa:00:01" in libvirt.virsh("domiflist", "old")
    assert libvirt.virsh("domstate", "old").strip() == "shut off"

    assert "has a machine called old" in old(libvirt, path, status=2).stderr

    old(libvirt, path, "--noreboot", "--replace")
    assert libvirt.virsh("domuuid", "old").strip() != "00000000-0000-0000-0000-000000000001"
    libvirt.virsh("undefine", "old")
    assert "is there already" in old(libvirt, path, status=2).stderr


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--paravirt"], 2, "has no machines of the kind: xen x86_64"),
        (["--boot", "0"], 2, "old.xml:4: .*xen x86_64"),
        (["--boot", "2"], 2, "--boot 2: the image has 0 to 1"),
        (["--cpu", "no-such-model"], 4, "no-such-model"),
        (["-b", "no-such-bridge"], 4, "no-such-bridge"),
        (["--disks", "/proc/none"], 2, "cannot be written"),
    ],
)
def test_what_fails_leaves_nothing(
    libvirt: PrivateLibvirt, place: Path, words: list[str], status: int, said: str
) -> None:
    path = image(place)

    err = old(libvirt, path, *words, status=status).stderr

    assert re.search(said, err), err
    assert "Traceback" not in err
    assert sorted(file.name for file in (place / "old").iterdir()) == ["old.xml", "root.raw"]
    assert "old" not in libvirt.virsh("list", "--all", "--name").split()


def test_a_wrong_checksum_stops_it(libvirt: PrivateLibvirt, place: Path) -> None:
    path = image(place)
    with (place / "old/root.raw").open("r+b") as disk:
        disk.seek(4096)
        disk.write(b"x")

    assert "sha256 differs" in old(libvirt, path, status=2).stderr
    old(libvirt, path, "--noreboot", "--skip-checksum")
    libvirt.virsh("undefine", "old")


def test_a_missing_disk_has_its_place(libvirt: PrivateLibvirt, place: Path) -> None:
    path = image(place)
    (place / "old/root.raw").unlink()

    assert "old.xml:17: the disk root.raw is not there" in old(libvirt, path, status=2).stderr


def test_nobody_is_asked_where_there_is_no_libvirt(tmp_path: Path) -> None:
    """And QEMU alone runs it; what it writes is forgotten."""
    path = image(tmp_path)
    before = (tmp_path / "old/root.raw").read_bytes()

    done = subprocess.run(
        [sys.executable, "-c", MAIN, path, "-r", "48", "-u", "0" * 32],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(SOURCE), "LIBVIRT_DEFAULT_URI": NOBODY},
        capture_output=True, text=True, check=False, timeout=120, stdin=subprocess.DEVNULL,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "written" in done.stdout
    assert "QEMU alone" in done.stderr
    assert "QEMU alone has no --uuid: left out" in done.stderr
    assert (tmp_path / "old/root.raw").read_bytes() == before
    assert sorted(file.name for file in (tmp_path / "old").iterdir()) == ["old.xml", "root.raw"]


def test_an_address_that_was_named_must_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert virt_image.main([str(image(tmp_path)), "--connect", NOBODY]) == 3
    assert f"no libvirt answers at {NOBODY}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--hvm", "--noacpi", "--noapic", "--vnc", "--vncport", "5901", "-k", "de"],
        ["--paravirt", "--nographics", "-w", "bridge:br0,mac=52:54:00:00:00:01,model=e1000"],
        ["--vcpus", "4,sockets=2,cores=2", "--cpuset", "0-1", "--cpu", "host"],
        ["--cpu", "Nehalem,+vmx,-sse4.2", "--graphics", "spice,listen=0.0.0.0", "-w", "user"],
        ["--os-type", "windows", "--os-variant", "winxp", "--sdl", "-m", "RANDOM"],
        ["-u", "0" * 31 + "1", "-r", "300", "-n", "other", "--check-cpu", "--nonetworks"],
    ],
)
def test_printed_xml_is_valid(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = image(tmp_path)

    assert virt_image.main([str(path), "--print", *words]) == 0

    printed = tmp_path / "domain.xml"
    printed.write_text(capsys.readouterr().out)
    done = subprocess.run(
        ["virt-xml-validate", printed, "domain"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(file.name for file in (tmp_path / "old").iterdir()) == ["old.xml", "root.raw"]


def test_an_overlay_names_what_it_lies_over(libvirt: PrivateLibvirt, place: Path) -> None:
    path = image(place)
    old(libvirt, path, "--noreboot", "--disks", place)

    facts = json.loads(
        subprocess.check_output(["qemu-img", "info", "--output=json", place / "old-vda-root.qcow2"])
    )
    assert facts["backing-filename"] == str(place / "old/root.raw")
    assert facts["backing-filename-format"] == "raw"
    libvirt.virsh("undefine", "old")
