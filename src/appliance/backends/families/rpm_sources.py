"""Where the packages of an RPM family come from: one repository, as a build uses it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RpmSource:
    """One repository that a build takes packages from; variables are replaced already.

    Exactly one of *urls* (base addresses, without a slash at their ends), *metalink* and
    *mirrorlist* is given. *keys* are files or URLs of OpenPGP keys; *checked* False: its packages
    may come without a known signature, because somebody said so; *signed_metadata* None: nobody
    knows whether there is a signature, so one is looked for. *verified*, the certificates and
    *proxy* are as in a Repository of the recipe.
    """

    name: str
    urls: tuple[str, ...] = ()
    metalink: str = ""
    mirrorlist: str = ""
    keys: tuple[str, ...] = ()
    checked: bool = True
    signed_metadata: bool | None = None
    proxy: str = ""
    verified: bool = True
    ca_certificate: str = ""
    client_certificate: str = ""
    client_key: str = ""
    cost: int | None = None
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
