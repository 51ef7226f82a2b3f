"""Scripts and packages that mean harm do none: the host is as it was."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from building import Yard
from tiny_distribution import HARM

BAIT = "precious\n"
FORBIDDEN = {"DAC_READ_SEARCH": 2, "NET_ADMIN": 12, "SYS_MODULE": 16, "SYS_RAWIO": 17,
             "SYS_PTRACE": 19, "SYS_ADMIN": 21, "SYS_BOOT": 22, "SYS_TIME": 25, "MKNOD": 27,
             "MAC_ADMIN": 33, "SYSLOG": 34, "BPF": 39}  # fmt: skip

# on files that a %post finds instead of disks, and by an umount that leaves all as it is
SEEM_TO_WORK = """\
worked: dd if=/dev/zero of=/dev/vda bs=512 count=1 conv=nocreat
worked: dd if=/dev/zero of=/dev/sda bs=512 count=1 conv=nocreat
worked: umount /proc
"""


@pytest.fixture(params=["root", "plain user"])
def attacked(request: pytest.FixtureRequest) -> Yard:
    """Where harm is tried, beside a directory of the builder's own that is not to be touched."""
    yard: Yard = request.getfixturevalue("yard" if request.param == "root" else "users_yard")
    bait = yard.place / "bait"
    bait.mkdir()
    (bait / "file").write_text(BAIT)
    if yard.person.before:
        shutil.chown(bait, yard.person.name)
        shutil.chown(bait / "file", yard.person.name)
    return yard


def bait(yard: Yard) -> Path:
    return yard.place / "bait"


def untouched(yard: Yard) -> None:
    assert [path.name for path in bait(yard).iterdir()] == ["file"]
    assert (bait(yard) / "file").read_text() == BAIT


def cat(yard: Yard, path: str) -> str:
    """A file of the image, read by debugfs."""
    where = f"{yard.image()}?offset={1 << 20}"
    words = ["debugfs", "-R", f"cat {path}", where]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def harmless(yard: Yard, report: str, *, network: bool, harms: str = "") -> None:
    """Nothing that was tried worked but *harms*, and the jail showed nothing of the host."""
    assert cat(yard, report) == f"{harms}done\n"
    places = [line.split()[4] for line in cat(yard, "/var/lib/mountinfo").splitlines()]
    tops = {"/" + place.split("/")[1] for place in places}
    assert tops <= {"/", "/proc", "/sys", "/dev", "/run", "/tmp"}
    status = dict(line.split(":\t") for line in cat(yard, "/var/lib/status").splitlines())
    assert status["NoNewPrivs"] == "1"
    for name, number in FORBIDDEN.items():
        assert not int(status["CapBnd"], 16) >> number & 1, name
    links = [line.split(":")[0].strip() for line in cat(yard, "/var/lib/interfaces").splitlines()]
    assert network or links[2:] == ["lo"]
    devices = set(cat(yard, "/var/lib/devices").split())
    allowed = {"null", "zero", "full", "random", "urandom", "tty", "fd", "stdin", "stdout",
               "stderr", "pts", "shm", "ptmx", "console",
               *(("sda", "sda1", "vda", "vda1", "disk") if harms else ())}  # fmt: skip
    assert devices <= allowed


def test_a_maintainer_script_that_means_harm(attacked: Yard) -> None:
    attacked.build(attacked.recipe("harmful"), "-f", "raw")
    harmless(attacked, "/usr/share/harmful/report", network=False)
    untouched(attacked)


@pytest.mark.parametrize("network", ["host", "none"])
def test_a_post_that_means_harm(attacked: Yard, network: str) -> None:
    harm = HARM.replace("REPORT", "/var/lib/report").replace("/HOST", str(bait(attacked)))
    recipe = attacked.recipe(more=f"%post --erroronfail\n{harm}\nkill -9 -1\nexit 0\n%end\n")
    attacked.build(recipe, "-f", "raw", "--network", network)
    harmless(attacked, "/var/lib/report", network=network == "host", harms=SEEM_TO_WORK)
    untouched(attacked)


def test_what_a_post_leaves_running_ends_with_it(attacked: Yard) -> None:
    more = "%post\n(while :; do date > /var/lib/alive; sleep 0.1; done) &\n%end\n"
    attacked.build(attacked.recipe(more=more), "-f", "raw")
    assert attacked.still_running() == []


