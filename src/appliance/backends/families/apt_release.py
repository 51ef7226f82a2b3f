"""What is known of one release of an apt family, and where its archives are."""

from dataclasses import dataclass

from appliance.backends.families.model import Release


@dataclass(frozen=True)
class AptRelease(Release):
    """*codename* names its suites, *version* is its number, empty if it has none; *aliases* are
    further names that people type for it, which an archive moves on one day (stable)."""

    aliases: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Everything that it is called, the codename first."""
        return tuple(word for word in (self.codename, self.version, *self.aliases) if word)


@dataclass(frozen=True)
class AptArchive:
    """One archive that a known repository stands for.

    *url* is its official root, *suite* a pattern: what the suite of a release is called. *beside*
    follows a mirror's root where the mirror has it.
    """

    name: str
    url: str
    suite: str = "{release}"
    beside: str = ""

    def suite_of(self, release: str) -> str:
        """What *release*, a codename, is called here."""
        return self.suite.format(release=release)


@dataclass(frozen=True)
class AptMachine:
    """What a family has for one kind of processor.

    *architecture* is as dpkg names it, *archives* the release's own first. *kernel* is the package
    that an image gets whose author names none, *generic_kernel* the one with all drivers.
    *boot_loaders* names those that can be in an image, each with the packages that it needs there.
    """

    architecture: str
    archives: tuple[AptArchive, ...]
    kernel: str
    generic_kernel: str
    boot_loaders: tuple[tuple[str, tuple[str, ...]], ...]
