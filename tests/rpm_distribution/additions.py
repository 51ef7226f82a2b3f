"""Files that converted packages get, lose or have changed, so that they are as in Fedora."""

import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from . import grub, kernel
from .names import ID, VERSION
from .places import EFI, STANDARD, UNITS
from .rpm_file import File, directory, regular, symlink
from .rpm_header import GHOST, IS_CONFIG, MISSING_OK, NO_REPLACE

PAM = {
    "auth": "auth [success=1 default=ignore] pam_unix.so nullok\n"
    "auth requisite pam_deny.so\nauth required pam_permit.so\n",
    "account": "account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\n"
    "account requisite pam_deny.so\naccount required pam_permit.so\n",
    "password": "password [success=1 default=ignore] pam_unix.so obscure yescrypt\n"
    "password requisite pam_deny.so\npassword required pam_permit.so\n",
    "session": "session required pam_permit.so\nsession optional pam_umask.so\n"
    "session required pam_unix.so\n-session optional pam_systemd.so\n",
    "session-noninteractive": "session required pam_permit.so\nsession optional pam_umask.so\n"
    "session required pam_unix.so\n",
}
LOCAL = "localhost localhost.localdomain"
HOSTS = f"127.0.0.1   {LOCAL}\n::1         {LOCAL}\n"
PROFILE = """PATH=/usr/local/bin:/usr/bin
export PATH
for i in /etc/profile.d/*.sh; do [ -r "$i" ] && . "$i"; done
unset i
"""
NSSWITCH = """passwd: files systemd
group: files systemd
shadow: files
hosts: files myhostname resolve [!UNAVAIL=return] dns
services: files
protocols: files
networks: files
"""
SSHD = """Include /etc/ssh/sshd_config.d/*.conf
UsePAM yes
KbdInteractiveAuthentication no
X11Forwarding no
PrintMotd no
AcceptEnv LANG LC_*
Subsystem sftp /usr/lib/openssh/sftp-server
"""
CHRONY = """pool 2.pool.ntp.org iburst
driftfile /var/lib/chrony/chrony.drift
makestep 1 3
rtcsync
logdir /var/log/chrony
"""
RPM_MACROS = f"%_dbpath /usr/lib/sysimage/rpm\n%_install_langs all\n%dist .tl{VERSION}\n"
# Modes of directories that matter; the others of STANDARD have 755.
MODES = {
    "/tmp": 0o1777, "/var/tmp": 0o1777, "/root": 0o550, "/boot": 0o555, "/usr/bin": 0o555,
    "/usr/lib": 0o555, "/boot/efi": 0o700,
}  # fmt: skip
LINKS = {
    "/bin": "usr/bin", "/sbin": "usr/sbin", "/lib": "usr/lib", "/lib64": "usr/lib64",
    "/usr/sbin": "bin", "/var/run": "../run", "/var/lock": "../run/lock",
}  # fmt: skip
GHOSTS = ("/proc", "/sys")  # as in Fedora: rpm could not set them up in a namespace


@dataclass
class Draft:
    """The files of a package to be, by path, and the time that new ones get."""

    files: dict[str, File]
    mtime: int

    def add(self, *files: File) -> None:
        for file in files:
            self.files[file.path] = replace(file, mtime=self.mtime)

    def configuration(self, texts: Mapping[str, str], mode: int = 0o644, flags: int = 0) -> None:
        """Add configuration files, which an update does not replace."""
        flags |= IS_CONFIG | NO_REPLACE
        self.add(*(regular(path, text, mode, flags=flags) for path, text in texts.items()))

    def edit(self, path: str, *changes: tuple[str, str]) -> None:
        """Replace words of a file, if it is there."""
        if path in self.files:
            text = self.files[path].data.decode()
            for old, new in changes:
                text = text.replace(old, new)
            self.files[path] = replace(self.files[path], data=text.encode())

    def take(self, path: str) -> str:
        """Remove a file, and return its text."""
        return self.files.pop(path).data.decode()


