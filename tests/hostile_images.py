"""Images and bundles that want to show a file of this machine, or to harm whoever opens them."""

import io
import lzma
import os
import struct
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from appliance.bundle import manifest
from appliance.bundle.model import Artifact, Bundle, Machine
from appliance.host import command
from appliance.units import MIB

SECRET = b"the-secret-of-this-machine-4c1d"
SIZE = MIB  # bytes of the disks that are well


Maker = Callable[[Path], Path]


@dataclass(frozen=True)
class Hostile:
    """*make* writes it into an empty directory and returns what is typed; SECRET is in the file
    ../secret.raw. *said* is the format that a description would state; empty: it is no disk."""

    name: str
    make: Maker
    said: str = "qcow2"


def qemu_img(*words: str | Path) -> None:
    command.run(["qemu-img", *words])


def qcow2(place: Path, *, name: str = "evil.qcow2") -> Path:
    """A disk that is well."""
    qemu_img("create", "-q", "-f", "qcow2", place / name, str(SIZE))
    return place / name


def over(backing: str, kind: str = "raw", name: str = "evil.qcow2") -> Maker:
    """An overlay over *backing*; {secret} in it is the secret's absolute name."""

    def make(place: Path) -> Path:
        named = backing.replace("{secret}", str(place.parent / "secret.raw"))
        words = ["create", "-q", "-u", "-f", "qcow2", "-F", kind, "-b", named]
        qemu_img(*words, place / name, str(SIZE))
        return place / name

    return make


def beside(file: Callable[[Path], object], backing: str) -> Maker:
    """An overlay over *backing*, beside what *file* makes."""

    def make(place: Path) -> Path:
        file(place)
        return over(backing)(place)

    return make


def patched(start: Maker, *patches: tuple[int, bytes], name: str = "") -> Maker:
    """Another image with other bytes at some places (below 0: from its end), called *name*."""

    def make(place: Path) -> Path:
        path = start(place)
        with path.open("r+b") as file:
            for where, content in patches:
                file.seek(where, os.SEEK_END if where < 0 else os.SEEK_SET)
                file.write(content)
        return path.rename(place / name) if name else path

    return make


def image(kind: str, name: str, *words: str) -> Maker:
    def make(place: Path) -> Path:
        qemu_img("create", "-q", "-f", kind, *words, place / name, str(SIZE))
        return place / name

    return make


def written(name: str, content: bytes) -> Maker:
    def make(place: Path) -> Path:
        secret = str(place.parent / "secret.raw").encode()
        (place / name).write_bytes(content.replace(b"{secret}", secret))
        return place / name

    return make


def vmdk(*lines: str, kind: str = "monolithicFlat", name: str = "evil.vmdk") -> Maker:
    """A description without data, with these lines in it."""
    text = f'# Disk DescriptorFile\nversion=1\nCID=0\nparentCID=ffffffff\ncreateType="{kind}"\n'
    ddb = 'ddb.adapterType = "ide"\n'
    return written(name, (text + "\n".join(lines) + "\n" + ddb).encode())


def hidden_vmdk(place: Path) -> Path:
    """Sparse, of no size: QEMU then takes the extents of the text in it."""
    path = image("vmdk", "evil.vmdk")(place)
    text = vmdk('RW 2048 FLAT "{secret}" 0', kind="custom")(place).read_bytes()
    path = image("vmdk", "evil.vmdk")(place)
    with path.open("r+b") as file:
        file.seek(12)
        file.write(bytes(8))
        file.seek(512)
        file.write(text.ljust(1024, b"\0"))
    return path


def hidden_extent(place: Path) -> Path:
    """A plain description of one sparse extent beside it, which is of no size itself."""
    hidden_vmdk(place).rename(place / "extent.vmdk")
    line = 'RW 2048 SPARSE "extent.vmdk"'
    return vmdk(line, kind="twoGbMaxExtentSparse")(place)


def piped(place: Path) -> Path:
    """A VMDK whose extent is a pipe: whoever opens that waits for ever."""
    pipe("p.raw")(place)
    return vmdk('RW\n2048\nFLAT\n"p.raw" 0')(place)


def data_elsewhere(place: Path) -> Path:
    outside = place.parent / "data.raw"
    qemu_img("create", "-q", "-f", "qcow2", "-o", f"data_file={outside},data_file_raw=on",
             place / "evil.qcow2", str(SIZE))  # fmt: skip
    outside.write_bytes(SECRET.ljust(SIZE, b"\0"))
    return place / "evil.qcow2"


