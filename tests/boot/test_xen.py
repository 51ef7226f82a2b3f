"""Debian's Xen under QEMU starts the AOS as PV and as PVH guest, by the files that we wrote for it.

Domain 0 is made by ourselves, too; the appliance's own directory is its second disk, so that
`xl create` finds everything as a user would. Facts about booting Xen: xen-command-line(7),
multiboot in QEMU (-kernel, -initrd with commas between modules).
"""

import gzip
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pytest
from tests.boot.conftest import PASSWORD, REPOSITORY, appliance

import waiting
from appliance.boot.console import PROMPT, Console
from appliance.trial.checks import QUESTIONS

pytestmark = pytest.mark.xen

HOST = """\
repo --name=debian-bookworm
lang C.UTF-8
timezone UTC --utc
part biosboot --fstype=biosboot --size=1
part / --fstype=ext4 --size=2048 --label=dom0
bootloader --timeout=1
%packages --excludedocs --exclude-weakdeps
@core
linux-image-amd64
initramfs-tools
e2fsprogs
systemd-sysv
systemd-resolved
dbus
udev
iproute2
xen-system-amd64
grub-xen-host
%end
"""
# Emulated, Xen and its guests die of some of what QEMU's `max` has.
CPU = "max,-pku,-pks,-smap,-smep,-la57,-rdtscp,-xsave,-avx,-avx2"
XEN = "com1=115200,8n1 console=com1 dom0_mem=1024M,max:1024M dom0_max_vcpus=1 noreboot"
# Xen loses what is typed fast on its serial port: people and tests come in by virtio.
LINUX = "root=LABEL=dom0 ro console=hvc0 systemd.wants=serial-getty@hvc1.service"
BRIDGE = "modprobe bridge && ip link add xenbr0 type bridge && ip link set xenbr0 up"
# Guests find an address on the bridge, as on most.
NETWORK = """\
[Match]
Name=xenbr0
[Network]
Address=10.9.9.1/24
DHCPServer=yes
ConfigureWithoutCarrier=yes
"""
SLOWNESS = 8.0  # a machine in a machine, emulated, beside other work


@dataclass(frozen=True)
class Xen:
    """Domain 0, logged in."""

    child: "pexpect.spawn[str]"
    console: Console

    def done(self, command: str) -> str:
        answer = self.console.run(command)
        assert answer.status == 0, answer.output
        return answer.output


def built(place: Path, name: str, text: str, *words: str) -> Path:
    (place / f"{name}.ks").write_text(text)
    done = appliance(
        *("build", place / f"{name}.ks", "--root-password", PASSWORD, *words),
        *("--store", place / "store", "-o", place / "out"),
    )
    waiting.well(done)
    return place / "out" / name


@pytest.fixture(scope="module")
def xen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Xen]:
    """Xen with the appliance `guest` in /srv of its domain 0."""
    place = tmp_path_factory.mktemp("xen")
    include = f"%include {REPOSITORY}/kickstarts/aos-debian.ks\n"
    guest = built(place, "guest", include, "-f", "raw")
    host = built(place, "host", HOST, "-f", "qcow2,dir")
    boot = host / "host.root/boot"
    hypervisor, bundle = place / "xen", place / "bundle.img"
    hypervisor.write_bytes(gzip.decompress(next(boot.glob("xen-*.gz")).read_bytes()))
    subprocess.run(["truncate", "--size=3G", bundle], check=True)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-L", "bundle", "-d", guest, bundle], check=True)
    log, kernel, initrd = place / "console.log", *(
        next(boot.glob(name)) for name in ("vmlinuz-*", "initrd.img-*")
    )  # fmt: skip
    words = [
        "-machine", "q35", "-accel", "tcg", "-cpu", CPU, "-m", "3072", "-nodefaults",
        "-display", "none", "-serial", f"file:{place / 'xen.log'}",
        "-chardev", f"stdio,id=console,signal=off,logfile={log}",
        "-device", "virtio-serial-pci", "-device", "virtconsole,chardev=console",
        "-kernel", str(hypervisor), "-append", XEN, "-initrd", f"{kernel} {LINUX},{initrd}",
        "-drive", f"if=virtio,snapshot=on,format=qcow2,file={host / 'host-sda.qcow2'}",
        "-drive", f"if=virtio,snapshot=on,format=raw,file={bundle}",
    ]  # fmt: skip
    child = pexpect.spawn("qemu-system-x86_64", words, encoding="utf-8", codec_errors="replace")
    try:
        console = Console(child, log, time_scale=SLOWNESS)
        console.wait_for(PROMPT, seconds=90)
        console.login("root", PASSWORD)
        domain0 = Xen(child, console)
        domain0.done("mount LABEL=bundle /srv")
        domain0.done(f"cat > /etc/systemd/network/00-bridge.network << END\n{NETWORK}END")
        domain0.done(f"{BRIDGE} && systemctl start systemd-networkd")
        yield domain0
    finally:
        child.close(force=True)


@pytest.mark.parametrize("kind", ["pv", "pvh"])
def test_xen_starts_the_aos(xen: Xen, kind: str) -> None:
    assert f"xen_commandline        : {XEN}" in xen.done("xl info")
    xen.console.type(f"cd /srv && xl create -c guest.{kind}.cfg; echo @'@'left=$?@")
    xen.console.wait_for(PROMPT, seconds=90)
    xen.console.login("root", PASSWORD)
    assert xen.done("cat /sys/hypervisor/guest_type").strip() == kind.upper()
    for question in QUESTIONS:
        verdict = question.judge(xen.console.run(question.command, seconds=question.seconds))
        assert verdict.passed, f"{question.name}: {verdict.evidence}"
    xen.console.type("systemctl poweroff")
    xen.console.wait_for(r"@@left=0@", seconds=60)
    xen.done("for each in $(seq 100); do xl domid guest || exit 0; sleep 1; done; exit 1")
