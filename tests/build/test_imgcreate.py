"""Scripts as the documentation of the old API has them, unchanged, as root and as a plain user."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from building import SOURCE, Finished, Yard
from rpm_fixtures import RpmYard

DISTRIBUTION = SOURCE.parent / "appliance-imgcreate"
# As in the docstring of the original's ImageCreator, and its API document.
ONE_SHOT = """
import imgcreate
ks = imgcreate.read_kickstart("foo.ks")
imgcreate.ImageCreator(ks, "foo").create()
"""
STEPS = """
import imgcreate
from imgcreate import *

class MyCreator(ImageCreator):
    def _get_required_packages(self):
        return ["hello"] + ImageCreator._get_required_packages(self)
    def _get_excluded_packages(self):
        return ["nothing"] + ImageCreator._get_excluded_packages(self)
    def _get_fstab(self):
        return "/dev/mine / ext4 defaults 0 0\\n" + self._get_fstab_special()
    def _mount_instroot(self, base_on=None):
        import os
        os.makedirs(self._instroot + "/srv")
        open(self._instroot + "/srv/before", "w").write("before\\n")
        calls.append("mount %s" % base_on)
    def _unmount_instroot(self):
        calls.append("unmount")
    def _create_bootconfig(self):
        import os, subprocess
        self._config = self._instroot + "/etc/bootconfig"
        open(self._config, "w").write("kernels: %s\\n" % sorted(self._get_kernel_versions()))
        os.chown(self._config, 33, 44)
        said = subprocess.check_output(["/bin/sh", "-c", "cat /etc/bootconfig"],
                                       preexec_fn=self._chroot)
        assert said.startswith(b"kernels"), said
        calls.append("bootconfig")
    def _get_post_scripts_env(self, in_chroot):
        return {"HOOK": "chroot" if in_chroot else "beside"}
    def _stage_final_image(self):
        import shutil
        assert "hello" in self._get_pkglist_names()
        shutil.copy(self._instroot + "/etc/bootconfig", self._outdir + "/bootconfig")
        ImageCreator._stage_final_image(self)

calls = []
ks = imgcreate.read_kickstart("foo.ks")
creator = MyCreator(ks, build_name("foo.ks", "my-", "1"), tmpdir="work")
try:
    creator._instroot
except CreatorError as e:
    print(e)
try:
    creator.mount("NONE", "cache")
    creator.install()
    creator.configure()
    creator.unmount()
    creator.package("result")
except imgcreate.CreatorError as e:
    print("failed: %s" % e)
    raise
finally:
    creator.cleanup()
print(calls)
"""
APPLIANCE = """
import imgcreate
import appcreate

class Branded(appcreate.ApplianceImageCreator):
    def _create_bootconfig(self):
        import os
        appcreate.ApplianceImageCreator._create_bootconfig(self)
        open(self._instroot + "/etc/brand", "w").write("ours\\n")
        os.chown(self._instroot + "/etc/brand", 33, 44)
        os.unlink(self._instroot + "/etc/gone")

ks = imgcreate.read_kickstart("foo.ks")
creator = Branded(ks, "foo", "raw", 256, 2, releasever=None, no_compress=True)
creator.tmpdir = "work"
creator.checksum = True
creator.appliance_version = "1.0"
try:
    creator.mount("NONE", "cache")
    creator.install()
    open(creator._instroot + "/etc/gone", "w").close()
    creator.configure()
    creator.unmount()
    creator.package("result", "tar", "extra")
finally:
    creator.cleanup()
"""
LOOP = """
from imgcreate import *

class Loop(ImageCreator):
    def _mount_instroot(self, base_on=None):
        self._image = self._mkdtemp() + "/rootfs.img"
        self._loop = ExtDiskMount(SparseLoopbackDisk(self._image, 64 * 1024 * 1024),
                                  self._instroot, self._fstype, 4096, self.name)
        try:
            self._loop.mount()
        except MountError as e:
            raise CreatorError("Failed to loopback mount '%s' : %s" % (self._image, e))
    def _unmount_instroot(self):
        self._loop.cleanup()
    def _stage_final_image(self, ops=[]):
        import shutil
        self._loop.resparse()
        shutil.move(self._image, self._outdir + "/" + self.name + ".img")

