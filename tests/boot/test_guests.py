"""A booted guest takes its name, its address and a key from each of three places."""

import subprocess
from pathlib import Path

import pytest
from tests.boot.conftest import PASSWORD, REPOSITORY, appliance

import waiting

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeButWellFormed somebody"
ENVIRONMENT = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1"
     xmlns:oe="http://schemas.dmtf.org/ovf/environment/1" oe:id="">
   <PropertySection>
      <Property oe:key="guestinfo.hostname" oe:value="told-name"/>
      <Property oe:key="public-keys" oe:value="{KEY}"/>
      <Property oe:key="ip0" oe:value="10.0.2.77/24"/>
      <Property oe:key="gateway" oe:value="10.0.2.2"/>
      <Property oe:key="dns" oe:value="10.0.2.3"/>
   </PropertySection>
</Environment>
"""
USER_DATA = f"#cloud-config\nssh_authorized_keys:\n  - {KEY}\n"
META_DATA = "instance-id: first\nlocal-hostname: told-name\n"
# In words that cloud-init has for systemd-networkd: of `match` the address, of routes no `default`.
NETWORK = """\
version: 2
ethernets:
  first:
    match: {macaddress: "52:54:00:12:34:56"}
    addresses: [10.0.2.77/24]
    routes: [{to: 0.0.0.0/0, via: 10.0.2.2}]
    nameservers: {addresses: [10.0.2.3]}
"""
CHECK = f"""\
#!/bin/sh
set -ex
test "$(hostname)" = told-name
test "$(cat /etc/hostname)" = told-name
grep -F '{KEY}' /root/.ssh/authorized_keys
test "$(stat -c %U:%a /root/.ssh/authorized_keys)" = root:600
networkctl status --all | grep -F 10.0.2.77
! networkctl status --all | grep -F '10.0.2.15'
grep -F 10.0.2.3 /run/systemd/resolve/resolv.conf
"""


def built(place: Path, snippet: str) -> Path:
    """The AOS with that snippet."""
    kickstarts = REPOSITORY / "kickstarts"
    recipe = place / "guest.ks"
    recipe.write_text(
        f"%include {kickstarts}/aos-debian.ks\n%include {kickstarts}/snippets/{snippet}\n"
    )
    done = appliance(
        *("build", recipe, "--root-password", PASSWORD, "--store", place / "store"),
        *("-o", place / "out"),
    )
    waiting.well(done)
    return place / "out/guest"


def disc(place: Path, label: str, files: dict[str, str]) -> Path:
    """A CD with *files*, made by genisoimage."""
    tree, image = place / "disc", place / "disc.iso"
    tree.mkdir()
    for name, text in files.items():
        (tree / name).write_text(text)
    words = ["genisoimage", "-quiet", "-V", label, "-J", "-r", "-o", image, tree]
    subprocess.run(words, check=True)
    return image


def told(place: Path, guest: Path, *words: str | Path) -> None:
    """Start it and look."""
    check = place / "check.sh"
    check.write_text(CHECK)
    done = appliance(
        *("test", guest, "--login", f"root:{PASSWORD}", "--check", check, "--firmware", "bios"),
        *("--output", place / "report", *words),
    )
    waiting.well(done)


@pytest.mark.slow
def test_an_ovf_environment_on_a_cd_and_the_devices_of_vmware(tmp_path: Path) -> None:
    guest = built(tmp_path, "guest-vmware.ks")
    given = disc(tmp_path, "OVF ENV", {"ovf-env.xml": ENVIRONMENT})

    hardware = ("--disk-bus", "pvscsi", "--network-card", "vmxnet3")
    told(tmp_path, guest, "--cdrom", given, *hardware)


@pytest.mark.slow
def test_a_nocloud_disk(tmp_path: Path) -> None:
    guest = built(tmp_path, "guest-cloud-init.ks")
    files = {"meta-data": META_DATA, "user-data": USER_DATA, "network-config": NETWORK}

    told(tmp_path, guest, "--cdrom", disc(tmp_path, "CIDATA", files))


@pytest.mark.slow
def test_system_credentials(tmp_path: Path) -> None:
    guest = built(tmp_path, "guest-qemu.ks")
    given = {
        "system.hostname": "told-name",
        "ssh.authorized_keys.root": KEY,
        "appliance.address": "10.0.2.77/24 10.0.2.2 10.0.2.3",
    }

    words = [word for name, value in given.items() for word in ("--credential", f"{name}={value}")]
    told(tmp_path, guest, *words)
