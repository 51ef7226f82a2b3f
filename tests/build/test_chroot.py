"""In a plain chroot, whose root is no mount point, as `mock --chroot` of Koji gives it to us."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.host import sandbox
from building import Person, Yard

# Runs "$@" in a chroot on "$1" where all but /proc is shown from outside, the host's /dev too.
# Mounts are shared with the outside, so that whatever is mounted inside unasked is seen.
CHROOT = """\
set -eu
PATH=$PATH:/usr/sbin:/sbin
root=$1; shift
mkdir -p "$root"
touch "$root/inside"
for path in /*; do
    name=${path#/}
    if [ -L "$path" ]; then ln -sfn "$(readlink "$path")" "$root/$name"
    elif [ "$name" = proc ]; then
        mkdir -p "$root/proc"
        if [ -z "${WITHOUT_PROC-}" ]; then mount -t proc proc "$root/proc"; fi
    elif [ "$name" != sys ] && [ -d "$path" ]; then
        mkdir -p "$root/$name"
        mount --rbind "$path" "$root/$name"
    fi
done
mount --make-rshared /
before=$(cat /proc/self/mountinfo)
status=0
chroot "$root" sh -c 'cd "$0"; exec "$@"' "$PWD" "$@" || status=$?
[ "$before" = "$(cat /proc/self/mountinfo)" ] || { echo "mounts are left" >&2; exit 99; }
exit $status
"""
ESCAPE = """\
import os
top = os.open("/", os.O_RDONLY)
os.chroot("/usr")
os.fchdir(top)
for _ in range(99):
    os.chdir("..")
os.chroot(".")
print(os.path.exists("inside"), os.path.exists("/inside"))
"""


@pytest.fixture
def chroot(place: Path) -> Iterator[tuple[str, ...]]:
    """The words that run a command in a chroot."""
    if os.geteuid():
        pytest.skip("only root can chroot")
    before = devices()
    yield ("unshare", "-m", "sh", "-c", CHROOT, "sh", str(place / "chroot"))
    assert devices() == before


def devices() -> list[tuple[str, int, int, int]]:
    """What /dev holds, but for terminals that come and go."""
    found = [(path.name, path.lstat()) for path in sorted(Path("/dev").iterdir())]
    return [
        (name, state.st_mode, state.st_uid, state.st_rdev if stat.S_ISBLK(state.st_mode) else 0)
        for name, state in found
    ]


def test_a_build_in_a_chroot(fresh_yard: Yard, chroot: tuple[str, ...]) -> None:
    yard = fresh_yard
    yard.person = replace(yard.person, name="root of a chroot", before=chroot)
    more = """\
%post --erroronfail
cat /proc/self/mountinfo > /var/lib/mounts
find /dev -type b > /var/lib/devices
%end
%post --nochroot --erroronfail
test -e /inside && exit 1
echo outside > $INSTALL_ROOT/var/lib/outside
%end
"""
    yard.build(yard.recipe(more=more), "-f", "raw")
    where = f"{yard.image()}?offset={1 << 20}"

    def cat(path: str) -> str:
        words = ["debugfs", "-R", f"cat {path}", where]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    assert cat("/var/lib/outside") == "outside\n"
    assert str(yard.place) not in cat("/var/lib/mounts")
    assert cat("/var/lib/devices") == ""  # sda and vda there are files, for scripts to write to
    assert yard.still_running() == []


def test_the_namespace_of_a_build_has_nothing_outside_the_chroot(
    place: Path, chroot: tuple[str, ...]
) -> None:
    """Once in it, a program that breaks out of a chroot is where it was."""
    script = place / "escape"
    script.write_text(ESCAPE)
    words = [*chroot, *sandbox.in_namespace([sys.executable, "-I", "-S", script])]
    done = subprocess.run(words, cwd=place, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True True\n", "")


def test_a_namespace_keeps_the_working_directory(place: Path, chroot: tuple[str, ...]) -> None:
    words = [*chroot, *sandbox.in_namespace(["pwd"])]
    done = subprocess.run(words, cwd=place, text=True, capture_output=True, check=True)
    assert done.stdout == f"{place}\n"


def test_a_plain_user_in_a_chroot_is_told_why_not(
    place: Path, chroot: tuple[str, ...], plain_user: Person
) -> None:
    argv = [plain_user.python, "-m", "appliance.host.sandbox", "build", "--", "true"]
    done = subprocess.run(
        [*chroot, *plain_user.before, *argv], cwd=place, text=True, check=False,
        env={**os.environ, "PYTHONPATH": plain_user.path}, capture_output=True,
    )  # fmt: skip
    assert done.returncode == sandbox.REFUSED
    assert done.stderr.startswith("in a chroot only root can have a namespace")


def test_without_proc_a_chroot_is_refused_and_says_why(
    place: Path, chroot: tuple[str, ...]
) -> None:
    words = [*chroot, *sandbox.in_namespace(["true"])]
    done = subprocess.run(
        words, cwd=place, env={**os.environ, "WITHOUT_PROC": "1"}, text=True, check=False,
        capture_output=True,
    )  # fmt: skip
    assert done.returncode == sandbox.REFUSED
    assert "/ is a directory and no mount point" in done.stderr
    assert "/proc" in done.stderr
