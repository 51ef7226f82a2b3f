"""virt-image XML that is wrong, hostile, or as people wrote it in 2008."""

import os
from pathlib import Path

import pytest

from appliance.errors import RequestError
from appliance.host import command
from appliance.intake import virt_image
from appliance.intake.digests import verify as verified
from appliance.intake.virt_image_machine import machine_of, whole_boot
from appliance.intake.xml_reading import parse
from appliance.units import MIB
from receiving import machine_in

WHOLE = """<?xml version="1.0" encoding="UTF-8"?>
<image>
  <name version="1.0" release="2">old</name>
  <label>An old one</label>
  <domain>
    <boot type="xen">
      <guest><arch>i686</arch><features><pae/></features></guest>
      <os><loader>pygrub</loader></os>
      <drive disk="root.raw" target="xvda"/>
    </boot>
    <boot type="xen">
      <guest><arch>amd64</arch></guest>
      <os><kernel>boot/vmlinuz</kernel><initrd>boot/initrd</initrd><cmdline>ro quiet</cmdline></os>
      <drive disk="root.raw"/>
    </boot>
    <boot type="hvm">
      <guest><arch>i486</arch><features><acpi state="off"/><apic state="on"/></features></guest>
      <os><loader dev="cdrom"/></os>
      <drive disk="root.raw" target="hda"/>
      <drive disk="cd"/>
    </boot>
    <devices><vcpu>1</vcpu><memory>262144</memory><interface/><interface/><graphics/></devices>
  </domain>
  <storage>
    <disk file="root.raw" use="scratch" size="100" format="raw"/>
    <disk id="cd" file="isos/rescue.iso" format="iso"/>
    <disk size="4096"><partition file="boot.img"/></disk>
  </storage>
</image>
"""


def written(place: Path, text: str) -> Path:
    path = place / "old.xml"
    path.write_text(text)
    return path


def test_all_that_the_format_can_say_is_read(tmp_path: Path) -> None:
    found = virt_image.read(written(tmp_path, WHOLE))

    assert (found.name, found.version, found.release) == ("old", "1.0", "2")
    assert (found.memory, found.cpus, found.interfaces, found.graphics) == (256 * MIB, 1, 2, True)
    pygrub, kernel, whole = found.boots
    assert (pygrub.kind, pygrub.architecture, pygrub.pygrub) == ("xen", "i686", True)
    assert pygrub.features == (("pae", True),)
    assert (kernel.architecture, kernel.kernel, kernel.initrd, kernel.cmdline) == (
        "x86_64", "boot/vmlinuz", "boot/initrd", "ro quiet",
    )  # fmt: skip
    assert (whole.architecture, whole.device) == ("i686", "cdrom")
    assert whole.features == (("acpi", False), ("apic", True))
    assert [(drive.target, drive.disk.file) for drive in whole.drives] == [
        ("hda", "root.raw"),
        ("", "isos/rescue.iso"),
    ]
    root, disk = whole.drives[0].disk, whole.drives[1].disk
    assert (root.use, root.size, root.disk_format) == ("scratch", 100 * MIB, "raw")
    assert (disk.use, disk.size, disk.disk_format) == ("system", 0, "iso")


def test_data_is_another_word_for_user(tmp_path: Path) -> None:
    found = virt_image.read(written(tmp_path, WHOLE.replace('"scratch"', '"data"')))

    assert found.boots[0].drives[0].disk.use == "user"


