"""The shell that makes RPM packages a system: valid, and saying what the recipe says.

What it does is proven where images are built and booted.
"""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.backends.families.known import RPM
from appliance.backends.families.model import BootSetup
from appliance.backends.families.shell.rpm import (
    finish_script,
    keyboard,
    language,
    repository,
    services,
    timezone,
)
from appliance.backends.families.shell.rpm_boot import (
    MACHINE_ID,
    boot_script,
    default_grub,
    environment_block,
    finding,
    grub_config,
    initramfs_script,
)
from appliance.errors import Where
from appliance.layout.join import join
from appliance.recipe.model import Packages, Recipe, Repository
from appliance.recipe.settings import Interface, Settings, User
from appliance.recipe.volumes import BootSettings, Volume

HERE = Where(Path("web.ks"), 3)
UUID = "46d24c69-d1bd-59d5-afa2-0a66461275f0"
BOOT = BootSetup(("bios", "uefi"), f"UUID={UUID}", "quiet a='b|c' d&\\e", UUID, "/boot", "gpt", 1)
OWN = replace(BOOT, path="")
SETTINGS = Settings(
    hostname="web.example",
    language="cs_CZ.UTF-8",
    keymap="cz-qwerty",
    keyboard_layouts=("cz (qwerty)", "us"),
    keyboard_switch=("grp:alt_shift_toggle",),
    timezone="Europe/Prague",
    utc=False,
    enabled_services=("sshd",),
    disabled_services=("chronyd",),
    users=(User("root", "$6$a$b'c"), User("ann", keys=("ssh-ed25519 A ann's",))),
    interfaces=(Interface("eth0", "static", "192.0.2.7/24", "192.0.2.1", ("192.0.2.2",)),),
)


def recipe(settings: Settings = SETTINGS, filesystem: str = "ext4") -> Recipe:
    return Recipe(
        name="web",
        repositories=(Repository("x", "http://x.example/$releasever/", HERE, installed=True),),
        packages=Packages(),
        volumes=(Volume("/", filesystem, 1 << 30, "sda", HERE),),
        table="gpt",
        boot_loader=BootSettings(),
        settings=settings,
        scripts=(),
        notes=(),
        source="# it's a kickstart\n",
    )


@pytest.mark.parametrize("boot", [BOOT, OWN, replace(BOOT, firmware=("uefi",)), None])
@pytest.mark.parametrize("settings", [SETTINGS, Settings(), Settings(keyboard_layouts=("de",))])
@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_every_script_is_one_that_a_shell_understands(
    boot: BootSetup | None, settings: Settings, shell: str
) -> None:
    family = RPM[0]
    asked = recipe(settings)
    scripts = dict(
        family.scripts(asked, "44", architecture="x86_64", storage=join(asked), boot=boot)
    )
    names = ["settings", "boot", "initramfs", "accounts"] if boot else ["settings", "accounts"]
    assert list(scripts) == names
    scripts["finish"] = family.finish_script(asked, boot)
    for name, body in scripts.items():
        said = subprocess.run(
            [shell, "-n"], input=body, text=True, capture_output=True, check=False
        )
        assert (said.returncode, said.stderr) == (0, ""), name


def test_the_seeds_keep_dice_out_of_the_first_layer() -> None:
    assert RPM[0].seeds(recipe()) == (("etc/machine-id", "f" * 32 + "\n"),)


def test_the_kernels_arguments_are_younger_than_grubs_settings() -> None:
    script = boot_script(BOOT)
    assert script.index("> /etc/default/grub") < script.index("> /etc/kernel/cmdline")


def test_grubs_settings_survive_any_arguments() -> None:
    said = subprocess.run(
        ["bash", "-c", f'{default_grub(BOOT)}\nprintf %s "$GRUB_CMDLINE_LINUX"'],
        text=True,
        capture_output=True,
        check=True,
    )
    assert said.stdout == BOOT.arguments


def test_grubs_environment_block_has_its_size() -> None:
    assert len(environment_block()) == 1024
    assert environment_block().startswith("# GRUB Environment Block\n#")


@pytest.mark.parametrize(("boot", "path"), [(BOOT, "/boot"), (OWN, "")])
def test_grub_finds_its_files_and_entries_wherever_boot_is(boot: BootSetup, path: str) -> None:
    assert f"set prefix=($root){path}/grub2\n" in finding(boot)
    assert f"blscfg --path {path}/loader/entries;" in grub_config(boot)
    assert f"--fs-uuid --set=root {UUID}" in grub_config(boot)