def loop(place: Path) -> Path:
    over("evil.qcow2", "qcow2", "other.qcow2")(place)
    return over("other.qcow2", "qcow2")(place)


def chain(place: Path) -> Path:
    """Twenty images over one another: made as one, for speed."""
    content = over("n-00.qcow2", "qcow2", "n.qcow2")(place).read_bytes()
    for number in range(20):
        name = f"n-{number + 1:02}.qcow2".encode()
        (place / f"n-{number:02}.qcow2").write_bytes(content.replace(b"n-00.qcow2", name))
    (place / "n-20.qcow2").write_bytes(bytes(SIZE))
    return place / "n.qcow2"


def packed(place: Path) -> Path:
    (place / "evil.qcow2.xz").write_bytes(lzma.compress(over("{secret}")(place).read_bytes()))
    (place / "evil.qcow2").unlink()
    return place / "evil.qcow2.xz"


def crowd(place: Path) -> Path:
    for number in range(10_001):
        (place / str(number)).touch()
    return place


def directory(*files: Callable[[Path], object]) -> Maker:
    """A bundle's directory with these files in it."""

    def make(place: Path) -> Path:
        for file in files:
            file(place)
        return place

    return make


def link(name: str, target: str) -> Maker:
    def make(place: Path) -> Path:
        (place / name).symlink_to(target)
        return place / name

    return make


def pipe(name: str) -> Maker:
    def make(place: Path) -> Path:
        os.mkfifo(place / name)
        return place / name

    return make


def linked_away(make: Maker, *beside: Maker) -> Maker:
    """A link to what *make* writes into a directory below, with *beside* beside the link."""

    def linked(place: Path) -> Path:
        (place / "sub").mkdir()
        file = make(place / "sub")
        for each in beside:
            each(place)
        return link(file.name, f"sub/{file.name}")(place)

    return linked


def described(name: str) -> Maker:
    """A description of ours of one raw disk."""
    artifact = Artifact("sda", name, "raw", size=SIZE, sha256="")
    bundle = Bundle(
        name="evil", version="1", release="1", family="debian", family_release="trixie", clock=0,
        plan_digest="", machine=Machine(), firmware=("bios",), artifacts=(artifact,), packages=(),
    )  # fmt: skip
    return written("evil.appliance.json", manifest.description_text(bundle).encode())


def vmx(name: str) -> Maker:
    keys = f'scsi0:0.present = "TRUE"\nscsi0:0.fileName = "{name}"\n'
    return written("evil.vmx", keys.encode())


def ovf(name: str) -> Maker:
    text = (
        '<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"><References>'
        f'<File href="{name}" id="f"/></References><DiskSection><Disk diskId="d" fileRef="f"/>'
        "</DiskSection><VirtualSystem><Item><InstanceID>4</InstanceID><ResourceType>17"
        "</ResourceType><HostResource>ovf:/disk/d</HostResource></Item></VirtualSystem></Envelope>"
    )
    return written("evil.ovf", text.encode())


def xml(file: str, kind: str) -> Maker:
    text = (
        "<image><domain><boot type='hvm'><drive disk='d' target='vda'/></boot></domain>"
        f"<storage><disk id='d' file='{file}' format='{kind}'/></storage></image>"
    )
    return written("evil.xml", text.encode())


def archive(place: Path) -> Path:
    """A bundle file with a link in it."""
    member = tarfile.TarInfo("evil/evil.raw")
    member.type, member.linkname = tarfile.SYMTYPE, str(place.parent / "secret.raw")
    with tarfile.open(place / "evil.tar", "w") as tar:
        tar.addfile(member)
    return place / "evil.tar"


