"""RPM package files: kept as they come, with who signed them looked at once.

    packages/SHA256.rpm         the package, named by its digest
    packages/SHA256.signed      the digests of the keyrings by which its signature was found good

Facts: rpmkeys(8), rpm's macros _pkgverify_level and _dbpath.
"""

import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from appliance.backends.package_managers import rpm_file
from appliance.backends.package_managers.model import LockedPackage
from appliance.backends.package_managers.package_facts import PackageFacts
from appliance.errors import CommandError, SourceError
from appliance.host import command
from appliance.host.download import WantedFile

AT_ONCE = 400  # files that rpmkeys is given in one call


@dataclass(frozen=True)
class RpmFiles:
    """How .rpm files are kept and checked.

    *keyrings*: for each repository that is to be checked, a file with its armored keys; packages of
        a repository that is not in here are used unchecked.
    *prefix*: turns a command into one that runs where rpm is: on this host, or with the tools'
        root.
    """

    keyrings: Mapping[str, Path]
    prefix: Callable[[list[str]], list[str]]

    suffix = ".rpm"
    unpacked = 4
    signed_again = True

    def is_whole(self, path: Path, package: LockedPackage) -> bool:
        """True if there is a file at *path* and its SHA-256 is the one in the lock."""
        if not path.exists():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == package.sha256

    def arrived(self, wish: WantedFile) -> None:
        """Keep the file that *wish* brought; settle() looks at the signatures, many files at
        once."""
        wish.target.rename(wish.target.with_name(f"{wish.sha256}.rpm"))

    def settle(self, packages: Sequence[LockedPackage], folder: Path) -> None:
        """Raise SourceError, naming the first, if any has no good signature by a key of its
        repository. What was found good by the same keys before is not looked at again."""
        cores = len(os.sched_getaffinity(0))
        for repository, keyring in self.keyrings.items():
            text = keyring.read_bytes()
            name = hashlib.sha256(text).hexdigest()
            unknown = [
                package
                for package in packages
                if package.repository == repository and name not in _marks(folder, package)
            ]
            if not unknown:
                continue
            size = min(AT_ONCE, -(-len(unknown) // cores))
            parts = [unknown[start : start + size] for start in range(0, len(unknown), size)]
            with TemporaryDirectory(dir=folder, prefix="rpmkeys-") as base:
                # one of several keys may be of a kind that this rpm does not know
                with suppress(CommandError):
                    self._rpmkeys(base, ["--import", str(keyring)])
                with ThreadPoolExecutor(cores) as pool:
                    for _ in pool.map(lambda part: self._check(part, folder, base), parts):
                        pass
            for package in unknown:
                _mark(folder, package, name)

    def _check(self, packages: Sequence[LockedPackage], folder: Path, base: str) -> None:
        files = {str(folder / f"{item.sha256}.rpm"): item for item in packages}
        try:
            self._rpmkeys(base, ["--checksig", *files])
        except CommandError:
            for path, package in files.items():
                self._check_one(path, package, base)

    def _check_one(self, path: str, package: LockedPackage, base: str) -> None:
        try:
            self._rpmkeys(base, ["--checksig", "--verbose", path])
        except CommandError as error:
            told = f"{package.name} {package.version} ({package.repository})"
            if not rpm_file.read(Path(path)).signed:
                problem, hint = f"{told} is not signed", "a repository that signs its packages"
            elif any("NOKEY" in line for line in error.tail):
                number = next(
                    (found[1] for line in error.tail
                     if (found := re.search(r"key (?:ID |fingerprint: )?([0-9a-fA-F]{8,})", line))),
                    "another",
                )  # fmt: skip
                problem = f"{told} is signed with key {number}, which is not known for it"
                hint = "--keyring FILE with that key, if you trust it"
            else:
                problem, hint = f"the signature of {told} is not valid", "another mirror"
            raise SourceError(
                problem,
                hint=f"{hint}; or --no-gpg-check {package.repository}",
                tail=tuple(line for line in error.tail if "NOTFOUND" not in line),
            ) from error

    def _rpmkeys(self, base: str, words: Sequence[str]) -> None:
        argv = ["rpmkeys", "--define", f"_dbpath {base}", "--define", "_pkgverify_level all"]
        command.run(self.prefix([*argv, *words]), env={"HOME": base}, name="rpmkeys")

    def payload(self, path: Path) -> str:
        """Return the SHA-256 of the header of the package file at *path*, which stays when the
        package is signed again; empty if the package has no digest of its files.

        Raises SourceError if the file is damaged.
        """
        return rpm_file.read(path).content

    def facts(self, path: Path) -> PackageFacts:
        """What the package file at *path* says of itself. Raises SourceError if it is damaged."""
        return rpm_file.facts(path)

    def explained(self, error: SourceError, package: LockedPackage, changed: Path) -> SourceError:
        """Say so if the file at *changed* is the locked *package*, only signed again; else return
        *error*."""
        try:
            header = rpm_file.read(changed)
        except SourceError:
            return error
        finally:
            changed.unlink(missing_ok=True)
        same = (header.name, header.evr, header.architecture) == (
            package.name, package.version, package.architecture,
        )  # fmt: skip
        if same and package.payload and header.content == package.payload:
            return SourceError(
                f"{package.name} {package.version} was signed again: what is inside is the same",
                hint="appliance lock, or appliance build --update-lock",
            )
        return error


def _place(folder: Path, package: LockedPackage) -> Path:
    return folder / f"{package.sha256}.signed"


def _marks(folder: Path, package: LockedPackage) -> set[str]:
    place = _place(folder, package)
    return set(place.read_text().split()) if place.exists() else set()


def _mark(folder: Path, package: LockedPackage, name: str) -> None:
    place = _place(folder, package)
    part = place.with_suffix(f".{os.getpid()}.part")
    part.write_text(" ".join(sorted({*_marks(folder, package), name})))
    part.rename(place)
