"""The list of a repository's metadata files: repomd.xml, as createrepo_c(8) writes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from appliance.backends.package_managers.xml_limits import LATEST, decimal, parsed
from appliance.errors import SourceError

REPO = "{http://linux.duke.edu/metadata/repo}"


@dataclass(frozen=True)
class RepomdRecord:
    """One metadata file: its place below the repository's address, and its *timestamp* in seconds
    since 1970."""

    location: str
    timestamp: int


@dataclass(frozen=True)
class Repomd:
    """The metadata files of a repository by their kinds, such as primary, group and filelists, and
    the CPE names of the *systems* that it says it is for (createrepo_c --distro)."""

    records: Mapping[str, RepomdRecord]
    systems: tuple[str, ...] = ()

    @property
    def date(self) -> int:
        """When the newest of the metadata files was made, in seconds since 1970."""
        return max((record.timestamp for record in self.records.values()), default=0)


def parse(text: bytes) -> Repomd:
    """Understand *text*. Raises SourceError if it is something else."""
    root = parsed(text, "repomd.xml")
    records = {}
    for data in root.iterfind(f"{REPO}data"):
        location = data.find(f"{REPO}location")
        href = location.get("href") if location is not None else None
        stamp = decimal((data.findtext(f"{REPO}timestamp") or "0").partition(".")[0])
        if stamp is None or stamp > LATEST or not href or PurePosixPath(href).name in ("", ".."):
            raise SourceError("repomd.xml lists a file without a place or with a strange time")
        records[data.get("type") or ""] = RepomdRecord(href, stamp)
    systems = root.iterfind(f"{REPO}tags/{REPO}distro")
    return Repomd(records, tuple(each.get("cpeid") or "" for each in systems))