Loop(read_kickstart("foo.ks"), "foo", tmpdir="work").create()
"""
SCRIPTS = """
%post
echo "$HOOK $(id -u)" > /etc/inside
chown 5:6 /etc/inside
%end
%post --nochroot
echo "$HOOK" > $INSTALL_ROOT/etc/beside
%end
%post
exit 3
%end
"""


def with_library(yard: Yard) -> Yard:
    """One whose user can import the second distribution."""
    shutil.copytree(DISTRIBUTION, yard.place / "lib", ignore=shutil.ignore_patterns("*.egg-info"))
    (yard.place / "lib").chmod(0o755)
    return yard


@pytest.fixture(params=["root", "plain"])
def anyones_yard(request: pytest.FixtureRequest) -> Yard:
    name = "yard" if request.param == "root" else "users_yard"
    return with_library(request.getfixturevalue(name))


def run(yard: Yard, text: str, *, status: int = 0) -> Finished:
    """Run a script in the yard's place."""
    script = yard.place / "script.py"
    script.write_text(text)
    env = yard.env()
    env["PYTHONPATH"] = f"{yard.place / 'lib'}:{env['PYTHONPATH']}"
    env |= {"XDG_CACHE_HOME": str(yard.store.parent), "IMGCREATE_KEYRING": str(yard.keyring)}
    done = subprocess.run(
        [*yard.person.before, yard.person.python, script], cwd=yard.place, env=env, text=True,
        capture_output=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    return Finished(done.returncode, done.stdout, done.stderr)


def owner(yard: Yard, path: Path) -> tuple[int, int]:
    """Whose a file is, as far as the image is concerned."""
    if yard.person.is_root:
        return path.stat().st_uid, path.stat().st_gid
    firsts = []
    for kind in ("uid", "gid"):
        lines = [line.split(":") for line in Path(f"/etc/sub{kind}").read_text().splitlines()]
        firsts.append(next(int(line[1]) for line in lines if line[0] == yard.person.name))
    return path.stat().st_uid - firsts[0] + 1, path.stat().st_gid - firsts[1] + 1


def written(yard: Yard, *, name: str = "foo", more: str = SCRIPTS) -> None:
    yard.recipe("hello", name=name, more=more)


@pytest.mark.usefixtures("quiet_host")
def test_a_directory_in_one_call(users_yard: Yard) -> None:
    yard = with_library(users_yard)
    written(yard, more="%post\necho done > /etc/inside\n%end\n")

    run(yard, ONE_SHOT)

    assert (yard.place / "foo/etc/inside").read_text() == "done\n"
    assert (yard.place / "foo/usr/bin").is_dir()
    assert (yard.place / "foo/etc/fstab").read_text().startswith("/dev/root  /  ")
    left = [path for path in Path("/tmp").glob("imgcreate-*") if path.owner() == yard.person.name]
    assert not left  # others, of tests that run beside this one, are not ours


@pytest.mark.usefixtures("quiet_host")
def test_every_hook_is_called(anyones_yard: Yard) -> None:
    yard = anyones_yard
    written(yard)

    said = run(yard, STEPS).out

    assert "_instroot is not valid before calling mount()" in said
    assert "['mount NONE', 'bootconfig', 'unmount', 'unmount']" in said
    root = yard.place / "result/my-foo-1"
    assert (root / "srv/before").read_text() == "before\n"
    assert (root / "etc/fstab").read_text().startswith("/dev/mine / ext4 defaults 0 0\ndevpts")
    assert (yard.place / "result/bootconfig").read_text().startswith("kernels: ")
    assert owner(yard, root / "etc/bootconfig") == (33, 44)
    assert (root / "etc/inside").read_text() == "chroot 0\n"
    assert owner(yard, root / "etc/inside") == (5, 6)
    assert (root / "etc/beside").read_text() == "beside\n"
    assert not list((yard.place / "work").iterdir())


@pytest.mark.usefixtures("quiet_host")
def test_an_appliance_has_what_hooks_and_scripts_did(anyones_yard: Yard) -> None:
    yard = anyones_yard
    written(yard)
    (yard.place / "extra").mkdir()
    (yard.place / "extra/README").write_text("read me\n")

    run(yard, APPLIANCE)

    subprocess.run(["tar", "-xf", yard.place / "result/foo.tar", "-C", yard.place], check=True)
    assert {"foo-sda.raw", "foo.xml", "README"} <= {p.name for p in (yard.place / "foo").iterdir()}
    text = (yard.place / "foo/foo.xml").read_text()
    assert "<memory>262144</memory>" in text
    assert "<vcpu>2</vcpu>" in text
    assert '<checksum type="sha256">' in text
    disk = yard.place / "foo/foo-sda.raw"
    table = json.loads(subprocess.check_output(["sfdisk", "--json", disk]))["partitiontable"]
    there = f"{disk}?offset={table['partitions'][0]['start'] * 512}"

    def ask(order: str) -> str:
        return subprocess.check_output(
            ["debugfs", "-R", order, there], text=True, stderr=subprocess.STDOUT
        )

    assert "ours" in ask("cat /etc/brand")
    assert "User:    33   Group:    44" in ask("stat /etc/brand")
    assert " 0\n" in ask("cat /etc/inside")
    assert "User:     5   Group:     6" in ask("stat /etc/inside")
    assert "not found" in ask("cat /etc/gone")
    assert not list((yard.place / "work").iterdir())


@pytest.mark.usefixtures("quiet_host")
def test_a_creator_with_a_disk_of_its_own(anyones_yard: Yard) -> None:
    yard = anyones_yard
    written(yard)

    run(yard, LOOP)

    image = yard.place / "foo.img"
    subprocess.run(["e2fsck", "-fn", image], check=True, capture_output=True)
    assert image.stat().st_size == 64 * 1024 * 1024
    said = subprocess.check_output(["debugfs", "-R", "stat /etc/inside", image], text=True)
    assert "User:     5   Group:     6" in said
    label = subprocess.check_output(["dumpe2fs", "-h", image], text=True, stderr=subprocess.PIPE)
    assert "_foo" in label


def test_what_fails_says_so_and_leaves_nothing(users_yard: Yard) -> None:
    yard = with_library(users_yard)
    written(yard, more="%post --erroronfail\necho so it is >&2; exit 3\n%end\n")

    said = run(yard, STEPS, status=1).out

    assert "failed: %post script failed: " in said
    assert "so it is" in said
    assert not list((yard.place / "work").iterdir())
    assert not (yard.place / "result").exists()

    yard.recipe("no-such-package", name="foo")
    assert "failed: " in run(yard, STEPS, status=1).out
    assert not list((yard.place / "work").iterdir())


@pytest.mark.usefixtures("quiet_host")
def test_rpm_packages_from_another_address(users_rpm_yard: RpmYard) -> None:
    """As scripts of Fedora's did it: install(repo_urls), and rpm in a hook."""
    yard = with_library(users_rpm_yard)
    yard.recipe(
        "rpm", "tar", name="foo", lines="repo --name=base --baseurl=http://127.0.0.1:9/no\n"
    )

    said = run(
        yard,
        f"""
import os, subprocess
from imgcreate import *

class Mine(ImageCreator):
    def _get_required_packages(self):
        return ["greeting"]
    def _create_bootconfig(self):
        open(self._instroot + "/boot/vmlinuz-9.9", "w").close()
        print(self._get_kernel_versions())
        said = subprocess.check_output(["rpm", "-q", "greeting"], preexec_fn=self._chroot)
        print(said.decode())

creator = Mine(read_kickstart("foo.ks"), "foo", tmpdir="work")
try:
    creator.mount()
    creator.install(repo_urls={{"base": "{yard.mirror.url}/base"}})
    creator.configure()
    creator.unmount()
    creator.package()
finally:
    creator.cleanup()
""",
    ).out

    assert "{'kernel': ['9.9']}" in said
    assert "greeting-" in said
    assert (yard.place / "foo/usr/bin/rpm").exists()
