"""What each script section sees, leaves and may not do."""

import subprocess

from building import Yard
from tiny_distribution import CLOCK


def cat(yard: Yard, path: str) -> str:
    """A file of the image, read by debugfs."""
    words = ["debugfs", "-R", f"cat {path}", f"{yard.image()}?offset={1 << 20}"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def stat(yard: Yard, path: str) -> str:
    words = ["debugfs", "-R", f"stat {path}", f"{yard.image()}?offset={1 << 20}"]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return done.stdout + done.stderr.replace("debugfs", "", 1)


EVERY_SECTION = """\
%onerror
echo "never: onerror"
%end
%traceback
echo "never: traceback"
%end
%pre --erroronfail --log=/tmp/pre.log
set -eu
echo decided > /tmp/choice
test -d /mnt/sysimage
test ! -e /mnt/sysimage/usr
dd if=/dev/zero of=/dev/vda bs=1M count=4 conv=notrunc
echo said in pre
%end
%pre --erroronfail --interpreter=/usr/bin/python3
import os
assert open("/tmp/choice").read() == "decided\\n"
assert open("/tmp/pre.log").read().endswith("said in pre\\n")
assert os.stat("/tmp/pre.log").st_mode & 0o777 == 0o600
open("/tmp/second", "w").write("python\\n")
%end
%pre-install --erroronfail
set -eu
grep " / ext4 " /mnt/sysimage/etc/fstab
mkdir -p $INSTALL_ROOT/srv
cp /tmp/second $INSTALL_ROOT/srv/before
test ! -e $INSTALL_ROOT/usr/bin
chown 601:601 $INSTALL_ROOT/srv/before
%end
%post --erroronfail --log=/var/log/deep/in/post.log
set -eu
exec 2>&1
umount /run
umount /proc && echo unmounted
test "$(pwd)" = /
test "$LC_ALL" = C
test "$HOME" = /root
test -z "${INSTALL_ROOT:-}"
test -z "${ANA_INSTALL_PATH:-}"
test ! -e /mnt/sysimage
case $0 in /tmp/*) ;; *) exit 9 ;; esac
stat -c %a "$0" | grep -x 700
for disk in sda vda sda1; do test -f /dev/$disk; done
test "$(readlink -f /dev/disk/by-uuid/*)" = /dev/sda1
uuid=$(sed -n 's/^UUID=\\([^ ]*\\) *\\/ .*/\\1/p' /etc/fstab)
test -z "$uuid" || test -e /dev/disk/by-uuid/$uuid
dd if=/dev/zero of=/dev/sda bs=1M count=1 conv=notrunc
echo shared > /tmp/shared
uname -r > /srv/release
uname -sr > /srv/system
uname -m > /srv/machine
truncate -s 0 /etc/resolv.conf
echo said in post
%end
%post --nochroot --erroronfail --log=/mnt/sysroot/root/beside.log
set -eu
test "$INSTALL_ROOT" = /mnt/sysimage
test "$ANA_INSTALL_PATH" = /mnt/sysimage
test "$(cat /tmp/choice)" = decided
test "$(cat $INSTALL_ROOT/tmp/shared)" = shared
umount /mnt/sysimage/run
test -e /mnt/sysroot/srv/before
echo more > $INSTALL_ROOT/tmp/more
mkdir -p /mnt/sysimage/lib/modules/7.7.7-tiny
echo said beside
%end
%post --erroronfail
set -eu
test "$(cat /tmp/more)" = more
rm /tmp/more
test "$(uname -r)" = 7.7.7-tiny
uname -a | grep " 7.7.7-tiny "
uname -m | grep -v 7.7.7
rm -f /etc/resolv.conf
ln -s ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
%end
%post
echo about to fail
exit 3
%end
"""


def test_every_section_sees_and_leaves_what_it_should(somebody: Yard) -> None:
    recipe = somebody.recipe(more=EVERY_SECTION)
    done = somebody.build(recipe, "-f", "raw", "--events=json")

    assert "never:" not in done.said
    assert [event["text"] for event in done.events if event["event"] == "Warned"] == [
        f"{recipe}:83: %post failed, and the build went on: sh stopped with status 3; "
        "its last words:\n  | about to fail",
        "temporary-file: /tmp/shared; remove it at the end of the last %post",
    ]
    assert "about to fail" in done.said
    assert cat(somebody, "/srv/before") == "python\n"
    assert "User:   601   Group:   601" in stat(somebody, "/srv/before")
    log = cat(somebody, "/var/log/deep/in/post.log")
    assert "said in post\n" in log
    assert "umount: /run: goes away with the script" in log
    assert "Mode:  0600" in stat(somebody, "/var/log/deep/in/post.log")
    assert cat(somebody, "/root/beside.log").endswith("said beside\n")
    assert cat(somebody, "/tmp/shared") == "shared\n"
    assert "File not found" in stat(somebody, "/tmp/more")
    assert "File not found" in stat(somebody, "/tmp/ks-script")
    assert 'Fast link dest: "../run/systemd/resolve' in stat(somebody, "/etc/resolv.conf")
    assert cat(somebody, "/srv/release") == subprocess.check_output(["uname", "-r"], text=True)

    edited = recipe.read_text().replace("about to fail", "about to end")
    recipe.write_text(edited)
    again = somebody.build(recipe, "-f", "raw", "--events=json")
    steps = again.gives("StepFinished")
    assert [name for name in steps if name.startswith("layer")] == ["layer:post-4", "layer:finish"]
    assert not [name for name in steps if name.startswith("files:")]


def test_a_warning_is_told_again_and_strict_scripts_make_it_an_error(yard: Yard) -> None:
    recipe = yard.recipe(more="%post\necho about to fail\nexit 3\n%end\n")
    first = yard.run("build", recipe, "-f", "raw")
    again = yard.run("build", recipe, "-f", "raw")
    strict = yard.run("build", recipe, "-f", "raw", "--strict-scripts")

    for done in (first, again):
        assert done.status == 0
        assert done.err.splitlines()[-3:] == [
            f"warning: {recipe}:7: %post failed, and the build went on: sh stopped with status 3; "
            "its last words:",
            "  | about to fail",
            "1 warning: to be read before others get the appliance",
        ]
    assert strict.status == 4
    assert f"{recipe}:7: %post failed: sh stopped with status 3" in strict.err


TIDY = """\
%post --erroronfail
useradd anna
useradd bert
useradd carl
# as passwd -e, chage -M 90 -d 2024-01-15, and chage -M 60 write it
day=$(($(date +%s) / 86400))
sed -i -e 's/^anna:.*/anna:!:0:0:99999:7:::/' -e 's/^bert:.*/bert:!:19737:0:90:7:::/' \\
    -e "s/^carl:.*/carl:!:$day:0:60:7:::/" /etc/shadow
echo wanted > /var/tmp/wanted
mkdir -p /var/log/journal/remote /var/log/journal/0123456789abcdef0123456789abcdef
echo wanted > /var/log/journal/remote/wanted
echo unwanted > /var/log/journal/0123456789abcdef0123456789abcdef/unwanted
echo uninitialized > /etc/machine-id
echo '# mine' > /root/anaconda-ks.cfg
%end
"""


def test_tidying_undoes_nothing_that_an_author_did(yard: Yard) -> None:
    yard.build(yard.recipe(more=TIDY), "-f", "raw")
    files = {path: cat(yard, path) for path in (
        "/etc/shadow", "/var/tmp/wanted", "/var/log/journal/remote/wanted", "/etc/machine-id",
        "/root/anaconda-ks.cfg", "/var/log/journal/0123456789abcdef0123456789abcdef/unwanted",
    )}  # fmt: skip
    shadow = {line.split(":")[0]: line.split(":")[2:5] for line in files["/etc/shadow"].split()}
    clock = str(CLOCK // 86400)

    assert shadow["anna"] == ["0", "0", "99999"]
    assert shadow["bert"] == ["19737", "0", "90"]
    assert shadow["carl"] == [clock, "0", "60"]
    assert list(files.values())[1:] == [
        "wanted\n", "wanted\n", "uninitialized\n", "# mine\n", "",
    ]  # fmt: skip


def test_a_plain_users_build_makes_no_home_that_would_be_roots(users_yard: Yard) -> None:
    recipe = users_yard.recipe(more="%post\nuseradd -m -u 99999 anna || true\n%end\n")
    said = users_yard.build(recipe, "-f", "raw", status=4).err
    assert "the user anna has the id 99999" in said
    assert "/home/anna would be root's" in said
