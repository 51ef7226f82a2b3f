"""What `appliance inspect` says of a built image, as the package managers themselves say it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import jsonschema

from building import Yard
from rpm_fixtures import RpmYard

ODD = ("capabilities", "setuid", "links", "large", "owners", "configured")
CHANGES = """\
%post --erroronfail
echo changed >> /usr/bin/greeting
rm -f /usr/share/world
mkdir -p /opt/own
printf 'echo "\\033[31mred"' > "/opt/own/$(printf 'red\\033[31m')"
chmod 4755 /opt/own/*
%end
"""
RPM_CHANGES = """\
%post --erroronfail
echo changed >> /usr/bin/set-uid
chmod 0700 /usr/bin/set-gid
rm -f /srv/links/dangling /srv/links/second
ln -s elsewhere /srv/links/dangling
chown 4:4 /srv/owned/file
echo own > /srv/own
%end
"""
USERS = "rootpw --lock\nuser --name=ann --plaintext --password=secret\n"
DATABASE = "/usr/lib/sysimage/rpm"
SCHEMA = Path(__file__).parents[2] / "docs/reference/inspection.schema.json"


def inspected(yard: Yard, *words: str | Path) -> dict[str, Any]:
    """What `appliance inspect --json` says; it fits its schema."""
    ended = yard.run("inspect", *words, "--json")
    assert ended.status == 0, ended.err
    said: dict[str, Any] = json.loads(ended.out)
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(said)
    return said


def root_of(yard: Yard) -> Path:
    """The files of the image, with their modes and owners: those of the tar, not of the disk."""
    root = yard.place / "root"
    root.mkdir()
    archive = yard.output / "tiny/tiny.root.tar"
    words = ["--xattrs", "--xattrs-include=*", "--numeric-owner", "-C", root]
    subprocess.run(["tar", "-xpf", archive, *words], check=True)
    return root


def marks(said: dict[str, Any]) -> list[str]:
    """The changed files as both package managers print them."""
    return sorted(
        f"{each['marks']:9} {each['kind'] or ' '} {each['path']}" for each in said["changed"]
    )


def spaced(text: str) -> list[str]:
    """Lines of theirs, with their columns where ours are."""
    return sorted(
        f"{line.split()[0]:9} {line.partition('/')[0][9:].strip() or ' '} /{line.partition('/')[2]}"
        for line in text.splitlines()
    )


def test_dpkg_says_the_same(somebody: Yard) -> None:
    yard = somebody
    recipe = yard.recipe("hello", "world", more=CHANGES + USERS)
    yard.build(recipe, "-f", "raw,tar")
    said = inspected(yard, yard.output / "tiny")
    root = root_of(yard)
    form = "${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\n"
    words = ["dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W", "-f", form]
    listed = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    columns = ("name", "version", "architecture", "source", "source_version")
    ours = [" ".join(each[name] for name in columns) for each in said["packages"]]
    assert sorted(ours) == sorted(listed.splitlines())
    verified = subprocess.run(
        ["dpkg", f"--root={root}", "--verify"], check=False, capture_output=True, text=True
    )
    assert marks(said) == spaced(verified.stdout)
    assert said["changed"] != []
    assert said["given"] == "bundle"
    paths = {each["path"]: each for each in said["unowned"]}
    assert paths["/opt"]["files"] == 3
    [own] = [each for each in said["privileged"] if not each["package"]]
    assert (own["path"], own["mode"]) == ("/opt/own/red\x1b[31m", "4755")
    [ann] = [each for each in said["users"] if each["name"] == "ann"]
    assert (ann["logs_in"], ann["password"]) == (True, "set")
    total = sum(each["size"] for each in said["sizes"])
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    assert total == sum({path.stat().st_ino: path.stat().st_size for path in files}.values())

    text = yard.run("inspect", yard.output / "tiny/tiny-sda.raw")
    assert text.status == 0, text.err
    assert "\x1b" not in text.out
    assert "/opt/own/red\\x1b[31m" in text.out
    alone = inspected(yard, yard.output / "tiny", "--section", "users", "--section", "ports")
    assert alone.keys() == {"schema", "name", "given", "users", "ports", "notes"}


def test_rpm_says_the_same(rpm_yard: RpmYard) -> None:
    recipe = rpm_yard.recipe(
        *ODD, "rpm", "greeting", "choosy", more=RPM_CHANGES, options="",
        disk="part / --fstype=ext4 --size=400", archive="base updates",
    )  # fmt: skip
    rpm_yard.build(recipe, "-f", "raw,tar")
    said = inspected(rpm_yard, rpm_yard.output / "tiny/tiny-sda.raw")
    root = root_of(rpm_yard)
    form = "%{name} %{evr} %{arch} %{license} %{vendor}\n"
    words = ["rpm", "--root", root, "--dbpath", DATABASE, "-qa", "--qf", form]
    listed = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    columns = ("name", "version", "architecture", "licence", "origin")
    ours = [" ".join(each[name] for name in columns) for each in said["packages"]]
    assert sorted(ours) == sorted(listed.splitlines())
    words = ["rpm", "--root", root, "--dbpath", DATABASE, "-Va", "--nodeps", "--noscripts"]
    environment = {**os.environ, "LC_ALL": "C"}
    verified = subprocess.run(words, check=False, capture_output=True, text=True, env=environment)
    assert marks(said) == spaced(verified.stdout)
    assert len(said["changed"]) >= 5
    reasons = {each["name"]: each["reason"] for each in said["packages"]}
    assert (reasons["choosy"], reasons["greeting-data"]) == ("asked", "needed")
    [capable] = [each for each in said["privileged"] if each["capabilities"]]
    asked = subprocess.run(["getcap", root / "usr/bin/capable"], check=True, capture_output=True,
                           text=True)  # fmt: skip
    assert asked.stdout.split()[1:] == [capable["capabilities"]]
    assert capable["package"] == "capabilities"
