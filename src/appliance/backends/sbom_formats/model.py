"""What a format of an SBOM must be able to do, and how all of them call the same things."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from appliance.backends import families
from appliance.backends.libraries import library
from appliance.bundle.model import Bundle, Package
from appliance.layout.identity import stable_uuid

TOOL = "appliance-tools"


class SbomFormat(Protocol):
    """One format of an SBOM."""

    @property
    def name(self) -> str:
        """The word that --sbom takes for it."""

    @property
    def suffix(self) -> str:
        """What the file's name ends with, after the appliance's."""

    def require(self) -> None:
        """Raise HostError, before anything is built, if a library is not there."""

    def text(self, bundle: Bundle) -> str:
        """The SBOM of *bundle*, the same text for the same bundle. Raises HostError if a library
        is not there."""


@dataclass(frozen=True)
class System:
    """How scanners call a family: *name* for trivy, *identity* as its os-release(5) has it, which
    is grype's word, *namespace* that of its packages' addresses (purl)."""

    name: str
    identity: str
    namespace: str


SYSTEMS: Mapping[str, System] = {
    "debian": System("debian", "debian", "debian"),
    "ubuntu": System("ubuntu", "ubuntu", "ubuntu"),
    "kali": System("kali", "kali", "kali"),
    "fedora": System("fedora", "fedora", "fedora"),
    "centos-stream": System("centos", "centos", "centos"),
    "rhel": System("redhat", "rhel", "redhat"),
    "almalinux": System("alma", "almalinux", "almalinux"),
    "rocky": System("rocky", "rocky", "rocky"),
    "oracle": System("oracle", "ol", "oracle"),
}


def system_of(bundle: Bundle) -> System:
    """What the distribution of *bundle* is called."""
    return SYSTEMS.get(bundle.family, System(bundle.family, bundle.family, bundle.family))


def distributor(bundle: Bundle) -> str:
    """Who makes its distribution: the Origin of its first repository that says one, or the vendor
    of most of its packages; else what the family is called."""
    origins = [item.origin for item in bundle.repositories if item.origin]
    vendors = Counter(item.origin for item in bundle.packages if item.origin)
    return next(iter((*origins, *(name for name, _ in vendors.most_common(1)))), bundle.family)


def release_of(bundle: Bundle) -> str:
    """The number of its release, where that is known; else what the bundle calls it."""
    family = families.KNOWN.get(bundle.family)
    known = family.releases if family else ()
    numbers = (item.version for item in known if bundle.family_release in item.words)
    return next(numbers, bundle.family_release)


def serial(bundle: Bundle, sbom_format: str) -> str:
    """A UUID that is the same for the same build under the same name, and no other's."""
    return stable_uuid(bundle.plan_digest, "sbom", sbom_format, bundle.name, bundle.version)


def purl(package: Package, bundle: Bundle) -> str:
    """The address of *package* (package-url/purl-spec), with the qualifiers by which grype finds
    advisories: `distro`, and `upstream` with the source package."""
    address = library("packageurl").PackageURL
    system = system_of(bundle)
    distro = "-".join(filter(None, (system.identity, release_of(bundle))))
    qualifiers = {"arch": package.architecture, "distro": distro}
    deb = is_deb(bundle)
    epoch, _, number = package.version.rpartition(":")
    if epoch and not deb:
        qualifiers["epoch"] = epoch
    if upstream := _upstream(package, deb=deb):
        qualifiers["upstream"] = upstream
    made = address(
        "deb" if deb else "rpm", system.namespace, package.name,
        package.version if deb else number, qualifiers,
    )  # fmt: skip
    return str(made.to_string())


def _upstream(package: Package, *, deb: bool) -> str:
    if not package.source:
        return ""
    if not deb:
        return f"{package.source}-{package.source_version.rpartition(':')[2]}.src.rpm"
    if package.source_version != package.version:
        return f"{package.source}@{package.source_version}"
    return package.source if package.source != package.name else ""


def is_deb(bundle: Bundle) -> bool:
    """Whether its packages are Debian's kind."""
    return bundle.family in families.known.APT_KNOWN


def title(bundle: Bundle) -> str:
    """What the appliance is called for people."""
    return bundle.product.name or bundle.name
