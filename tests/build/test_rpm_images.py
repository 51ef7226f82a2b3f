"""What packages say is in the image, and what the image says of its packages is true."""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from rpm_distribution.odd import LARGE
from rpm_fixtures import RpmYard

ODD = ("capabilities", "setuid", "links", "sparse", "large", "owners", "names", "configured")
# In the image, by its own rpm; the accounts and the times are ours.
VERIFY = """\
%post --erroronfail
cd /
rpm -qa --qf '%{name} %{epochnum}:%{version}-%{release} %{arch}\\n' > /srv/installed
{ rpm -Va || :; } | sed '/ g \\//d' > /srv/verified  # the owner of /proc differs
stat -c '%n %a %u %g %h %s' srv/links/* srv/owned/* srv/sparse/* srv/set-gid srv/sticky \\
    usr/bin/set-?id > /srv/stated
getcap -r /usr > /srv/capabilities
%end
"""
HISTORY = """
SELECT name, reason, repoid FROM trans_item JOIN rpm USING (item_id)
JOIN repo ON repo.id = trans_item.repo_id
"""


def debugfs(yard: RpmYard, words: str) -> str:
    argv = ["debugfs", "-R", words, f"{yard.image()}?offset={1 << 20}"]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


FORM = "%{name}|%{license}|%{vendor}|%{longsize}|%{sourcerpm}\n"


def cat(yard: RpmYard, path: str) -> str:
    return debugfs(yard, f'cat "{path}"')


def manifest(yard: RpmYard) -> list[dict[str, str]]:
    packages: list[dict[str, str]]
    packages = json.loads((yard.output / "tiny/tiny.packages.json").read_text())["packages"]
    return packages


def _needs_are_met(yard: RpmYard, database: Path) -> None:
    """rpm names the packages that provide what each requires."""
    listed = {item["name"]: item for item in manifest(yard)}
    assert listed["greeting"]["reason"] == "asked"
    assert listed["glibc"]["reason"] == "needed"
    for name in ("greeting", "bash", "rpm"):
        argv = ["rpm", "--dbpath", database, "-qR", name]
        said = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
        words = [line.split()[0] for line in said.splitlines() if not line.startswith("rpmlib(")]
        argv = ["rpm", "--dbpath", database, "-q", "--qf", "%{name}\n", "--whatprovides", *words]
        meant = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split()
        assert listed[name]["needs"] == sorted(set(meant) - {name})


@pytest.fixture(scope="module")
def digests() -> set[str]:
    """Those of the image, built by whomever."""
    return set()


@pytest.fixture(params=["root", "plain user"])
def built(request: pytest.FixtureRequest, digests: set[str]) -> RpmYard:
    """Where somebody has built an image of everything odd."""
    usual = request.param == "root"
    yard: RpmYard = request.getfixturevalue("rpm_yard" if usual else "users_rpm_yard")
    disk = "part / --fstype=ext4 --size=400"
    recipe = yard.recipe(
        *ODD, "rpm", "greeting", "choosy", "libcap", disk=disk, archive="base updates",
        more=VERIFY, options="",
    )  # fmt: skip
    ended = yard.build(recipe, "-f", "raw")
    assert "there is no user" not in ended.said
    with yard.image().open("rb") as file:
        digests.add(hashlib.file_digest(file, "sha256").hexdigest())
    return yard


def test_everything_is_in_the_image_as_its_package_says(built: RpmYard, digests: set[str]) -> None:
    stated = cat(built, "/srv/stated").splitlines()
    for line in (
        "srv/links/first 644 0 0 3 15000",
        "srv/links/dangling 777 0 0 1 7",
        "srv/owned/file 640 4711 4712 1 5",
        "srv/owned/of-root 600 0 4712 1 7",
        f"srv/sparse/made 644 0 0 1 {3 << 30}",
        f"srv/sparse/zeros 644 0 0 1 {32 << 20}",
        "srv/set-gid 2775 0 0 2 4096",
        "srv/sticky 1777 0 0 2 4096",
        "usr/bin/set-uid 4755 0 0 1 10",
        "usr/bin/set-gid 2755 0 5 1 10",
    ):
        pattern = re.sub(r" 2 4096$", r" 2 \\d+", line)
        assert any(re.fullmatch(pattern, said) for said in stated), (line, stated)
    _in_the_filesystem(built)
    _the_database_is_true(built)
    _dnf_remembers(built)
    assert len(digests) == 1  # as a plain user the same bytes