@pytest.mark.parametrize(("boot", "path"), [(BOOT, "/boot"), (OWN, "")])
def test_boot_entries_are_set_right(boot: BootSetup, path: str, tmp_path: Path) -> None:
    """The part that rewrites an entry, run on one such as kernel-install makes in a sandbox."""
    entries = tmp_path / "entries"
    entries.mkdir()
    entry = entries / f"{MACHINE_ID}-6.1.conf"
    entry.write_text(
        "title A Linux (6.1) 44\nversion 6.1\nlinux /work/tree/boot/vmlinuz-6.1\n"
        "initrd /work/tree/boot/initramfs-6.1.img $tuned_initrd\n"
        "options root=/dev/host quiet $tuned_params\ngrub_users $grub_users\n"
    )
    script = initramfs_script(join(recipe()), boot)
    part = script[script.index("entry=/boot") : script.index('if [ ! -s "/boot/initramfs')]
    part = part.replace("/boot/loader/entries", str(entries))
    part = part.replace("/tmp/entry", str(tmp_path / "new"))
    subprocess.run(["dash", "-euc", f"version=6.1\n{part}"], check=True)
    assert entry.read_text() == (
        f"title A Linux (6.1) 44\nversion 6.1\nlinux {path}/vmlinuz-6.1\n"
        f"initrd {path}/initramfs-6.1.img $tuned_initrd\n"
        f"options root=UUID={UUID} ro {BOOT.arguments} $tuned_params\ngrub_users $grub_users\n"
    )


def test_an_initramfs_holds_the_driver_of_its_root() -> None:
    assert " ext4; do" in initramfs_script(join(recipe()), BOOT)
    with_btrfs = initramfs_script(join(recipe(filesystem="btrfs")), BOOT)
    assert " btrfs; do" in with_btrfs
    assert " btrfs " not in with_btrfs[with_btrfs.index("omit_dracutmodules") :]


def test_services_are_disabled_first() -> None:
    lines = services(SETTINGS).splitlines()
    assert lines[0].startswith("systemctl disable chronyd")
    assert lines[1].startswith("systemctl enable sshd")


@pytest.mark.parametrize(
    ("settings", "link", "local"),
    [
        (Settings(), "../usr/share/zoneinfo/UTC", False),
        (Settings(timezone="Europe/Prague"), "../usr/share/zoneinfo/Europe/Prague", False),
        (Settings(timezone="UTC", utc=False), "../usr/share/zoneinfo/UTC", True),
    ],
)
def test_the_time_zone_is_a_relative_link(settings: Settings, link: str, local: bool) -> None:
    assert f"ln -sfn {link} /etc/localtime" in timezone(settings)
    assert ("LOCAL" in timezone(settings)) is local


def test_a_plain_locale_is_not_looked_for() -> None:
    assert "locale -a" not in language("")
    assert 'LANG="C.UTF-8"' in language("C.UTF-8")
    assert "-e cs_CZ.UTF-8 -e cs_CZ.utf8" in language("cs_CZ.UTF-8")


def test_a_keyboard_that_nobody_named_is_left_alone() -> None:
    assert keyboard(Settings()) == ""


@pytest.mark.parametrize(
    ("settings", "keymap", "layouts", "variants"),
    [
        (Settings(keymap="us"), "us", "us", ""),
        (Settings(keymap="cz-qwerty"), "cz-qwerty", "cz,us", "qwerty,"),
        (Settings(keyboard_layouts=("de (nodeadkeys)",)), "de-nodeadkeys", "de", "nodeadkeys"),
        (Settings(keyboard_layouts=("gb",)), "uk", "gb", ""),
        (Settings(keyboard_layouts=("xx",)), "", "xx", ""),
    ],
)
def test_one_half_of_a_keyboard_gives_the_other(
    settings: Settings, keymap: str, layouts: str, variants: str, tmp_path: Path
) -> None:
    table = tmp_path / "kbd-model-map"
    table.write_text(
        "# console xlayout xmodel xvariant xoptions\nuk gb pc105 - terminate:ctrl_alt_bksp\n"
        "us us pc105+inet - -\ncz-qwerty cz,us pc105 qwerty, grp:shift_toggle\n"
        "de-nodeadkeys de pc105 nodeadkeys -\n"
    )
    script = keyboard(settings).replace("/usr/share/systemd/kbd-model-map", str(table))
    script = script[: script.index('if [ -n "$keymap" ]')]
    said = subprocess.run(
        ["dash", "-euc", f'{script}\necho "$keymap|$layouts|$variants"'],
        text=True,
        capture_output=True,
        check=True,
    )
    assert said.stdout == f"{keymap}|{layouts}|{variants}\n"


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (
            Repository("x", "http://x.example/$releasever/", HERE, cost=3, included=("a", "b")),
            "[x]\nname=x\nenabled=1\nbaseurl=http://x.example/$releasever/\ncost=3\n"
            "includepkgs=a, b\n",
        ),
        (
            Repository("y", "", HERE, metalink="https://y.example/", verified=False, proxy="p"),
            "[y]\nname=y\nenabled=1\nmetalink=https://y.example/\nsslverify=0\nproxy=p\n",
        ),
        (Repository("local", "file:///srv/x", HERE), ""),
        (Repository("fedora-44", "", HERE), ""),
    ],
)
def test_an_installed_repository_is_written_as_dnf_reads_it(item: Repository, text: str) -> None:
    script = repository(item)
    assert (text in script) if text else script == ""


def test_the_image_does_not_think_that_it_boots_for_the_first_time() -> None:
    script = finish_script("x")
    assert "!= uninitialized ]; then : > /etc/machine-id" in script
