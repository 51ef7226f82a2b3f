"""Two inspections differ in packages, sizes and settings; each is told with its reason."""

from pathlib import Path

import pytest

from appliance.inspection.comparison.compare import IN_WORDS, Asked, comparison
from appliance.inspection.comparison.model import (
    ADDED,
    CHANGED,
    NEWER,
    OLDER,
    REMOVED,
    Comparison,
    SettingChange,
    as_json,
)
from appliance.inspection.comparison.packages import package_changes
from appliance.inspection.content_facts import InstalledPackage, PortFacts, SizeRow, UserFacts
from appliance.inspection.facts import Inspection
from appliance.inspection.machine_facts import (
    DiskFacts,
    KernelFacts,
    MenuEntry,
    StartFacts,
    SystemFacts,
)

BASE = Comparison("a", "b", "a", "b")


def deb(name: str, version: str, manager: str = "deb") -> InstalledPackage:
    return InstalledPackage(name, version, "amd64", manager, source=f"{name}-source")


def entry(arguments: str) -> StartFacts:
    return StartFacts(("bios",), ("grub",), False, (MenuEntry("one", "/k", arguments, "/g"),))


LEFT = Inspection(
    "a", "bundle",
    system=SystemFacts(id="debian", hostname="web", kernels=(KernelFacts("6.1"),)),
    start=entry("root=UUID=1 quiet"),
    packages=(deb("base", "1"), deb("gone", "1"), deb("grown", "1~rc1"), deb("sunk", "2")),
    sizes=(SizeRow("/usr/lib", "grown", 10, 1), SizeRow("/usr/lib/x", "base", 5, 1),
           SizeRow("/var/cache", "", 100, 1), SizeRow("/usr/bin", "gone", 3, 1)),
    users=(UserFacts("root", 0, "/bin/sh", "/root", False, "locked"),
           UserFacts("ann", 1000, "/bin/sh", "/home/ann", True, "set")),
    ports=(PortFacts("tcp", "", 22, "", "ssh.socket", "/x", certain=True),),
)  # fmt: skip
RIGHT = Inspection(
    "b", "bundle",
    system=SystemFacts(id="debian", hostname="shop", kernels=(KernelFacts("6.12"),)),
    start=entry("root=UUID=1 debug"),
    packages=(deb("base", "1"), deb("come", "1"), deb("grown", "1"), deb("sunk", "1:1")),
    sizes=(SizeRow("/usr/lib", "grown", 40, 1), SizeRow("/usr/lib/x", "base", 6, 1),
           SizeRow("/var/log", "", 90, 1)),
    users=(UserFacts("root", 0, "/bin/sh", "/root", True, "set"),),
    ports=(PortFacts("tcp", "", 80, "", "web.service", "/x", certain=True),),
)  # fmt: skip


def test_packages_are_ordered_as_their_manager_orders_them() -> None:
    found = package_changes(LEFT.packages or (), RIGHT.packages or ())
    assert [(each.name, each.change, each.left, each.right) for each in found] == [
        ("come", ADDED, "", "1"),
        ("gone", REMOVED, "1", ""),
        ("grown", NEWER, "1~rc1", "1"),
        ("sunk", NEWER, "2", "1:1"),
    ]
    assert package_changes((deb("a", "0:1"),), (deb("a", "1"),)) == ()


@pytest.mark.parametrize(
    ("left", "right", "change"),
    [("1.0-1", "1.0-1.1", NEWER), ("1.0^git1-1", "1.0-1", OLDER), ("2:1-1", "3-1", OLDER)],
)
def test_rpm_has_an_order_of_its_own(left: str, right: str, change: str) -> None:
    [found] = package_changes((deb("a", left, "rpm"),), (deb("a", right, "rpm"),))
    assert found.change == change


