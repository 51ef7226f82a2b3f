"""The repositories of a build: the recipe's lines, what a release is made of, .repo files."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from appliance.backends.families.question import Question
from appliance.backends.families.rpm import RpmFamily
from appliance.backends.families.rpm_release import RpmRelease
from appliance.backends.families.rpm_sources import RpmSource
from appliance.backends.package_managers.repo_files import RepoSection
from appliance.errors import RecipeError, RequestError, SourceError, Where
from appliance.recipe.model import Repository
from appliance.recipe.repository_options import RepositoryOptions

VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
SCHEMES = ("http", "https", "file")


@dataclass(frozen=True)
class _Terms:
    """What holds for all repositories of a build. *find_key* returns where this host has a file of
    distribution-gpg-keys, or an empty text."""

    family: RpmFamily
    release: RpmRelease
    options: RepositoryOptions
    find_key: Callable[[str], str]


@dataclass(frozen=True)
class _Found:
    """A source, and what people may call it when they allow it to be unsigned."""

    source: RpmSource
    names: tuple[str, ...]
    where: Where | None


def sources(
    family: RpmFamily,
    question: Question,
    release: str,
    *,
    sections: Sequence[RepoSection] = (),
    find_key: Callable[[str], str] = lambda name: "",
) -> tuple[RpmSource, ...]:
    """Say where the packages come from: the recipe's repositories in its order, then the
    *sections* of .repo files.

    *release* is a codename, a number, or empty if nobody said one. The question's options say the
    rest: known repositories are taken from the mirror's root, if there is one. A repository's keys
    are those that its .repo file names, else the keyring, else the family's: *find_key* says where
    this host has a file of distribution-gpg-keys (empty: nowhere). A repository without keys is
    refused, unless it is among the unchecked or all are leniently allowed: then `checked` is False.
    Variables stand as $name in addresses, besides those of the release.

    Raises RecipeError for names used twice, RequestError for an impossible mirror, a variable
    without a value or an unchecked name that nobody has, SourceError for a repository without a
    key or without the certificate that its server wants.
    """
    terms = _Terms(family, family.release(release), question.options, find_key)
    found: list[_Found] = []
    for repository in question.recipe.repositories:
        made = _known if repository.known else _explicit
        there = {item.source.name for item in found if repository.known}
        found += [item for item in made(repository, terms) if item.source.name not in there]
    found += [_section(item) for item in sections if item.enabled]
    _refuse_twins(found)
    _refuse_unknown_names(found, question.options.unchecked)
    own = variables(terms.release, question.architecture)
    values = {**own, **dict(question.options.variables)}
    return tuple(_with_keys(_filled(item, values), terms) for item in found)


def variables(release: RpmRelease, architecture: str) -> Mapping[str, str]:
    """The values of a repository's variables; a release that nobody named has none."""
    values = {"basearch": architecture, "arch": architecture}
    if release.version:
        major, _, minor = release.version.partition(".")
        values |= {"releasever": release.version, "releasever_major": major}
        values |= {"releasever_minor": minor, "stream": f"{major}-stream"}
    return values


def _known(repository: Repository, terms: _Terms) -> list[_Found]:
    """Expand a known repository into those that its release is made of; one of these, called by its
    own name, into itself. Raises SourceError if nobody says the release."""
    release = terms.release
    single = [known for known in release.repositories if known.name == repository.name]
    if repository.name in {known.name for known in terms.family.repositories()} and not single:
        raise SourceError(
            f"nothing says of which release '{repository.name}' is",
            where=repository.where,
            hint=f"--releasever VERSION, or its address: --name={repository.name} --baseurl=URL",
        )
    found = []
    for known in single or release.repositories:
        source = RpmSource(
            name=known.name,
            urls=(known.url,) if known.url else (),
            metalink=known.metalink,
            mirrorlist=known.mirrorlist,
            keys=_files(release.keys, terms) or tuple(filter(None, (release.key_url,))),
            signed_metadata=known.signed_metadata,
        )
        if terms.options.mirror:
            place = f"{_mirror_root(terms)}/{known.path}"
            source = replace(source, urls=(place,), metalink="", mirrorlist="")
        elif known.entitled and not repository.client_certificate:
            raise SourceError(
                f"{repository.name} is given only to those who show a subscription's certificate",
                where=repository.where,
                hint=f"repo --name={repository.name} --sslclientcert=FILE --sslclientkey=FILE "
                "(both in /etc/pki/entitlement of a registered machine), "
                "--repo /etc/yum.repos.d/redhat.repo there, or --mirror URL",
            )
        made = _with_options(source, repository)
        found.append(_Found(made, (known.name, repository.name), repository.where))
    return found


