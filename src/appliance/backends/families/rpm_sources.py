"""Where the packages of an RPM family come from: one repository, as a build uses it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RpmSource:
    """One repository that a build takes packages from; variables in its addresses are replaced
    already.

    *name*: the repository's name.
    *urls*: base addresses, without a slash at their ends. Exactly one of this, *metalink* and
        *mirrorlist* is given.
    *metalink*: the address of a metalink.
    *mirrorlist*: the address of a list of mirrors.
    *keys*: files or URLs of OpenPGP keys.
    *checked*: False if its packages may come without a known signature, because somebody said so.
    *signed_metadata*: whether its repomd.xml is signed; with None a signature is looked for.
    *proxy*: the URL of the proxy to use; empty if there is none.
    *verified*: False if the TLS certificate of its server is not checked.
    *ca_certificate*: the path of the certificates to check its server with; empty means the host's.
    *client_certificate*: the path of the certificate to show to its server.
    *client_key*: the path of the key of that certificate.
    *cost*: dnf's cost: of two repositories with the same package the cheaper one is used.
    *priority*: dnf's priority, 1 to 99: what a repository of a lower number has is taken from it,
        whichever version others have; None is 99.
    *included*: globs of the package names that may be taken from it; empty means all.
    *excluded*: globs of the package names that are not taken from it.
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
    priority: int | None = None
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
