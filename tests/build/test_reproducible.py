"""Same lock, same bits; and the bits are what the kickstart says, read back by other tools."""

import hashlib
import json
import lzma
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

import building
from building import Finished, Person, Yard

MIB = 1024 * 1024
SECTOR = 512
DISKS = """\
part swap --size=16 --label=swapped --ondisk=sda
part /srv --fstype=ext4 --size=32 --label=service --ondisk=sda --fsoptions=noatime
part /boot/efi --fstype=efi --size=40 --label=ESP --ondisk=sda
part / --fstype=ext4 --size=64 --label=root --ondisk=sda --mkfsoptions="-m 1"
part /var/log --fstype=ext4 --size=16 --ondisk=sdb
"""
POST = """\
%post
mkdir -p /boot/efi/EFI/vendor
echo 'from %post' > /boot/efi/EFI/vendor/Long-File-Name.txt
mkdir /srv/deep; touch /srv/deep/z /srv/deep/a /srv/deep/m; rm /srv/deep/m
chown 65533:65533 /srv/deep/a
ln /srv/deep/a /srv/deep/b
mkfifo /srv/deep/pipe
: > /var/log/kept
dd if=/dev/zero of=/root/sparse bs=1 count=1 seek=1000000 2>/dev/null
date > /root/now
%end
%post
rm -r /srv/deep/pipe; mv /srv/deep /srv/deeper
%end
"""
CAPABILITIES = bytes.fromhex("0100000200240000" + "00" * 12)  # net_raw, net_bind_service; v2, =ep


def furnished(yard: Yard, table: str = "gpt") -> Path:
    disk = f"clearpart --all --disklabel={table}\n{DISKS}"
    return yard.recipe("owners", "world", disk=disk, more=POST.replace("date >", ": >"))


def sums(yard: Yard) -> dict[str, str]:
    """The digest of each image, as its own program tells it."""
    images = sorted(yard.output.glob("tiny/tiny-sd?.*"))
    said = subprocess.check_output(["sha256sum", *images], text=True)
    return {Path(line.split()[1]).name: line.split()[0] for line in said.splitlines()}


def ask(*words: str | Path) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def wanted() -> dict[str, dict[str, str]]:
    """The digests of the first build of each kind, that all others are compared with."""
    return {}


def same(yard: Yard, first: dict[str, dict[str, str]], *words: str) -> Finished:
    """Build in both formats from nothing; compare with the first build of this module."""
    ended = yard.build(furnished(yard), "-f", "raw", *words)
    found = sums(yard)
    kept = yard.output.parent.parent / "first"
    if "raw" not in first and not kept.exists():
        shutil.copytree(yard.output / "tiny", kept)
    yard.build(furnished(yard), "-f", "qcow2", *words)
    found |= sums(yard)
    if first.setdefault("raw", found) != found:
        yard.build(furnished(yard), "-f", "raw", *words)
        said = subprocess.run(
            [*yard.words("diff", kept, yard.output / "tiny")],
            env=yard.env(), capture_output=True, text=True, check=False,
        ).stdout  # fmt: skip
        pytest.fail(f"{found} instead of {first['raw']}\n{said}")
    return ended


def test_built_again_in_another_directory_at_another_time(
    fresh_yard: Yard, wanted: dict[str, dict[str, str]]
) -> None:
    same(fresh_yard, wanted)
    shutil.rmtree(fresh_yard.store)
    fresh_yard.store = fresh_yard.place / "a much longer name of another store"
    fresh_yard.environment = {"TZ": "Pacific/Chatham", "LANG": "de_DE.UTF-8", "UMASK": "077"}
    same(fresh_yard, wanted)


def test_built_by_a_plain_user(users_yard: Yard, wanted: dict[str, dict[str, str]]) -> None:
    users_yard.store = users_yard.place / "store"
    same(users_yard, wanted)


def test_built_with_one_core_in_memory(fresh_yard: Yard, wanted: dict[str, dict[str, str]]) -> None:
    same(fresh_yard, wanted, "-j", "1", "--workbench", "memory")


