"""No input of a step may be missing from its digest."""

import dataclasses
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance.backends.package_managers.model import LockedPackage
from appliance.errors import Where
from appliance.layout.areas import Area, Encrypted, Physical, Shown
from appliance.layout.lvm import Device, PhysicalGroup, Run
from appliance.plan.model import Plan
from appliance.steps import KINDS, Step
from appliance.steps.assemble_disk import AssembleDisk, Piece
from appliance.steps.convert_disk import ConvertDisk
from appliance.steps.copy_files import CopiedFiles, CopyFiles
from appliance.steps.fill_filesystem import FillFilesystem
from appliance.steps.install_packages import InstallPackages
from appliance.steps.judge_files import JudgeFiles
from appliance.steps.label_files import LabelFiles
from appliance.steps.make_boot_code import MakeBootCode
from appliance.steps.map_blocks import MapBlocks
from appliance.steps.minimize_image import MinimizeImage
from appliance.steps.pack_tree import PackTree
from appliance.steps.run_before import RunBefore
from appliance.steps.run_script import RunScript
from appliance.work.results import DiskImage, FilesystemImage, Labels, Layer, LeftFiles, Result

HERE = Where(Path("a.ks"), 1)
COPIED = CopiedFiles("ab", "/opt/shop", "0644", "shop", HERE)
COPYING = CopyFiles("files", (), (COPIED,))
TOOLS = (("mke2fs", "1.47"),)
ENCRYPTED = Encrypted("u", "luks-u", "env:A", "aes", "argon2id", 1, 2, 3)
GROUP = PhysicalGroup("vg", "u", 4, (Device("u", 9, 2),), (Run("root", "u", 0, 0, 1),))
LEAF = Area(0, 1024, "btrfs", "u", "/", ("/boot",), "root", "-m 1", HERE, "noatime",
            (Shown("root", "/", ("/home",)),), "machine")  # fmt: skip
AREA = replace(LEAF, physical=Physical(GROUP, 0, (LEAF,)), encryption=ENCRYPTED)
PIECE = Piece(1, "83", "i", AREA)
PACKAGE = LockedPackage("dash", "1", "amd64", "ab", 7, "debian", "pool/dash.deb", True)
EXAMPLES = (
    InstallPackages("apt", (PACKAGE,), True, ("de",), (("etc/a", "b"),), (("c", "d"),), TOOLS),
    RunScript(
        "post-1",
        (),
        "true",
        "/bin/sh",
        True,
        False,
        True,
        "/root/log",
        HERE,
        "post",
        (LeftFiles("pre-1"),),
        (("vda", ""),),
        shown=("ab",),
        called=("files",),
    ),
    JudgeFiles((), ("ann",), ("root",), (("log", "/var/log/a"),), (("TOKEN", "ab"),)),
    MakeBootCode("bios", "bios-in-tree", "u", "/boot", (Layer("packages"),), TOOLS),
    AssembleDisk("sda", "gpt", 1024, "u", (PIECE,), (FilesystemImage("/"),), (), (), TOOLS),
    FillFilesystem("/", AREA, (Layer("finish"),), TOOLS, (), (Labels(),)),
    ConvertDisk("sda", "raw", TOOLS),
    MapBlocks("sda"),
    PackTree("tar", "x86_64", "", (Layer("finish"),), TOOLS),
    LabelFiles((Layer("finish"),), TOOLS),
    MinimizeImage("post-2", (Layer("packages"),), "drop /srv", HERE),
    COPYING,
    RunBefore("pre", (RunScript("pre-1", (), "", "/bin/sh"),), (("vda", 1),)),
)
PARTS = (PIECE, AREA, AREA.physical, GROUP, *GROUP.devices, *GROUP.runs, ENCRYPTED, PACKAGE, COPIED)


@dataclasses.dataclass(frozen=True)
class Source:
    """Gives any result, so that the steps under test may take it."""

    gives: Result
    version: int = 1
    takes: tuple[Result, ...] = ()


def other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, int):
        return value + 1
    if isinstance(value, tuple):
        return value[1:] if value else (Layer("x"),)
    return None


def digest_of(step: Step) -> str:
    below = tuple(Source(result) for result in step.takes)
    return Plan("demo", 0, (*below, step), (step.gives,)).digests()[step.gives]


def test_every_kind_has_an_example() -> None:
    assert {type(example).__name__ for example in EXAMPLES} == set(KINDS)


@pytest.mark.parametrize(
    ("step", "field"),
    [(step, field.name) for step in EXAMPLES for field in dataclasses.fields(step)],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_every_field_changes_the_digest_but_the_place_in_the_kickstart(
    step: Any, field: str
) -> None:
    changed = dataclasses.replace(step, **{field: other(getattr(step, field))})

    assert (digest_of(changed) != digest_of(step)) == (field != "where")


@pytest.mark.parametrize(
    ("part", "field"),
    [(part, field.name) for part in PARTS for field in dataclasses.fields(part)],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_every_field_of_a_part_changes_the_digest_too(part: Any, field: str) -> None:
    changed = dataclasses.replace(part, **{field: other(getattr(part, field))})

    def step(value: Any) -> Step:
        if isinstance(value, LockedPackage):
            return dataclasses.replace(EXAMPLES[0], packages=(value,))
        if isinstance(value, CopiedFiles):
            return dataclasses.replace(COPYING, copies=(value,))
        return dataclasses.replace(EXAMPLES[4], pieces=(within(PIECE, value),))

    assert (digest_of(step(changed)) != digest_of(step(part))) == (field != "where")


def within(whole: Any, part: Any) -> Any:
    """*whole*, a Piece, with *part* in the place of what is of its kind."""
    if type(whole) is type(part):
        return part
    if isinstance(whole, tuple):
        return tuple(within(each, part) for each in whole)
    if not dataclasses.is_dataclass(whole):
        return whole
    values = {f.name: within(getattr(whole, f.name), part) for f in dataclasses.fields(whole)}
    return dataclasses.replace(whole, **values)  # type: ignore[type-var]


def test_the_clock_and_what_lies_below_change_it() -> None:
    step = RunScript("post-1", (Layer("x"),), "true", "/bin/sh")

    def digest(clock: int, version: int) -> str:
        below = Source(Layer("x"), version)
        return Plan("demo", clock, (below, step), (step.gives,)).digests()[step.gives]

    assert len({digest(0, 1), digest(1, 1), digest(0, 2)}) == 3


def test_a_plan_survives_a_trip_through_json() -> None:
    below = [RunScript(name, (), "", "/bin/sh") for name in ("a",)]
    disk = replace(EXAMPLES[4], layers=(Layer("a"),), filesystems=())  # type: ignore[type-var]
    plan = Plan("demo", 7, (EXAMPLES[0], *below, disk), (DiskImage("sda"),))

    assert Plan.from_json(plan.to_json()) == plan


def test_only_what_a_missing_target_needs_is_run() -> None:
    steps = (
        RunScript("a", (), "a", "/bin/sh"),
        RunScript("b", (Layer("a"),), "b", "/bin/sh"),
        RunScript("c", (Layer("a"), Layer("b")), "c", "/bin/sh"),
    )
    plan = Plan("demo", 0, steps, (Layer("c"),))
    digests = plan.digests()

    assert [step.gives for step in plan.needed(set())] == [Layer("a"), Layer("b"), Layer("c")]
    assert [step.gives for step in plan.needed({digests[Layer("a")]})] == [Layer("b"), Layer("c")]
    assert plan.needed({digests[Layer("c")]}) == ()