def _explicit(repository: Repository, terms: _Terms) -> list[_Found]:
    """A repository with an address of its own; a server of the family has the family's keys."""
    family_keys = tuple(key for known in terms.family.releases for key in known.keys)
    keys = terms.release.keys or family_keys
    servers = terms.family.servers
    own = bool(servers) and re.match(servers, repository.address) is not None
    source = RpmSource(
        name=repository.name,
        urls=(repository.url.rstrip("/"),) if repository.url else (),
        metalink=repository.metalink,
        mirrorlist=repository.mirrorlist,
        keys=_files(keys, terms) if own else (),
    )
    if repository.url and urlsplit(repository.url).scheme not in SCHEMES:
        raise RecipeError(
            f"'{repository.url}' is not the address of a repository",
            where=repository.where,
            hint="the directory in which repodata is, as http://, https:// or file:///",
        )
    return [_Found(_with_options(source, repository), (repository.name,), repository.where)]


def _with_options(source: RpmSource, said: Repository) -> RpmSource:
    """Return *source* with what the repository's line says besides the address."""
    return replace(
        source,
        proxy=said.proxy,
        verified=said.verified,
        ca_certificate=said.ca_certificate,
        client_certificate=said.client_certificate,
        client_key=said.client_key,
        cost=said.cost,
        priority=said.priority,
        included=said.included,
        excluded=said.excluded,
    )


def _section(section: RepoSection) -> _Found:
    """A section of a .repo file; `gpgcheck=0` there allows its packages to be unsigned."""
    source = RpmSource(
        name=section.id,
        urls=tuple(url.rstrip("/") for url in section.baseurls),
        metalink=section.metalink,
        mirrorlist=section.mirrorlist,
        keys=section.gpgkeys,
        checked=section.gpgcheck is not False,
        signed_metadata=section.repo_gpgcheck,
        proxy=section.proxy,
        verified=section.sslverify,
        ca_certificate=section.sslcacert,
        client_certificate=section.sslclientcert,
        client_key=section.sslclientkey,
        cost=section.cost,
        priority=section.priority,
        included=section.includepkgs,
        excluded=section.excludepkgs,
    )
    return _Found(source, (section.id,), None)


def _with_keys(found: _Found, terms: _Terms) -> RpmSource:
    """The source with the keys that count, or the refusal of one that has none."""
    source = found.source
    if not source.checked or set(found.names) & set(terms.options.unchecked):
        return replace(source, checked=False)
    keyring = terms.options.keyring
    if found.where is not None and keyring:
        return replace(source, keys=(keyring,))
    keys = source.keys or ((keyring,) if keyring else ())
    if keys:
        return replace(source, keys=keys)
    if terms.options.lenient:
        return replace(source, checked=False)
    raise SourceError(
        f"no key is known for the packages of {source.name}",
        where=found.where,
        hint=f"--keyring FILE, install distribution-gpg-keys, or --no-gpg-check {source.name} "
        "to take them as they are",
    )


def _files(names: Iterable[str], terms: _Terms) -> tuple[str, ...]:
    """Return those of the key files *names* that this host has, each once."""
    found = [terms.find_key(name) for name in names]
    return tuple(dict.fromkeys(path for path in found if path))


def _filled(found: _Found, values: Mapping[str, str]) -> _Found:
    """Return what was found with its variables replaced; raise RequestError for one without a
    value."""
    source = found.source

    def fill(text: str) -> str:
        for name in (braced or plain for braced, plain in VARIABLE.findall(text)):
            if name not in values:
                raise _without_value(name, source.name, found.where)
        return VARIABLE.sub(lambda match: values[match[1] or match[2]], text)

    filled = replace(
        source,
        urls=tuple(map(fill, source.urls)),
        metalink=fill(source.metalink),
        mirrorlist=fill(source.mirrorlist),
        keys=tuple(map(fill, source.keys)),
    )
    return replace(found, source=filled)


def _without_value(name: str, repository: str, where: Where | None) -> RequestError:
    if name.startswith("releasever"):
        return RequestError(
            f"no releasever: the address of {repository} says ${name}, and nothing its value",
            where=where,
            hint="--releasever VERSION",
        )
    return RequestError(
        f"the address of {repository} says ${name}, which has no value here",
        where=where,
        hint=f"--var {name}=VALUE",
    )


def _refuse_twins(found: Sequence[_Found]) -> None:
    seen: set[str] = set()
    for item in found:
        if item.source.name in seen:
            raise RecipeError(
                f"two repositories are called '{item.source.name}'",
                where=item.where,
                hint="give each repository a name of its own",
            )
        seen.add(item.source.name)


def _refuse_unknown_names(found: Sequence[_Found], unchecked: Sequence[str]) -> None:
    names = {name for item in found for name in item.names}
    for name in sorted(set(unchecked) - names):
        near = difflib.get_close_matches(name, names, n=1) or sorted(names)
        raise RequestError(
            f"--no-gpg-check {name}: there is no repository of that name",
            hint=" or ".join(f"--no-gpg-check {each}" for each in near),
        )


def _mirror_root(terms: _Terms) -> str:
    """The root without the slash at its end, or the refusal of what cannot be one."""
    mirror = terms.options.mirror
    parts = urlsplit(mirror)
    if parts.scheme not in SCHEMES or not (parts.netloc or parts.path) or parts.query:
        raise RequestError(
            f"--mirror {mirror}: not the root of a mirror",
            hint="the address below which the releases are, for example "
            f"--mirror {terms.family.mirror}",
        )
    return mirror.rstrip("/")
