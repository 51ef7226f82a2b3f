"""The words that QEMU is started with."""

from dataclasses import dataclass
from pathlib import Path

from appliance.boot import controllers
from appliance.boot.credentials import Credential
from appliance.boot.ovmf import Ovmf
from appliance.intake.images import Disk, Image
from appliance.units import MIB


@dataclass(frozen=True)
class Launch:
    """How an image is to be started.

    *image*: the appliance with its disks.
    *memory*: the machine's memory in bytes.
    *cpus*: the number of virtual processors.
    *ovmf*: the UEFI firmware; None under BIOS.
    *ports*: pairs of a port of this host and the guest's port that it leads to.
    *credentials*: the system credentials that the machine is given.
    *persist*: False if whatever the guest writes vanishes with the machine.
    *graphics*: True if the machine has a window.
    *monitor*: True if Ctrl-A on the console speaks to QEMU.
    *discs*: ISO images that are in CD drives.
    """

    image: Image
    memory: int
    cpus: int
    ovmf: Ovmf | None = None
    ports: tuple[tuple[int, int], ...] = ()
    credentials: tuple[Credential, ...] = ()
    persist: bool = False
    graphics: bool = False
    monitor: bool = False
    discs: tuple[Path, ...] = ()


@dataclass(frozen=True)
class MachineFiles:
    """A private directory of one running machine, and the log of its console."""

    directory: Path
    log: Path

    @property
    def qmp(self) -> Path:
        """The socket on which QEMU is asked."""
        return self.directory / "qmp"

    @property
    def variables(self) -> Path:
        """The copy of the firmware's variables."""
        return self.directory / "variables"

    def credential(self, number: int) -> Path:
        """A file that holds one SMBIOS string: not on the command line, where all could read."""
        return self.directory / f"credential-{number}"

    def scratch(self, number: int) -> Path:
        """A disk of this machine's own: an empty one that was not shipped, or an unpacked one."""
        return self.directory / f"scratch-{number}"


def arguments(launch: Launch, place: MachineFiles, *, accelerator: tuple[str, ...]) -> list[str]:
    """All words after the program's name. Serial port and, if asked, monitor are on stdio."""
    graphics = "on" if launch.graphics else "off"  # off: the BIOS speaks on the serial port too
    mux = "on" if launch.monitor else "off"
    bus = launch.image.machine.disk_bus
    words = [
        "-name", f"guest={_quote(launch.image.name)}",  # a name may hold an equals sign
        "-machine", f"{controllers.bus(bus).machine},graphics={graphics}",
        *accelerator,
        "-smp", str(launch.cpus),
        "-m", f"{max(1, launch.memory // MIB)}M",
        "-nodefaults", "-no-user-config",
        "-vga", "std",
        "-display", "gtk" if launch.graphics else "none",
        "-chardev", f"stdio,id=console,mux={mux},signal=off,logfile={_quote(place.log)}",
        "-serial", "chardev:console",
        "-qmp", f"unix:{_quote(place.qmp)},server=on,wait=off",
        "-object", "rng-random,id=rng,filename=/dev/urandom",
        "-device", "virtio-rng-pci,rng=rng",
    ]  # fmt: skip
    if launch.monitor:
        words += ["-mon", "chardev=console,mode=readline"]
    if launch.ovmf:
        words += _firmware(launch.ovmf, place)
    for number, disk in enumerate(launch.image.disks):
        words += _drive(disk, number, place, persist=launch.persist)
    for number, disc in enumerate(launch.discs):
        words += ["-drive", f"if=none,id=disc{number},format=raw,readonly=on,file={_quote(disc)}"]
    words += controllers.disk_devices(bus, [f"disk{n}" for n in range(len(launch.image.disks))])
    words += controllers.disc_devices(bus, [f"disc{n}" for n in range(len(launch.discs))])
    words += _network(launch)
    for number, _ in enumerate(launch.credentials):
        words += ["-smbios", f"type=11,path={_quote(place.credential(number))}"]
    return words


def _firmware(ovmf: Ovmf, place: MachineFiles) -> list[str]:
    flash = f"if=pflash,format={ovmf.disk_format}"
    return [
        "-drive", f"{flash},unit=0,readonly=on,file={_quote(ovmf.code)}",
        "-drive", f"{flash},unit=1,file={_quote(place.variables)}",
    ]  # fmt: skip


def _drive(disk: Disk, number: int, place: MachineFiles, *, persist: bool) -> list[str]:
    own = disk.packed or bool(disk.scratch)
    path = place.scratch(number) if own else disk.path
    disk_format = "raw" if disk.scratch else disk.disk_format
    snapshot = "off" if persist or own else "on"
    return [
        "-drive",
        f"if=none,id=disk{number},format={disk_format},snapshot={snapshot},discard=unmap,"
        f"file={_quote(path)}",
    ]


def _network(launch: Launch) -> list[str]:
    """Return QEMU's words for as many cards as the machine asks for; ports lead to the first, and
    no card offers a start over the network."""
    words = []
    card = controllers.card(launch.image.machine.network_card)
    for number in range(launch.image.machine.interfaces):
        ports = launch.ports if number == 0 else ()
        forward = "".join(f",hostfwd=tcp:127.0.0.1:{host}-:{guest}" for host, guest in ports)
        words += ["-netdev", f"user,id=net{number}{forward}"]
        words += ["-device", f"{card},netdev=net{number},romfile="]
    return words


def _quote(value: str | Path) -> str:
    """Commas separate QEMU's options; two of them are one comma."""
    return str(value).replace(",", ",,")
