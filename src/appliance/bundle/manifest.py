"""What lies beside the disks: what they are, what was installed, and every file's SHA-256."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from appliance.bundle.model import Bundle, Package
from appliance.bundle.sense import check_sense
from appliance.codec import brief, decode, encode
from appliance.errors import RequestError, Where
from appliance.units import MIB, show

SCHEMA = 1  # of the description; it grows when a field changes its meaning or goes away
PACKAGES_SCHEMA = 2  # of the package list; 1 had the six fields up to "repository" only
NOT_DESCRIBED = ("packages", "notes", "repositories", "icon")  # they stand in other files
SUMS = "SHA256SUMS"
DESCRIPTION = ".appliance.json"  # what the description's name ends with
PACKAGES = ".packages.json"  # what the package list's name ends with
ESCAPE = "\\"  # before a line of SHA256SUMS, and a letter, that is not what it looks like
ESCAPED = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}  # the backslash first
LETTERS = {written: letter for letter, written in ESCAPED.items()}
UNESCAPED = re.compile(r"\\[\\nr]")
LONGEST = 4 * MIB  # bytes of a description
LONGEST_LIST = 256 * MIB  # bytes of a package list
LONGEST_SAID = 300  # letters of a message, which may quote the description


def packages_file(bundle: Bundle) -> str:
    """Name the package list beside the disks."""
    return f"{bundle.name}{PACKAGES}"


def packages_text(bundle: Bundle) -> str:
    """Write the package list as JSON: sorted by name; times in UTC, sizes in bytes."""
    says = {
        "schema": PACKAGES_SCHEMA,
        "name": bundle.name,
        "version": bundle.version,
        "release": bundle.release,
        "family": bundle.family,
        "family_release": bundle.family_release,
        "architecture": bundle.machine.architecture,
        "plan": bundle.plan_digest,
        "clock": utc(bundle.clock),
        "notes": list(bundle.notes),
        "repositories": [
            encode(repository) | {"date": utc(repository.date)}
            for repository in bundle.repositories
        ],
        "packages": sorted(
            (asdict(package) for package in bundle.packages),
            key=lambda package: (package["name"], package["version"], package["architecture"]),
        ),
    }
    return json.dumps(says, indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class PackageList:
    """What a package list says: the appliance's name, its family of distributions and the release
    of that, and its packages."""

    name: str
    family: str
    family_release: str
    packages: tuple[Package, ...]


def packages_read(path: Path) -> PackageList:
    """Read what packages_text() wrote into the file *path*.

    Raises RequestError for anything else, and for a list of schema 1, which names no sources.
    """
    try:
        with path.open("rb") as file:
            says = json.loads(file.read(LONGEST_LIST))
        if not isinstance(says, dict) or says.get("schema") != PACKAGES_SCHEMA:
            raise ValueError(f"its schema is not {PACKAGES_SCHEMA}")
        known = {field.name for field in fields(PackageList)}
        return decode(PackageList, {key: says[key] for key in known & says.keys()})
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, TypeError, RecursionError) as error:
        raise RequestError(
            f"{path} is no package list: {_said(error)}",
            hint="build it anew, or look into the image itself",
        ) from None


def utc(seconds: int) -> str:
    """A moment in *seconds* since 1970, as lists and statements write it (RFC 3339)."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def description_file(bundle: Bundle) -> str:
    """Name the description beside the disks."""
    return f"{bundle.name}{DESCRIPTION}"


def description_text(bundle: Bundle) -> str:
    """Write what the appliance is as JSON, for our own commands and everybody's scripts: the
    machine, the product, and every image. Sizes and memory are bytes."""
    says = {"schema": SCHEMA, **encode(bundle)}
    for artifact in says["artifacts"]:
        artifact["format"] = artifact.pop("disk_format")
    for name in NOT_DESCRIBED:
        del says[name]
    return json.dumps(says, indent=2, ensure_ascii=False) + "\n"


def read(path: Path) -> Bundle:
    """The bundle that the file *path* describes; see described()."""
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST + 1)
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from None
    if len(text) > LONGEST:
        raise RequestError(f"{path} is longer than {show(LONGEST)}: it describes no appliance")
    return described(text.decode(errors="replace"), path)


def described(text: str, path: Path) -> Bundle:
    """Read what description_text() wrote: the bundle but for its packages and notes.

    Raises RequestError, with *path*, for anything else.
    """
    try:
        says = json.loads(text)
        schema = says.pop("schema", None)
        if schema != SCHEMA:
            raise ValueError(f"its schema is {brief(schema)}, not {SCHEMA}")
        for artifact in says["artifacts"]:
            artifact["disk_format"] = artifact.pop("format")
        bundle = decode(Bundle, {**says, "packages": [], "icon": None})
        for artifact in bundle.artifacts:
            if Path(artifact.path).name != artifact.path or artifact.path in ("", "..", "."):
                raise ValueError(f"{brief(artifact.path)} is not a file of this bundle")
        check_sense(bundle)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, RequestError) as error:
        raise RequestError(
            f"this does not describe an appliance: {_said(error)}", where=Where(path, 1)
        ) from None
    return bundle


def _said(error: Exception) -> str:
    said = error.problem if isinstance(error, RequestError) else str(error)
    return said if len(said) <= LONGEST_SAID else f"{said[:LONGEST_SAID]} …"


def sums_text(digests: Mapping[str, str]) -> str:
    """Write SHA256SUMS from {path in the bundle: sha256}, sorted, as `sha256sum --binary` does.

    The star before the name is what systemd-pull(8) looks for; a name with a backslash or a line
    end is written as sha256sum(1) says. Raises ValueError for what is no path in the bundle.
    """
    bad = [name for name in digests if not name or {"", ".", ".."} & {*name.split("/")}]
    if bad:
        raise ValueError(f"not the name of a file in the bundle: {bad[0]!r}")
    return "".join(_line(name, sha256) for name, sha256 in sorted(digests.items()))


def _line(name: str, sha256: str) -> str:
    escaped = name
    for letter, written in ESCAPED.items():
        escaped = escaped.replace(letter, written)
    return f"{'' if escaped == name else ESCAPE}{sha256} *{escaped}\n"


def sums_read(text: str) -> dict[str, str]:
    """Read what sums_text() wrote: {path: sha256}; lines that are none are passed over."""
    found = {}
    for line in text.split("\n"):
        sha256, star, name = line.partition(" *")
        if star and sha256.startswith(ESCAPE):
            sha256, name = sha256[1:], UNESCAPED.sub(lambda code: LETTERS[code[0]], name)
        if star:
            found[name] = sha256
    return found
