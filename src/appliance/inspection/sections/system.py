"""What system an image holds, and what product it is."""

import re
import shlex
import struct

from appliance.bundle.model import Machine
from appliance.inspection.catalogue import Catalogue
from appliance.inspection.installed import Ownership
from appliance.inspection.machine_facts import ProductFacts, SystemFacts
from appliance.inspection.sections.starting import kernels
from appliance.intake.received import Received

OS_RELEASE = ("/etc/os-release", "/usr/lib/os-release")
# What an ELF program says that it runs on (elf(5), e_machine), and its class.
MACHINES = {
    (62, 2): "x86_64", (3, 1): "i686", (183, 2): "aarch64", (40, 1): "armv7l", (243, 2): "riscv64",
    (21, 2): "ppc64le", (22, 2): "s390x", (258, 2): "loongarch64",
}  # fmt: skip
LOOKED_AT = ("/usr/bin/sh", "/bin/sh", "/usr/lib/systemd/systemd", "/usr/bin/env", "/sbin/init")


def system(image: Catalogue, owned: Ownership, machine: Machine) -> SystemFacts:
    """What system it is, by its os-release; what *machine* it says that it is for counts where
    nothing in it says so."""
    said = os_release(image)
    return SystemFacts(
        id=said.get("ID", ""),
        name=said.get("PRETTY_NAME", said.get("NAME", "")),
        version=said.get("VERSION", ""),
        version_id=said.get("VERSION_ID", ""),
        like=tuple(said.get("ID_LIKE", "").split()),
        variant=said.get("VARIANT", ""),
        image_id=said.get("IMAGE_ID", ""),
        image_version=said.get("IMAGE_VERSION", ""),
        architecture=_architecture(image) or machine.architecture,
        hostname=image.text("/etc/hostname", 256).strip(),
        kernels=kernels(image, owned),
    )


def product(given: Received, image: Catalogue | None) -> ProductFacts:
    """What its maker says that it is: the bundle's description, an OVF, or the image itself."""
    bundle = given.bundle
    if bundle:
        told = bundle.product
        return ProductFacts(
            name=told.name or bundle.name,
            version=told.version or bundle.version,
            release=bundle.release,
            vendor=told.vendor,
            url=told.url,
            description=told.description,
            made=bundle.clock,
        )
    said = os_release(image) if image else {}
    described = given.said
    told = described.product
    return ProductFacts(
        name=told.name or said.get("IMAGE_ID", ""),
        version=told.version or described.version or said.get("IMAGE_VERSION", ""),
        release=described.release,
        vendor=told.vendor,
        url=told.url,
        description=told.description,
    )


def os_release(image: Catalogue) -> dict[str, str]:
    """What os-release(5) of the image says."""
    text = next((text for path in OS_RELEASE if (text := image.text(path))), "")
    found = {}
    for line in text.split("\n"):
        word, _, value = line.partition("=")
        if re.fullmatch(r"[A-Z0-9_]+", word.strip()):
            found[word.strip()] = _unquoted(value.strip())
    return found


def _unquoted(value: str) -> str:
    try:
        said = "".join(shlex.split(value, comments=False)[:1])
    except ValueError:
        return value.strip("\"'")
    return re.sub(r"\\([$`])", r"\1", said) if value.startswith('"') else said


def _architecture(image: Catalogue) -> str:
    for path in LOOKED_AT:
        entry = image.stat(path)
        head = image.tree.read(entry.path, 20) if entry else b""
        if head[:4] == b"\x7fELF" and len(head) == 20:
            order = "<" if head[5] == 1 else ">"
            return MACHINES.get((struct.unpack_from(f"{order}H", head, 18)[0], head[4]), "")
    return ""