def ova(place: Path) -> Path:
    """A bundle file with a VMDK whose bytes are elsewhere."""
    files = (ovf("evil.vmdk")(place), vmdk('RW 2048 FLAT "{secret}" 0')(place))
    with tarfile.open(place / "evil.ova", "w") as tar:
        for file in files:
            content = file.read_bytes()
            member = tarfile.TarInfo(file.name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
            file.unlink()
    return place / "evil.ova"


BACKING_FORMAT = struct.pack(">I", 0xE2792ACA)


def formatless(place: Path) -> Path:
    """An overlay that leaves it to be guessed what is behind it."""
    written("base.img", bytes(SIZE))(place)
    path = over("base.img")(place)
    path.write_bytes(path.read_bytes().replace(BACKING_FORMAT, struct.pack(">I", 1)))
    return path


DISKS = (
    Hostile("backing-absolute", over("{secret}")),
    Hostile("backing-parent", over("../secret.raw")),
    Hostile("backing-device", over("/dev/zero")),
    Hostile("backing-file-protocol", over("file:{secret}")),
    Hostile("backing-host-device", over("host_device:/dev/sda")),
    Hostile("backing-json", over('json:{"driver":"raw","file.filename":"{secret}"}')),
    Hostile("backing-nbd", over("nbd://127.0.0.1:1/x")),
    Hostile("backing-http", over("http://127.0.0.1:1/x")),
    Hostile("backing-fat", over("fat:/etc")),
    Hostile("backing-link", beside(link("base.raw", "../secret.raw"), "base.raw")),
    Hostile("backing-link-circle", beside(link("base.raw", "base.raw"), "base.raw")),
    Hostile("backing-pipe", beside(pipe("base.raw"), "base.raw")),
    Hostile("backing-directory", over(".")),
    Hostile("backing-gone", over("gone.raw")),
    Hostile("backing-long", over("x" * 300)),
    Hostile("backing-formatless", formatless),
    Hostile("backing-of-backing", beside(over("{secret}", name="b.qcow2"), "b.qcow2")),
    Hostile("backing-behind-raw", beside(over("{secret}", name="base.raw"), "base.raw")),
    Hostile("backing-is-vmdk", beside(vmdk('RW 9 FLAT "{secret}" 0', name="b"), "b")),
    Hostile("loop", loop),
    Hostile("loop-of-one", over("evil.qcow2", "qcow2")),
    Hostile("chain", chain),
    Hostile("data-file", data_elsewhere),
    Hostile("encrypted", patched(qcow2, (32, struct.pack(">I", 1)))),
    Hostile("encrypted-luks", patched(qcow2, (32, struct.pack(">I", 2)))),
    Hostile("huge", patched(qcow2, (24, struct.pack(">Q", 1 << 60)))),
    Hostile("bad-snapshots", patched(qcow2, (60, struct.pack(">IQ", 1, 77)))),
    Hostile("endless-snapshots", patched(qcow2, (60, struct.pack(">IQ", 1 << 31, 65536)))),
    Hostile("bad-clusters", patched(qcow2, (20, struct.pack(">I", 63)))),
    Hostile("unknown-features", patched(qcow2, (72, struct.pack(">Q", 1 << 62)))),
    Hostile("endless-name", patched(over("{secret}"), (16, struct.pack(">I", 1 << 31)))),
    Hostile("far-name", patched(over("{secret}"), (8, struct.pack(">Q", 1 << 62)))),
    Hostile("cut", written("evil.qcow2", b"QFI\xfb\0\0\0\3\0\0")),
    Hostile("no-qcow2", written("evil.qcow2", SECRET.ljust(SIZE))),
    Hostile("probed", over("{secret}", name="evil.raw"), "raw"),
    Hostile("probed-vmdk", vmdk('RW 2048 FLAT "{secret}" 0', name="evil.raw"), "raw"),
    Hostile("probed-old", patched(image("qcow", "evil.qcow"), name="evil.raw"), "raw"),
    Hostile("vmdk-flat", vmdk('RW 2048 FLAT "{secret}" 0'), "vmdk"),
    Hostile("vmdk-parent-directory", vmdk('RW 2048 FLAT "../secret.raw" 0'), "vmdk"),
    Hostile("vmdk-device", vmdk('RW 2048 FLAT "/dev/zero" 0', kind="fullDevice"), "vmdk"),
    Hostile("vmdk-json", vmdk('RW 2048 FLAT "json:{}" 0'), "vmdk"),
    Hostile("vmdk-sparse", vmdk('RW 2048 SPARSE "../secret.raw"', kind="twoGbMaxExtentSparse"),
            "vmdk"),
    Hostile("vmdk-parent", vmdk('parentFileNameHint="{secret}"'), "vmdk"),
    Hostile("vmdk-hidden", hidden_vmdk, "vmdk"),
    Hostile("vmdk-sparse-hidden", hidden_extent, "vmdk"),
    Hostile("vmdk-hidden-short", patched(hidden_vmdk, (36, struct.pack("<Q", 0))), "vmdk"),
    Hostile("vmdk-lines", vmdk('RW\n2048\nFLAT\n"{secret}" 0'), "vmdk"),
    Hostile("vmdk-signed", vmdk('RW +2048 FLAT "{secret}" 0'), "vmdk"),
    Hostile("vmdk-unquoted", vmdk('RW 2048 SPARSE "{secret}'), "vmdk"),
    Hostile("vmdk-pipe", piped, "vmdk"),
    Hostile("vmdk-many", vmdk(*['RW 1 FLAT "evil.vmdk" 0'] * 1000), "vmdk"),
    Hostile("vmdk-long", vmdk(*["# nothing"] * 100_000), "vmdk"),
    Hostile("vhd-difference", patched(image("vpc", "evil.vhd"), (60, struct.pack(">I", 4)),
            (-512 + 60, struct.pack(">I", 4))), "vpc"),
    Hostile("vdi-difference", patched(image("vdi", "evil.vdi"), (0x4C, b"\4\0\0\0")), "vdi"),
    Hostile("vdi-parent", patched(image("vdi", "evil.vdi"), (0x1B8, b"\4" * 16)), "vdi"),
    Hostile("vhdx-cut", patched(image("vhdx", "evil.vhdx"), (65536, bytes(3 * 65536))), "vhdx"),
    Hostile("qcow-backing", patched(image("qcow", "evil.qcow"),
            (8, struct.pack(">QI", 48, 12)), (48, b"../secret.ra")), "qcow"),
    Hostile("qed", image("qed", "evil.img"), ""),
    Hostile("luks", written("evil.img", b"LUKS\xba\xbe\0\1".ljust(SIZE, b"\0")), ""),
    Hostile("parallels", written("evil.img", b"WithoutFreeSpace".ljust(SIZE, b"\0")), ""),
    Hostile("packed", packed),
    Hostile("empty", written("evil.raw", b""), "raw"),
)  # fmt: skip
OTHERS = (
    Hostile("long", lambda place: place / ("x" * 256), ""),
    Hostile("vmx-long", directory(vmx("x" * 256)), ""),
    Hostile("xml-long", directory(xml("x" * 256, "raw")), ""),
    Hostile("pipe", pipe("evil.raw"), ""),
    Hostile("device", lambda place: Path("/dev/zero"), ""),
    Hostile("link-circle", link("evil.raw", "evil.raw"), ""),
    Hostile("crowd", crowd, ""),
    Hostile("box", directory(over("{secret}", name="box.img")), ""),
    Hostile("lone", directory(over("{secret}")), ""),
    Hostile("pipes", directory(pipe("a.ovf"), pipe("a.xml"), pipe("a.appliance.json")), ""),
    Hostile("ovf-out", directory(ovf("../secret.raw")), ""),
    Hostile("ovf-vmdk", directory(ovf("evil.vmdk"), vmdk('RW 9 FLAT "{secret}" 0')), ""),
    Hostile("vmx-absolute", vmx("/dev/zero"), ""),
    Hostile("vmx-out", vmx("../secret.raw"), ""),
    Hostile("vmx-link", directory(link("e.vmdk", "../secret.raw"), vmx("e.vmdk")), ""),
    Hostile("vmx-vmdk", directory(vmx("evil.vmdk"), vmdk('RW 9 FLAT "{secret}" 0')), ""),
    Hostile("vmx-linked", linked_away(vmx("e.raw"), link("e.raw", "../secret.raw")), ""),
    Hostile("ovf-linked", linked_away(ovf("e.raw"), link("e.raw", "../secret.raw")), ""),
    Hostile("xml-linked", linked_away(xml("e.raw", "raw"), link("e.raw", "../secret.raw")), ""),
    Hostile("json-link", directory(described("e.raw"), link("e.raw", "../secret.raw")), ""),
    Hostile("json-linked", linked_away(described("e.raw"), link("e.raw", "../secret.raw")), ""),
    Hostile("json-linked-directory", directory(
            linked_away(described("e.raw"), link("e.raw", "../secret.raw"))), ""),
    Hostile("xml-link", directory(link("e.raw", "../secret.raw"), xml("e.raw", "raw")), ""),
    Hostile("tar-link", archive, ""),
    Hostile("ova-vmdk", ova, ""),
)  # fmt: skip
ALL = (*DISKS, *OTHERS)
