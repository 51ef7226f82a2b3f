"""The report of an inspection tells what was found, and its maps hold every byte."""

from appliance.inspection.content_facts import InstalledPackage, SizeRow, UserFacts
from appliance.inspection.facts import Inspection
from appliance.inspection.machine_facts import FilesystemFacts, ProductFacts
from appliance.inspection.pages.model import Block, Bytes
from appliance.inspection.pages.of_inspection import report
from appliance.inspection.pages.page import page

ROWS = (
    SizeRow("/usr", "base", 5, 1),
    SizeRow("/usr/lib", "libc6", 70, 2),
    SizeRow("/usr/lib/systemd", "systemd", 20, 1),
    SizeRow("/var", "", 5, 1),
)
FOUND = Inspection(
    "web",
    "bundle",
    product=ProductFacts(name="Web", version="1.2", made=2**62),
    filesystems=(FilesystemFacts("sda", "partition 2", "ext4", "/", size=2048, used=1024),),
    packages=(
        InstalledPackage(
            "libc6", "2.41", "amd64", "deb", reason="needed", needed_by=("bash",), size=70
        ),
    ),
    sizes=ROWS,
    users=(UserFacts("root", 0, "/bin/bash", "/root", logs_in=True, password="set"),),
    changed=(),
    notes=("a port is not known",),
)


def _sums(block: Block) -> None:
    if block.parts:
        assert block.size == sum(part.size for part in block.parts), block.name
    for part in block.parts:
        _sums(part)


def test_every_byte_is_in_a_part() -> None:
    by_package, by_directory = report(FOUND).maps
    assert (by_package.whole.size, by_directory.whole.size) == (100, 100)
    _sums(by_package.whole)
    _sums(by_directory.whole)
    usr = by_directory.whole.parts[0]
    assert [(part.name, part.size, part.about) for part in usr.parts] == [
        ("lib", 90, "3 files"), ("(files right here)", 5, "1 file"),
    ]  # fmt: skip


def test_what_was_not_asked_for_is_left_out() -> None:
    whole = report(FOUND)
    assert [table.name for table in whole.tables] == [
        "packages", "filesystems", "users", "changed", "notes",
    ]  # fmt: skip
    tables = {table.name: table for table in whole.tables}
    assert tables["packages"].rows[0][:4] == ("libc6", "2.41", Bytes(70), "needed by bash")
    assert tables["filesystems"].rows[0][3:6] == (Bytes(2048), Bytes(1024), "")
    assert tables["changed"].note == "None."
    assert dict(whole.summary) == {
        "Product": "Web 1.2", "Made": str(2**62), "Packages": "1, 70 bytes",
        "Users who can log in": "root",
    }  # fmt: skip


def test_it_becomes_a_page() -> None:
    assert "<td>needed by bash</td>" in page(report(FOUND))
