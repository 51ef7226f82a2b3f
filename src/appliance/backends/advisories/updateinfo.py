"""updateinfo.xml, which repositories of rpm packages have beside their other metadata: notices,
each with the packages that it brings (createrepo_c(8), and dnf's `advisory` command)."""

from collections.abc import Iterator

from lxml import etree

from appliance.backends.advisories.model import Advisory
from appliance.backends.package_managers.xml_limits import parsed
from appliance.errors import SourceError

SECURITY = "security"  # the type of notices that are about vulnerabilities
NO_ARCHITECTURE = ("noarch", "src")


class Updateinfo:
    """The notices of a repository of rpm packages."""

    name = "updateinfo"
    publisher = "repodata/*updateinfo.xml* of a repository"
    manager = "rpm"

    def recognises(self, head: bytes) -> bool:
        """Whether its root element is <updates>."""
        return b"<updates" in head

    def read(self, content: bytes, release: str) -> Iterator[Advisory]:
        """All notices about security: a file is of the release of its repository."""
        del release
        try:
            root = parsed(content, "it")
        except SourceError as error:
            raise ValueError(error.problem.removeprefix("it ")) from None
        if root.tag != "updates":
            raise ValueError("has no element <updates> around all of it")
        for update in root.iterfind("update"):
            if update.get("type") == SECURITY:
                yield from _advisories(update)


def _advisories(update: "etree._Element") -> Iterator[Advisory]:
    cves = [
        reference.get("id") or ""
        for reference in update.iterfind("references/reference")
        if reference.get("type") == "cve"
    ]
    pages = [reference.get("href") or "" for reference in update.iterfind("references/reference")]
    for package in update.iterfind("pkglist/collection/package"):
        name, version = package.get("name"), package.get("version")
        if not name or not version:
            raise ValueError(f"a package of {update.findtext('id')} has no name or no version")
        architecture = package.get("arch") or ""
        if architecture == "src":
            continue
        yield Advisory(
            name=update.findtext("id") or "",
            package=name,
            binary=True,
            fixed=_evr(package),
            available=True,
            severity=(update.findtext("severity") or "").lower(),
            about=(update.findtext("title") or "").strip(),
            aliases=tuple(cve for cve in cves if cve),
            address=next((page for page in pages if page), ""),
            architecture="" if architecture in NO_ARCHITECTURE else architecture,
        )


def _evr(package: "etree._Element") -> str:
    epoch, release = package.get("epoch") or "0", package.get("release") or ""
    said = f"{package.get('version')}-{release}" if release else package.get("version") or ""
    return said if epoch == "0" else f"{epoch}:{said}"
