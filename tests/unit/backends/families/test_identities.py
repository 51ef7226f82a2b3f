"""What packages draw is gone before scripts run, and made again by each machine."""

import re
import subprocess
from pathlib import Path

import pytest

from appliance.backends.families.shell import identities
from appliance.backends.families.shell.identities import IDENTITIES, PROGRAM

KEY = "-----BEGIN RSA PRIVATE KEY-----\nabc\n"
TOOLS = ("nvme", "make-ssl-cert", "rndc-confgen", "chown", "systemctl")


class Image:
    """A directory in the place of an image's root, with programs that only say that they ran."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "bin").mkdir()
        for name in TOOLS:
            (root / "bin" / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {root}/ran\n')
            (root / "bin" / name).chmod(0o755)
        for name in ("root", "home", "opt", "srv", "var/lib"):
            (root / name).mkdir(parents=True)

    def write(self, path: str, text: str = "drawn\n") -> Path:
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return place

    def run(self, text: str) -> str:
        text = re.sub(
            r"(?<![\w.])/(?=(etc|root|home|opt|srv|var|usr/lib)\b)", f"{self.root}/", text
        )
        done = subprocess.run(
            ["sh", "-eu"], input=text, check=True, capture_output=True, text=True,
            env={"PATH": f"{self.root}/bin:/usr/bin:/bin"},
        )  # fmt: skip
        return done.stdout.replace(str(self.root), "")

    @property
    def ran(self) -> list[str]:
        return (self.root / "ran").read_text().replace(str(self.root), "").splitlines()


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return Image(tmp_path)


def test_an_image_without_any_gets_no_unit(image: Image) -> None:
    assert image.run(identities.forgotten()) == ""
    assert not (image.root / "etc").exists()


@pytest.mark.parametrize("item", IDENTITIES, ids=lambda item: item.paths[0].rpartition("/")[2])
def test_each_is_forgotten(image: Image, item: identities.Identity) -> None:
    places = [image.write(path.replace("*", "rsa")) for path in item.paths]
    image.run(identities.forgotten())

    left = [place for place in places if place.exists()]
    assert left == (places[:1] if item.instead else [])
    assert not item.instead or places[0].read_text() == item.instead
    made = image.root / PROGRAM.lstrip("/")
    assert made.exists() == bool(item.again)
    assert item.source


def test_what_is_made_again_is_made_once(image: Image) -> None:
    image.write("/etc/nvme/hostnqn")
    image.write("/etc/nvme/hostid")
    image.write("/etc/ssl/private/ssl-cert-snakeoil.key")
    image.run(identities.forgotten())
    program = image.root / PROGRAM.lstrip("/")
    (image.root / "etc/ssl/private/ssl-cert-snakeoil.key").write_text("mine")
    image.run(program.read_text())

    assert image.ran == ["systemctl enable appliance-identities.service", "nvme gen-hostnqn"]
    assert (image.root / "etc/nvme/hostnqn").exists()
