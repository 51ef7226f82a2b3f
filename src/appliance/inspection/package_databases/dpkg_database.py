"""The packages that dpkg installed, by its own files (deb-status in dpkg(1), deb-md5sums(5))."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from appliance.backends.package_managers import deb_file
from appliance.inspection.catalogue import Catalogue
from appliance.inspection.content_facts import InstalledPackage
from appliance.inspection.installed import MOST_PACKAGES, Installed
from appliance.inspection.package_databases import dpkg_verify

PLACE = "/var/lib/dpkg"
LONGEST = 64 << 20  # bytes of dpkg's status: that of a desktop has 5
LONGEST_LIST = 16 << 20  # bytes of the list of a package's files
MANUAL = "/var/lib/apt/extended_states"
DOCUMENTATION = "/usr/share/doc"
NAME = re.compile(r"[a-z0-9][a-z0-9.+-]*")
CONFFILE = re.compile(
    r"^ (.+) (newconffile|[0-9a-f]{32})((?: obsolete| remove-on-upgrade)*)$", re.M
)


@dataclass(frozen=True)
class Diversions:
    """Which files are called otherwise, since another package has their name: the name here, and
    the package that keeps the first one."""

    here: Mapping[str, tuple[str, str]]

    def name(self, path: str, package: str) -> str:
        """Where the file *path* of the *package* is."""
        diverted, keeps = self.here.get(path, (path, package))
        return path if keeps == package else diverted


def packages(image: Catalogue) -> Iterator[Installed]:
    """Each package that dpkg has installed, or unpacked."""
    automatic = _automatic(image)
    diversions = _diversions(image)
    for said in _paragraphs(image):
        state = said.get("Status", "install ok installed").split()
        name = said.get("Package", "")
        if not NAME.fullmatch(name) or state[-1] in ("not-installed", "config-files"):
            continue
        yield _package(image, said, automatic, diversions)


def has_one(image: Catalogue) -> bool:
    """Whether the image has a database of dpkg."""
    return image.stat(f"{PLACE}/status") is not None or bool(image.listed(f"{PLACE}/status.d"))


def _package(
    image: Catalogue,
    said: Mapping[str, str],
    automatic: Mapping[tuple[str, str], bool] | None,
    diversions: Diversions,
) -> Installed:
    name, architecture = said["Package"], said.get("Architecture", "")
    facts = deb_file.facts(said, _copyright(image, name))
    files = _Files(image, name, architecture)
    conffiles = {found[1]: found[2] for found in CONFFILE.finditer(said.get("Conffiles", ""))}
    own = tuple(diversions.name(path, name) for path in files.listed())
    digests = {diversions.name(path, name): value for path, value in files.digests().items()}
    return Installed(
        facts=InstalledPackage(
            name=name,
            version=said.get("Version", ""),
            architecture=architecture,
            manager="deb",
            source=facts.source,
            source_version=facts.source_version,
            licence=facts.licence,
            origin=said.get("Origin", "") or said.get("Maintainer", ""),
            summary=said.get("Description", "").splitlines()[0] if said.get("Description") else "",
            reason=_reason(automatic, name, architecture),
            said_size=facts.installed_size,
        ),
        paths=(*own, *files.database()),
        requires=facts.requires,
        provides=facts.provides,
        verify=partial(dpkg_verify.changed, image, name, own, dpkg_verify.Said(digests, conffiles)),
    )


def _paragraphs(image: Catalogue) -> Iterator[Mapping[str, str]]:
    """Each paragraph of the status, and of status.d, which images without dpkg have instead."""
    text = image.text(f"{PLACE}/status", LONGEST)
    texts = [text, *(part for name, part in image.texts(f"{PLACE}/status.d")
                     if not name.endswith(".md5sums"))]  # fmt: skip
    count = 0
    for paragraph in (part for text in texts for part in text.split("\n\n")):
        if paragraph.strip():
            count += 1
            if count > MOST_PACKAGES:
                return
            yield fields(paragraph)


def fields(paragraph: str) -> dict[str, str]:
    """The fields of a paragraph; lines that go on keep their first space."""
    found: dict[str, str] = {}
    name = ""
    for line in paragraph.strip("\n").split("\n"):
        if line[:1] in (" ", "\t"):
            if name:
                found[name] += f"\n{line}"
        else:
            name, _, value = line.partition(":")
            found[name] = value.strip()
    return found


def _automatic(image: Catalogue) -> dict[tuple[str, str], bool] | None:
    """Which packages apt brought because others need them; None if it notes nothing."""
    text = image.text(MANUAL, LONGEST)
    if not text.strip():
        return None
    said = [fields(each) for each in text.split("\n\n") if each.strip()]
    return {
        (each.get("Package", ""), each.get("Architecture", "")): each.get("Auto-Installed") == "1"
        for each in said
    }


def _reason(automatic: Mapping[tuple[str, str], bool] | None, name: str, architecture: str) -> str:
    if automatic is None:
        return ""
    known = automatic.get((name, architecture))
    if known is None and architecture == "all":
        known = any(value for (other, _), value in automatic.items() if other == name)
    return "needed" if known else "asked"


def _copyright(image: Catalogue, name: str) -> str:
    """The text of the package's copyright file, wherever links lead to it."""
    text = image.text(f"{DOCUMENTATION}/{name}/copyright", deb_file.LONGEST)
    return text.encode("utf-8", "replace").decode("utf-8", "replace")


def _diversions(image: Catalogue) -> Diversions:
    lines = image.text(f"{PLACE}/diversions").split("\n")
    threes = zip(lines[::3], lines[1::3], lines[2::3], strict=False)
    return Diversions({path: (to, package) for path, to, package in threes})


@dataclass(frozen=True)
class _Files:
    """dpkg's files about one package."""

    image: Catalogue
    name: str
    architecture: str

    def listed(self) -> list[str]:
        """The paths of its files and directories."""
        text = self._text("list")
        return [path for path in text.split("\n") if path.startswith("/") and path != "/."]

    def digests(self) -> dict[str, str]:
        """The MD5 of each of its files, but for configuration."""
        found = {}
        for line in self._text("md5sums").split("\n"):
            digest, _, path = line.partition(" ")
            if len(digest) == 32 and path.strip():
                found[f"/{path.lstrip(' *').removeprefix('./').lstrip('/')}"] = digest
        return found

    def database(self) -> list[str]:
        """The paths of these files themselves."""
        info = f"{PLACE}/info"
        return [f"{info}/{name}" for stem in self._stems() for name in _of(self.image, info, stem)]

    def _stems(self) -> tuple[str, str]:
        return f"{self.name}:{self.architecture}", self.name

    def _text(self, ending: str) -> str:
        for stem in self._stems():
            path = f"{PLACE}/info/{stem}.{ending}"
            if self.image.lstat(path):
                return self.image.text(path, LONGEST_LIST)
        return self.image.text(f"{PLACE}/status.d/{self.name}.{ending}", LONGEST_LIST)


ENDINGS = (
    "list", "md5sums", "conffiles", "preinst", "postinst", "prerm", "postrm", "triggers", "shlibs",
    "symbols", "templates", "config", "hashes",
)  # fmt: skip


def _of(image: Catalogue, info: str, stem: str) -> Iterator[str]:
    for ending in ENDINGS:
        if image.lstat(f"{info}/{stem}.{ending}"):
            yield f"{stem}.{ending}"