def test_built_with_many_cores_and_a_strict_umask(
    fresh_yard: Yard, wanted: dict[str, dict[str, str]]
) -> None:
    fresh_yard.person = Person(
        "root", (*fresh_yard.person.before, "sh", "-c", 'umask 077; exec "$@"', "sh"),
        fresh_yard.person.python, fresh_yard.person.path, fresh_yard.person.home,
    )  # fmt: skip
    same(fresh_yard, wanted, "-j", "8")


def mke2fs_sorts() -> bool:
    """Since 1.47.1 mke2fs reads directories by name, whatever their filesystem says."""
    said = subprocess.run(["mke2fs", "-V"], capture_output=True, text=True, check=True).stderr
    return tuple(map(int, said.split()[1].split("."))) >= (1, 47, 1)


def test_built_on_a_disk(fresh_yard: Yard, wanted: dict[str, dict[str, str]]) -> None:
    """Or the build says that it cannot be told in which order the disk lists files."""
    if mke2fs_sorts():
        same(fresh_yard, wanted, "--workbench", "disk")
        return
    ended = fresh_yard.build(furnished(fresh_yard), "-f", "raw", "--workbench", "disk")
    assert "the tree lies on a disk" in ended.said or sums(fresh_yard).items() <= (
        wanted["raw"].items()
    )


@pytest.mark.parametrize("forgotten", ["layer:post-2", "layer:settings", "layer:packages", "disk:"])
def test_built_from_kept_layers(
    fresh_yard: Yard, wanted: dict[str, dict[str, str]], forgotten: str
) -> None:
    """Whatever the store lost, what is made anew is the same."""
    same(fresh_yard, wanted)
    for record in fresh_yard.store.glob("results/*/result.json"):
        gives = json.loads(record.read_text())["gives"]
        if gives.startswith((forgotten, "disk:", "image:")):
            shutil.rmtree(record.parent)
    ended = same(fresh_yard, wanted)
    assert any(gives.startswith(forgotten) for gives in ended.gives("StepFinished"))
    assert "layer:finish" not in ended.gives("StepFinished")


def test_a_lock_gives_the_same_as_the_repositories(
    fresh_yard: Yard, wanted: dict[str, dict[str, str]]
) -> None:
    """The lock is taken by another user on another day, when the archive holds more."""
    assert fresh_yard.run("lock", furnished(fresh_yard)).status == 0
    same(fresh_yard, wanted)
    assert fresh_yard.mirror.url not in (fresh_yard.place / "tiny.lock").read_text()


# --- read back


@pytest.fixture(params=["root", "plain user"])
def built(request: pytest.FixtureRequest) -> Yard:
    """A yard of root's and one of a plain user's, with a furnished raw appliance in it."""
    yard: Yard = request.getfixturevalue("yard" if request.param == "root" else "users_yard")
    yard.build(furnished(yard), "-f", "raw")
    return yard


def partitions(image: Path) -> list[dict[str, str | int]]:
    found: list[dict[str, str | int]] = table(image)["partitions"]
    return found


def table(image: Path) -> dict[str, list[dict[str, str | int]]]:
    found: dict[str, list[dict[str, str | int]]] = json.loads(ask("sfdisk", "--json", image))[
        "partitiontable"
    ]
    return found


def start(image: Path, number: int) -> int:
    """Where partition *number* (from 1) begins, in bytes."""
    return int(partitions(image)[number - 1]["start"]) * SECTOR


def debugfs(image: Path, number: int, request: str) -> str:
    return ask("debugfs", "-R", request, f"{image}?offset={start(image, number)}")


def slice_of(image: Path, number: int, place: Path) -> Path:
    """One partition as a file of its own."""
    entry = partitions(image)[number - 1]
    with image.open("rb") as file:
        file.seek(int(entry["start"]) * SECTOR)
        place.write_bytes(file.read(int(entry["size"]) * SECTOR))
    return place


