"""In which order a build does things, and which step takes what."""

from dataclasses import replace
from pathlib import Path

import pytest

from appliance.backends import families
from appliance.backends.package_managers.model import Lock, LockedPackage
from appliance.packages.resolve import stored
from appliance.plan.make import Target, make_plan
from appliance.plan.model import Plan
from appliance.plan.own_files import NO_FILES, FoundFiles
from appliance.recipe.reading.load import load
from appliance.steps.assemble_disk import AssembleDisk
from appliance.steps.copy_files import CopiedFiles
from appliance.steps.fill_filesystem import FillFilesystem
from appliance.steps.make_boot_code import MakeBootCode
from appliance.steps.run_before import RunBefore
from appliance.steps.run_script import RunScript
from appliance.work.results import BootCode, Findings, Labels, Layer, LeftFiles, PackedTree

SECTIONS = """\
%pre
echo before > /tmp/asked
%end
%pre-install
true
%end
%post --nochroot
cat /tmp/asked
%end
%post
true
%end
%onerror
true
%end
"""
PARTS = """\
part biosboot --fstype=biosboot --size=1
part /boot/efi --fstype=efi --size=64
part / --fstype=ext4 --size=600 --ondisk=sda
"""


def planned(
    place: Path,
    text: str,
    *,
    family: str = "debian",
    target: Target | None = None,
    policy: str = "",
    own: FoundFiles = NO_FILES,
) -> Plan:
    """The plan of a kickstart of the lines *text*; *policy* is a package that is installed."""
    path = place / "demo.ks"
    path.write_text(f"{text}\n%packages\n%end\n")
    packages = (LockedPackage(policy, "1", "noarch", "ab", 7, family, "p"),) if policy else ()
    lock = Lock(family, "44" if family == "fedora" else "trixie", (), 1, (), packages)
    recipe = load(path)
    target = target or Target()
    return make_plan(
        recipe,
        stored(recipe, families.KNOWN[family], target),
        lock=lock,
        target=target,
        versions=lambda tools: tuple((t, "1") for t in tools),
        own=own,
    )


def names(plan: Plan) -> list[str]:
    return [str(step.gives) for step in plan.steps]


def scripts_of(plan: Plan) -> list[RunScript]:
    """All scripts of *plan*, those of the one step of all %pre among them."""
    found: list[RunScript] = []
    for step in plan.steps:
        found += step.scripts if isinstance(step, RunBefore) else ()
        found += [step] if isinstance(step, RunScript) else []
    return found


def disks(plan: Plan) -> list[AssembleDisk]:
    return [step for step in plan.steps if isinstance(step, AssembleDisk)]


def filled(plan: Plan) -> list[FillFilesystem]:
    return [step for step in plan.steps if isinstance(step, FillFilesystem)]


def test_sections_run_where_an_installer_runs_them(tmp_path: Path) -> None:
    order = names(planned(tmp_path, SECTIONS + PARTS))

    wanted = [
        "files:pre", "layer:mounts", "layer:pre-install-1", "layer:packages", "layer:settings",
        "layer:post-1", "layer:post-2", "layer:finish", "boot:bios", "disk:sda", "image:sda.qcow2",
        "layer:onerror-1",
    ]  # fmt: skip
    assert [name for name in order if name in wanted] == wanted


def test_a_layer_takes_every_layer_below_it_and_no_other(tmp_path: Path) -> None:
    plan = planned(tmp_path, SECTIONS + PARTS)

    below: list[Layer] = []
    for step in plan.steps:
        if isinstance(step.gives, Layer) and step.gives != Layer("onerror-1"):
            assert [one for one in step.takes if isinstance(one, Layer)] == below, step.gives
            below.append(step.gives)
    assert [list(step.layers) for step in filled(plan)] == [below, below]


