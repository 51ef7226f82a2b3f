"""What is known of one release of an RPM family: where it is, and whose keys sign it."""

from dataclasses import dataclass

from appliance.backends.families.model import Release


@dataclass(frozen=True)
class KnownRepository:
    """One repository that a release is made of; $releasever and $basearch in its addresses stand
    for themselves.

    Exactly one of *url*, *metalink* and *mirrorlist*. *path* is where it is below the root of a
    mirror (`--mirror URL`). *signed_metadata* None: nobody knows. *entitled*: its server wants a
    client certificate.
    """

    name: str
    path: str
    url: str = ""
    metalink: str = ""
    mirrorlist: str = ""
    signed_metadata: bool | None = None
    entitled: bool = False


@dataclass(frozen=True)
class RpmRelease(Release):
    """*codename* is how people call it, *version* is its $releasever.

    *keys* are names of files below distribution-gpg-keys' directory, any of which may have signed
    its packages; *key_url* is where its makers publish them, for a host that has none of these
    files. *database* is where its own rpm keeps its database.
    """

    repositories: tuple[KnownRepository, ...] = ()
    keys: tuple[str, ...] = ()
    key_url: str = ""
    database: str = "usr/lib/sysimage/rpm"
