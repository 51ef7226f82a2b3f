"""What is made: repositories and keys in a directory, in a cache by what they are made of."""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import comps, core, odd, tiny
from .debian import Debian
from .keys import Key, key
from .repository import Maker, metalink, publish, ready, spoil
from .system import own

KEPT = 2 * 24 * 3600  # seconds for which a world that nobody asks for stays in the cache
SOURCES = sorted(Path(__file__).parent.glob("*.py"))


@dataclass(frozen=True)
class World:
    """Repositories of one distribution, each in a directory of its name below *place*:

    `base` and `updates` (a newer `greeting`) are signed, packages and metadata; `unsigned` is
    not; `foreign` is signed with another key; `broken` has metadata that are not the ones it
    promises, `malformed` none that can be read.
    """

    place: Path

    @property
    def base(self) -> Path:
        return self.place / "base"

    @property
    def updates(self) -> Path:
        return self.place / "updates"

    @property
    def unsigned(self) -> Path:
        return self.place / "unsigned"

    @property
    def foreign(self) -> Path:
        return self.place / "foreign"

    @property
    def broken(self) -> Path:
        return self.place / "broken"

    @property
    def malformed(self) -> Path:
        return self.place / "malformed"

    @property
    def key(self) -> Path:
        """The public key of all but `foreign`."""
        return self.place / "RPM-GPG-KEY-testing"

    @property
    def foreign_key(self) -> Path:
        return self.place / "RPM-GPG-KEY-foreign"

    @property
    def url(self) -> str:
        """Above the repositories."""
        return self.place.as_uri()

    def lines(self, *names: str, url: str = "") -> str:
        """Lines of a kickstart for the repositories *names*, or `base`; *url*: where they are."""
        return "".join(
            f"repo --name={name} --baseurl={url or self.url}/{name}\n"
            for name in names or ("base",)
        )

    def offer(self, place: Path, url: str) -> None:
        """Put into *place*, served at *url*, all repositories; with NAME.mirrorlist and
        NAME.metalink, which name a mirror that has nothing before the one that has all, and
        wrong.metalink, whose digest is none of `base`."""
        for path in self.place.iterdir():
            (place / path.name).symlink_to(path)
            if (path / "repodata").exists() and path.name != "malformed":
                urls = [f"{url}/nothing/{path.name}", f"{url}/{path.name}"]
                (place / f"{path.name}.mirrorlist").write_text("".join(f"{one}\n" for one in urls))
                (place / f"{path.name}.metalink").write_text(metalink(path, urls))
        text = metalink(self.updates, [f"{url}/base"])
        (place / "wrong.metalink").write_text(text)


@dataclass(frozen=True)
class Cache:
    """The directory where worlds, keys and what was fetched are kept; safe for many at once."""

    place: Path

    def tiny(self) -> World:
        """The small one, of this host's programs."""
        with self._alone():
            found = tiny.programs()
            return self._world(
                "tiny", tiny.fingerprint(found), lambda draft: self._tiny(draft, found)
            )

    def core(self, *, efi_in_usr: bool = True) -> World:
        """The one that boots; OSError if neither a mirror of Debian nor the cache has it."""
        with self._alone():
            debian = Debian(self.place / "debian")
            seeds = core.SEEDS.split()
            closure = debian.closure(seeds)

            def make(draft: Path) -> None:
                debs = debian.fetch(seeds, closure)
                public = self._ours().public
                own = core.ours(debs, closure, public, efi_in_usr=efi_in_usr)
                makers = [*core.converted(debs, efi_in_usr=efi_in_usr), *ready(own)]
                self._publish(draft, makers, comps.comps([*core.GROUPS, *comps.ODD]))

            inputs = f"{efi_in_usr} " + " ".join(item.sha256 for item in closure)
            return self._world("core", inputs, make)

    def _tiny(self, draft: Path, found: dict[str, list[Path]]) -> None:
        packages = tiny.packages(found, self._ours().public)
        self._publish(draft, ready(packages), comps.comps([*tiny.GROUPS, *comps.ODD]))

    def _publish(self, draft: Path, makers: list[Maker], groups: str) -> None:
        """All repositories, around the packages of a system."""
        ours, theirs = self._ours(), self._theirs()
        oddities = [*odd.greetings("1.0"), *odd.packages()]
        publish(draft / "base", [*makers, *ready(oddities)], ours, groups=groups)
        publish(draft / "updates", ready(odd.greetings("1.1")), ours)
        publish(draft / "unsigned", ready([own("unsigned", "Has no signature")]), None)
        publish(draft / "foreign", ready([own("stranger", "Signed by somebody else")]), theirs)
        publish(draft / "broken", ready([own("unreachable", "Nobody finds it")]), ours)
        spoil(draft / "broken")
        (draft / "malformed/repodata").mkdir(parents=True)
        (draft / "malformed/repodata/repomd.xml").write_text("<html>Welcome!</html>\n")
        (draft / "RPM-GPG-KEY-testing").write_text(ours.public)
        (draft / "RPM-GPG-KEY-foreign").write_text(theirs.public)
        for signer in (ours, theirs):
            signer.rest()

    def _ours(self) -> Key:
        return key(self.place / "keys/testing", "Testing Linux")

    def _theirs(self) -> Key:
        return key(self.place / "keys/foreign", "Somebody Else")

    def _world(self, kind: str, inputs: str, make: Callable[[Path], None]) -> World:
        """The world that *make* makes of *inputs*, with our own source, if it is not there yet."""
        digest = hashlib.sha256(inputs.encode())
        for text in (self._ours().public, self._theirs().public):
            digest.update(text.encode())
        for source in SOURCES:
            digest.update(hashlib.sha256(source.read_bytes()).digest())
        place = self.place / "worlds" / f"{kind}-{digest.hexdigest()[:16]}"
        if not place.exists():
            draft = place.with_suffix(".part")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(parents=True)
            make(draft)
            draft.rename(place)
        os.utime(place)
        self._forget_old()
        return World(place)

    def _forget_old(self) -> None:
        for place in (self.place / "worlds").iterdir():
            if time.time() - place.stat().st_mtime > KEPT:
                shutil.rmtree(place)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.place.mkdir(parents=True, exist_ok=True)
        with (self.place / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def cache() -> Cache:
    """The cache in APPLIANCE_TEST_CACHE, or else where the user keeps caches."""
    users = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Cache(Path(os.environ.get("APPLIANCE_TEST_CACHE") or users / "appliance-tests"))