def test_own_files_come_after_packages_and_before_post(tmp_path: Path) -> None:
    own = FoundFiles((CopiedFiles("ab", "/opt/shop"),), ("cd",), ("files", "app"))
    text = SECTIONS.replace("cat /tmp/asked", "cp ./files/x /mnt/app/y shop.py $INSTALL_ROOT")
    plan = planned(tmp_path, text + PARTS, own=own)
    scripts = {script.name: script for script in scripts_of(plan)}

    order = names(plan)
    assert order.index("layer:packages") < order.index("layer:files") < order.index("layer:post-1")
    assert order.index("layer:accounts") < order.index("layer:files")
    assert Layer("files") in scripts["post-1"].after
    assert {name: each.shown for name, each in scripts.items() if each.shown} == dict.fromkeys(
        ("pre-1", "pre-install-1", "post-1", "onerror-1"), ("cd",)
    )
    assert [scripts[name].called for name in ("pre-1", "post-1")] == [(), ("files",)]
    assert Plan.from_json(plan.to_json()) == plan


def test_without_own_files_nothing_is_copied(tmp_path: Path) -> None:
    assert "layer:files" not in names(planned(tmp_path, SECTIONS + PARTS))


def test_strict_scripts_are_all_scripts_of_the_author(tmp_path: Path) -> None:
    for strict in (False, True):
        plan = planned(tmp_path, SECTIONS + PARTS, target=Target(strict_scripts=strict))
        steps = [script for script in scripts_of(plan) if script.section]
        assert [step.strict for step in steps] == [strict] * len(steps)


def test_what_a_pre_left_goes_to_those_beside_the_root_alone(tmp_path: Path) -> None:
    plan = planned(tmp_path, SECTIONS + PARTS)
    scripts = {step.name: step for step in plan.steps if isinstance(step, RunScript)}

    assert scripts["post-1"].files == (LeftFiles("pre"),)
    assert scripts["post-2"].files == ()


def test_no_result_needs_what_runs_on_failure(tmp_path: Path) -> None:
    plan = planned(tmp_path, SECTIONS + PARTS)

    assert "layer:onerror-1" not in [str(step.gives) for step in plan.needed(set())]


@pytest.mark.parametrize(
    ("family", "loaders"),
    [("debian", ["bios", "uefi"]), ("fedora", ["bios-in-tree"])],
)
def test_what_made_the_boot_code_puts_it_on_the_disk(
    family: str, loaders: list[str], tmp_path: Path
) -> None:
    plan = planned(tmp_path, PARTS, family=family)
    made = [step for step in plan.steps if isinstance(step, MakeBootCode)]

    taken = (*disks(plan)[0].boot, *(code for step in filled(plan) for code in step.boot))
    assert [code.loader for code in taken] == loaders
    assert [step.loader for step in made] == loaders


def test_what_firmware_reads_is_in_its_filesystem_and_the_rest_is_embedded(tmp_path: Path) -> None:
    plan = planned(tmp_path, PARTS)

    assert disks(plan)[0].boot == (BootCode("bios", "bios"),)
    assert {step.name: step.boot for step in filled(plan)} == {
        "/boot/efi": (BootCode("uefi", "uefi"),), "/": (),
    }  # fmt: skip


def test_a_tree_is_taken_to_a_disk_only_by_a_loader_of_its_own(tmp_path: Path) -> None:
    debian, fedora = planned(tmp_path, PARTS), planned(tmp_path, PARTS, family="fedora")

    assert disks(debian)[0].layers == ()
    assert Layer("finish") in disks(fedora)[0].layers


def test_each_filesystem_is_filled_once_and_then_taken_by_its_disk(tmp_path: Path) -> None:
    group = "part pv.1 --size=800 --ondisk=sdb\nvolgroup vg pv.1\n"
    group += "logvol /srv --vgname=vg --name=srv --fstype=ext4 --size=64\n"
    group += "logvol swap --vgname=vg --name=more --fstype=swap --size=64\n"
    plan = planned(tmp_path, f"{PARTS}part swap --size=8 --ondisk=sda\n{group}")

    assert [[str(one) for one in disk.filesystems] for disk in disks(plan)] == [
        ["filesystem:/boot/efi", "filesystem:/", "filesystem:sda4"],
        ["filesystem:/srv", "filesystem:vg/more"],
    ]
    assert [step.gives for step in filled(plan)] == [
        result for disk in disks(plan) for result in disk.filesystems
    ]


def test_an_empty_filesystem_waits_for_no_files(tmp_path: Path) -> None:
    plan = planned(tmp_path, f"{PARTS}part swap --size=8 --ondisk=sda\n")

    assert {step.name: step.takes for step in filled(plan)}["sda4"] == ()


