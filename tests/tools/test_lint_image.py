"""`appliance lint IMAGE`: a real disk with one of each in it, and a clean one."""

import json
import socket
from pathlib import Path

import pytest
from lxml import etree

import seeds
from appliance.backends.image_rules import every_rule
from appliance.cli import main
from appliance.host import command

UUID = "0b6c1f0e-5f0a-4d5e-9d57-6a7d1f0c4a01"
ESP, ROOT, SWAP = 1 << 20, 9 << 20, 41 << 20  # bytes from the disk's beginning
TABLE = f"""\
label: gpt
label-id: {UUID}
start=2048, size=16384, type=uefi
start=18432, size=65536, type=linux
start=83968, size=8192, type=swap
"""
OF_A_BUILD = {"secret-variable"}  # which values that are, only a build knows
NAMES = [rule.name for rule in every_rule() if rule.name not in OF_A_BUILD]


def make_disk(place: Path, files: dict[str, bytes]) -> Path:
    """A disk whose root holds *files*, besides what makes it a root; the EFI partition, which fstab
    does not name, those of /loader."""
    tree, disk = place / "tree", place / "web.raw"
    system = {"/etc/os-release": b"ID=acme\n", "/usr/bin/true": b"\x7fELF", "/etc/fstab": b"#\n"}
    for path, text in {**system, **files}.items():
        target = tree / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)
    with disk.open("wb") as file:
        file.truncate(48 << 20)
    command.run(["sfdisk", "--quiet", disk], stdin=TABLE)
    vfat = ["mkfs.vfat", "-I", "-F", "12", "--offset", str(ESP // 512), disk, str(8 << 10)]
    command.run(vfat)
    if (tree / "loader").exists():
        command.run(["mcopy", "-s", "-i", f"{disk}@@{ESP}", tree / "loader", "::/loader"])
    options = f"offset={ROOT},root_owner=0:0,nodiscard"
    command.run(["mke2fs", "-q", "-F", "-t", "ext4", "-E", options, "-d", tree, disk, "32768k"])
    swap = place / "swap"
    swap.write_bytes(bytes(4 << 20))
    command.run(["mkswap", swap])
    with disk.open("r+b") as file:
        file.seek(SWAP)
        file.write(swap.read_bytes()[: 64 << 10])
    return disk


def everything() -> dict[str, bytes]:
    """One of each, in one tree."""
    files: dict[str, bytes] = {}
    for written in seeds.SEEDS.values():
        for path, text in written:
            once = path in files and path in ("/etc/machine-id", "/etc/hostname")
            files[path] = files[path] if once else files.get(path, b"") + text
    return files


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("full")
    disk = make_disk(place, everything())
    with disk.open("r+b") as file:
        file.seek(ROOT + (30 << 20))  # near its end, where no file is
        file.write(b"what was deleted")
        file.seek(SWAP + (1 << 20))
        file.write(b"memory")
    return disk


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_disk(tmp_path_factory.mktemp("clean"), dict(seeds.HARMLESS[5:6]))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a name, whose user has one, and that goes through a proxy."""
    monkeypatch.setattr(socket, "gethostname", lambda: seeds.HOST)
    monkeypatch.setenv("HOME", seeds.HOME)
    monkeypatch.setenv("http_proxy", f"http://{seeds.PROXY}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lint(*words: str | Path) -> int:
    return main(["lint", "--store", "store", *map(str, words)])


def test_one_of_each_is_named(full: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lint(full, "--json") == 2
    said = json.loads(capsys.readouterr().out)

    found = {(each["rule"], each["path"]) for each in said["findings"]}
    assert {rule for rule, _ in found} == set(NAMES)
    for rule in set(NAMES) - {"free-blocks"}:
        for path, _ in seeds.SEEDS[rule]:
            told = path if not path.startswith("/loader") else f"/boot/efi{path}"
            assert (rule, told) in found, (rule, path)
    free = [each for each in said["findings"] if each["rule"] == "free-blocks"]
    assert [each["path"] for each in free] == ["web.raw, partition 2", "web.raw, partition 3"]
    assert free[0]["what"].startswith("1 free block is not zero (1 KiB), the first at byte ")
    assert said["unjudged"] == []
    assert said["rules"] == [rule.name for rule in every_rule()]


def test_text_names_the_rule_the_file_and_the_cure(
    full: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lint(full) == 2
    said = capsys.readouterr().out
    assert "error: /etc/ssh/ssh_host_ed25519_key\n    the machine makes its SSH keys itself" in said
    assert "    try: remove it at the end of the last %post\n" in said
    assert " errors, " in said.splitlines()[-1]


def test_a_clean_disk_has_nothing(
    clean: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lint(clean, "--strict", "--junit", "leaks.xml") == 0
    printed = capsys.readouterr()
    assert printed.out == f"{clean}: 0 errors, 0 warnings, {len(every_rule())} rules\n"
    suite = etree.parse(here / "leaks.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == (str(len(every_rule())), "0")


def test_junit_has_a_case_for_each_rule(full: Path, here: Path) -> None:
    (here / "leaks.xml").write_text("older")
    assert lint(full, "--junit", "leaks.xml", "--allow", "host-key") == 2
    cases = etree.parse(here / "leaks.xml").getroot().iter("testcase")
    failed = {case.get("name"): case.find("failure") for case in cases}
    assert list(failed) == [rule.name for rule in every_rule()]
    assert {name for name, failure in failed.items() if failure is None} == {
        "host-key", *OF_A_BUILD
    }  # fmt: skip


def test_what_is_allowed_is_told_with_the_reason(
    tmp_path_factory: pytest.TempPathFactory, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"/etc/a/tls.key": seeds.KEY, "/etc/b.key": seeds.KEY, "/tmp/x": b"x"}
    disk = make_disk(tmp_path_factory.mktemp("allowed"), files)
    sheet = here / "web.toml"
    sheet.write_text(
        '[[allow]]\nrule = "private-key"\npath = "/etc/a/*.key"\nreason = "the demo\'s"\n'
    )
    words = (disk, "--sheet", sheet, "--allow", "temporary-file:/tmp/x")

    assert lint(*words) == 2
    said = capsys.readouterr().out
    assert "allowed: private-key: /etc/a/tls.key: it holds a private key\n    the demo's\n" in said
    assert "allowed: temporary-file: /tmp/x\n    allowed on the command line\n" in said
    assert said.endswith(": 1 error, 0 warnings, " + said.rpartition("warnings, ")[2])
    assert lint(*words, "--allow", "private-key") == 0
    assert lint(disk, "--allow", "private-key") == 0
    assert lint(disk, "--allow", "private-key", "--strict") == 2


def test_a_rule_that_there_is_not_cannot_be_allowed(
    clean: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lint(clean, "--allow", "privat-key") == 2
    assert capsys.readouterr().err == (
        "appliance: there is no rule 'privat-key' to allow\n"
        "  try: private-key? or: appliance lint --rules\n"
    )


def test_what_cannot_be_judged_is_said(
    clean: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    disk = here / "web.raw"
    command.run(["cp", "--sparse=always", clean, disk])
    with disk.open("r+b") as file:
        file.seek(SWAP)
        file.write(b"LUKS\xba\xbe\0\x02" + bytes(200))
    assert lint(disk) == 0
    said = capsys.readouterr().out
    assert "not judged: web.raw, partition 3: it is encrypted (LUKS)\n" in said
    assert "not judged: web.raw, partition 3: its free space (luks)\n" in said


def test_a_disk_without_files_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    disk = here / "empty.raw"
    with disk.open("wb") as file:
        file.truncate(1 << 20)
    assert lint(disk) == 2
    assert "empty.raw has no filesystem that can be read" in capsys.readouterr().err


def test_marks_are_looked_for_on_a_disk_without_a_root(
    tmp_path: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    disk = make_disk(tmp_path, {"/srv/motd": b"Debian"})
    assert lint(disk, "--marks") == 0
    assert capsys.readouterr().out.startswith(f"{disk}: 0 errors, 0 warnings, ")


def test_names_of_strangers_are_shown_as_escapes(
    tmp_path_factory: pytest.TempPathFactory, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    disk = make_disk(tmp_path_factory.mktemp("names"), {"/tmp/\x1b[2J\udcff\n\x01": b"x"})
    assert lint(disk, "--junit", "leaks.xml", "--strict") == 2
    assert "warning: /tmp/\\x1b[2J\\udcff\\n\\x01\n" in capsys.readouterr().out
    assert "/tmp/?[2J?" in (here / "leaks.xml").read_text()
    assert lint(disk, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["findings"][0]["path"] == "/tmp/\x1b[2J\udcff\n\x01"


def test_free_blocks_of_a_small_and_of_an_untouched_filesystem(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Copies of superblocks, tables and bitmaps are no free blocks, whatever is in them."""
    for words in (
        ("-b", "1024", "-O", "^sparse_super,^resize_inode"),
        ("-t", "ext4"),
        ("-t", "ext2"),
    ):
        disk = here / "plain.raw"
        disk.unlink(missing_ok=True)
        command.run(["mke2fs", "-q", "-F", *words, "-E", "nodiscard", disk, "300m"])
        assert lint(disk) == 0
        assert "0 errors, 0 warnings" in capsys.readouterr().out
        with disk.open("r+b") as file:
            file.seek(299 << 20)
            file.write(b"x" * 9000)
        assert lint(disk, "--strict") == 2
        assert "free blocks are not zero" in capsys.readouterr().out


def test_free_clusters_of_every_width_of_fat(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for width, size in (("12", 4 << 20), ("16", 32 << 20), ("32", 64 << 20)):
        disk = here / "fat.raw"
        disk.unlink(missing_ok=True)
        with disk.open("wb") as file:
            file.truncate(size)
        command.run(["mkfs.vfat", "-F", width, disk])
        (here / "held").write_bytes(b"x" * 100_000)
        command.run(["mcopy", "-i", disk, here / "held", "::/held"])
        assert lint(disk) == 0
        assert "0 errors, 0 warnings" in capsys.readouterr().out
        command.run(["mdel", "-i", disk, "::/held"])
        assert lint(disk) == 0
        assert "the first at byte" in capsys.readouterr().out


def test_what_lies_between_partitions(
    clean: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    disk = here / "web.raw"
    command.run(["cp", "--sparse=always", clean, disk])
    with disk.open("r+b") as file:
        file.seek(46 << 20)
        file.write(b"an older root")
    assert lint(disk, "--strict") == 2
    place = f"from byte {46 << 20} on"
    assert f"warning: web.raw: between partitions something is not zero, {place}" in (
        capsys.readouterr().out
    )
