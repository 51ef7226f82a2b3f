"""Systems of a distribution that is installed in a second, for tests of what is in them."""

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import building
from mirror import Mirror
from outcome_tree import Tree
from rpm_distribution.repository import publish, ready
from rpm_distribution.rpm_file import Package, directory, regular
from rpm_distribution.rpm_header import Relation
from rpm_distribution.system import own
from rpm_distribution.world import World
from rpm_fixtures import RpmYard

SYSTEMCTL = """#!/bin/sh
[ "$1" = set-default ] || exit 0
mkdir -p /etc/systemd/system
ln -sfn "/usr/lib/systemd/system/$2" /etc/systemd/system/default.target
"""
NAME = r"--name=(\S+)"
ADDONS = ("addon-a", "addon-b")


def _marked(name: str, repository: str) -> Package:
    """One that says which repository it is from."""
    package = own(name, name)
    place = f"/usr/share/{name}"
    package.files = [directory(place), regular(f"{place}/{repository}", "")]
    return package


def _addon(repository: str) -> list[Package]:
    optional = own(f"optional-from-{repository}", "Brings another along")
    optional.require(f"mandatory-from-{repository}")
    names = ("package-1", "package-2", "package-3", "package-4")
    found = [_marked(name, repository) for name in names]
    return [*found, optional, own(f"mandatory-from-{repository}", "Is brought along")]


def _system() -> list[Package]:
    """Stands for what settings bring along, and packages with an account or a 32-bit twin."""
    server = own("httpd", "Has an account")
    server.shell(
        "pre",
        "getent group apache > /dev/null || groupadd -r -g 48 apache\n"
        "getent passwd apache > /dev/null || useradd -r -u 48 -g apache -s /sbin/nologin apache\n",
    )
    server.require("shadow-utils")
    twins = [Package("library", "1", "1", arch=arch) for arch in ("x86_64", "i686")]
    for twin in twins:
        twin.files = [regular(f"/usr/lib{'64' if twin.arch == 'x86_64' else ''}/library.so", "")]
    login = own("gdm", "Lets people log in to something graphical")
    login.provides = [Relation("service(graphical-login)")]
    names = ("firewalld", "chrony", "authselect", "kernel", "grub2-pc", "grub2-tools", "tmux",
             "google-noto-sans", "google-noto-serif", "initial-setup", "initial-setup-gui",
             "langpacks-cs", "langpacks-ru", "glibc-langpack-cs", "kbd", "tzdata",
             "dracut-config-generic", "NetworkManager", "lvm2")  # fmt: skip
    control = own("systemctl-of-the-tests", "Sets what the system starts")
    control.files = [regular("/usr/bin/systemctl", SYSTEMCTL, 0o755)]
    control.require("coreutils")
    return [server, *twins, login, control, *(own(name, name) for name in names)]


@dataclass(frozen=True)
class Built:
    """What was built, and what was said of it."""

    yard: RpmYard
    said: str
    name: str

    @property
    def tree(self) -> Tree:
        return Tree(self.yard.image(self.name))

    @property
    def packages(self) -> set[str]:
        place = self.yard.output / self.name / f"{self.name}.packages.json"
        return {item["name"] for item in json.loads(place.read_text())["packages"]}


@pytest.fixture(scope="session")
def outcome_yard(rpm_server: Mirror, tiny_rpm_world: World, open_place: Path) -> Iterator[RpmYard]:
    """A place to build in, and repositories addon-a and addon-b beside the usual ones."""
    place = Path(tempfile.mkdtemp(prefix="outcomes-", dir=open_place))
    for name, packages in (("addon-a", [*_addon("addon-a"), *_system()]),
                           ("addon-b", _addon("addon-b"))):  # fmt: skip
        publish(rpm_server.place / name, ready(packages), None)
    rpm_server.behave()
    yield RpmYard(place, building.root(), rpm_server, tiny_rpm_world.key, open_place / "rpm-store")
    shutil.rmtree(place)
    for name in ADDONS:
        shutil.rmtree(rpm_server.place / name)


def _unsigned(lines: str) -> list[str]:
    """The names of the repositories that are at an add-on's address."""
    return [
        found[1]
        for line in lines.splitlines()
        if any(f"/{name}" in line for name in ADDONS) and (found := re.search(NAME, line))
    ]


Make = Callable[..., Built]


@pytest.fixture(scope="session")
def outcome(outcome_yard: RpmYard) -> Make:
    """Build a system of *packages*, from *lines* of repositories or the usual ones."""

    def build(name: str, *packages: str, options: str = "--nocore", more: str = "",
              disk: str = "part / --fstype=ext4 --size=300", lines: str = "") -> Built:  # fmt: skip
        outcome_yard.mirror.behave()
        url = outcome_yard.mirror.url
        lines = lines or (
            f"repo --name=base --baseurl={url}/base\n"
            f"repo --name=addon-a --baseurl={url}/addon-a --cost=25 --excludepkgs=package-1\n"
            f"repo --name=addon-b --baseurl={url}/addon-b --cost=50\n"
        )
        recipe = outcome_yard.recipe(
            *packages, options=options, more=more, disk=disk, lines=lines, name=name
        )
        words = [word for name in _unsigned(lines) for word in ("--no-gpg-check", name)]
        ended = outcome_yard.build(recipe, "-f", "raw", *words)
        return Built(outcome_yard, ended.said, name)

    return build
