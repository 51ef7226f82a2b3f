"""ImageCreator: a system in a directory, made step by step, with hooks for programs of their own.

Whoever overrides a hook finds the system at self._instroot, with the owners that its files have in
the image, as root or as a plain user: mount() takes the whole process into a namespace.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from appliance.cli import store_place
from appliance.errors import CommandError
from appliance.host import command, sandbox
from appliance.host.jailed import in_jail
from appliance.store.results import below
from appliance.work import Jail
from imgcreate import kickstart
from imgcreate.engine import Build, enter
from imgcreate.errors import CreatorError, told_as
from imgcreate.fs import BindChrootMount, mounts

FSTYPES = ("ext2", "ext3", "ext4")
KEYRING = "IMGCREATE_KEYRING"  # a file of keys to trust, instead of those that are known
SCRIPT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SYSTEM = ("/proc", "/sys", "/dev")  # what programs in the root want to see of the kernel
SPECIAL = (
    "devpts     /dev/pts  devpts  gid=5,mode=620   0 0\n"
    "tmpfs      /dev/shm  tmpfs   defaults         0 0\n"
    "proc       /proc     proc    defaults         0 0\n"
    "sysfs      /sys      sysfs   defaults         0 0\n"
)


class ImageCreator:
    """Installs a system into a directory: mount, install, configure, unmount, package.

    *ks* is what read_kickstart() returned, *name* the image's, *releasever* what $releasever means
    in addresses, *tmpdir* where all work is done. *useplugins* and *cacheonly* were dnf's: the
    engine has no plugins, and its store is a cache. Every method raises CreatorError.
    """

    def __init__(
        self,
        ks: Any,
        name: str,
        releasever: str | None = None,
        tmpdir: str = "/tmp",
        useplugins: bool = False,
        cacheonly: bool = False,
        docleanup: bool = True,
    ) -> None:
        self.ks, self.name, self.releasever, self.tmpdir = ks, name, releasever, tmpdir
        self.useplugins, self.cacheonly, self.docleanup = useplugins, cacheonly, docleanup
        self.keyring = os.environ.get(KEYRING, "")
        self._builddir: str | None = None
        self._cachedir: str | None = None
        self._build: Build | None = None
        self._bindmounts: list[BindChrootMount] = []
        self._fstype_ = kickstart.get_image_fstype(ks, "ext4") or "ext4"
        if not (kickstart.get_packages(ks) or kickstart.get_groups(ks)):
            raise CreatorError("No packages or groups specified")
        kickstart.convert_method_to_repo(ks)
        if not kickstart.get_repos(ks):
            raise CreatorError("No repositories specified")

    def __del__(self) -> None:
        if getattr(self, "_builddir", None):
            self.cleanup()

    @property
    def _instroot(self) -> str:
        """The directory of the system; there from mount() on."""
        return f"{self._made('_instroot')}/install_root"

    @property
    def _outdir(self) -> str:
        """Where _stage_final_image() puts what package() hands over; there from mount() on."""
        return f"{self._made('_outdir')}/out"

    def _made(self, what: str) -> str:
        if self._builddir is None:
            raise CreatorError(f"{what} is not valid before calling mount()")
        return self._builddir

    @property
    def _fstype(self) -> str:
        """The filesystem of images: ext2, ext3 or ext4; to be set before mount()."""
        return self._fstype_

    @_fstype.setter
    def _fstype(self, value: str) -> None:
        if value not in FSTYPES:
            raise CreatorError(f"Unknown _fstype '{value}' supplied")
        self._fstype_ = value

    # hooks

    def _mount_instroot(self, base_on: str | None = None) -> None:
        """Prepare the empty _instroot; *base_on* is what mount() was called with."""

    def _unmount_instroot(self) -> None:
        """Undo what _mount_instroot() did; called once more by cleanup()."""

    def _create_bootconfig(self) -> None:
        """Make the system bootable, before the %post scripts."""

    def _stage_final_image(self, ops: Any = None) -> None:
        """Put the image into _outdir: here, the directory itself."""
        del ops
        shutil.move(self._instroot, f"{self._outdir}/{self.name}")

    def _get_required_packages(self) -> list[str]:
        """Packages, or @groups, to install besides the kickstart's."""
        return []

    def _get_excluded_packages(self) -> list[str]:
        """Packages to leave out besides the kickstart's."""
        return []

    def _get_pkglist_names(self) -> list[str]:
        """The names of all packages that are installed; from install() on."""
        return [item.name for item in self._build.packages] if self._build else []

    def _get_fstab(self) -> str:
        """The text of the image's /etc/fstab."""
        return f"/dev/root  /         {self._fstype}    defaults,noatime 0 0\n{SPECIAL}"

    def _get_fstab_special(self) -> str:
        """The lines of _get_fstab() for what is no disk."""
        return SPECIAL

    def _get_post_scripts_env(self, in_chroot: bool) -> dict[str, str]:
        """Environment variables for a %post script; *in_chroot*: it runs in the system."""
        del in_chroot
        return {}

    def _get_kernel_versions(self) -> dict[str, list[str]]:
        """Versions of the kernels in /boot, by the package of each; "kernel" if none is known."""
        found: dict[str, list[str]] = {}
        for path in sorted(Path(self._instroot, "boot").glob("vmlinuz-*")):
            version = path.name.removeprefix("vmlinuz-")
            owner = self._package_of(version)
            found.setdefault(owner, []).append(version)
        return found

    def _package_of(self, version: str) -> str:
        """Debian has the version in the name, RPM distributions call several packages by it."""
        names = [
            item.name
            for item in (self._build.packages if self._build else ())
            if item.name.endswith(version)
            or f"{item.version.rpartition(':')[2]}.{item.architecture}" == version
        ]
        return next((name for name in ("kernel-core", *names) if name in names), "kernel")

    # helpers

    def _do_bindmounts(self) -> None:
        """Show /proc, /sys and /dev in the system."""
        for bind in self._bindmounts:
            bind.mount()

    def _undo_bindmounts(self) -> None:
        """Unmount everything that was bound into the root, the last first."""
        for bind in reversed(self._bindmounts):
            bind.unmount()

    def _chroot(self) -> None:
        """Enter the system: for preexec_fn of subprocess."""
        os.chroot(self._instroot)
        os.chdir("/")

    def _mkdtemp(self, prefix: str = "tmp-") -> str:
        """Make a directory that cleanup() removes; returns its path."""
        return tempfile.mkdtemp(dir=self._ensure_builddir(), prefix=prefix)

    def _mkstemp(self, prefix: str = "tmp-") -> tuple[int, str]:
        """Make a file that cleanup() removes; returns its descriptor and path."""
        return tempfile.mkstemp(dir=self._ensure_builddir(), prefix=prefix)

    def _mktemp(self, prefix: str = "tmp-") -> str:
        """Make a file that cleanup() removes; returns its path."""
        number, path = self._mkstemp(prefix)
        os.close(number)
        return path

    def _ensure_builddir(self) -> str:
        if self._builddir is None:
            with told_as(CreatorError):
                enter()
                Path(self.tmpdir).mkdir(parents=True, exist_ok=True)
                place = Path(self.tmpdir).absolute()
                self._builddir = tempfile.mkdtemp(dir=place, prefix="imgcreate-")
                Path(self._builddir).chmod(0o755)
        return self._builddir

    # what programs call

    def mount(self, base_on: str | None = None, cachedir: str | None = None) -> None:
        """Make an empty _instroot; *cachedir* keeps packages and results for the next image."""
        self._ensure_builddir()
        self._cachedir = cachedir
        for place in (self._instroot, self._outdir):
            Path(place).mkdir(exist_ok=True)
        self._mount_instroot(base_on)
        self._bindmounts = [BindChrootMount(place, self._instroot) for place in SYSTEM]

    def install(
        self,
        repo_urls: dict[str, str] | None = None,
        repo: str | None = None,
        pkgverify_level: str | None = None,
    ) -> None:
        """Install packages, and apply what the kickstart says of the system.

        *repo_urls* are other addresses for the kickstart's repositories, by their names.
        """
        if repo or pkgverify_level:
            raise CreatorError(
                "install(): repo and pkgverify_level cannot be had: what is installed is checked "
                "against keys always; name repositories in the kickstart"
            )
        text = kickstart.text_for_engine(
            self.ks,
            required=self._get_required_packages(),
            excluded=self._get_excluded_packages(),
            repo_urls=repo_urls or {},
            disks=self._has_disks,
        )
        self._build = self._new_build(text)
        with told_as(CreatorError):
            self._build.install(Path(self._instroot))
        self._write_fstab()
        self._do_bindmounts()

    _has_disks = False  # whether the engine makes disks of the tree

    def _new_build(self, text: str) -> Build:
        store = below(Path(self._cachedir)) if self._cachedir else store_place().absolute()
        name = self.name.replace("/", "-")
        place = Path(self._mkdtemp("engine-"))
        return Build(name, text, place, store, self.releasever or "", self.keyring)

    def _write_fstab(self) -> None:
        place = Path(self._instroot, "etc/fstab")
        place.parent.mkdir(exist_ok=True)
        place.write_text(self._get_fstab())

    def configure(self) -> None:
        """Make it bootable, then run the %post scripts."""
        self._create_bootconfig()
        self._run_post_scripts()

    def _run_post_scripts(self) -> None:
        self._undo_bindmounts()  # the jail has its own
        try:
            for script in kickstart.get_post_scripts(self.ks):
                self._run_post_script(script)
        finally:
            self._do_bindmounts()

    def _run_post_script(self, script: Any) -> None:
        """In the system: in the engine's jail. Outside of it: as any program of ours."""
        env = {"PATH": SCRIPT_PATH, **self._get_post_scripts_env(script.inChroot)}
        run = self._in_jail if script.inChroot else self._beside
        try:
            run(script, env)
        except CommandError as error:
            if script.errorOnFail:
                raise CreatorError(f"%post script failed: {error}") from error
            logging.warning("ignoring %%post failure: %s", error)

    def _in_jail(self, script: Any, env: dict[str, str]) -> None:
        with tempfile.TemporaryDirectory(dir=self._builddir) as place:
            file = _executable(Path(place, "ks-script"), script.script)
            argv = in_jail(
                [*script.interp.split(), f"/run/appliance/{file.name}"],
                root=Path(self._instroot), environment=env,
                jail=Jail(network="host", binds=((Path(place), "/run/appliance"),)),
            )  # fmt: skip
            _run(sandbox.in_namespace(argv), env={}, name=script.interp)

    def _beside(self, script: Any, env: dict[str, str]) -> None:
        file = _executable(Path(self._mktemp("ks-script-")), script.script)
        env = {**env, "INSTALL_ROOT": self._instroot}
        _run([*script.interp.split(), str(file)], env=env, name=script.interp)

    def launch_shell(self, PS1: str = "\\s-\\v\\$ ") -> None:  # noqa: N803 - its old name
        """A shell in the system, on the user's terminal."""
        self._undo_bindmounts()
        env = {"PATH": SCRIPT_PATH, "PS1": PS1, "HOME": "/root"}
        env["TERM"] = os.environ.get("TERM", "dumb")
        shell = "bash" if Path(self._instroot, "bin/bash").exists() else "sh"
        root, jail = Path(self._instroot), Jail(network="host")
        argv = in_jail([shell], root=root, environment=env, jail=jail)
        command.interactive(sandbox.in_namespace(argv))
        self._do_bindmounts()

    def unmount(self) -> None:
        """Detach the system; package() comes next."""
        self._undo_bindmounts()
        self._unmount_instroot()

    def package(self, destdir: str = ".", ops: Any = None) -> None:
        """Have the image made, and move all that is in _outdir into *destdir*."""
        self._stage_final_image(*(() if ops is None else (ops,)))
        Path(destdir).mkdir(parents=True, exist_ok=True)
        for path in sorted(Path(self._outdir).iterdir()):
            shutil.move(path, Path(destdir, path.name))

    def create(self) -> None:
        """All of it, into the directory where we are."""
        self.mount()
        self.install()
        self.configure()
        self.unmount()
        self.package()

    def cleanup(self) -> None:
        """Detach, and remove everything that is not handed over; may be called at any time."""
        if not self.docleanup or self._builddir is None:
            return
        place = Path(self._builddir)
        try:
            self.unmount()
        finally:
            self._builddir = None
            if not any(Path(path).is_relative_to(place) for path in mounts()):
                shutil.rmtree(place, ignore_errors=True)


def _executable(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o700)
    return path


def _run(argv: Sequence[str], *, env: dict[str, str], name: str) -> None:
    command.run(argv, env=env, on_line=lambda line: logging.info("%s", line), name=name)
