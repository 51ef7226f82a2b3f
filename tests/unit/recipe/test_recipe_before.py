"""What a %pre decides: lines that it writes, partitions that it makes."""

import json
from pathlib import Path

import pytest

from appliance.backends.families.shell.rpm import settings_script
from appliance.errors import RecipeError
from appliance.layout.storage import Storage
from appliance.recipe.before import Decided, MadePartition, MadeTable
from appliance.recipe.model import Recipe
from appliance.recipe.overrides import Overrides, Reading
from appliance.recipe.reading.load import load, problems
from appliance.units import MIB

BIOS = "21686148-6449-6E6F-744E-656564454649"
DATA = "0FC63DAF-8483-4772-8E79-3D69D8477DE4"
PRE = "%pre\ntrue\n%end\n"
TABLE = MadeTable(
    "gpt",
    900 * MIB,
    (
        MadePartition(14, MIB, 4 * MIB, BIOS),
        MadePartition(2, 105 * MIB, 600 * MIB, DATA),
        MadePartition(1, 5 * MIB, 100 * MIB, DATA),
    ),
)


def written(place: Path, text: str) -> Path:
    file = place / "web.ks"
    file.write_text(f"rootpw --lock\n{text}%packages\n%end\n")
    return file


def read(place: Path, text: str, decided: Decided | None) -> Recipe:
    overrides = Overrides(reading=Reading(decided=decided))
    return load(written(place, text), overrides=overrides)


def on(table: MadeTable) -> Decided:
    return Decided({}, {"vda": table})


def test_partitions_have_the_places_that_a_pre_gave_them(tmp_path: Path) -> None:
    text = "part / --onpart=/dev/vda2 --fstype=xfs --grow\npart /srv --size=9\n"
    recipe = read(tmp_path, f"ignoredisk --only-use=vda\n{text}{PRE}", on(TABLE))

    made = [(one.filesystem, one.number, one.start, one.size) for one in recipe.volumes]
    assert made == [
        ("biosboot", 14, MIB, 4 * MIB),
        ("unused", 1, 5 * MIB, 100 * MIB),
        ("xfs", 2, 105 * MIB, 600 * MIB),
        ("", 0, 0, 9 * MIB),
    ]
    assert {one.disk for one in recipe.volumes} == {"vda"}
    assert [one.kind for one in recipe.volumes] == [BIOS, DATA, DATA, ""]
    assert not recipe.volumes[2].grow
    assert (recipe.table, recipe.disk_sizes) == ("gpt", (("vda", 900 * MIB),))
    assert (recipe.pending, recipe.partial) == ((), False)


def test_what_is_in_a_partition_may_ask_for_its_type(tmp_path: Path) -> None:
    recipe = read(tmp_path, f"part / --onpart=vda2\npart swap --onpart=vda1\n{PRE}", on(TABLE))

    assert [one.kind for one in recipe.volumes if one.filesystem == "swap"] == [""]


@pytest.mark.parametrize(
    ("line", "problem", "hint"),
    [
        ("part / --onpart=vda3", "no %pre made vda3: /dev/vda has partitions 14, 2, 1", "sfdisk"),
        ("part / --onpart=sdb1", "no %pre made sdb1: /dev/sdb has no partitions", "--size=MIB"),
        ("part / --onpart=LABEL=x", "--onpart=LABEL=x is not the name of a", "--onpart=vda2"),
        ("part / --onpart=vda2 --noformat", "made new", "leave the option out"),
    ],
)
def test_what_no_pre_made_is_refused(tmp_path: Path, line: str, problem: str, hint: str) -> None:
    with pytest.raises(RecipeError) as refusal:
        read(tmp_path, f"{line}\n{PRE}", on(TABLE))

    assert problem in refusal.value.problem
    assert hint in refusal.value.hint
    assert refusal.value.where
    assert refusal.value.where.line == 2


@pytest.mark.parametrize("name", ["nvme0n1p2", "/dev/mmcblk0p2"])
def test_a_p_stands_between_two_numbers(tmp_path: Path, name: str) -> None:
    disk = name.removeprefix("/dev/").removesuffix("p2")
    recipe = read(tmp_path, f"part / --onpart={name}\n{PRE}", Decided({}, {disk: TABLE}))

    assert {one.disk for one in recipe.volumes} == {disk}


def test_what_has_not_run_is_awaited(tmp_path: Path) -> None:
    text = f"part / --onpart=vda2\n%include /tmp/a.ks\n%include /tmp/a.ks\n{PRE}"
    recipe = read(tmp_path, text, None)

    assert [(note.where.line, note.text) for note in recipe.pending] == [
        (3, "/tmp/a.ks is what a %pre writes: a build runs that first"),
        (2, "a %pre makes partitions 2 of vda: a build runs that first"),
    ]
    assert not recipe.partial


