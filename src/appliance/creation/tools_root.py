"""Make the root whose programs make images in place of this host's (`--tools auto`). It is made of
packages, as an image's root tree is, and the store keeps two things of it.

tools/SUITE.lock    which packages the root is made of; --refresh asks the repositories again
tools/DIGEST/       the root, owned by whoever builds
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from appliance.backends.families.debian import DEBIAN
from appliance.backends.families.question import Question
from appliance.backends.package_managers.model import Lock
from appliance.codec import decode
from appliance.engine.run_plan import Manner, build
from appliance.errors import RequestError, Where
from appliance.events import Emit, phase
from appliance.host import apt_configuration, trees
from appliance.layout.storage import Storage
from appliance.packages import ask_apt, package_files
from appliance.packages.resolve import lock_text
from appliance.plan.model import Plan
from appliance.recipe.model import Packages, Recipe, Repository, WantedPackage
from appliance.recipe.repository_options import RepositoryOptions
from appliance.recipe.settings import Settings
from appliance.recipe.volumes import BootSettings
from appliance.steps.install_packages import InstallPackages
from appliance.store.results import Store, full_disk_told, write_whole

AUTO = "auto"
NEWEST = "forky"  # the suite whose tools are the newest that Debian tests
NAMES = (  # tests/unit/engine/test_tools_root_names.py compares it with host/tools.py
    *("apt", "gpgv", "debian-archive-keyring", "dpkg", "tar", "zstd", "xz-utils"),
    *("ca-certificates", "e2fsprogs", "xfsprogs", "btrfs-progs", "cryptsetup-bin"),
    *("squashfs-tools", "erofs-utils"),
    *("dosfstools", "mtools", "fdisk", "util-linux", "mount", "kmod"),
    *("grub-common", "grub-pc-bin", "grub-efi-amd64-bin", "qemu-utils", "rpm", "passwd"),
)
DNF = {"bookworm": "dnf", "trixie": "dnf"}  # the others have dnf5


@dataclass(frozen=True)
class ToolsWish:
    """What `--tools` asks for: a *root* that exists, or one of packages of the Debian *suite*;
    neither: this host's own programs."""

    root: str = ""
    suite: str = ""


def understood(words: str) -> ToolsWish:
    """Understand `--tools`: a directory, `auto` or `auto:SUITE`.

    Raises RequestError for a suite that is not known.
    """
    if words != AUTO and not words.startswith(f"{AUTO}:"):
        return ToolsWish(root=words)
    suite = words.partition(":")[2] or NEWEST
    known = [release.codename for release in DEBIAN.releases]
    if suite not in known:
        raise RequestError(
            f"--tools {words}: Debian has no release '{suite}' that is known here",
            hint=" or ".join(f"--tools {AUTO}:{name}" for name in known),
        )
    return ToolsWish(suite=suite)


def tools_root(
    words: str, asked: RepositoryOptions, manner: Manner, *, store: Store, emit: Emit
) -> str:
    """Return the root that `--tools` *words* asks for, and make it if need be; empty for this
    host's own.

    Raises RequestError for a suite that is not known, or the error of what failed in making it.
    """
    wish = understood(words)
    if not wish.suite:
        return wish.root
    with store.lock(f"tools-{wish.suite}"), full_disk_told(store.place):
        return str(_made(wish.suite, asked, manner, store=store, emit=emit))


def _made(
    suite: str, asked: RepositoryOptions, manner: Manner, *, store: Store, emit: Emit
) -> Path:
    """Return the root of tools of *suite*; choose, fetch, install and unpack its packages unless
    that was done before."""
    family, pc = DEBIAN, "x86_64"
    # --mirror is for the image's own packages; a host that is not Debian's has no mirror of it
    mirror = "" if apt_configuration.host_sources(family) else family.official(pc)
    options = RepositoryOptions(mirror=mirror, refresh=asked.refresh)
    question = Question(_recipe(suite), Storage(), options, pc)
    ask = ask_apt.settle(question, family, suite)
    place = store.place / "tools" / f"{suite}.lock"
    if asked.refresh or not _holds_all(place, question.recipe):
        answer = ask.ask(store, emit)
        clock = max(repository.date for repository in answer.repositories)
        lock = Lock(family.name, suite, (), clock, answer.repositories, answer.packages)
        place.parent.mkdir(exist_ok=True)
        write_whole(place, lock_text(lock))
    lock = decode(Lock, json.loads(place.read_text()))
    step = InstallPackages(
        manager=family.package_manager,
        packages=lock.packages,
        documentation=False,
        languages=(),
        seeds=family.seeds(question.recipe),
        options=(),
        tools=(),
    )
    plan = Plan(f"tools-{suite}", lock.clock, (step,), (step.gives,))
    digest = plan.digests()[step.gives]
    tree = store.place / "tools" / digest[:16]
    if tree.exists():
        os.utime(tree)
        return tree
    with phase("tools", emit) as done:
        if not store.has(digest):
            kind = ask.files(store, emit)
            package_files.provide(lock.packages, ask.accesses(), kind, store=store, emit=emit)
            size = sum(item.size for item in lock.packages) * 5
            build(plan, store, emit, size=size, manner=manner)
        draft = tree.with_suffix(f".{os.getpid()}.part")
        trees.remove(draft)
        draft.mkdir()
        trees.unpack_as_ours(draft, store.path(digest))
        draft.rename(tree)
        done(f"{len(lock.packages)} packages of {suite}")
    return tree


def _holds_all(place: Path, recipe: Recipe) -> bool:
    """Whether there is a lock at *place* that has every package that *recipe* names."""
    if not place.exists():
        return False
    lock = decode(Lock, json.loads(place.read_text()))
    named = {wanted.name for wanted in recipe.packages.names}
    return named <= {package.name for package in lock.packages}


def _recipe(suite: str) -> Recipe:
    """The recipe of the tools' root, which has packages but neither disks nor a boot loader."""
    here = Where(Path("--tools"), 1)
    names = (*NAMES, DNF.get(suite, "dnf5"))
    return Recipe(
        name="tools",
        repositories=(Repository(f"debian-{suite}", "", here),),
        packages=Packages(
            names=tuple(WantedPackage(name, here) for name in names),
            core=False,
            documentation=False,
            languages=(),
            weak_dependencies=False,
        ),
        volumes=(),
        table="gpt",
        boot_loader=BootSettings(enabled=False),
        settings=Settings(),
        scripts=(),
        notes=(),
        source="",
    )