def directories() -> list[File]:
    """The directories every system has, for the package `filesystem`."""
    plain = sorted(STANDARD.difference(LINKS, GHOSTS))
    found = [directory(path, MODES.get(path, 0o755)) for path in plain]
    found += [symlink(path, target) for path, target in LINKS.items()]
    return found + [directory(path, 0o555, flags=GHOST) for path in GHOSTS]


def accounts(passwd: str, group: str) -> dict[str, str]:
    """The files of accounts that nobody logs in with, for the package `setup`."""
    return {
        "/etc/passwd": passwd,
        "/etc/group": group,
        "/etc/hosts": HOSTS,
        "/etc/host.conf": "multi on\n",
        "/etc/shells": "/bin/sh\n/bin/bash\n/usr/bin/sh\n/usr/bin/bash\n",
        "/etc/motd": "",
        "/etc/environment": "",
        "/etc/profile": PROFILE,
    }


def shadows(passwd: str, group: str) -> dict[str, str]:
    """The files of their passwords."""
    users, groups = ([line.split(":")[0] for line in text.splitlines()] for text in (passwd, group))
    return {
        "/etc/shadow": "".join(f"{name}:*:19000:0:99999:7:::\n" for name in users),
        "/etc/gshadow": "".join(f"{name}:*::\n" for name in groups),
    }


def _setup(draft: Draft) -> None:
    master = "/usr/share/base-passwd"
    passwd, group = (
        draft.take(f"{master}/{name}.master").replace(":*:", ":x:") for name in ("passwd", "group")
    )
    for path in [path for path in draft.files if path.startswith(master)]:
        del draft.files[path]
    draft.configuration(accounts(passwd, group))
    draft.configuration(shadows(passwd, group), 0o000)
    draft.configuration({"/etc/fstab": ""}, flags=GHOST)


def _kernel_core(draft: Draft) -> None:
    draft.add(*kernel.ghosts(kernel.release_of(draft.files), draft.mtime))


def _grub2_tools(draft: Draft) -> None:
    tools = [match for match in map(re.compile("/usr/bin/grub-(.*)$").match, draft.files) if match]
    draft.add(*(symlink(f"/usr/bin/grub2-{tool[1]}", f"grub-{tool[1]}") for tool in tools))
    draft.configuration({"/etc/grub.d/10_linux": grub.ENTRIES}, 0o755)
    draft.add(*(regular(path, text, 0o755) for path, text in kernel.PLUGINS.items()))
    draft.add(
        directory("/boot/grub2", 0o700),
        symlink("/boot/grub", "grub2"),
        directory("/boot/loader"),
        directory("/boot/loader/entries", 0o700),
        symlink("/etc/grub2.cfg", "../boot/grub2/grub.cfg"),
        symlink("/etc/grub2-efi.cfg", "../boot/grub2/grub.cfg"),
    )
    draft.configuration({"/etc/default/grub": ""}, flags=GHOST | MISSING_OK)
    draft.configuration({"/boot/grub2/grub.cfg": ""}, 0o600, flags=GHOST | MISSING_OK)


def _openssh_server(draft: Draft) -> None:
    draft.edit(
        f"{UNITS}/sshd-keygen.service",
        (" ssh.service", ""),
        ("=ssh.service sshd", "=sshd"),
        ("ssh.socket", "sshd.socket"),
        # Fedora's sshd-keygen@ makes them whenever they are missing.
        ("ConditionFirstBoot=yes", "ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key"),
    )
    draft.edit(f"{UNITS}/sshd.service", ("Alias=sshd.service", "Alias=ssh.service"))
    draft.edit(f"{UNITS}/sshd.socket", ("ssh.service", "sshd.service"))
    draft.configuration({"/etc/ssh/sshd_config": SSHD}, 0o600)