def test_links_to_the_host_lead_into_the_image(attacked: Yard) -> None:
    """We write /etc/hostname, grub.cfg, fstab and a script's log: never through a link."""
    place = bait(attacked)
    more = f"""\
%post
ln -sf {place}/file /etc/hostname
ln -sf {place}/log /var/lib/log
rm -f /etc/machine-id; ln -s {place}/machine-id /etc/machine-id
rm -rf /root /var/tmp; ln -s {place} /root; ln -s {place} /var/tmp
%end
%post --log=/var/lib/log
echo logged
%end
"""
    ended = attacked.run("build", attacked.recipe(more=more), "-f", "raw", "--events=json")
    untouched(attacked)
    assert ended.status in (0, 4), ended.said


def test_a_directory_replaced_by_a_link_to_the_host_is_not_followed(attacked: Yard) -> None:
    """Not by the resolv.conf that scripts with network are lent, nor when layers are unpacked."""
    more = f"""\
%post
cp -a /etc /etc.own
rm -rf /etc
ln -s {bait(attacked)} /etc
%end
%post
true
%end
"""
    ended = attacked.run("build", attacked.recipe(more=more), "-f", "raw", "--events=json")
    untouched(attacked)
    assert "Traceback" not in ended.err
    again = attacked.recipe(more=more.replace("true", "false"))
    attacked.run("build", again, "-f", "raw")
    untouched(attacked)


@pytest.mark.parametrize("name", ["proc", "sys", "dev", "run", "tmp", "boot", "var"])
def test_a_mount_point_that_is_a_link_to_the_host_is_not_followed(
    attacked: Yard, name: str
) -> None:
    place = bait(attacked)
    more = f"%post\nmkdir /keep; mv /{name} /keep/ || rm -rf /{name}\nln -s {place} /{name}\n%end\n"
    more += "%post\necho x > /etc/x\n%end\n"
    ended = attacked.run("build", attacked.recipe(more=more), "-f", "raw", "--events=json")
    untouched(attacked)
    assert "Traceback" not in ended.err


def test_links_on_the_efi_partition_take_nothing_of_the_host(attacked: Yard) -> None:
    disk = "part /boot/efi --fstype=efi --size=40\npart / --fstype=ext4 --size=64"
    link = f"%post\nln -s {bait(attacked)}/file /boot/efi/stolen\n%end\n"
    recipe = attacked.recipe(disk=disk, more=link)
    ended = attacked.build(recipe, "-f", "raw", status=2)
    assert f"{recipe}:2: /boot/efi is FAT, which holds files only: /stolen is none" in ended.err


def test_the_boot_loader_is_not_written_through_a_link(attacked: Yard) -> None:
    """EFI on the EFI partition leads to the host: GRUB goes into the image all the same."""
    disk = "part /boot/efi --fstype=efi --size=40\npart / --fstype=ext4 --size=64"
    link = f"%post\nln -s {bait(attacked)} /boot/efi/EFI\n%end\n"
    recipe = attacked.recipe("linux-image-tiny", disk=disk, more=link)
    recipe.write_text(recipe.read_text().replace("bootloader --disabled", "bootloader"))
    attacked.build(recipe, "-f", "raw")
    untouched(attacked)
    listed = ["mdir", "-b", "-i", f"{attacked.image()}@@{1 << 20}", "::/EFI/BOOT"]
    assert "BOOTX64.EFI" in subprocess.check_output(listed, text=True).upper()


def test_a_package_with_a_path_out_of_the_root_stays_in_it(attacked: Yard) -> None:
    before = set(Path("/").iterdir())
    ended = attacked.run("build", attacked.recipe("outside"), "-f", "raw", "--events=json")
    assert ended.status in (0, 4), ended.said
    attacked.run("build", attacked.recipe("absolute"), "-f", "raw", "--events=json")
    assert set(Path("/").iterdir()) == before
    assert not Path("/var/absolute").exists()
    assert not (attacked.store / "outside").exists()
    untouched(attacked)


def test_a_post_beside_the_root_sees_the_tools_of_the_host_and_nothing_else(
    attacked: Yard,
) -> None:
    place = bait(attacked)
    more = f"""\
%post --nochroot --erroronfail --log=/mnt/sysimage/var/lib/outside
test "$INSTALL_ROOT" = /mnt/sysimage
test -d /mnt/sysroot/usr/bin
echo written > $INSTALL_ROOT/var/lib/written
touch /usr/bin/harm && echo "worked: /usr"
touch /etc/ld.so.cache && echo "worked: /etc"
for path in {place} /home /srv /opt /boot /var/lib/dpkg /etc/shadow /etc/ssh /root/.ssh; do
    ls -d $path && echo "there is $path"
done
mount -t tmpfs none /mnt && echo "worked: mount"
ls /usr/bin/dpkg-deb
exit 0
%end
"""
    attacked.build(attacked.recipe(more=more), "-f", "raw")
    said = cat(attacked, "/var/lib/outside")
    assert "worked" not in said
    assert "there is" not in said
    assert "/usr/bin/dpkg-deb\n" in said
    assert cat(attacked, "/var/lib/written") == "written\n"
    assert not Path("/usr/bin/harm").exists()
    untouched(attacked)


