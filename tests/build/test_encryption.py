"""Disks with encrypted volumes: what opens them, and where their passphrase is not."""

import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from test_disk_layouts import Cut, partitions
from test_secrets import everything

from building import Yard
from containers import MAGIC, decrypted, dump, opens

WORD = "Purple-Elephant-Bicycle-7"
EARLY = "luks,discard,initramfs,x-initrd.attach"
QUICK = "--pbkdf-memory=64 --pbkdf-iterations=4"
ROOT = f"""\
part /boot --fstype=ext4 --size=20
part / --fstype=ext4 --size=80 --encrypted {QUICK}
"""
IN_LINE = ROOT.replace("--encrypted", f"--encrypted --passphrase={WORD}")
LVM = f"""\
part /boot --fstype=ext4 --size=20
part pv.01 --size=180 --encrypted {QUICK}
volgroup vg pv.01
logvol / --vgname=vg --name=root --fstype=ext4 --size=80
logvol /srv --vgname=vg --name=srv --fstype=ext4 --size=60 --encrypted {QUICK}
"""


def inside(container: Path) -> Cut:
    plain = decrypted(container, WORD)
    return Cut(plain, 0, plain.stat().st_size)


def held(yard: Yard, data: bytes) -> list[str]:
    """The results and drafts of the store that hold *data*."""
    files = [path for name in ("results", "drafts") for path in (yard.store / name).rglob("*")]
    return [str(path) for path in files if path.is_file() and data in path.read_bytes()]


def with_word(yard: Yard, place: Path) -> tuple[str, str]:
    """What to say to `build`; the file is for whoever builds alone."""
    place.write_text(f"{WORD}\n")
    place.chmod(0o600)
    shutil.chown(place, yard.place.stat().st_uid)
    return "--passphrase", f"file:{place}"


def test_a_root_that_only_its_passphrase_opens(somebody: Yard, open_place: Path) -> None:
    somebody.store = somebody.place / "store"
    recipe = somebody.recipe("hello", disk=ROOT)
    word = with_word(somebody, somebody.person.home / "word.secret")
    planned = somebody.run("plan", recipe, "--json", *word)
    assert planned.status == 0, planned.err
    (somebody.place / "plan.json").write_text(planned.out)
    assert somebody.run("lock", recipe, *word).status == 0

    ended = somebody.build(recipe, "-f", "raw", *word)

    (somebody.place / "events").write_text(ended.out + ended.err)
    root = partitions(somebody.image())[2]
    assert opens(root.path, WORD)
    assert not opens(root.path, f"{WORD}\n")
    plain = inside(root.path)
    table = plain.text("/etc/crypttab").split()
    uuid = table[1].removeprefix("UUID=")
    assert f'UUID="{uuid}"' in subprocess.check_output(["blkid", "-p", root.path], text=True)
    assert table == [f"luks-{uuid}", f"UUID={uuid}", "none", EARLY]
    assert "/ ext4 defaults 0 1" in plain.text("/etc/fstab")
    assert plain.text("/usr/share/hello/hello.txt") == "hello\n"
    assert b"hello.txt" not in root.path.read_bytes()
    plain.path.unlink()
    files = everything(somebody)
    assert any(path.name == "build.log" for path in files)
    assert [str(path) for path, text in files.items() if WORD.encode() in text] == []
    assert held(somebody, MAGIC) == [], "the store keeps nothing that is encrypted"
    (somebody.person.home / "word.secret").unlink()


def test_a_passphrase_in_the_kickstart_goes_nowhere_else(fresh_yard: Yard) -> None:
    recipe = fresh_yard.recipe("hello", disk=IN_LINE)
    planned = fresh_yard.run("plan", recipe)
    assert "disk:sda" in planned.out
    assert planned.out.count("not repeatable to the bit") == 1

    shown = fresh_yard.run("build", recipe, "-f", "raw", "-v", "--events", "plain")

    assert shown.status == 0, shown.err
    (fresh_yard.place / "shown").write_text(shown.out + shown.err)
    root = partitions(fresh_yard.image())[2]
    assert opens(root.path, WORD)
    text = inside(root.path).text("/root/anaconda-ks.cfg")
    assert re.search(r"part / .*--encrypted --passphrase=PASSWORD", text)
    assert [
        str(path) for path, text in everything(fresh_yard).items() if WORD.encode() in text
    ] == []