def test_of_several_kernels_those_count_that_one_side_has() -> None:
    left = deb("kernel-core", "6.1-1", "rpm"), deb("kernel-core", "6.2-1", "rpm")
    right = deb("kernel-core", "6.2-1", "rpm"), deb("kernel-core", "6.3-1", "rpm")
    [found] = package_changes(left, right)
    assert (found.change, found.left, found.right) == (NEWER, "6.1-1", "6.3-1")
    assert [each.change for each in package_changes(left, ())] == [REMOVED, REMOVED]


def test_growth_has_its_reason() -> None:
    sizes = comparison(BASE, LEFT, RIGHT, IN_WORDS).sizes
    assert sizes is not None
    assert (sizes.left, sizes.right) == (118, 136)
    assert [(each.name, each.size, each.reason) for each in sizes.packages] == [
        ("grown", 30, "newer: 1~rc1 → 1"),
        ("", -10, "/var/cache -100 bytes"),
        ("gone", -3, "removed"),
        ("base", 1, "other files, the same version"),
    ]
    assert [(each.name, each.size, each.reason) for each in sizes.directories] == [
        ("/var/cache", -100, "files of no package -100 bytes"),
        ("/var/log", 90, "files of no package +90 bytes"),
        ("/usr/lib", 31, "grown +30 bytes, base +1 bytes"),
        ("/usr/bin", -3, "gone -3 bytes"),
    ]


def test_settings_are_told_one_by_one() -> None:
    found = comparison(BASE, LEFT, RIGHT, IN_WORDS).settings
    assert found is not None
    assert found[:4] == (
        SettingChange("system", "system", "", "hostname", CHANGED, "web", "shop"),
        SettingChange("system", "system", "", "kernels", CHANGED, "6.1", "6.12"),
        SettingChange("start", "start", "", "boot arguments", CHANGED, "quiet", "debug"),
        SettingChange("users", "user", "ann", "", REMOVED, "uid 1000, shell /bin/sh, "
                      "home /home/ann, logs in yes, password set", ""),
    )  # fmt: skip
    assert [(each.name, each.what, each.change) for each in found[4:]] == [
        ("root", "logs in", CHANGED),
        ("root", "password", CHANGED),
        ("tcp 22", "", REMOVED),
        ("tcp 80", "", ADDED),
    ]


def test_the_same_does_not_differ() -> None:
    found = comparison(BASE, LEFT, LEFT, IN_WORDS)
    assert not found.differs
    assert (found.packages, found.settings) == ((), ())
    assert comparison(BASE, LEFT, RIGHT, IN_WORDS).differs


def test_what_was_not_asked_for_is_left_out() -> None:
    found = comparison(BASE, LEFT, RIGHT, ("users",))
    assert as_json(found).keys() == {
        "schema", "left", "right", "left_name", "right_name", "settings", "notes",
    }  # fmt: skip
    assert {each.section for each in found.settings or ()} == {"users"}


def test_blocks_are_compared_only_if_that_is_wanted() -> None:
    assert Asked().bits
    assert Asked(("bits", "users")).bits
    assert Asked(data=(Path("x"),)).bits
    assert not Asked(("packages",)).bits
    assert not Asked(changelogs=True).bits
    assert Asked(("bits",)).looked_at == ()
    assert Asked(("sizes",)).looked_at == ("packages", "sizes")
    assert Asked(changelogs=True).wanted == ("packages",)


def test_disks_that_have_but_the_names_of_their_files_go_by_their_numbers() -> None:
    def disk(name: str, file: str) -> Inspection:
        return Inspection(name, "disk image", disks=(DiskFacts(name, 1 << 20, file, 9, "raw"),))

    monday, tuesday = disk("monday.raw", "monday.raw"), disk("tuesday.raw", "tuesday.raw")
    assert comparison(BASE, monday, tuesday, ("disks",)).settings == ()
    told = comparison(BASE, disk("sda", "web-sda.raw"), disk("sdb", "web-sdb.raw"), ("disks",))
    assert [(each.name, each.change) for each in told.settings or ()] == [
        ("sda", REMOVED), ("sdb", ADDED),
    ]  # fmt: skip
