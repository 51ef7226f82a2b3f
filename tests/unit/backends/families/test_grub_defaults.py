"""What an author says in /etc/default/grub reaches grub.cfg, in every usual way."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.backends.families.model import BootSetup
from appliance.backends.families.shell import debian_boot, grub_defaults, rpm_boot

BOOT = BootSetup(
    ("bios",), "UUID=ab-cd", 'console=ttyS0 x="a b" y=$z', "ab-cd", "/boot", "gpt", timeout=1
)
USUAL = [
    ('s/GRUB_CMDLINE_LINUX_DEFAULT=""/GRUB_CMDLINE_LINUX_DEFAULT="quiet"/', " quiet"),
    ('s/^GRUB_CMDLINE_LINUX="\\(.*\\)"/GRUB_CMDLINE_LINUX="\\1 audit=1"/', " audit=1"),
    ('s/^\\(GRUB_CMDLINE_LINUX=".*\\)"/\\1 cgroup_enable=memory"/', " cgroup_enable=memory"),
    ("$ a GRUB_CMDLINE_LINUX_DEFAULT=splash", " splash"),
]


class Image:
    """A directory in the place of an image's root."""

    def __init__(self, root: Path, boot: BootSetup, *, rpm: bool = False) -> None:
        self.root, self.config = (
            root,
            root / ("boot/grub2/grub.cfg" if rpm else "boot/grub/grub.cfg"),
        )
        family = rpm_boot if rpm else debian_boot
        (name, text), *_ = family.script_programs(boot).items()
        self.program = root / name
        self.program.write_text(self._here(text))
        for place in (
            "etc/default",
            "etc/kernel",
            "boot/grub",
            "boot/grub2",
            "boot/loader/entries",
        ):
            (root / place).mkdir(parents=True)
        self.settings = root / "etc/default/grub"
        self.settings.write_text(family.default_grub(boot))
        self.make("-o", str(self.config))

    def _here(self, text: str) -> str:
        for place in ("/etc/default", "/etc/kernel", "/boot/grub", "/boot/loader"):
            text = text.replace(f" {place}", f" {self.root}{place}").replace(
                f"={place}", f"={self.root}{place}"
            )
        return text

    def make(self, *words: str) -> str:
        said = subprocess.run(
            ["sh", self.program, *words], check=True, capture_output=True, text=True
        )
        return said.stdout

    def arguments(self) -> str:
        (line,) = (
            line for line in self.config.read_text().splitlines() if "/boot/vmlinuz root" in line
        )
        return line.partition("vmlinuz ")[2]


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return Image(tmp_path, BOOT)


def test_at_first_it_says_what_the_kickstart_does(image: Image) -> None:
    assert image.arguments() == 'root=UUID=ab-cd ro console=ttyS0 x="a b" y=$z'
    assert "set timeout=1\n" in image.config.read_text()


@pytest.mark.parametrize(("sed", "added"), USUAL)
def test_the_usual_lines_find_what_they_look_for(image: Image, sed: str, added: str) -> None:
    subprocess.run(["sed", "-i", sed, image.settings], check=True)
    image.make()  # as update-grub
    assert image.arguments() == f'root=UUID=ab-cd ro console=ttyS0 x="a b" y=$z{added}'


def test_what_nobody_has_applied_is_applied_in_the_end(image: Image) -> None:
    subprocess.run(["sed", "-i", "s/^GRUB_TIMEOUT=.*/GRUB_TIMEOUT=9/", image.settings], check=True)
    image.make("--if-changed")
    assert "set timeout=9\n" in image.config.read_text()


def test_what_an_author_wrote_into_it_stays_in_the_end(image: Image) -> None:
    changed = image.config.read_text().replace('"Linux"', '"My Linux"')
    image.config.write_text(changed)
    image.make("--if-changed")
    assert image.config.read_text() == changed
    image.config.write_text("set timeout=3\n")
    image.settings.write_text("GRUB_TIMEOUT=4\n")
    image.make("--if-changed")
    assert image.config.read_text() == "set timeout=3\n"


def test_it_is_printed_where_grub_mkconfig_prints_it(image: Image) -> None:
    renamed = image.program.rename(image.root / "grub-mkconfig")
    said = subprocess.run(["sh", renamed], check=True, capture_output=True, text=True).stdout
    assert said == image.config.read_text()


def test_entries_and_the_kernels_to_come_follow(tmp_path: Path) -> None:
    image = Image(tmp_path, BOOT, rpm=True)
    entry = tmp_path / "boot/loader/entries/x.conf"
    entry.write_text("title x\nlinux /vmlinuz\noptions root=UUID=ab-cd ro old $tuned_params\n")
    with image.settings.open("a") as file:
        file.write('GRUB_CMDLINE_LINUX="new"\n')
    image.make("-o", str(image.config))

    assert entry.read_text() == (
        "title x\nlinux /vmlinuz\noptions root=UUID=ab-cd ro new $tuned_params\n"
    )
    assert (tmp_path / "etc/kernel/cmdline").read_text() == "root=UUID=ab-cd ro new\n"


@pytest.mark.parametrize(
    "boot", [None, replace(BOOT, installed=False), replace(BOOT, loader="extlinux")]
)
def test_other_boot_loaders_have_no_such_programs(boot: BootSetup | None) -> None:
    assert debian_boot.script_programs(boot) == rpm_boot.script_programs(boot) == {}
    assert grub_defaults.again({}) == ""
