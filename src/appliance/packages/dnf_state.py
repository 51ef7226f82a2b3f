"""dnf with a state of its own: its settings, its cache, its commands.

dnf/DIGEST/          for one set of sources; `asked` is touched at each update
dnf/DIGEST/keys/     the keys of each repository, as one file: NAME-DIGEST.asc
dnf/DIGEST/choices/  what dnf answered, by what it was asked and which metadata it had
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from appliance.backends.families.question import Question
from appliance.backends.families.rpm_sources import RpmSource
from appliance.backends.package_managers import dnf_choice
from appliance.backends.package_managers.dnf_choice import Dnf
from appliance.errors import CommandError, SourceError
from appliance.events import Emit, ToolSaid
from appliance.host import command, download, probe, rooted, sandbox
from appliance.host.download import RemoteAccess
from appliance.host.trees import remove
from appliance.packages import keys
from appliance.packages.asking import FRESH
from appliance.packages.metadata import Metadata
from appliance.packages.mirror_lists import reached
from appliance.store.results import Store, write_whole

SIGNATURE = "repodata/repomd.xml.asc"
LIMIT = 1024 * 1024  # bytes of a signature
ENVIRONMENT = {"HOME": "/nonexistent", "RPM_FORCE_DEBIAN": "1"}


@dataclass(frozen=True)
class DnfState:
    """The state for *sources*, at *place*."""

    place: Path
    question: Question
    release: str
    sources: tuple[RpmSource, ...]
    dnf: Dnf
    emit: Emit

    def run(self, words: Sequence[str]) -> str:
        """Run a dnf command to its end; raises CommandError with what it said."""
        own = self.dnf.words(
            str(self.place),
            release=self.release,
            architecture=self.question.architecture,
            foreign=self.question.architecture != probe.architecture(),
        )
        said: list[str] = []

        def heard(line: str) -> None:
            said.append(line)
            self.emit(ToolSaid("repositories", line))

        argv = [*own, *words]
        if self.question.tools:
            argv = sandbox.in_tools(argv, self.question.tools, places=self._places())
        try:  # in a namespace, dnf takes a plain user for root, which it wants
            return command.run(
                sandbox.in_namespace(argv), env=ENVIRONMENT, on_line=heard, name=self.dnf.program
            )
        except CommandError as error:
            raise CommandError(error.problem, tail=tuple(said[1:])) from error

    def _places(self) -> tuple[Path, ...]:
        """What dnf must see of this host when its programs are from elsewhere."""
        files = [
            unquote(urlsplit(url).path)
            for source in self.sources
            for url in (*source.urls, source.metalink, source.mirrorlist)
            if url.startswith("file:")
        ]
        return (self.place, *(Path(file) for file in dict.fromkeys(files) if file))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Lock this state against other builds, so that the metadata that was checked is what is
        read."""
        with Store(self.place.parent.parent).lock(f"dnf-{self.place.name}"):
            yield

    def update(self) -> str:
        """Have metadata that is current and, where that can be told, signed; to be called
        alone()."""
        mark = self.place / "asked"
        fresh = mark.exists() and time.time() - mark.stat().st_mtime < FRESH
        if fresh and not self.question.options.refresh:
            return "current"
        remove(mark)
        try:
            self.run(["makecache", "--refresh"])
        except CommandError as error:
            said = "\n".join(error.tail)
            raise dnf_choice.metadata_error(said, self.sources) from error
        for source in self.sources:
            self._check(source)
        mark.touch()
        return "updated"

    def _check(self, source: RpmSource) -> None:
        """Raise SourceError if the metadata of *source* is not signed as it should be."""
        if not source.checked and not (source.signed_metadata and source.keys):
            return
        keyring = self.keyring(source)
        if source.signed_metadata is False:
            return
        access = reached(
            access_of(source, release=self.release, architecture=self.question.architecture)
        )
        signature = download.text(access, SIGNATURE, limit=LIMIT)
        if signature is not None:
            keys.check(self.metadata(source).signed_part, signature, keyring, name=source.name)
        elif source.signed_metadata:
            raise SourceError(
                f"the metadata of {source.name} is not signed, as it should be",
                hint=f"another mirror; or --no-gpg-check {source.name}",
            )

    def keyring(self, source: RpmSource) -> Path:
        """The file with the keys of *source*. Those that come from the network are fetched once,
        and again when the repositories are asked again."""
        name = hashlib.sha256("\n".join(source.keys).encode()).hexdigest()[:16]
        place = self.place / "keys" / f"{source.name}-{name}.asc"
        distant = any(urlsplit(key).scheme not in ("", "file") for key in source.keys)
        if self.question.options.refresh or not (distant and place.exists()):
            access = access_of(
                source, release=self.release, architecture=self.question.architecture
            )
            keys.collect(source.keys, place, access)
        return place

    def where_rpm_is(self, argv: list[str]) -> list[str]:
        """The command that runs *argv* with this host's rpm, or that of the tools."""
        if not self.question.tools:
            return argv
        store = self.place.parent.parent
        return sandbox.in_namespace(sandbox.in_tools(argv, self.question.tools, places=(store,)))

    def metadata(self, source: RpmSource) -> Metadata:
        """Return what dnf's cache holds of the repository *source*."""
        return Metadata(self.place / "cache", source.name)


def dnf_state(
    question: Question, release: str, sources: tuple[RpmSource, ...], *, store: Store, emit: Emit
) -> DnfState:
    """Return the private state for *sources*; it is made if it is not there."""
    dnf = which(question.tools)
    says = f"{dnf_choice.configuration(sources, '')} {release} {question.architecture} {dnf.five}"
    digest = hashlib.sha256(f"{says} {sources}".encode()).hexdigest()[:16]
    place = store.place / "dnf" / digest
    for name in ("cache", "log", "persist", "root", "keys", "choices"):
        (place / name).mkdir(parents=True, exist_ok=True)
    place.chmod(0o700)  # addresses hold passwords, and the store's directory may be open to all
    (place / "keys").chmod(0o700)
    seen = [_at_hand(source, place / "keys") for source in sources]
    write_whole(place / "dnf.conf", dnf_choice.configuration(seen, str(place)))
    return DnfState(place, question, release, sources, dnf, emit)


def _at_hand(source: RpmSource, folder: Path) -> RpmSource:
    """*source* with copies of its certificates in *folder*: tools of another root see nothing of
    this host's /etc."""

    def copy(path: str, name: str) -> str:
        if not path or not Path(path).is_file():
            return path
        place = folder / f"{source.name}.{name}"
        place.touch(mode=0o600)
        place.write_bytes(Path(path).read_bytes())
        return str(place)

    return replace(
        source,
        ca_certificate=copy(source.ca_certificate, "ca"),
        client_certificate=copy(source.client_certificate, "certificate"),
        client_key=copy(source.client_key, "key"),
    )


def which(tools: str) -> Dnf:
    """The dnf of *tools*, a root, or of this host: dnf5 if it is there."""
    five = rooted.find(Path(tools or "/"), "usr/bin/dnf5").exists()
    return Dnf("dnf5" if five else "dnf", five)


def access_of(source: RpmSource, *, release: str, architecture: str) -> RemoteAccess:
    """How the downloader reaches *source*; lists of mirrors have variables, too."""
    return RemoteAccess(
        urls=source.urls,
        metalink=source.metalink,
        mirrorlist=source.mirrorlist,
        proxy=source.proxy,
        verified=source.verified,
        ca_certificate=source.ca_certificate,
        client_certificate=source.client_certificate,
        client_key=source.client_key,
        variables=(("releasever", release), ("basearch", architecture), ("arch", architecture)),
    )
