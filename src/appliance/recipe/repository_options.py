"""What the command line says about repositories, besides what the recipe says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RepositoryOptions:
    """One value from the command line to whoever asks a repository; empty is what nobody said.

    *repositories* are the words of `--repo`: names of known repositories, files, directories of
    files. *releasever* is a release's codename, number or alias; *image_version*: it is the
    image's version too, so that a repository known by name says more. *variables* (name, value)
    stand as $name in addresses. *mirror* is the root from which known repositories are taken,
    *keyring* the file with the keys to check with. *unchecked* names the repositories whose
    signatures nobody checks; *lenient*: so are those that no key is known for. *refresh*: ask the
    repositories even if that was done just now. *clock* is $SOURCE_DATE_EPOCH in seconds since
    1970; 0: unset.
    """

    repositories: tuple[str, ...] = ()
    releasever: str = ""
    image_version: bool = False
    variables: tuple[tuple[str, str], ...] = ()
    mirror: str = ""
    keyring: str = ""
    unchecked: tuple[str, ...] = ()
    lenient: bool = False
    refresh: bool = False
    clock: int = 0
