"""The distribution that the RPM family is tested with: what it promises, read with rpm and dnf."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.host.sandbox import in_namespace
from mirror import Mirror
from rpm_distribution.relations import Names, evr
from rpm_distribution.rpm_header import EQUAL, GREATER, Relation
from rpm_distribution.world import Cache, World

TESTS = Path(__file__).parents[1]
# dnf into a root in memory, then the words $AFTER there; the arguments are dnf's.
INSTALL = r"""
set -e
root=$HOME/root
mkdir -p "$root"
mount -t tmpfs -o mode=755 tmpfs "$root"
mkdir -p "$root"/proc "$root"/dev
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero urandom; do
    touch "$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
done
echo '%_dbpath /usr/lib/sysimage/rpm' > "$HOME/.rpmmacros"
dnf -y -c "$HOME/dnf.conf" --setopt=cachedir="$HOME/cache" --installroot="$root" --releasever=13 \
    install "$@" > "$HOME/log" 2>&1 && status=0 || status=$?
cd "$root"
[ $status != 0 ] || bash -c "$AFTER"
exit $status
"""
SAY = "stat -c '%n %a %u %g %h %s' srv/*/* usr/bin/set-*; getcap -r usr; rpm --root $PWD -qa"


@dataclass(frozen=True)
class Root:
    """What came of an installation: dnf's status and words, and those of the commands after."""

    status: int
    log: str
    said: str


