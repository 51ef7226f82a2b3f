"""How a kickstart is read in two turns, and what is taken from what its %pre scripts left."""

import json
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from appliance.creation.before import decided, read
from appliance.errors import CommandError
from appliance.plan.before import before
from appliance.plan.make import Target
from appliance.plan.model import Plan
from appliance.plan.scripts import Terms
from appliance.recipe.before import MadePartition
from appliance.recipe.model import Recipe
from appliance.recipe.overrides import Overrides
from appliance.steps.run_before import RunBefore
from appliance.units import GIB, MIB

TEXT = "rootpw --lock\n%include /tmp/disk.ks\n%pre\ntrue\n%end\n%packages\n%end\n"
LINUX = "0FC63DAF-8483-4772-8E79-3D69D8477DE4"


def left(place: Path, files: dict[str, str]) -> Path:
    """What a RunBefore step keeps."""
    path = place / "left.tar"
    with tarfile.open(path, "w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, BytesIO(text.encode()))
        link = tarfile.TarInfo("files/link.ks")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    return path


def table(label: str, *partitions: tuple[int, int, int]) -> str:
    rows = [
        {"node": f"/run/disks/nvme0n1p{number}", "start": start, "size": size, "type": LINUX}
        for number, start, size in partitions
    ]
    return json.dumps({"partitiontable": {"label": label, "sectorsize": 512, "partitions": rows}})


def test_a_kickstart_that_waits_for_its_pre_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "web.ks"
    file.write_text(TEXT)
    plans: list[Plan] = []

    def run(recipe: Recipe, disk_size: int) -> Path:
        plans.append(before(recipe, Terms(disk_size=disk_size)))
        return left(tmp_path, {"files/disk.ks": "part / --size=9\n"})

    recipe = read(file, Overrides(), Target(disk_size=3 * GIB), run)

    assert [one.mount_point for one in recipe.volumes] == ["/"]
    (step,) = plans[0].steps
    assert isinstance(step, RunBefore)
    assert step.disks == (("sda", 3 * GIB), ("vda", 3 * GIB))


def test_one_that_does_not_is_read_once(tmp_path: Path) -> None:
    file = tmp_path / "web.ks"
    file.write_text(TEXT.replace("%include /tmp/disk.ks", "part / --size=9"))

    assert read(file, Overrides(), Target(), lambda recipe, size: Path("/never")).volumes


def test_a_pre_that_fails_may_want_a_larger_disk(tmp_path: Path) -> None:
    file = tmp_path / "web.ks"
    file.write_text(TEXT)

    def run(recipe: Recipe, disk_size: int) -> Path:
        raise CommandError("%pre failed", hint="--shell")

    with pytest.raises(CommandError) as refusal:
        read(file, Overrides(), Target(), run)

    assert refusal.value.hint == "a larger --disk-size, if 10 GiB are too small; --shell"


def test_only_files_and_tables_count(tmp_path: Path) -> None:
    made = left(
        tmp_path,
        {
            "files/a.ks": "lang C\n",
            "files/deep/b": "x",
            "files/large": "x" * (MIB + 1),
            "tables/nvme0n1.json": table("gpt", (2, 34, 2014), (10, 5000, 40000)),
            "tables/sda.json": "",
            "tables/sdb.json": table("sun", (1, 0, 9)),
        },
    )

    found = decided(made, 7 * GIB)

    assert found.files == {"/tmp/a.ks": "lang C\n", "/tmp/deep/b": "x"}
    assert list(found.tables) == ["nvme0n1"]
    assert found.tables["nvme0n1"].size == 7 * GIB
    assert found.tables["nvme0n1"].partitions == (
        MadePartition(2, MIB, MIB, LINUX),
        MadePartition(10, 3 * MIB, 18 * MIB, LINUX),
    )