def test_a_volume_group_in_a_container_with_another_container_in_it(fresh_yard: Yard) -> None:
    fresh_yard.environment = {"MY_WORD": WORD}

    fresh_yard.build(
        fresh_yard.recipe("hello", disk=LVM), "-f", "raw", "--passphrase", "env:MY_WORD"
    )

    member = partitions(fresh_yard.image())[2]
    assert opens(member.path, WORD)
    logical = inside(member.path).logical()
    assert {name: cut.kind for name, cut in logical.items()} == {
        "root": "ext4", "srv": "crypto_LUKS",
    }  # fmt: skip
    assert opens(logical["srv"].path, WORD)
    assert inside(logical["srv"].path).kind == "ext4"
    table = logical["root"].text("/etc/crypttab").splitlines()
    assert [line.split()[3] for line in table] == [EARLY, "luks,discard"]
    assert {line.split()[1].removeprefix("UUID=") for line in table} == {
        re.findall(r"UUID:\s+(\S+)", dump(cut.path))[0] for cut in (member, logical["srv"])
    }


def test_automatic_partitions_in_containers(fresh_yard: Yard) -> None:
    fresh_yard.environment = {"MY_WORD": WORD}
    disk = f"autopart --type=lvm --nohome --noboot --encrypted {QUICK}"

    fresh_yard.build(
        fresh_yard.recipe("hello", disk=disk), "--disk-size", "auto", "-f", "raw",
        "--passphrase", "env:MY_WORD",
    )  # fmt: skip

    *_, member = partitions(fresh_yard.image()).values()
    assert opens(member.path, WORD)
    assert inside(member.path).logical()["root"].text("/usr/share/hello/hello.txt") == "hello\n"


def test_the_next_build_is_made_again_with_keys_of_its_own(fresh_yard: Yard) -> None:
    recipe = fresh_yard.recipe("hello", disk=IN_LINE)
    fresh_yard.build(recipe, "-f", "raw")
    one = partitions(fresh_yard.image())[2].path.read_bytes()

    ended = fresh_yard.build(recipe, "-f", "raw")

    assert ended.gives("StepFinished") == [
        "filesystem:/boot", "filesystem:/", "disk:sda", "image:sda.raw", "blocks:sda",
    ]  # fmt: skip
    two = partitions(fresh_yard.image())[2].path.read_bytes()
    assert one[16 << 20 : 17 << 20] != two[16 << 20 : 17 << 20]


def test_a_build_that_fails_leaves_no_encrypted_disk(fresh_yard: Yard) -> None:
    recipe = fresh_yard.recipe("hello", disk=IN_LINE)
    (fresh_yard.output).mkdir()
    (fresh_yard.output).chmod(stat.S_IRUSR)
    place = fresh_yard.output / "tiny"
    fresh_yard.output.chmod(0o755)
    place.symlink_to("/proc/nowhere")  # what is made cannot be put there

    ended = fresh_yard.run("build", recipe, "-f", "raw")

    assert ended.status != 0
    assert held(fresh_yard, MAGIC) == []


@pytest.mark.parametrize(
    ("source", "text", "complaint", "hint"),
    [
        ("env:NO_SUCH", None, "the variable NO_SUCH, which is not set", "export NO_SUCH"),
        ("file:none.secret", None, "cannot be read from none.secret: [Errno 2]", "file:PATH"),
        ("file:word.secret", "", "the passphrase from file:word.secret is empty", ""),
        ("file:word.secret", "two\nlines\n", "nobody could type the passphrase from", "one line"),
        ("file:word.secret", "x" * 513, "nobody could type the passphrase from", "512"),
        (
            WORD,
            None,
            "where the passphrase is (env:NAME or file:PATH), not what",
            "--passphrase env:DISK_SECRET",
        ),
    ],
)
def test_a_wrong_source_is_one_clear_error(
    source: str, text: str | None, complaint: str, hint: str, yard: Yard
) -> None:
    if text is not None:
        (yard.place / "word.secret").write_text(text)

    ended = yard.run("build", yard.recipe("hello", disk=ROOT), "--passphrase", source)

    assert ended.status == 2
    assert complaint in ended.err
    assert hint in ended.err
    assert WORD not in ended.err
    assert ended.err.count("appliance: ") == 1
    assert "Traceback" not in ended.err
    assert yard.leftovers() == []


def test_no_source_at_all_is_the_authors_business(yard: Yard) -> None:
    recipe = yard.recipe("hello", disk=ROOT)

    ended = yard.build(recipe, status=2)

    assert f"{recipe}:3: part / --encrypted has no passphrase" in ended.err
    assert "--passphrase env:NAME or file:PATH on the command line" in ended.err
