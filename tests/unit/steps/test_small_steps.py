"""The steps that are one question to somebody else: what they ask, and what they refuse."""

import tarfile
from pathlib import Path
from typing import Any

import pytest

from appliance.backends.package_managers.model import OWN_RPM, LockedPackage
from appliance.errors import CommandError, RecipeError, RequestError, Where
from appliance.steps.convert_disk import ConvertDisk
from appliance.steps.install_packages import InstallPackages
from appliance.steps.label_files import LabelFiles, labels_in, read_labels
from appliance.steps.make_boot_code import MakeBootCode
from appliance.steps.map_blocks import MapBlocks
from appliance.steps.minimize_image import MinimizeImage
from appliance.steps.run_before import RunBefore
from appliance.steps.run_script import LOOKING, RunScript
from appliance.work.results import (
    BlockMap,
    BootCode,
    DiskImage,
    FormattedImage,
    Labels,
    Layer,
    LeftFiles,
)  # fmt: skip

HERE = Where(Path("a.ks"), 7)
WORLD = Any  # conftest.World


def test_a_format_is_made_of_the_raw_disk_and_of_no_other(world: WORLD) -> None:
    ConvertDisk("sdb", "raw", ()).run(world)

    (words,) = [words for name, words in world.asked if name == "cp"]
    assert words[-2:] == [
        str(world.results.path(DiskImage("sdb"))),
        str(world.results.path(FormattedImage("sdb", "raw"))),
    ]


def test_an_unknown_format_is_what_somebody_asked_for(world: WORLD) -> None:
    with pytest.raises(RequestError, match="unknown disk format 'qcow3', did you mean 'qcow2'"):
        ConvertDisk("sda", "qcow3", ()).run(world)


def test_a_map_of_blocks_is_of_its_disk(world: WORLD) -> None:
    world.results.path(DiskImage("sda")).write_bytes(b"x" * 4096)
    MapBlocks("sda").run(world)

    assert "<ImageSize> 4096 </ImageSize>" in world.results.path(BlockMap("sda")).read_text()


def test_a_boot_loader_of_the_tree_is_what_its_packages_made(world: WORLD) -> None:
    step = MakeBootCode("bios", "bios-in-tree", "u", "/boot", (Layer("boot"),), ())
    with pytest.raises(CommandError, match="no GRUB for BIOS machines"):
        step.run(world)
    world.tree.write("boot/grub2/i386-pc/boot.img", "B" * 600)
    world.tree.write("boot/grub2/i386-pc/core.img", "C" * 3)
    step.run(world)

    assert step.gives == BootCode("bios", "bios-in-tree")
    assert world.results.path(step.gives).read_bytes() == b"B" * 512 + b"CCC"


def test_a_tree_without_a_policy_has_no_labels(world: WORLD) -> None:
    LabelFiles((), ()).run(world)

    assert world.results.path(Labels()).read_bytes() == b""
    assert world.asked == []


def test_a_policy_that_labels_nothing_is_an_error(world: WORLD) -> None:
    world.tree.write("etc/selinux/config", "SELINUX=enforcing\nSELINUXTYPE=targeted\n")
    world.tree.write("etc/selinux/targeted/contexts/files/file_contexts", "")

    with pytest.raises(CommandError, match="gives its root no label"):
        LabelFiles((), ()).run(world)


@pytest.mark.parametrize("network", ["own", "host", ""])
def test_an_authors_script_sees_what_its_line_allows(world: WORLD, network: str) -> None:
    (world.root / "tmp").mkdir()
    step = RunScript(
        "post-1", (), "true\n", "/bin/bash -x", network, section="post", where=HERE,
        devices=(("vda", ""),),
    )  # fmt: skip
    step.run(world)

    (jail,) = world.jails
    assert (jail.network, jail.limited, jail.outside) == (network, True, False)
    assert jail.devices == (("vda", ""),)
    assert world.asked[-1] == ("jail", ["/bin/bash", "-x", "/tmp/ks-script"])
    assert step.repeatable == (not network)


LOST = "cp: cannot stat 'app': No such file or directory"