def test_partitions_are_numbered_and_sized_as_declared(built: Yard) -> None:
    found = partitions(built.image())
    assert table(built.image())["label"] == "gpt"
    assert [int(entry["size"]) * SECTOR // MIB for entry in found] == [16, 32, 40, 64]
    assert [str(entry["node"])[-1] for entry in found] == ["1", "2", "3", "4"]
    assert all(int(entry["start"]) * SECTOR % MIB == 0 for entry in found)
    ask("sfdisk", "--verify", built.image())


def test_there_is_one_image_for_each_disk(built: Yard) -> None:
    images = sorted(path.name for path in (built.output / "tiny").glob("*.raw"))
    assert images == ["tiny-sda.raw", "tiny-sdb.raw"]
    second = built.image(disk="sdb")
    assert [int(entry["size"]) * SECTOR // MIB for entry in partitions(second)] == [16]
    assert "kept" not in debugfs(built.image(), 4, "ls -p /var/log")
    assert "Type: directory" in debugfs(built.image(), 4, "stat /var/log")


def test_every_filesystem_is_clean(built: Yard) -> None:
    for image, number in ((built.image(), 2), (built.image(), 4), (built.image(disk="sdb"), 1)):
        ask("e2fsck", "-fn", f"{image}?offset={start(image, number)}")
    ask("fsck.vfat", "-n", slice_of(built.image(), 3, built.place / "esp"))


def test_labels_and_options_are_those_of_the_recipe(built: Yard) -> None:
    image = built.image()
    said = debugfs(image, 4, "show_super_stats -h")
    assert "Filesystem volume name:   root\n" in said
    blocks = {line.split(":")[0]: line.split()[-1] for line in said.splitlines() if ":" in line}
    assert int(blocks["Reserved block count"]) * 100 // int(blocks["Block count"]) in (0, 1)
    assert "volume name:   service\n" in debugfs(image, 2, "show_super_stats -h")
    assert "ESP" in ask("blkid", "-p", slice_of(image, 3, built.place / "esp"))
    assert 'LABEL="swapped"' in ask("blkid", "-p", slice_of(image, 1, built.place / "swap"))


def test_fstab_names_the_filesystems_that_are_there(built: Yard) -> None:
    image = built.image()
    text = debugfs(image, 4, "cat /etc/fstab")
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    named = {words[1] if words[2] != "swap" else "swap": words[0] for words in lines}
    kept = {"swap": (image, 1), "/srv": (image, 2), "/boot/efi": (image, 3), "/": (image, 4),
            "/var/log": (built.image(disk="sdb"), 1)}  # fmt: skip
    assert named.keys() == kept.keys()
    for mount_point, (disk, number) in kept.items():
        said = ask("blkid", "-p", "-o", "export", slice_of(disk, number, built.place / "part"))
        uuid = next(line for line in said.splitlines() if line.startswith("UUID="))
        assert named[mount_point] == uuid
    assert "/srv ext4 noatime 0 2" in text


def test_owners_modes_and_links_are_true(built: Yard) -> None:
    image = built.image()
    for path, owner, mode in (
        ("/owned", (1234, 4321), "0750"),
        ("/owned/file", (1234, 4321), "0640"),
        ("/owned/su", (0, 42), "04755"),
        ("/owned/sticky", (65533, 65533), "01777"),
        ("/deeper/a", (65533, 65533), "0644"),
        ("/deeper/z", (0, 0), "0644"),
    ):
        said = debugfs(image, 2, f"stat {path}").split()
        assert (int(said[said.index("User:") + 1]), int(said[said.index("Group:") + 1])) == owner, (
            path
        )
        assert int(said[said.index("Mode:") + 1], 8) == int(mode, 8), path
    assert "Links: 2" in debugfs(image, 2, "stat /owned/twin")
    assert "Links: 2" in debugfs(image, 2, "stat /deeper/b")
    assert 'Fast link dest: "file"' in debugfs(image, 2, "stat /owned/link")
    listed = debugfs(image, 2, "ls -p /deeper")
    assert "pipe" not in listed
    assert "/m/" not in listed


def test_file_capabilities_are_true(built: Yard) -> None:
    found = built.place / "capability"
    debugfs(built.image(), 2, f"ea_get -f {found} /owned/ping security.capability")
    assert found.read_bytes() == CAPABILITIES


def test_the_efi_partition_holds_its_files(built: Yard) -> None:
    esp = f"{built.image()}@@{start(built.image(), 3)}"
    assert "Long-File-Name.txt" in ask("mdir", "-i", esp, "::/EFI/vendor")
    assert ask("mtype", "-i", esp, "::/EFI/vendor/Long-File-Name.txt") == "from %post\n"
    assert "EFI" not in debugfs(built.image(), 4, "ls -p /boot/efi")


def test_an_old_table_is_made_if_the_recipe_says_so(yard: Yard) -> None:
    yard.build(furnished(yard, "msdos"), "-f", "raw")
    found = table(yard.image())
    assert found["label"] == "dos"
    assert [entry["type"] for entry in found["partitions"]] == ["82", "83", "ef", "83"]
    assert [entry.get("bootable", False) for entry in found["partitions"]] == [
        False, False, False, True,
    ]  # fmt: skip


def test_disk_size_is_shared_by_what_grows(yard: Yard) -> None:
    recipe = furnished(yard)
    recipe.write_text(recipe.read_text().replace("--size=64 ", "--size=64 --grow "))
    yard.build(recipe, "-f", "raw", "--disk-size", "300MiB")
    assert yard.image().stat().st_size == 300 * MIB
    sizes = [int(entry["size"]) * SECTOR // MIB for entry in partitions(yard.image())]
    assert sizes == [16, 32, 40, 210]
    assert f"Block count:              {210 * 256}\n" in debugfs(
        yard.image(), 4, "show_super_stats -h"
    )


def test_qcow2_holds_the_bytes_of_raw(yard: Yard) -> None:
    yard.build(furnished(yard), "-f", "raw")
    raw = hashlib.sha256(yard.image().read_bytes()).hexdigest()
    yard.build(furnished(yard), "-f", "qcow2")
    ask("qemu-img", "check", yard.image(kind="qcow2"))
    copy = yard.place / "copy"
    ask("qemu-img", "convert", "-O", "raw", yard.image(kind="qcow2"), copy)
    assert hashlib.sha256(copy.read_bytes()).hexdigest() == raw


def test_raw_xz_holds_the_bytes_of_raw_whatever_the_cores(yard: Yard) -> None:
    yard.build(furnished(yard), "-f", "raw")
    raw = hashlib.sha256(yard.image().read_bytes()).hexdigest()
    made = set()
    for cores in ("1", "3"):
        yard.build(furnished(yard), "-f", "raw.xz", "-j", cores)
        made.add(yard.image(kind="raw.xz").read_bytes())
        shutil.rmtree(yard.store / "results")
    assert len(made) == 1
    assert hashlib.sha256(lzma.decompress(made.pop())).hexdigest() == raw


def test_another_post_reuses_the_packages(yard: Yard) -> None:
    yard.build(furnished(yard), "-f", "raw")
    recipe = yard.recipe(
        "owners", "world", disk=f"clearpart --all --disklabel=gpt\n{DISKS}",
        more="%post\necho other > /srv/other\n%end\n",
    )  # fmt: skip
    ended = yard.build(recipe, "-f", "raw")
    assert {"layer:packages", "layer:settings"} <= set(ended.gives("StepReused"))
    assert ended.gives("StepFinished")[0] == "layer:post-1"
    assert debugfs(yard.image(), 2, "cat /other") == "other\n"
    assert "deeper" not in debugfs(yard.image(), 2, "ls -p /")


@pytest.mark.slow
def test_the_shipped_base_system(yard: Yard, users_yard: Yard, plain_user: Person) -> None:
    """The AOS itself, from the real archive: as root with one core, as a plain user with two."""
    kickstarts = Path(__file__).parents[2] / "kickstarts"
    shutil.copytree(kickstarts, yard.place / "kickstarts")
    recipe = yard.place / "kickstarts" / "aos-debian.ks"
    found = []
    for person, cores in ((building.root(), "1"), (plain_user, "2")):
        yard.person = person
        work = Path(tempfile.mkdtemp(dir=yard.place))
        shutil.chown(work, person.name)
        argv = [*person.before, person.python, "-m", "appliance"]
        places = ["--store", work / "store", "-o", work / "out", "-j", cores, "--quiet"]
        if not found:
            subprocess.run([*argv, "lock", recipe, *places[:2]], env=yard.env(), check=True)
        ended = subprocess.run(
            [*argv, "build", recipe, *places], env=yard.env(), capture_output=True, text=True,
            cwd=work, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        found.append(ask("sha256sum", work / "out/aos-debian/aos-debian-sda.qcow2").split()[0])
    assert found[0] == found[1]
