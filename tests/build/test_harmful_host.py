"""Scripts that reach for the host beside its files: its sockets, its power switch, its kernel."""

import ctypes
import os
import socket
from pathlib import Path

import pytest

from building import Yard

CREATE_RULESET, ASK_VERSION, SCOPES = 444, 1, 6  # landlock(7): the version that knows scopes
REACHES = """\
%post --erroronfail --nochroot --interpreter=/usr/bin/python3
import os, socket
try:
    socket.socket(socket.AF_UNIX).connect("\\0HOST")
    os._exit(9)
except (PermissionError, ConnectionRefusedError):
    pass
mine = socket.socket(socket.AF_UNIX)
mine.bind("\\0HOST-own")
mine.listen()
socket.socket(socket.AF_UNIX).connect("\\0HOST-own")
print("only its own")
%end
"""
# numbers of x86_64
CALLS = """\
%post --erroronfail --nochroot --interpreter=/usr/bin/python3
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
magic = 0xfee1dead, 672274793, 0x89abcdef
calls = {"reboot": (169, *magic, 0), "init_module": (175, b"x", 1, b""),
         "finit_module": (313, 0, b"", 0), "kexec_load": (246, 0, 0, 0, 0),
         "swapon": (167, b"/tmp/ks-script", 0), "acct": (163, b"/tmp/ks-script"),
         "syslog": (103, 5, 0, 0),
         "iopl": (172, 3), "mount": (165, b"none", b"/mnt", b"tmpfs", 0, 0)}
worked = [name for name, words in calls.items() if libc.syscall(*words) >= 0]
assert not worked, worked
print("nothing worked")
%end
"""
IMAGE = """\
%post --nochroot
umount /mnt/sysimage /mnt/sysroot
rm -rf /mnt/sysimage /mnt/sysroot
mv /mnt/sysimage /mnt/other
ln -s HOST /mnt/sysimage
echo harm > /usr/harm
echo harm > /etc/hostname
echo harm > /sys/harm
for link in /proc/[0-9]*/root /proc/[0-9]*/cwd; do echo harm > $link/HOST/new; done
true
%end
"""


def scopes() -> bool:
    """Whether the kernel keeps processes to their own abstract sockets."""
    libc = ctypes.CDLL(None)
    return int(libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ASK_VERSION)) >= SCOPES


@pytest.mark.skipif(not scopes(), reason="Landlock scopes need Linux 6.12")
@pytest.mark.parametrize("network", ["own", "host"])
def test_sockets_of_the_host_without_a_file_are_out_of_reach(network: str, somebody: Yard) -> None:
    name = f"host-{somebody.mark}"
    with socket.socket(socket.AF_UNIX) as host:
        host.bind(f"\0{name}")
        host.listen()
        more = REACHES.replace("HOST", name)
        words = ("-f", "raw", "--script-network", network)
        ended = somebody.build(somebody.recipe(more=more), *words)
    assert "only its own" in ended.said


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers of system calls differ")
def test_system_calls_that_are_for_the_hosts_administrator_fail(somebody: Yard) -> None:
    ended = somebody.build(somebody.recipe(more=CALLS), "-f", "raw")
    assert "nothing worked" in ended.said


def test_the_image_replaced_beside_it_harms_only_the_image(somebody: Yard) -> None:
    bait = somebody.place / "bait"
    bait.mkdir()
    bait.chmod(0o777)
    more = IMAGE.replace("HOST", str(bait))
    ended = somebody.run("build", somebody.recipe(more=more), "-f", "raw")
    assert ended.status in (0, 4)
    assert "Traceback" not in ended.err
    assert list(bait.iterdir()) == []
    assert not Path("/usr/harm").exists()
    assert somebody.still_running() == []
