"""What `--repo` says: names of known repositories, and files of dnf's or of apt's."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.backends.families import apt_source_files, known_names, near_names
from appliance.backends.package_managers import repo_files
from appliance.backends.package_managers.repo_files import RepoSection
from appliance.errors import RequestError
from appliance.host.status import status_of
from appliance.recipe.model import Repository

# What each package manager's files are called; a file that is called otherwise is dnf's.
SUFFIXES = {"dnf": (".repo",), "apt": (".sources", ".list")}
OWNERS = {suffix: manager for manager, suffixes in SUFFIXES.items() for suffix in suffixes}
ANYTHING = "a name such as debian-trixie, a .repo, .sources or .list file, or a directory of them"


@dataclass(frozen=True)
class Words:
    """The words of `--repo`: *names* of known repositories, and *places*, as they were typed."""

    names: tuple[str, ...]
    places: tuple[str, ...]

    def manager(self) -> str:
        """The package manager whose files come first; empty if there are none.

        Raises RequestError for a directory with files of several: it does not say which is meant.
        """
        manager = ""
        for place in self.places:
            owners = {OWNERS.get(file.suffix, "dnf"): file for file in _in(place)}
            if len(owners) > 1:
                one, other = sorted(file.name for file in owners.values())[:2]
                raise RequestError(
                    f"--repo {place}: {one} and {other} are for different package managers",
                    hint=f"--repo {Path(place, one)}, or --repo {Path(place, other)}",
                )
            manager = manager or next(iter(owners), "")
        return manager

    def sections(self) -> tuple[RepoSection, ...]:
        """Read dnf's files. Raises RequestError for one that is apt's or cannot be read,
        SourceError for what is not understood in one."""
        return tuple(
            section
            for file in self._files("dnf")
            for section in repo_files.parse(_text(file), file)
        )

    def archives(self) -> tuple[Repository, ...]:
        """Read apt's files, as a kickstart would name what is in them; raises as sections()."""
        return tuple(
            repository
            for file in self._files("apt")
            for repository in apt_source_files.parse(_text(file), file)
        )

    def _files(self, manager: str) -> list[Path]:
        """All files of *manager*. Raises RequestError for a place that has none."""
        files: list[Path] = []
        for place in self.places:
            own = [file for file in _in(place) if OWNERS.get(file.suffix, "dnf") == manager]
            if not own and Path(place).is_dir():
                names = " or ".join(SUFFIXES[manager])
                raise RequestError(f"--repo {place}: no {names} file is there")
            if not own:
                raise RequestError(
                    f"--repo {place}: a file for another package manager; "
                    f"the packages of this recipe are {manager}'s",
                    hint=f"a file called *{' or *'.join(SUFFIXES[manager])}, or a known name",
                )
            files += own
        return files


def understood(words: Sequence[str]) -> Words:
    """Tell names from places; a file called like a known repository is meant by ./NAME only.

    Raises RequestError for what is neither.
    """
    names = tuple(word for word in words if word in known_names())
    places = tuple(word for word in words if word not in names)
    for place in places:
        if status_of(Path(place), f"--repo {place}") is None:
            near = near_names(place)
            named = len(near) < len(known_names()) and "/" not in place
            raise RequestError(
                f"--repo {place}: there is no such file, and no repository is known by that name",
                hint=" or ".join(f"--repo {name}" for name in near[:2]) if named else ANYTHING,
            )
    return Words(names, places)


def _in(place: str) -> list[Path]:
    """The file at *place*, or those of package managers in that directory, in order of names."""
    path = Path(place)
    if not path.is_dir():
        return [path]
    try:
        return sorted(file for file in path.iterdir() if file.suffix in OWNERS)
    except OSError as error:
        raise RequestError(f"--repo {place}: {error.strerror}") from None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"--repo {file}: {error}") from error
