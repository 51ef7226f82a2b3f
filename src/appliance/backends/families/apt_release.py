"""What is known of one release of an apt family, and where its archives are."""

from dataclasses import dataclass

from appliance.backends.families.model import Release


@dataclass(frozen=True)
class AptRelease(Release):
    """One release of an apt family.

    *codename*: the name of its suites: trixie.
    *version*: its number; empty if it has none.
    *aliases*: further names that people type for it; an archive moves these on to another release
        one day (stable).
    """

    aliases: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Everything that the release is called, the codename first."""
        return tuple(word for word in (self.codename, self.version, *self.aliases) if word)


@dataclass(frozen=True)
class AptArchive:
    """One archive that a known repository stands for.

    *name*: the archive's name among the repositories of a build.
    *url*: the official root of the archive.
    *suite*: what the suite of a release is called, with {release} for its codename.
    *beside*: what is appended to a mirror's root to get this archive's root there ("-security").
    """

    name: str
    url: str
    suite: str = "{release}"
    beside: str = ""

    def suite_of(self, release: str) -> str:
        """Return the name of the suite that this archive has for *release*, a codename."""
        return self.suite.format(release=release)


@dataclass(frozen=True)
class AptMachine:
    """What a family has for one kind of processor.

    *architecture*: the processor's, as dpkg names it: amd64.
    *archives*: the archives of a release, the release's main one first.
    *kernel*: the package of the kernel that an image gets if its author names none.
    *generic_kernel*: the package of the kernel that has all drivers.
    *boot_loaders*: the boot loaders that can be in an image, each with the packages it needs there.
    """

    architecture: str
    archives: tuple[AptArchive, ...]
    kernel: str
    generic_kernel: str
    boot_loaders: tuple[tuple[str, tuple[str, ...]], ...]
