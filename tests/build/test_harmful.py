"""Kickstarts whose scripts attack whoever builds: the host is as it was, and the build ends with a
clear word."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from building import Yard

# what is tried, in which sections, and what the build says; nothing: it goes on
ATTACKS = {
    "disks": """\
for disk in /dev/vda /dev/sda /dev/sda1 /dev/nvme0n1 /dev/loop0 /dev/mem /dev/kmsg; do
dd if=/dev/zero of=$disk bs=512 count=1 conv=notrunc 2> /dev/null
done
mknod /tmp/disk b 254 0 && exit 9
sync
""",
    "modules": """\
insmod /lib/modules/harm.ko 2> /dev/null && exit 9
modprobe dummy 2> /dev/null && exit 9
echo 1 > /proc/sys/kernel/sysrq 2> /dev/null && exit 9
echo b > /proc/sysrq-trigger 2> /dev/null && exit 9
true
""",
    "escape": """\
ls /proc/1/root/HOST 2> /dev/null && exit 9
cat HOST/file 2> /dev/null && exit 9
mount -t tmpfs none /mnt 2> /dev/null && exit 9
unshare --mount true 2> /dev/null && exit 9
nsenter -t 1 -m true 2> /dev/null && exit 9
mkdir -p /tmp/jail
chroot /tmp/jail/../../../.. ls HOST 2> /dev/null && exit 9
hostname harmed 2> /dev/null && exit 9
true
""",
    "link": "mkdir -p /srv/x\nln -s HOST /srv/x/host\necho harm > /srv/x/host/file\ntrue\n",
    "kill": "kill -9 -1 2> /dev/null\nkill -9 1 $PPID 2> /dev/null\ntrue\n",
    "daemon": "sh -c 'sleep 1000; echo MARK' > /dev/null 2>&1 &\ntrue\n",
}
PRE, POST, BESIDE = HEADERS = (
    "%pre --erroronfail", "%post --erroronfail", "%post --nochroot --erroronfail",
)  # fmt: skip
ENDS = {
    "processes": (
        PRE,
        "n=0\nwhile [ $n -lt 9000 ]; do sleep 600 & n=$((n + 1)); done\nwait\n",
        "it had more than 2000 processes at once",
    ),
    "branches": (
        POST,
        "branch() {\n[ $1 -lt 14 ] || { sleep 600; return; }\nbranch $(($1 + 1)) &\n"
        "branch $(($1 + 1)) &\nwait\n}\nbranch 0\n",
        "it had more than 2000 processes at once",
    ),
    "temporary files": (BESIDE, "dd if=/dev/zero of=/tmp/full bs=1M\n", "No space left on device"),
    "shared memory": (POST, "dd if=/dev/zero of=/dev/shm/full bs=4M\n", "No space left on device"),
    "endless": (PRE, "while :; do sleep 1; done\n", "it ran for 4 seconds (--script-timeout)"),
}


def modules() -> list[str]:
    """Those of the kernel that runs, if it can have any."""
    place = Path("/proc/modules")
    return [line.split()[0] for line in place.read_text().splitlines()] if place.exists() else []


def processes(mark: str) -> list[str]:
    """Those whose command line holds *mark*."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes()
        except OSError:  # it has ended
            continue
        if mark.encode() in words:
            found.append(place.parent.name)
    return found


@pytest.fixture
def bait(somebody: Yard) -> Path:
    """A file beside the kickstart, which its builder may write: no script may."""
    place = somebody.place / "bait"
    place.mkdir()
    (place / "file").write_text("precious\n")
    place.chmod(0o777)
    (place / "file").chmod(0o666)
    return place


def test_what_scripts_try_changes_nothing_outside(somebody: Yard, bait: Path) -> None:
    """Each attack in each section; one that works ends with status 9, and so does the build."""
    mark = f"left-running-{time.monotonic_ns()}"
    sections = [
        f"{header}\nset +e\n{text}%end\n".replace("HOST", str(bait)).replace("MARK", mark)
        for text in ATTACKS.values()
        for header in HEADERS
    ]
    before, host = modules(), os.uname().nodename

    somebody.build(somebody.recipe(more="".join(sections)), "-f", "raw")

    assert [path.name for path in bait.iterdir()] == ["file"]
    assert (bait / "file").read_text() == "precious\n"
    assert modules() == before
    assert os.uname().nodename == host
    assert processes(mark) == []


@pytest.mark.parametrize("attack", ENDS)
def test_a_script_that_takes_too_much_is_ended_with_a_word(
    attack: str, somebody: Yard, bait: Path
) -> None:
    header, text, says = ENDS[attack]
    mark = f"harm-{time.monotonic_ns()}"
    recipe = somebody.recipe(more=f"{header}\n: {mark}\n{text}%end\n", name="harmful")
    words = ("--script-timeout", "4") if attack == "endless" else ("--script-timeout", "120")
    canary = subprocess.Popen(["sleep", "900"])

    try:
        ended = somebody.run("build", recipe, "-f", "raw", *words)
        assert canary.poll() is None
    finally:
        canary.kill()
        canary.wait()

    assert ended.status == 4
    assert says in ended.err
    assert "harmful.ks:" in ended.err
    assert "Traceback" not in ended.err
    assert processes(mark) == []
    assert (bait / "file").read_text() == "precious\n"
    assert not somebody.output.exists() or list(somebody.output.iterdir()) == []