def _in_the_filesystem(yard: RpmYard) -> None:
    """What mke2fs made of it: seen without the tree that was packed."""
    inode = re.compile(r"Inode: (\d+)")
    links = [inode.search(debugfs(yard, f"stat /srv/links/{name}"))
             for name in ("first", "second", "deeper/third")]  # fmt: skip
    assert len({found[1] for found in links if found}) == 1
    assert "Links: 3" in debugfs(yard, "stat /srv/links/first")
    for place, most in (("/srv/sparse/made", 16), ("/srv/sparse/zeros", 16)):
        stat = debugfs(yard, f"stat {place}")
        blocks = re.search(r"Blockcount: (\d+)", stat)
        assert blocks, stat
        assert int(blocks[1]) <= most, place  # of 512 bytes
    owned = debugfs(yard, "stat /srv/owned/file")
    assert re.search(r"Mode: +0640 .*\n.*\nUser: +4711 +Group: +4712", owned), owned
    powers = debugfs(yard, "ea_list /usr/bin/capable")
    assert "security.capability" in powers
    assert cat(yard, "/srv/capabilities").split()[0] == "/usr/bin/capable"
    dumped = yard.place / "large"
    debugfs(yard, f"dump /srv/large {dumped}")
    assert dumped.read_bytes() == hashlib.shake_256(b"large").digest(LARGE)
    dumped.unlink()
    assert cat(yard, "/srv/names/two words") == "two words\n"


def _the_database_is_true(yard: RpmYard) -> None:
    listed = {
        (item["name"], item["version"] if ":" in item["version"] else f"0:{item['version']}",
         item["architecture"])
        for item in manifest(yard)
    }  # fmt: skip
    asked = {tuple(line.split()) for line in cat(yard, "/srv/installed").splitlines()}
    assert asked == listed
    database = yard.place / "database"
    database.mkdir()
    debugfs(yard, f"rdump /usr/lib/sysimage/rpm {database}")
    base = database / "rpm"
    assert not [path for path in base.iterdir() if path.suffix in (".sqlite-wal", ".lock")]
    argv = ["rpm", "--dbpath", base, "-qa", "--qf", FORM]
    said = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.splitlines()
    assert sorted(said) == sorted(
        f"{item['name']}|{item['licence']}|{item['origin']}|{item['installed_size']}|"
        f"{item['source']}-{item['source_version'].rpartition(':')[2]}.src.rpm"
        for item in manifest(yard)
    )
    _needs_are_met(yard, base)
    wrong = [
        line for line in cat(yard, "/srv/verified").splitlines() if line[11:12] not in ("c", "g")
    ]
    assert wrong == []
    shutil.rmtree(database)


def _dnf_remembers(yard: RpmYard) -> None:
    if "APPLIANCE_TEST_TOOLS" in os.environ:
        said = tomllib.loads(cat(yard, "/usr/lib/sysimage/libdnf5/packages.toml"))["packages"]
        reasons = {name.rpartition(".")[0]: about["reason"] for name, about in said.items()}
        assert set(reasons) == {item["name"] for item in manifest(yard)}
        expected = {"choosy": "User", "greeting-data": "Dependency", "weak": "Weak Dependency"}
        assert {name: reasons[name] for name in expected} == expected
        return
    place = yard.place / "history.sqlite"
    debugfs(yard, f"dump /var/lib/dnf/history.sqlite {place}")
    with closing(sqlite3.connect(place)) as base:
        rows = {name: (reason, repository) for name, reason, repository in base.execute(HISTORY)}
        (commands,) = base.execute("SELECT group_concat(cmdline) FROM trans").fetchone()
    place.unlink()
    assert set(rows) == {item["name"] for item in manifest(yard)}
    assert rows["choosy"] == (2, "base")  # user
    assert rows["greeting-data"] == (1, "updates")  # dependency
    assert rows["weak"] == (4, "base")
    assert rows["bash"] == (5, "base")  # group
    assert "/" not in commands


def test_documents_and_languages_are_left_out_if_that_was_asked(rpm_yard: RpmYard) -> None:
    found = {}
    for options in ("--nocore", "--nocore --excludedocs --inst-langs=de:pt_BR",
                    "--nocore --inst-langs="):  # fmt: skip
        more = "%post\nfind /usr/share/doc /usr/share/locale -type f > /srv/found\n%end\n"
        rpm_yard.build(rpm_yard.recipe("documented", options=options, more=more), "-f", "raw")
        found[options] = {
            path.split("/")[4] for path in cat(rpm_yard, "/srv/found").split()
            if "documented" in path
        }  # fmt: skip
    assert list(found.values()) == [
        {"documented", "de", "fr", "pt_BR"}, {"de", "pt_BR"}, {"documented"},
    ]  # fmt: skip


def test_the_host_and_its_records_are_not_touched(rpm_yard: RpmYard) -> None:
    """Neither dnf nor rpm of the host may know of what was installed."""
    places = [Path("/var/lib/dnf"), Path("/var/cache/dnf"), Path("/var/lib/rpm"),
              Path.home() / ".rpmdb", Path("/usr/lib/sysimage/rpm")]  # fmt: skip

    def state() -> list[tuple[str, int]]:
        return [
            (str(path), path.stat().st_mtime_ns)
            for place in places if place.exists() for path in (place, *place.rglob("*"))
        ]  # fmt: skip

    before = state()
    rpm_yard.build(rpm_yard.recipe("greeting", "weak", more="%post\ntrue\n%end\n"), "-f", "raw")
    assert state() == before
