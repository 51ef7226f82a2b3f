"""What is known of one release of an RPM family: where it is, and whose keys sign it."""

from dataclasses import dataclass

from appliance.backends.families.model import Release


@dataclass(frozen=True)
class KnownRepository:
    """One repository that a release is made of; exactly one of its three addresses is given.

    *name*: the repository's name among those of a build; $releasever and $basearch stay in it and
        in the addresses until a release and an architecture are known.
    *path*: where it is below the root of a mirror (`--mirror URL`).
    *url*: its base address.
    *metalink*: the address of its metalink.
    *mirrorlist*: the address of its list of mirrors.
    *signed_metadata*: whether repomd.xml is signed; None if that is not known.
    *entitled*: True if its server wants a client certificate.
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
    """One release of an RPM family.

    *codename*: what people call it.
    *version*: its $releasever.
    *repositories*: the repositories that it is made of.
    *keys*: names of files below the directory of distribution-gpg-keys; a package may be signed by
        any key in them.
    *key_url*: where its makers publish the keys, for a host that has none of these files.
    *database*: the directory of rpm's database in its images, relative to the root.
    *own_database*: True if its rpm reads only databases that it makes itself.
    """

    repositories: tuple[KnownRepository, ...] = ()
    keys: tuple[str, ...] = ()
    key_url: str = ""
    database: str = "usr/lib/sysimage/rpm"
    own_database: bool = False