@pytest.mark.parametrize(
    "text",
    ["", "logvol / --vgname=a --name=b --size=9\n", "volgroup a pv.01\n", "btrfs none btrfs.01\n"],
)
def test_lines_may_be_missing_that_are_still_to_be_written(tmp_path: Path, text: str) -> None:
    recipe = read(tmp_path, f"{text}%include /tmp/disk.ks\n{PRE}", None)

    assert recipe.partial


def test_what_is_wrong_whatever_a_pre_writes_is_told_at_once(tmp_path: Path) -> None:
    file = written(tmp_path, f"part /srv --size=9 --fstype=zfs\n%include /tmp/disk.ks\n{PRE}")

    assert [error.problem for error in problems(file)[0]] == ["unknown filesystem 'zfs'"]


def test_files_of_a_pre_are_included_wherever_they_are_named(tmp_path: Path) -> None:
    files = {"/tmp/disk.ks": "%include /tmp/deep/er.ks\n", "/tmp/deep/er.ks": "part / --size=9\n",
             "/tmp/names": "nginx\n"}  # fmt: skip
    text = f"%include /tmp/disk.ks\n%packages\n%include /tmp/names\n%end\n{PRE}"
    recipe = read(tmp_path, text, Decided(files, {}))

    assert [one.mount_point for one in recipe.volumes] == ["/"]
    assert [one.name for one in recipe.packages.names] == ["nginx"]
    assert str(recipe.volumes[0].where) == "/tmp/deep/er.ks (of a %pre):1"


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({}, "no %pre wrote /tmp/disk.ks"),
        ({"/tmp/disk.ks": "%include /tmp/disk.ks\n"}, "/tmp/disk.ks includes itself"),
    ],
)
def test_files_that_no_pre_wrote_are_refused(
    tmp_path: Path, files: dict[str, str], problem: str
) -> None:
    with pytest.raises(RecipeError, match=problem):
        read(tmp_path, f"part / --size=9\n%include /tmp/disk.ks\n{PRE}", Decided(files, {}))


def test_an_absolute_include_may_be_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/base.ks").write_text("part / --size=9\n")
    file = written(tmp_path, "%include /run/install/repo/base.ks\n")
    missing = problems(file)[0][0]
    assert missing.problem == (
        "/run/install/repo/base.ks is on an installation medium, and there is none"
    )
    assert missing.hint == "--include-path DIRECTORY of base.ks"

    reading = Reading((tmp_path / "kept",))
    assert load(file, overrides=Overrides(reading=reading)).volumes[0].mount_point == "/"


def test_a_passphrase_in_what_a_pre_wrote_cannot_be_read_again(tmp_path: Path) -> None:
    files = {"/tmp/disk.ks": "part /srv --size=9 --encrypted --passphrase=secret\n"}
    reading = Reading(decided=Decided(files, {}))
    file = written(tmp_path, f"part / --size=9\n%include /tmp/disk.ks\n{PRE}")
    recipe = load(file, overrides=Overrides(reading=reading, passphrase="env:OWN"))

    assert [one.encryption.source for one in recipe.volumes if one.encryption] == ["env:OWN"]


def test_the_selected_disk_is_that_of_all_others(tmp_path: Path) -> None:
    text = "part /boot --size=9 --ondisk=vda\npart / --size=9\n"
    recipe = read(tmp_path, f"ignoredisk --only-use=vda\n{text}", None)

    assert {one.disk for one in recipe.volumes} == {"vda"}
    assert read(tmp_path, "ignoredisk --only-use=/dev/vdb,sda\nautopart\n", None).disk == "vdb"
    assert read(tmp_path, "ignoredisk --drives=vda\nautopart\n", None).disk == "sda"


def test_the_purpose_of_a_system_is_a_file(tmp_path: Path) -> None:
    line = 'syspurpose --role="RHEL Server" --sla=Premium --addon=a --addon=b\n'
    recipe = read(tmp_path, f"{line}part / --size=9\n", None)

    assert json.loads(recipe.settings.purpose) == {
        "role": "RHEL Server",
        "service_level_agreement": "Premium",
        "addons": ["a", "b"],
    }
    script = settings_script(recipe, Storage())
    assert "> /etc/rhsm/syspurpose/syspurpose.json" in script
    assert settings_script(read(tmp_path, "part / --size=9\n", None), Storage()).count("rhsm") == 0
