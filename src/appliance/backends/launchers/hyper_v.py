"""Hyper-V: a PowerShell script that makes a machine of the disks beside it (New-VM)."""

from collections.abc import Mapping

from appliance.backends.launchers import words
from appliance.bundle.model import UEFI, Bundle
from appliance.units import MIB

# Newer machines (generation 2) start by UEFI, from VHDX only; older ones by BIOS, from IDE.
ARCHITECTURES = ("x86_64", "aarch64")
IDE_PLACES = 4
MARK = "\ufeff"  # without it PowerShell 5 reads no UTF-8, and finds quotes where none are
SCSI_PLACES = 64


class HyperV:
    """A machine of generation 1 (BIOS) or 2 (UEFI, without Secure Boot), on the default switch,
    which every Windows with Hyper-V has."""

    name = "hyper-v"
    says = "New-VM, on Hyper-V"
    formats = ("vhdx", "vhd")
    unasked = formats

    def refuses(self, bundle: Bundle) -> str:
        """Why Hyper-V cannot start *bundle*; empty if it can."""
        if bundle.machine.architecture not in ARCHITECTURES:
            return f"hyper-v describes {', '.join(ARCHITECTURES)} machines only"
        if bundle.boots_with == UEFI and not bundle.images(("vhdx",)):
            return "hyper-v starts machines with UEFI from vhdx disks only"
        images = bundle.images(self.formats)
        if not images:
            return f"hyper-v takes {', '.join(self.formats)} disks only"
        if bundle.machine.architecture == "aarch64" and bundle.boots_with != UEFI:
            return "hyper-v has no BIOS for aarch64"
        room = SCSI_PLACES if bundle.boots_with == UEFI else IDE_PLACES
        return "" if len(images) <= room else f"hyper-v has room for {room} disks there"

    def leaves_out(self, bundle: Bundle) -> tuple[str, ...]:
        """What *bundle* wants of the machine or the product that the script cannot express:
        Hyper-V has buses and cards of its own."""
        machine = bundle.machine
        lines = words.unknown("hyper-v", machine.disk_bus, "its own disks")
        lines += words.unknown("hyper-v", machine.network_card, "its own card")
        if not machine.display:
            lines.append("hyper-v always has a screen")
        return (*lines, *words.product_left_out(bundle, "hyper-v"))

    def files(self, bundle: Bundle) -> Mapping[str, str]:
        """The one file NAME.hyper-v.ps1: a PowerShell script that makes the machine."""
        return {f"{bundle.name}.hyper-v.ps1": self.text(bundle)}

    def text(self, bundle: Bundle) -> str:
        """The text of the script, which stops at the first command that fails."""
        machine, uefi = bundle.machine, bundle.boots_with == UEFI
        wanted = ("vhdx",) if uefi else self.formats
        first, *others = [quoted(image.path) for image in bundle.images(wanted)]
        memory = max(32, machine.memory // MIB // 2 * 2)  # Hyper-V takes even numbers of MiB
        lines = [
            f"New-VM -Name $Name -Generation {2 if uefi else 1} -MemoryStartupBytes {memory}MB "
            f"-VHDPath (Join-Path $Place {first}) | Out-Null",
            f"Set-VMProcessor -VMName $Name -Count {machine.cpus}",
            "Set-VMMemory -VMName $Name -DynamicMemoryEnabled $false",
            *(
                f"Add-VMHardDiskDrive -VMName $Name -Path (Join-Path $Place {disk})"
                for disk in others
            ),
            "Get-VMNetworkAdapter -VMName $Name | Remove-VMNetworkAdapter",
            *["Add-VMNetworkAdapter -VMName $Name -SwitchName $Switch"] * machine.interfaces,
        ]
        if uefi:
            lines += [
                "Set-VMFirmware -VMName $Name -EnableSecureBoot Off "
                "-FirstBootDevice (Get-VMHardDiskDrive -VMName $Name)[0]"
            ]
        notes = "\n\n".join(
            part for part in (words.title(bundle), words.description(bundle)) if part
        )
        if notes:
            lines.append(f"Set-VM -Name $Name -Notes {quoted(notes)}")
        body = "\n".join(lines)
        script = f"""\
# Makes a Hyper-V machine of the disks beside this file, which it goes on to use.
# As an administrator: powershell -ExecutionPolicy Bypass -File {bundle.name}.hyper-v.ps1
param([string]$Name = {quoted(bundle.name)}, [string]$Switch = 'Default Switch')
$ErrorActionPreference = 'Stop'
$Place = Split-Path -Parent $MyInvocation.MyCommand.Path
{body}
Write-Host "Start-VM -Name '$Name'"
"""
        return script if script.isascii() else f"{MARK}{script}"


def quoted(text: str) -> str:
    """Quote *text* for PowerShell: in single quotes nothing is special but the quotes themselves,
    of which it knows five (about_Quoting_Rules)."""
    plain = "".join(letter for letter in text if letter >= " " or letter in "\n\t")
    for quote in "'\u2018\u2019\u201a\u201b":
        plain = plain.replace(quote, quote * 2)
    return f"'{plain}'"
