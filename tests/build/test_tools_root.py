"""Programs of another root file system, on this machine's files."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from appliance.errors import HostError
from appliance.host import probe, sandbox
from building import Person, Yard
from tools_root import MARK

pytestmark = pytest.mark.slow  # tries a whole root; make test-all

# With the tools of the root $1, in and on the directory $2 only.
RUN = """\
import os, sys
from pathlib import Path
from appliance.host import sandbox

root, place, *argv = sys.argv[1:]
words = sandbox.in_namespace(sandbox.in_tools(argv, root, places=(Path(place),)))
os.execv(words[0], words)
"""


def run(person: Person, root: Path, place: Path, script: str) -> str:
    """Run a shell *script* so, as *person*; say what it says."""
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH": person.path, "TOLD": "yes"}
    words = [*person.before, person.python, "-c", RUN, str(root), str(place), "sh", "-c", script]
    done = subprocess.run(
        words, cwd=place, env=env, text=True, check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.stdout


def test_a_program_sees_the_other_root_and_the_places_it_is_given(
    somebody: Yard, tools: Path
) -> None:
    place = somebody.place / "given"
    place.mkdir()
    if somebody.person.before:
        shutil.chown(place, somebody.person.name)
    script = f"""\
cat /{MARK}
pwd
echo "told: $TOLD"
echo made > made
echo x > /tmp/x && echo x > /var/tmp/x && echo x > /dev/null && test -e /proc/self/fd/0
touch /usr/bin/harm || touch /etc/os-release || echo "read-only"
ls -d {somebody.place}/* /home /usr/share/doc /etc/shells
ls -d /etc/os-release /etc/resolv.conf
"""
    said = run(somebody.person, tools, place, script).splitlines()
    assert said[:3] == ["of the tools", str(place), "told: yes"], said
    assert "read-only" in said
    assert [line for line in said if line.startswith(str(somebody.place))] == [str(place)] * 2
    assert len([line for line in said if "cannot access" in line]) == 3
    assert said[-2:] == ["/etc/os-release", "/etc/resolv.conf"]
    assert (place / "made").read_text() == "made\n"
    assert (place / "made").owner() == place.owner()


def test_what_a_root_lacks_is_said_with_its_package(tools: Path, place: Path) -> None:
    with pytest.raises(HostError) as lacking:
        probe.require(("mke2fs", "qemu-img", "mtools"), tools)
    assert lacking.value.problem == f"not installed in {tools}: qemu-img, mtools"
    assert lacking.value.hint == f"in {tools}: apt-get install qemu-utils mtools"
    with pytest.raises(HostError, match="is not the root of a system: it has no /usr/bin"):
        probe.tool_versions(("mke2fs",), place)


def test_the_versions_are_those_of_the_root(tools: Path) -> None:
    wanted = ("mke2fs", "sfdisk", "mkfs.vfat", "grub-mkimage", "grub for BIOS", "dpkg-deb")
    there = dict(probe.tool_versions(wanted, tools))
    assert there == dict(probe.tool_versions(wanted)) | {"mke2fs": there["mke2fs"]}
    assert re.search(r"\d+\.\d+", there["mke2fs"])


def test_a_root_that_does_not_run_here_is_refused(tools: Path, place: Path) -> None:
    root = place / "other"
    shutil.copytree(tools, root, symlinks=True)
    (root / "usr/bin/sh").write_bytes(b"\x7fELF of another machine")
    with pytest.raises(HostError, match=f"the tools of {root} do not run here: sh in {root}: Exec"):
        probe.tool_versions(("mke2fs",), root)


def test_a_place_that_would_hide_the_tools_is_refused(tools: Path) -> None:
    words = sandbox.in_tools(["true"], tools, places=(Path("/usr/share"),))
    done = subprocess.run(
        sandbox.in_namespace(words), capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == sandbox.REFUSED
    assert done.stderr == "/usr/share cannot be used together with another root's tools\n"


def test_links_of_the_root_stay_in_it(place: Path) -> None:
    """What is looked for is what its programs will find."""
    for path in ("usr/bin", "etc/alternatives"):
        (place / path).mkdir(parents=True)
    (place / "usr/bin/sh").write_text("")
    (place / "bin").symlink_to("usr/bin")
    (place / "usr/bin/editor").symlink_to("/etc/alternatives/editor")
    (place / "etc/alternatives/editor").symlink_to("/usr/bin/ed")
    (place / "usr/bin/cat").symlink_to("/usr/bin/cp")
    assert probe.missing(["editor", "cat"], place) == [("editor", "editor"), ("cat", "coreutils")]
    (place / "usr/bin/ed").write_text("")
    (place / "usr/bin/ed").chmod(0o755)
    assert probe.missing(["editor"], place) == []