@dataclass(frozen=True)
class Dnf:
    """Installs from repositories at *url*, in a namespace, below *place*."""

    place: Path
    url: str
    key: Path

    def install(
        self, *words: str, repositories: str = "base", more: str = "", after: str = "true"
    ) -> Root:
        lines = ["[main]\nreposdir=/dev/null\nplugins=0\ngpgcheck=1\nmax_parallel_downloads=1"]
        for name in repositories.split():
            lines.append(f"[{name}]\nname={name}\nrepo_gpgcheck=0\ngpgkey={self.key.as_uri()}")
            lines.append(more or f"baseurl={self.url}/{name}")
        (self.place / "dnf.conf").write_text("\n".join(lines) + "\n")
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.place), "AFTER": after}
        done = subprocess.run(
            in_namespace(["/bin/bash", "-c", INSTALL, "install", *words]),
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        log = self.place / "log"
        return Root(done.returncode, log.read_text() if log.exists() else done.stderr, done.stdout)


@pytest.fixture
def dnf(place: Path, tiny_rpm_world: World) -> Dnf:
    return Dnf(place, tiny_rpm_world.url, tiny_rpm_world.key)


def digests(place: Path) -> dict[str, str]:
    files = sorted(path for path in place.rglob("*") if path.is_file())
    return {
        str(path.relative_to(place)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def rpm(place: Path, *words: str | Path) -> str:
    """What rpm says, with a database of its own in *place*."""
    argv = ["rpm", "--dbpath", place / "database", *words]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout


def verdicts(place: Path, repository: Path) -> set[str]:
    said = rpm(place, "-K", *sorted(repository.rglob("*.rpm")))
    return {line.rpartition(": ")[2] for line in said.splitlines()}


def test_the_same_input_twice_gives_the_same_bytes(place: Path) -> None:
    cache = Cache(place / "cache")
    world = cache.tiny()
    first = digests(world.place)
    shutil.rmtree(world.place)
    assert digests(cache.tiny().place) == first


def test_two_at_once_make_it_once(place: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "rpm_distribution.make",
        "--tier=tiny",
        "--cache",
        str(place / "cache"),
    ]
    both = [subprocess.Popen(words, cwd=TESTS, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0].partition(":")[0] for process in both]
    assert said[0] == said[1]
    assert [str(path) for path in (place / "cache/worlds").iterdir()] == said[:1]


def test_packages_are_signed_as_their_repository_promises(
    place: Path, tiny_rpm_world: World
) -> None:
    (place / "database").mkdir()
    assert verdicts(place, tiny_rpm_world.base) == {"digests SIGNATURES NOT OK"}
    rpm(place, "--import", tiny_rpm_world.key)
    assert verdicts(place, tiny_rpm_world.base) == {"digests signatures OK"}
    assert verdicts(place, tiny_rpm_world.updates) == {"digests signatures OK"}
    assert verdicts(place, tiny_rpm_world.unsigned) == {"digests OK"}
    assert verdicts(place, tiny_rpm_world.foreign) == {"digests SIGNATURES NOT OK"}
    rpm(place, "--import", tiny_rpm_world.foreign_key)
    assert verdicts(place, tiny_rpm_world.foreign) == {"digests signatures OK"}


def test_the_metadata_are_signed(place: Path, tiny_rpm_world: World) -> None:
    gpg = ["gpg", "--homedir", str(place), "--batch", "--quiet"]
    subprocess.run([*gpg, "--import", tiny_rpm_world.key], check=True)
    about = tiny_rpm_world.base / "repodata/repomd.xml"
    try:
        subprocess.run([*gpg, "--verify", f"{about}.asc", about], check=True, capture_output=True)
    finally:
        subprocess.run(["gpgconf", "--homedir", place, "--kill", "all"], check=True)


def test_everything_a_package_can_hold_arrives(dnf: Dnf, tiny_rpm_world: World) -> None:
    odd = ("capabilities", "setuid", "links", "sparse", "large", "owners", "names")
    root = dnf.install("@core", "greeting", *odd, repositories="base updates", after=SAY)
    assert root.status == 0, root.log
    said = root.said.splitlines()
    for line in (
        "srv/links/first 644 0 0 3 15000",
        "srv/links/deeper 755 0 0 2 60",
        "srv/links/dangling 777 0 0 1 7",
        "srv/owned/file 640 4711 4712 1 5",
        "srv/owned/of-root 600 0 4712 1 7",
        f"srv/sparse/made 644 0 0 1 {3 << 30}",
        "usr/bin/set-uid 4755 0 0 1 10",
        "usr/bin/set-gid 2755 0 5 1 10",
        "usr/bin/capable cap_net_bind_service,cap_net_raw=ep",
        "greeting-1.1-1.tl13.noarch",
    ):
        assert line in said


def test_the_systems_own_rpm_reads_the_database_and_finds_every_file_intact(dnf: Dnf) -> None:
    after = "chroot . rpm -q setup bash; chroot . rpm -Va --nomtime"
    root = dnf.install("@core", "rpm", after=after)
    assert root.said.splitlines() == ["setup-1.0-1.tl13.noarch", "bash-1.0-1.tl13.x86_64"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["broken-promise"], "nothing provides nowhere-to-be-found"),
        (["one", "other"], "conflicts with other"),
        (["greeting", "thief"], "conflicts between attempted installs"),
        (["pre-fails"], "Error in PREIN scriptlet in rpm package pre-fails"),
    ],
)
def test_what_cannot_be_installed_is_not(dnf: Dnf, words: list[str], complaint: str) -> None:
    root = dnf.install("bash", *words)
    assert root.status == 1
    assert complaint in " ".join(root.log.split())


def test_a_script_that_fails_after_its_package_is_there_is_only_told(dnf: Dnf) -> None:
    """That of rpm before 6.0; a builder has to look for it."""
    root = dnf.install("bash", "coreutils", "post-fails", after="rpm --root $PWD -q post-fails")
    assert root.status == 0
    assert "Error in POSTIN scriptlet in rpm package post-fails" in root.log
    assert root.said == "post-fails-13-1.tl13.noarch\n"


@pytest.mark.parametrize(
    ("repository", "package", "complaint"),
    [
        ("unsigned", "unsigned", "is not signed"),
        ("foreign", "stranger", "GPG check FAILED"),
        ("broken", "unreachable", "checksum doesn't match"),
        ("malformed", "greeting", "repomd.xml"),
    ],
)
def test_repositories_that_should_not_be_trusted_are_not(
    dnf: Dnf, repository: str, package: str, complaint: str
) -> None:
    root = dnf.install("bash", package, repositories=f"base {repository}")
    assert root.status == 1
    assert complaint in root.log


def test_weak_conditional_and_optional_packages_come_as_asked(dnf: Dnf) -> None:
    names = "rpm --root $PWD -qa --qf '%{name}\n'"
    usual = dnf.install("@odd-environment", after=names).said.split()
    assert {"greeting", "choosy", "one", "weak", "supplement", "conditional"} <= set(usual)
    assert not {"documented", "slowish", "other"} & set(usual)
    bare = dnf.install("@oddities", "--setopt=install_weak_deps=0", after=names).said.split()
    assert not {"weak", "supplement"} & set(bare)


def test_documents_and_languages_can_be_left_out(dnf: Dnf) -> None:
    root = dnf.install(
        "documented", "--nodocs", after="find usr/share -name '*ocumented*' -o -name READ*"
    )
    assert root.status == 0, root.log
    assert "usr/share/documented" in root.said
    assert "README" not in root.said


def test_mirrors_are_found_by_metalink_and_mirrorlist(dnf: Dnf, rpm_mirror: Mirror) -> None:
    for kind in ("mirrorlist", "metalink"):
        root = dnf.install("filesystem", more=f"{kind}={rpm_mirror.url}/base.{kind}")
        assert root.status == 0, root.log
    root = dnf.install("filesystem", more=f"metalink={rpm_mirror.url}/wrong.metalink")
    assert root.status == 1
    assert any("/nothing/base" in path for path, _ in rpm_mirror.asked)


def test_a_mirror_that_spoils_a_package_once_is_asked_again(
    place: Path, rpm_mirror: Mirror, tiny_rpm_world: World
) -> None:
    dnf = Dnf(place, rpm_mirror.url, tiny_rpm_world.key)
    rpm_mirror.spoiled["setup-1.0"] = 1
    root = dnf.install("filesystem")
    assert root.status == 0, root.log
    assert len([path for path, _ in rpm_mirror.asked if "setup-1.0" in path]) == 2


def test_what_makes_a_bootable_system_can_be_installed_together(
    place: Path, rpm_world: World
) -> None:
    words = "@core @standard @guest-agents kernel grub2-pc grub2-efi-x64 shim-x64 efibootmgr"
    more = "dracut-config-generic lvm2 cryptsetup selinux-policy-targeted firewalld authselect dnf"
    dnf = Dnf(place, rpm_world.url, rpm_world.key)
    root = dnf.install(*words.split(), *more.split(), "--downloadonly")
    assert root.status == 0, root.log
    assert " kernel-core " in root.log


def test_relations_mean_the_same_in_both_worlds() -> None:
    names = Names(frozenset({"libc6", "libc-bin", "passwd", "login.defs", "mawk", "gawk"}))
    at_least = EQUAL | GREATER
    assert names.requires("libc6 (>= 2.41-1), passwd") == [
        Relation("glibc", at_least, "2.41-1"),
        Relation("shadow-utils"),
    ]
    # later than 1.0 is 1.0-1, which RPM takes for equal
    assert names.requires("libc6 (>> 2.41)") == [Relation("glibc", at_least, "2.41")]
    assert names.requires("mawk | gawk (>= 1:5.0)") == [Relation("(mawk or gawk >= 1:5.0)")]
    # of a merged package only the part that has its version may be asked for a version
    assert names.requires("login.defs (>= 1:4)") == [Relation("shadow-utils")]
    assert names.requires("debconf (>= 0.5) | debconf-2.0, dpkg") == []
    assert evr("2:1.0-rc1-3") == "2:1.0.rc1-3"
