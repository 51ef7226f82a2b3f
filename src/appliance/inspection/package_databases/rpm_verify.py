"""Which files of an RPM package are not as it brought them, as `rpm -V` says it.

Facts: rpm's docs/man/rpm.8 (VERIFY OPTIONS), include/rpm/rpmvf.h and rpmfiles.h.
"""

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from appliance.backends.package_managers.rpm_header import Header
from appliance.inspection import accounts
from appliance.inspection.capabilities import of_attribute, of_text
from appliance.inspection.catalogue import Catalogue
from appliance.inspection.content_facts import ChangedFile
from appliance.inspection.installed import Budget
from appliance.inspection.package_databases.dpkg_verify import digest_of
from appliance.intake.trees.limits import DamagedError
from appliance.work.file_tree import DIRECTORY, FILE, LINK, Entry

SIZES, LONG_SIZES, STATES, MODES, TIMES = 1028, 5008, 1029, 1030, 1034
DIGESTS, LINKS, FLAGS, USERS, GROUPS, VERIFY = 1035, 1036, 1037, 1039, 1040, 1045
ALGORITHM, CAPABILITIES = 5011, 5010
ALGORITHMS = {1: "md5", 2: "sha1", 8: "sha256", 9: "sha384", 10: "sha512", 11: "sha224"}
NORMAL, REPLACED, WRONG_COLOUR = 0, 1, 4  # states of a file; what is not there is 2 and 3
MISSING_OK, GHOST = 8, 64
# What a file may be besides, in the order in which rpm looks for a letter.
LETTERS = ((2, "d"), (1, "c"), (8, "m"), (16, "n"), (64, "g"), (128, "l"), (256, "r"), (4096, "a"))
DIGEST, SIZE, LINK_TARGET, USER, GROUP, TIME, MODE, DEVICE, CAPS = (1 << n for n in range(9))
ORDER = ((SIZE, "S"), (MODE, "M"), (DIGEST, "5"), (DEVICE, "D"), (LINK_TARGET, "L"), (USER, "U"),
         (GROUP, "G"), (TIME, "T"), (CAPS, "P"))  # fmt: skip
OF_FILES = DIGEST | SIZE | TIME | CAPS  # that only regular files have
CONTENT = DIGEST | SIZE | TIME | LINK_TARGET
TYPES = {
    FILE: stat.S_IFREG, DIRECTORY: stat.S_IFDIR, LINK: stat.S_IFLNK, "fifo": stat.S_IFIFO,
    "character device": stat.S_IFCHR, "block device": stat.S_IFBLK, "socket": stat.S_IFSOCK,
}  # fmt: skip
MISSING = "missing"


@dataclass(frozen=True)
class RpmFile:
    """A file, as its package says that it is; *algorithm* is that of its *digest*."""

    path: str
    mode: int
    size: int
    time: int
    digest: str
    algorithm: str
    target: str
    user: str
    group: str
    flags: int
    verify: int
    state: int
    capabilities: str

    @property
    def installed(self) -> bool:
        """Whether it was installed, or its package left it out."""
        return self.state in (NORMAL, REPLACED, WRONG_COLOUR)

    @property
    def letter(self) -> str:
        """What rpm prints of its kind: c for a configuration file."""
        return next((letter for bit, letter in LETTERS if self.flags & bit), "")


def files_of(said: Header, paths: Sequence[str]) -> list[RpmFile]:
    """The files of a package whose *paths* are known."""
    count = len(paths)
    sizes = said.numbers(LONG_SIZES) or said.numbers(SIZES)
    columns = {
        tag: _filled(said.numbers(tag), count, usual)
        for tag, usual in ((MODES, 0), (TIMES, 0), (FLAGS, 0), (VERIFY, 0), (STATES, NORMAL))
    }
    words = {
        tag: _filled(tuple(said.texts(tag)), count, "")
        for tag in (DIGESTS, LINKS, USERS, GROUPS, CAPABILITIES)
    }
    algorithm = ALGORITHMS.get(said.number(ALGORITHM) or 1, "")
    return [
        RpmFile(
            path=path,
            mode=columns[MODES][n],
            size=_filled(sizes, count, 0)[n] if n >= len(sizes) else sizes[n],
            time=columns[TIMES][n],
            digest=words[DIGESTS][n],
            algorithm=algorithm,
            target=words[LINKS][n],
            user=words[USERS][n],
            group=words[GROUPS][n],
            flags=columns[FLAGS][n],
            verify=columns[VERIFY][n],
            state=columns[STATES][n],
            capabilities=words[CAPABILITIES][n],
        )
        for n, path in enumerate(paths)
    ]


def changed(
    image: Catalogue, package: str, files: Sequence[RpmFile], budget: Budget
) -> Iterator[ChangedFile]:
    """Each of the *package*'s *files* that is not there, or is another."""
    names = accounts.names(image)
    for file in files:
        there = _there(image, file)
        if there is None:
            if not file.flags & (MISSING_OK | GHOST):
                yield ChangedFile(file.path, package, MISSING, file.letter)
        elif found := _differing(image, file, there, names, budget):
            marks = "".join(letter if found & bit else "." for bit, letter in ORDER)
            yield ChangedFile(file.path, package, marks, file.letter)


def _there(image: Catalogue, file: RpmFile) -> Entry | None:
    """What is at the file's path; where a directory is expected, a link to one counts as that."""
    found = image.lstat(file.path)
    if found and found.kind == LINK and stat.S_ISDIR(file.mode):
        beyond = image.stat(file.path)
        return beyond if beyond and beyond.kind == DIRECTORY else found
    return found


def _differing(
    image: Catalogue, file: RpmFile, there: Entry, names: accounts.Names, budget: Budget
) -> int:
    """The bits of what differs."""
    compared = 0 if file.state == REPLACED else file.verify
    if file.state == WRONG_COLOUR:
        compared &= ~(DIGEST | SIZE | TIME | DEVICE)
    compared &= ~MODE if there.kind == LINK else ~LINK_TARGET
    compared &= ~0 if there.kind == FILE else ~OF_FILES
    compared &= ~CONTENT if file.flags & GHOST else ~0
    mode = there.mode if file.flags & GHOST else there.mode | TYPES.get(there.kind, 0)
    said_mode = file.mode & 0o7777 if file.flags & GHOST else file.mode
    found = {
        LINK_TARGET: there.target != file.target,
        SIZE: there.size != file.size,
        MODE: mode != said_mode,
        TIME: int(there.mtime) != file.time,
        USER: names.user(there.uid) != file.user,
        GROUP: names.group(there.gid) != file.group,
        CAPS: bool(compared & CAPS) and _capabilities(there) != of_text(file.capabilities),
    }
    marks = sum(bit for bit, differs in found.items() if differs and compared & bit)
    if compared & DIGEST and _other_digest(image, file, there, budget):
        marks |= DIGEST
    return marks


def _other_digest(image: Catalogue, file: RpmFile, there: Entry, budget: Budget) -> bool:
    if there.size != file.size:
        return True
    if not file.digest or not file.algorithm or not budget.allows(file.path, there.size):
        return False
    try:
        return digest_of(image.tree, there.path, file.algorithm) != file.digest
    except DamagedError:
        return True


def _capabilities(there: Entry) -> object:
    return of_attribute(there.attributes.get("security.capability", b""))


def _filled(values: tuple, count: int, usual: int | str) -> tuple:  # type: ignore[type-arg]
    """*values*, as many as there are files: packages leave out what is usual for all."""
    return values + (usual,) * (count - len(values))