def _chrony(draft: Draft) -> None:
    text = 'u _chrony - "Chrony daemon" /var/lib/chrony\n'
    draft.add(regular("/usr/lib/sysusers.d/chrony.conf", text))
    draft.configuration({"/etc/chrony/chrony.conf": CHRONY})
    draft.edit(f"{UNITS}/chronyd.service", ("\nAlias=chronyd.service", ""))


def _shim(draft: Draft) -> None:
    shim = draft.files[f"{EFI}/{ID}/shimx64.efi"]
    line = f"shimx64.efi,{ID},,This is the boot entry for {ID}\r\n"
    draft.add(
        regular(f"{EFI}/BOOT/BOOTX64.EFI", shim.data, 0o700),
        regular(f"{EFI}/{ID}/BOOTX64.CSV", b"\xff\xfe" + line.encode("utf-16-le"), 0o700),
    )


def _firewalld(draft: Draft) -> None:
    """Who may ask firewalld, which Debian's alternatives would have chosen."""
    policy = "/usr/share/polkit-1/actions/org.fedoraproject.FirewallD1"
    draft.add(symlink(f"{policy}.policy", f"{policy.rpartition('/')[2]}.server.policy.choice"))


def rpm_macros() -> list[File]:
    """Where the database of packages is, as rpm in the system finds it."""
    return [
        regular(f"/usr/lib/rpm/macros.d/macros.{ID}", RPM_MACROS),
        directory("/usr/lib/sysimage"),
        directory("/usr/lib/sysimage/rpm"),
        symlink("/var/lib/rpm", "../../usr/lib/sysimage/rpm"),
        directory("/etc/rpm"),
    ]


def _selinux_policy(draft: Draft) -> None:
    draft.configuration({"/etc/selinux/config": "SELINUX=enforcing\nSELINUXTYPE=targeted\n"})
    draft.add(directory("/etc/selinux"), directory("/var/lib/selinux"))


def _links(**links: str) -> Callable[[Draft], None]:
    """Add links to programs."""
    return lambda draft: draft.add(
        *(symlink(f"/usr/bin/{name}", target) for name, target in links.items())
    )


ADDITIONS: dict[str, Callable[[Draft], None]] = {
    "filesystem": lambda draft: draft.add(*directories()),
    "setup": _setup,
    "glibc-common": lambda draft: draft.configuration({"/etc/nsswitch.conf": NSSWITCH}),
    "bash": _links(sh="bash"),
    "gawk": _links(awk="gawk"),
    "vim-minimal": _links(vi="vim.tiny"),
    "pam": lambda draft: draft.configuration(
        {f"/etc/pam.d/common-{name}": text for name, text in PAM.items()}
    ),
    "kernel-core": _kernel_core,
    "grub2-tools": _grub2_tools,
    "openssh-server": _openssh_server,
    "chrony": _chrony,
    "NetworkManager": lambda draft: draft.add(
        regular("/usr/lib/sysusers.d/NetworkManager.conf", "g netdev -\n")
    ),
    "shim-x64": _shim,
    "firewalld": _firewalld,
    "rpm": lambda draft: draft.add(*rpm_macros()),
    "systemd": lambda draft: draft.configuration(
        {"/etc/machine-id": ""}, 0o444, flags=GHOST | MISSING_OK
    ),
    "selinux-policy-targeted": _selinux_policy,
}
# What Debian's maintainer scripts would have set.
CAPABILITIES = {"/usr/bin/ping": "cap_net_raw=ep"}


def add(name: str, draft: Draft) -> None:
    """Make the files of the package *name* what they are in the distribution."""
    if name in ADDITIONS:
        ADDITIONS[name](draft)
    for path, capabilities in CAPABILITIES.items():
        file = draft.files.get(path)
        if file and stat.S_ISREG(file.mode):
            draft.files[path] = replace(file, capabilities=capabilities)