def test_what_is_not_said_has_the_defaults_of_the_manual(tmp_path: Path) -> None:
    found = virt_image.read(
        written(
            tmp_path,
            "<image><domain><boot type='hvm'><drive disk='a'/></boot></domain>"
            "<storage><disk file='a'/></storage></image>",
        )
    )

    assert (found.name, found.memory, found.cpus, found.interfaces) == ("old", 0, 0, 0)
    drive = found.boots[0].drives[0]
    assert (found.boots[0].device, drive.disk.use, drive.disk.disk_format) == (
        "hd",
        "system",
        "raw",
    )


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("<image>", "<domain>", "old.xml:.*not well-formed"),
        ("</image>", "", "not well-formed XML"),
        (
            'format="raw"',
            'format="qcwo2"',
            r"old.xml:25: unknown disk format 'qcwo2'\n  try: qcow2",
        ),
        ('use="scratch"', 'use="sistem"', r"old.xml:25: unknown use .*\n  try: system"),
        ('size="100"', 'size="-1"', "old.xml:25: the size '-1'"),
        ('type="hvm"', 'type="hwm"', r"old.xml:16: unknown type of boot 'hwm'\n  try: hvm"),
        ('type="hvm"', "", "old.xml:16: a <boot> needs a type"),
        ('dev="cdrom"', 'dev="net"', "old.xml:18: unknown boot device 'net'"),
        (">pygrub<", ">pvgrub<", "old.xml:8: unknown loader 'pvgrub'"),
        ('state="off"', 'state="no"', "old.xml:17: unknown state 'no'"),
        ('<drive disk="cd"/>', '<drive disk="cds"/>', r"old.xml:20: no <disk> .*\n  try: cd"),
        ('target="hda"', 'target="../x"', "old.xml:19: '../x' is no drive"),
        ("262144", "lots", "old.xml:22: 'lots' is not a number above 0"),
        ("262144", "9" * 40, "is not a number above 0"),
        (">old<", ">an old one<", "'an old one' is no name of a machine"),
        ('id="cd"', 'id="root.raw"', "old.xml:26: two <disk>s are called 'root.raw'"),
        ("</storage>", "</storage><domain/>", "it has 2 <domain>"),
        ("boot/vmlinuz", "/boot/vmlinuz", "old.xml:13: '/boot/vmlinuz' is not a file of this bun"),
        ("isos/rescue.iso", "../../etc/passwd", "is not a file of this bundle"),
        ("isos/rescue.iso", "/etc/passwd", "is not a file of this bundle"),
        ("isos/rescue.iso", "link", "it leads to /etc/passwd"),
        ("isos/rescue.iso", "away/passwd", "it leads to /etc/passwd"),
        ("isos/rescue.iso", "circle", "'circle' cannot be found"),
        ("isos/rescue.iso", "pipe", "'pipe' is not a file"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, was: str, now: str, said: str
) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "away").symlink_to("/etc")
    (tmp_path / "circle").symlink_to("circle")
    os.mkfifo(tmp_path / "pipe")
    assert was in WHOLE

    with pytest.raises(RequestError, match=said):
        virt_image.read(written(tmp_path, WHOLE.replace(was, now, 1)))


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'<!DOCTYPE image [<!ENTITY e0 "x">{BOMB}]><image><name>&e11;</name></image>', "entit"),
        (f'<!DOCTYPE image [<!ENTITY e0 "x">{BOMB}]><image name="&e11;"/>', "entit|well-formed"),
        ('<!DOCTYPE image [<!ENTITY s SYSTEM "file:///etc/passwd">]><image>&s;</image>', "entit"),
        (f"<image>{'<domain>' * 40}{'</domain>' * 40}</image>", "elements in one another"),
        (f"<image>{'<x>' * 400}{'</x>' * 400}</image>", "well-formed|in one another"),
        (f"<image><storage>{'<disk/>' * 100}</storage></image>", "more than 64 <disk>"),
        (f"<image><name>{'x' * (MIB + 1)}</name></image>", "longer than 1"),
        ("", "well-formed"),
        ("\0\0\0\0", "XML"),
    ],
)
def test_bombs_do_not_go_off(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        virt_image.read(written(tmp_path, text))


@pytest.mark.parametrize(
    ("words", "disk_format"),
    [
        (["-f", "qcow2", "-b", "/etc/hostname", "-F", "raw"], "qcow2"),
        (["-f", "qcow2", "-b", "../../secret", "-F", "raw", "-u"], "qcow2"),
        (["-f", "qcow2", "-o", "data_file={place}/secret"], "qcow2"),
    ],
)
def test_an_image_does_not_show_other_files_of_this_machine(
    tmp_path: Path, words: list[str], disk_format: str
) -> None:
    place = tmp_path / "image"
    place.mkdir()
    words = [word.format(place=tmp_path) for word in words]
    command.run(["qemu-img", "create", "-q", *words, place / "root.raw", "1M"])
    text = WHOLE.replace('format="raw"', f'format="{disk_format}"').replace(
        '<drive disk="cd"/>', ""
    )

    with pytest.raises(RequestError, match="root.raw (takes its|has its data in)"):
        machine_in(written(place, text))


def test_a_disk_is_what_its_format_says(tmp_path: Path) -> None:
    (tmp_path / "root.raw").write_bytes(b"x" * 4096)
    text = WHOLE.replace('format="raw"', 'format="qcow2"').replace('<drive disk="cd"/>', "")

    with pytest.raises(RequestError, match="old.xml:25: root.raw is no qcow2 image"):
        machine_in(written(tmp_path, text))


def test_a_boot_is_chosen_by_its_index(tmp_path: Path) -> None:
    found = virt_image.read(written(tmp_path, WHOLE.replace('<drive disk="cd"/>', "")))

    assert whole_boot(found, 2) == whole_boot(found)
    assert machine_of(found, whole_boot(found)).disks
    with pytest.raises(RequestError, match="<boot> 0 is for Xen"):
        whole_boot(found, 0)


def test_sha256_counts_more_than_sha1(tmp_path: Path) -> None:
    (tmp_path / "root.raw").write_bytes(b"disk")
    right = command.run(["sha256sum", tmp_path / "root.raw"]).split()[0]
    old = command.run(["sha1sum", tmp_path / "root.raw"]).split()[0]
    text = WHOLE.replace('<drive disk="cd"/>', "")

    def verify(*sums: str) -> None:
        within = f'format="raw">{"".join(sums)}</disk>'
        verified(machine_in(written(tmp_path, text.replace('format="raw"/>', within, 1))))

    sha1, sha256 = "<checksum type='sha1'>{}</checksum>", "<checksum type='sha256'>{}</checksum>"
    verify(sha1.format(old.upper()))
    verify(sha1.format("0" * 40), sha256.format(right))
    with pytest.raises(RequestError, match="sha1 differs"):
        verify(sha1.format("0" * 40))
    with pytest.raises(RequestError, match="sha256 differs"):
        verify(sha1.format(old), sha256.format("0" * 64))


def test_names_and_drives_that_mean_something_else_are_refused(tmp_path: Path) -> None:
    text = (
        "<image><name>{name}</name><domain><boot type='hvm'><guest><arch>x86_64</arch></guest>"
        "<drive disk='d' target='hda'/><drive disk='d' target='{target}'/></boot></domain>"
        "<storage><disk id='d' file='d.raw'/></storage></image>"
    )
    assert virt_image.read(written(tmp_path, text.format(name="a-b", target="hdb"))).name == "a-b"
    with pytest.raises(RequestError, match="'-x' is no name of a machine"):
        virt_image.read(written(tmp_path, text.format(name="-x", target="hdb")))
    with pytest.raises(RequestError, match="two <drive>s are hda"):
        virt_image.read(written(tmp_path, text.format(name="a", target="hda")))


def test_what_has_no_end_is_not_read() -> None:
    with pytest.raises(RequestError, match="longer than 1 MiB"):
        parse(Path("/dev/zero"))