@pytest.mark.parametrize(
    ("outside", "section", "told"),
    [(True, "post", True), (True, "pre", True), (False, "post", False), (True, "", False)],
)
def test_a_script_that_goes_on_without_a_file_is_told_how_to_see_it(
    world: WORLD, outside: bool, section: str, told: bool
) -> None:
    world.answers["jail"] = f"first\n{LOST}\nlast\n"
    RunScript("a", (), "", "/bin/sh", outside=outside, section=section, where=HERE).run(world)

    says = [f"a.ks:7: %{section} went on after '{LOST}': {LOOKING}"]
    assert world.notes == (says if told else [])


def test_own_files_are_where_a_script_beside_the_root_starts(world: WORLD) -> None:
    words = {"section": "post", "where": HERE, "shown": ("ab", "cd"), "called": ("files",)}
    RunScript("post-1", (), "", "/bin/sh", outside=True, **words).run(world)

    (jail,) = world.jails
    assert jail.directory == "/mnt/files"
    assert (world.files, "/mnt/files") in jail.binds
    assert ("show", ("ab", "cd", "files")) in world.asked


def test_our_own_scripts_have_no_network_and_no_limits(world: WORLD) -> None:
    RunScript("settings", (), "true\n", "/bin/sh").run(world)

    (jail,) = world.jails
    assert (jail.network, jail.limited) == ("", False)
    assert (world.scratch / "script").read_text() == "true\n"


def test_what_a_pre_leaves_and_the_table_it_wrote_are_its_result(world: WORLD) -> None:
    script = RunScript("pre-1", (), "", "/bin/sh", outside=True, section="pre", where=HERE)
    step = RunBefore("pre", (script, script), (("vda", 7),))
    step.run(world)

    assert step.gives == LeftFiles("pre")
    with tarfile.open(world.files / "kept") as tar:
        assert tar.getnames() == ["files", "tables", "tables/vda.json"]
    *scripts, reading = world.jails
    assert [place for jail in scripts for _, place in jail.writable] == ["/tmp", "/run/disks"] * 2
    assert (reading.writable, reading.network, reading.outside) == ((), "", True)
    assert world.asked[-1] == ("jail", ["sfdisk", "--json", "/run/disks/vda"])


def test_files_are_dropped_but_for_those_that_are_kept(world: WORLD) -> None:
    for name in ("doc/a", "doc/b"):
        world.tree.write(f"usr/{name}", "")
    MinimizeImage("post-1", (), "drop /usr/doc\nkeep /usr/doc/b\n", HERE).run(world)

    assert sorted(path.name for path in world.root.rglob("*")) == ["b", "doc", "usr"]


def test_packages_cannot_be_dropped_where_no_rpm_knows_them(world: WORLD) -> None:
    with pytest.raises(RecipeError, match="no rpm database") as caught:
        MinimizeImage("post-1", (), "droprpm vim\n", HERE).run(world)
    assert caught.value.where == HERE


@pytest.mark.parametrize(
    "name",
    [
        "a blank",
        "a#sign",
        "a\\slash",
        "a'quote",
        'a"quote',
        "a\nline",
        "a\nWould relabel",
        "\udce9",
    ],
)
def test_every_name_gets_its_label(tmp_path: Path, name: str) -> None:
    label = "system_u:object_r:odd_t:s0"
    said = "".join(
        f"Would relabel /r{path} from <no context> to {label}\n" for path in ("", f"/{name}", "/z")
    )
    found = labels_in(said, "/r")
    table = tmp_path / "labels"
    text = "".join(f"{label} {path}\0" for path, label in found.items())
    table.write_bytes(text.encode(errors="surrogateescape"))

    assert found == read_labels(table) == {"/": label, f"/{name}": label, "/z": label}


@pytest.mark.parametrize("options", [(), (OWN_RPM,)])
def test_an_older_rpm_makes_its_own_database(
    world: WORLD, options: tuple[tuple[str, str], ...]
) -> None:
    package = LockedPackage("bash", "5-1", "x86_64", "ab", 7, "base", "b/bash.rpm")
    database = ("database", "var/lib/rpm")
    step = InstallPackages("dnf", (package,), True, None, (), (database, *options), ())
    step.run(world)

    scripts = [words[-1] for kind, words in world.asked if kind == "jail"]
    assert step.repeatable == (not options)
    assert len(scripts) == 1 + len(options)
    if options:
        assert "rm -rf /var/lib/rpm/*" in scripts[1]
        assert "rpm -U --justdb" in scripts[1]
        assert (world.jails[1].outside, world.jails[1].network) == (False, "")
        assert [place for _, place in world.jails[1].binds] == ["/run/packages"]
