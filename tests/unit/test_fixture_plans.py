"""Kickstarts of every kind that people write: each comes to the plan that it came to before, or
is refused with its place and what to do."""

from pathlib import Path

import pytest
from tests.unit.test_golden_plans import REPOSITORY, is_as_it_was, planned

from appliance.errors import RecipeError
from appliance.steps.assemble_disk import AssembleDisk

FIXTURES = REPOSITORY / "tests/data/fixtures"
NAMES = sorted(path.name for path in FIXTURES.glob("*.ks"))
REFUSED = {
    "20-both.ks": (
        "20-both.ks:6: part: The part and autopart commands can't be used at the same time."
    ),
    "20-cdrom.ks": (
        "20-cdrom.ks:2: no repository says which distribution this is\n"
        "  try: repo --name=fedora-44, or --repo debian-trixie on the command line"
    ),
    "20-onpart.ks": (
        "20-onpart.ks:5: no %pre made vda4: /dev/vda has no partitions\n  try: make it in a %pre "
        "with parted, sgdisk or sfdisk, or --size=MIB instead of --onpart"
    ),
    "20-ostree.ks": (
        "20-ostree.ks:2: ostreesetup: images are made here of packages, not of an OSTree commit "
        "(image-builder does that)\n  try: leave the line out, and list packages in %packages"
    ),
    "20-unknown.ks": (
        "20-unknown.ks:6: unknown command 'partitoin'\n  try: partition, part"
    ),
}  # fmt: skip
ARM = ("03-aarch64-uefi.ks", "04-raspberry-pi.ks", "05-arm-extlinux.ks", "23-board.ks")


@pytest.fixture(autouse=True)
def _beside_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FIXTURES)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in REFUSED])
def test_the_plan_is_what_it_was(name: str) -> None:
    plan = planned(Path(name), "aarch64" if name in ARM else "x86_64")
    golden = REPOSITORY / "tests/plans/fixtures" / f"{Path(name).stem}.json"

    assert is_as_it_was(plan, golden), "make golden, and look at the diff"


@pytest.mark.parametrize("name", REFUSED)
def test_the_refusal_says_where_and_what_to_do(name: str) -> None:
    with pytest.raises(RecipeError) as refusal:
        planned(Path(name), "x86_64")

    assert str(refusal.value) == REFUSED[name]


def test_a_board_reads_fat_and_a_pc_does_not() -> None:
    with pytest.raises(RecipeError, match="/boot needs links") as refusal:
        planned(Path("23-board.ks"), "x86_64")
    assert refusal.value.hint == (
        "--fstype=ext4, or --arch aarch64 for a board whose firmware reads that"
    )

    plan = planned(Path("23-board.ks"), "aarch64")
    (disk,) = (step for step in plan.steps if isinstance(step, AssembleDisk))
    assert (disk.table, [piece.type_id for piece in disk.pieces]) == ("dos", ["c", "83"])
    assert disk.boot == ()