def test_a_script_has_no_terminal_to_type_on(attacked: Yard) -> None:
    """TIOCSTI on the builder's terminal would run commands as the builder."""
    more = "%post\nif (: < /dev/tty) 2>/dev/null; then echo open; fi > /var/lib/tty\n%end\n"
    recipe = attacked.recipe(more=more)
    words = attacked.words("build", recipe, "-f", "raw", "--quiet")
    on_terminal = ["script", "-qec", " ".join(words), "/dev/null"]
    subprocess.run(
        on_terminal, env=attacked.env(), cwd=attacked.place, check=True, capture_output=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert cat(attacked, "/var/lib/tty") == ""


def test_the_environment_of_the_builder_stays_outside(attacked: Yard) -> None:
    attacked.environment = {
        "SECRET_TOKEN": "hunter2-token", "LD_LIBRARY_PATH": "/nowhere",
        "HTTPS_PROXY": "http://somebody:hunter2@127.0.0.1:1",
    }  # fmt: skip
    more = "%post\nenv > /var/lib/env\n%end\n"
    network = ("--script-network", "none")  # with one, scripts are given the proxies
    attacked.build(attacked.recipe(more=more), "-f", "raw", *network)
    said = cat(attacked, "/var/lib/env")
    assert "hunter2" not in said
    assert "LD_LIBRARY_PATH" not in said
    assert "PROXY" not in said.upper()
    assert f"HOME={os.fspath(Path('/root'))}\n" in said


FURNISHED = """\
import os, sys
from pathlib import Path
from appliance.host import sandbox
from appliance.host.jailed import in_jail
from appliance.work import Jail
image = Path("image")
image.mkdir()
for name in ("bin", "lib", "lib64", "sbin"):
    (image / name).symlink_to(f"usr/{name}")
Path("kept").mkdir()
jail = Jail(
    outside=True, furnished=True, binds=((Path("/usr"), "/mnt/sysimage/usr"),),
    writable=((Path("kept"), "/run/kept"),),
)
words = in_jail(
    ["sh", "-c", sys.argv[1]], root=image, environment={"PATH": "/usr/sbin:/usr/bin"}, jail=jail
)
words = sandbox.in_namespace(words)
os.execv(words[0], words)
"""
SCRIPTLET = """\
test -d /proc/self/fd && test $$ -lt 30 && echo "few processes"
echo lost > /dev/null && echo "null works"
test -L /dev/stdin && test -d /dev/pts && test -d /dev/shm && echo "links and places"
stat -c '%n %a %F' /run /tmp /sys /dev
mknod /run/disk b 8 0 || echo "no disk"
mount -t tmpfs none /run || echo "no mount"
touch /usr/bin/harm || echo "no harm"
env
"""


def test_a_package_manager_beside_the_image_may_run_scripts_in_it(attacked: Yard) -> None:
    """As rpm does: it chroots into the image, and its own state is out of sight there."""
    script = f"""\
for place in /tmp /var/tmp /run /var/lib /var/cache /var/log; do echo x > $place/own; done
ls -A /etc/dnf /etc/yum.repos.d /etc/rpm /etc/apt
echo made > /mnt/sysimage/made
echo kept > /run/kept/file
chroot /mnt/sysimage /bin/sh <<'END' 2>/dev/null
ls /var/lib /run/own /tmp/own
{SCRIPTLET}END
ls -A /mnt/sysroot/dev /mnt/sysroot/made
mknod /run/disk b 8 0 || echo "no disk outside"
"""
    place = attacked.place / "work"
    place.mkdir()
    if attacked.person.before:
        shutil.chown(place, attacked.person.name)
    done = subprocess.run(
        [*attacked.person.before, attacked.person.python, "-c", FURNISHED, script],
        cwd=place, env={**attacked.env(), "SECRET": "hunter2"}, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout
    assert len([line for line in said if line.endswith("No such file or directory")]) == 4
    assert {"few processes", "null works", "links and places"} <= set(said)
    for line in ("/run 755 directory", "/tmp 1777 directory", "/sys 555 directory"):
        assert line in said
    assert {"no disk", "no mount", "no harm", "no disk outside"} <= set(said)
    assert (place / "image/made").read_text() == "made\n"
    assert (place / "kept/file").read_text() == "kept\n"
    assert [item.name for item in (place / "image").iterdir() if list(item.glob("own"))] == []
    assert attacked.still_running() == []
    assert "hunter2" not in done.stdout
    assert [line for line in said if "PROXY" in line.upper()] == []
    untouched(attacked)
