"""What `appliance inspect` says of what is in a system: packages, people, services, files, keys."""

from dataclasses import dataclass


@dataclass(frozen=True)
class InstalledPackage:
    """A package that is installed.

    *name*: its name.
    *version*: its version, with epoch and release where it has them.
    *architecture*: its architecture, in the words of its package manager.
    *manager*: the package manager: deb or rpm.
    *source*: the source package that it was built from.
    *source_version*: the version of that source package.
    *licence*: its licence, in SPDX's words where those are known; empty if nothing says it.
    *origin*: who made it: a repository's Origin, or an rpm's Vendor; a maintainer, if that is all.
    *summary*: what it is, in a line.
    *reason*: why it is there: asked (for), setting (one needs it), needed (by a package); empty if
        nothing says it.
    *needs*: the packages of this list that it needs.
    *needed_by*: the packages of this list that need it.
    *said_size*: the size of its files in bytes, as it says itself.
    *size*: the size of its files that are there, in bytes; a file with several names once.
    *files*: how many files and directories are its own.
    """

    name: str
    version: str
    architecture: str
    manager: str
    source: str = ""
    source_version: str = ""
    licence: str = ""
    origin: str = ""
    summary: str = ""
    reason: str = ""
    needs: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    said_size: int = 0
    size: int = 0
    files: int = 0


@dataclass(frozen=True)
class SizeRow:
    """What the files of one package take in one directory: all trees of sizes are sums of these.

    *directory*: the directory; at most four levels deep, with all that is in deeper ones.
    *package*: the package; empty for files of none.
    *size*: bytes of the files; a file with several names counts once.
    *files*: how many files that are.
    """

    directory: str
    package: str
    size: int
    files: int


@dataclass(frozen=True)
class UserFacts:
    """A user who can log in, or become somebody.

    *name*: the user's name.
    *uid*: the user's number.
    *shell*: what is started for it.
    *home*: its home directory.
    *logs_in*: whether anything lets it in: a password, a key, or nothing at all.
    *password*: set, none (it gets in without one), locked, or expired.
    *hash*: how the password is kept: yescrypt, sha512.
    *keys*: the public keys that may log in by ssh.
    *groups*: the groups that it is in.
    *administers*: by which way it may become root: being root, a group, or a rule of sudo.
    """

    name: str
    uid: int
    shell: str
    home: str
    logs_in: bool
    password: str
    hash: str = ""
    keys: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    administers: str = ""


@dataclass(frozen=True)
class UnitFacts:
    """A unit of systemd that is started by itself.

    *name*: its name.
    *wanted_by*: what wants it: a target, or another unit.
    *description*: what it says that it is.
    *path*: the file that describes it; empty if there is none.
    *package*: the package of that file.
    *starts*: the command that it starts.
    """

    name: str
    wanted_by: tuple[str, ...]
    description: str = ""
    path: str = ""
    package: str = ""
    starts: str = ""


@dataclass(frozen=True)
class PortFacts:
    """A port, or a socket in the filesystem, on which something would listen.

    *protocol*: tcp, udp, unix, vsock or netlink.
    *address*: on which address; empty for all.
    *port*: the number; for sockets of the filesystem 0.
    *path*: the path of a socket in the filesystem.
    *by*: the unit that listens.
    *source*: the file that says so.
    *certain*: whether a file says so; else this is what that program usually does.
    """

    protocol: str
    address: str
    port: int
    path: str
    by: str
    source: str
    certain: bool


@dataclass(frozen=True)
class FileFacts:
    """A file of no package.

    *path*: its path.
    *kind*: file, link, or another kind; of a directory only its top is told, for all in it.
    *size*: its size in bytes, with all that it holds.
    *files*: how many files it holds, itself included.
    """

    path: str
    kind: str
    size: int
    files: int


@dataclass(frozen=True)
class ChangedFile:
    """A file of a package that is not as the package brought it.

    *path*: its path.
    *package*: the package.
    *marks*: nine letters, as `dpkg --verify` and `rpm -V` print them, or "missing".
    *kind*: c for a configuration file, d for documentation, g for a file that the package does not
        bring; else empty.
    """

    path: str
    package: str
    marks: str
    kind: str = ""


@dataclass(frozen=True)
class PrivilegedFile:
    """A file by which whoever starts it may do more.

    *path*: its path.
    *package*: the package that it is of.
    *mode*: its mode, as chmod takes it.
    *owner*: the name or number of its owner.
    *group*: the name or number of its group.
    *capabilities*: the capabilities that it has, as getcap(8) says them.
    """

    path: str
    package: str
    mode: str
    owner: str
    group: str
    capabilities: str = ""


@dataclass(frozen=True)
class CertificateFacts:
    """A certificate or a key.

    *path*: the file that has it.
    *kind*: certificate, certificates (several), private key, public key.
    *package*: the package that the file is of.
    *subject*: whose certificate it is.
    *issuer*: who says so.
    *until*: when it ends, in seconds since 1970; 0 for keys.
    *fingerprint*: the SHA-256 of the certificate, or of the public key, in hexadecimal.
    *algorithm*: the kind and length of the key.
    *encrypted*: whether a passphrase protects a private key.
    *count*: how many certificates are in the file.
    """

    path: str
    kind: str
    package: str = ""
    subject: str = ""
    issuer: str = ""
    until: int = 0
    fingerprint: str = ""
    algorithm: str = ""
    encrypted: bool = False
    count: int = 1