def test_programs_that_a_filesystem_does_not_need_do_not_count(tmp_path: Path) -> None:
    plan = planned(tmp_path, PARTS)

    assert {step.name: [name for name, _ in step.tools] for step in filled(plan)} == {
        "/boot/efi": ["mkfs.vfat", "mcopy"], "/": ["mke2fs", "debugfs"],
    }  # fmt: skip
    assert disks(plan)[0].tools == (("sfdisk", "1"),)


def test_extlinux_has_a_code_of_its_own(tmp_path: Path) -> None:
    plan = planned(tmp_path, f"{PARTS}bootloader --extlinux\n", family="fedora")

    assert disks(plan)[0].boot == (BootCode("extlinux", "extlinux"),)
    assert ", attrs=LegacyBIOSBootable" in disks(plan)[0].script()


def test_the_first_disk_alone_holds_boot_code(tmp_path: Path) -> None:
    plan = planned(tmp_path, f"{PARTS}part /srv --size=64 --ondisk=sdb\n")

    assert [bool(disk.boot) for disk in disks(plan)] == [True, False]


def test_no_boot_loader_means_no_boot_code(tmp_path: Path) -> None:
    plan = planned(tmp_path, f"{PARTS}bootloader --disabled\n")

    assert not [step for step in plan.steps if isinstance(step, MakeBootCode)]
    assert disks(plan)[0].boot == ()


def test_labels_are_found_when_the_tree_is_done_and_a_policy_is_in_it(tmp_path: Path) -> None:
    plan = planned(tmp_path, PARTS, family="fedora", policy="selinux-policy-targeted")
    order = names(plan)

    assert order.index("layer:finish") < order.index("labels") < order.index("disk:sda")
    assert {step.labels for step in filled(plan)} == {(Labels(),)}
    assert {step.marked for step in filled(plan)} == {False}
    assert {step.labels for step in filled(planned(tmp_path, PARTS, family="fedora"))} == {()}


def test_labels_are_on_the_files_if_one_filesystem_takes_them_from_there(tmp_path: Path) -> None:
    parts = f"{PARTS}part /srv --fstype=xfs --size=400 --ondisk=sda\n"
    plan = planned(tmp_path, parts, family="fedora", policy="selinux-policy-targeted")

    assert {step.marked for step in filled(plan)} == {True}


def test_the_files_alone_need_no_disk(tmp_path: Path) -> None:
    plan = planned(tmp_path, PARTS, target=Target(formats=("tar",)))

    assert plan.targets == (PackedTree("tar"), Findings())
    assert not [step for step in plan.needed(set()) if isinstance(step, AssembleDisk)]


def test_each_disk_comes_in_each_format_and_raw_ones_with_a_map(tmp_path: Path) -> None:
    target = Target(formats=("raw", "qcow2"), maps=True)
    plan = planned(tmp_path, f"{PARTS}part /srv --size=64 --ondisk=sdb\n", target=target)

    assert [str(result) for result in plan.targets] == [
        "image:sda.raw", "image:sdb.raw", "image:sda.qcow2", "image:sdb.qcow2",
        "blocks:sda", "blocks:sdb", "findings",
    ]  # fmt: skip


def test_the_same_recipe_gives_the_same_plan_and_another_clock_other_digests(
    tmp_path: Path,
) -> None:
    plan = planned(tmp_path, PARTS)
    later = replace(plan, clock=plan.clock + 1)

    assert planned(tmp_path, PARTS).to_json() == plan.to_json()
    assert not set(later.digests().values()) & set(plan.digests().values())


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("network --device=eth0", 1),
        ("network --device=bond0 --bondslaves=eth1,eth2", 1),
        ("network --device=ens192", 0),
        ("network --device=eth0\nbootloader --append=net.ifnames=1", 0),
    ],
)
def test_numbered_cards_need_an_argument_of_the_kernel(
    tmp_path: Path, line: str, names: int
) -> None:
    steps = planned(tmp_path, f"{PARTS}{line}").steps
    bodies = "".join(step.body for step in steps if isinstance(step, RunScript))

    assert ("linux /boot/vmlinuz root" in bodies) and ("net.ifnames=0 " in bodies) == bool(names)
