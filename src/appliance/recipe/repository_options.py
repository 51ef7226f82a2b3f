"""What the command line says about repositories, besides what the recipe says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RepositoryOptions:
    """What the command line says about repositories; empty is what nobody said.

    *repositories*: the words of `--repo`: names of known repositories, files, directories of files.
    *releasever*: a release's codename, number or alias.
    *distribution*: the family that packages are of if neither addresses nor they themselves say it.
    *image_version*: True if *releasever* is the image's own version as well: it is then not looked
        at where the recipe has a repository that is known by name.
    *variables*: pairs (name, value) of variables that stand as $name in addresses.
    *mirror*: the root from which known repositories are taken.
    *keyring*: the file with the keys to check with.
    *unchecked*: the names of the repositories whose signatures are not checked.
    *lenient*: True if signatures are not checked either where no key is known for a repository.
    *refresh*: True if the repositories are asked even if that was done just now.
    *clock*: $SOURCE_DATE_EPOCH in seconds since 1970; 0 if it is not set.
    """

    repositories: tuple[str, ...] = ()
    releasever: str = ""
    distribution: str = ""
    image_version: bool = False
    variables: tuple[tuple[str, str], ...] = ()
    mirror: str = ""
    keyring: str = ""
    unchecked: tuple[str, ...] = ()
    lenient: bool = False
    refresh: bool = False
    clock: int = 0
