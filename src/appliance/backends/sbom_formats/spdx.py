"""SPDX 2.3 as JSON, with what trivy and grype look for.

Trivy tells the operating system by an identifier that begins with OperatingSystem, takes the
packages that it contains, and reads the source package out of `sourceInfo`
(pkg/sbom/spdx/unmarshal.go); grype reads the address of each package (see model.py).
"""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from appliance import __version__
from appliance.backends.libraries import library
from appliance.backends.sbom_formats.licences import Licences
from appliance.backends.sbom_formats.model import (
    TOOL,
    distributor,
    purl,
    release_of,
    serial,
    system_of,
    title,
)
from appliance.bundle.model import Bundle, Package
from appliance.errors import HostError

VERSION = "SPDX-2.3"
NO_ADDRESS = str.maketrans("()", "[]")  # in which an actor's electronic address is
DOCUMENT, ROOT, SYSTEM = "SPDXRef-DOCUMENT", "SPDXRef-Appliance", "SPDXRef-OperatingSystem"


@dataclass(frozen=True)
class Spdx:
    """The format of the Linux Foundation, ISO/IEC 5962."""

    name: str = "spdx"
    suffix: str = "spdx.json"

    def require(self) -> None:
        """Raise HostError if a library is not there."""
        for each in (WRITER, "packageurl", "license_expression"):
            library(each)

    def text(self, bundle: Bundle) -> str:
        """The SBOM of *bundle*: the appliance, its distribution, its packages."""
        stream = io.StringIO()
        try:
            library(WRITER).write_document_to_stream(
                _Writer(bundle, self.name).document(), stream, validate=False
            )
        except ValueError as error:
            raise HostError(f"spdx-tools cannot write this: {error}") from error
        return f"{stream.getvalue().rstrip()}\n"


WRITER = "spdx_tools.spdx.writer.json.json_writer"


class _Writer:
    """Makes the library's values of one bundle."""

    def __init__(self, bundle: Bundle, sbom_format: str) -> None:
        self.bundle = bundle
        self.serial = serial(bundle, sbom_format)
        self.model: ModuleType = library("spdx_tools.spdx.model")
        self.licences = Licences()
        self.own: dict[str, str] = {}
        self.unknown = self.model.SpdxNoAssertion()

    def document(self) -> Any:
        """The whole document, with all packages and relationships."""
        kinds = self.model.RelationshipType
        packages = [self._package(package) for package in self.bundle.packages]
        relations = [
            self._relation(DOCUMENT, kinds.DESCRIBES, ROOT),
            self._relation(ROOT, kinds.CONTAINS, SYSTEM),
            *(self._relation(SYSTEM, kinds.CONTAINS, each.spdx_id) for each in packages),
            *self._needs(),
        ]
        return self.model.Document(
            self.model.CreationInfo(
                spdx_version=VERSION,
                spdx_id=DOCUMENT,
                name=self.bundle.name,
                document_namespace=f"urn:uuid:{self.serial}",
                creators=[
                    self.model.Actor(self.model.ActorType.TOOL, f"{TOOL}-{__version__}"),
                    *self._makers(self.bundle.product.vendor),
                ],
                created=datetime.fromtimestamp(self.bundle.clock, UTC).replace(tzinfo=None),
            ),
            packages=[self._appliance(), self._system(), *packages],
            relationships=relations,
            extracted_licensing_info=[
                self.model.ExtractedLicensingInfo(name, text, name.removeprefix("LicenseRef-"))
                for name, text in sorted(self.own.items())
            ],
        )

    def _makers(self, name: str) -> list[Any]:
        plain = " ".join(name.translate(NO_ADDRESS).split())
        return [self.model.Actor(self.model.ActorType.ORGANIZATION, plain)] if plain else []

    def _supplier(self, name: str) -> Any:
        return next(iter(self._makers(name)), self.unknown)

    def _relation(self, one: str, kind: Any, other: str) -> Any:
        return self.model.Relationship(one, kind, other)

    def _needs(self) -> list[Any]:
        ids: dict[str, list[str]] = {}
        for package in self.bundle.packages:
            ids.setdefault(package.name, []).append(_identifier(package))
        kind = self.model.RelationshipType.DEPENDS_ON
        return [
            self._relation(_identifier(package), kind, other)
            for package in self.bundle.packages
            for name in package.needs
            for other in ids.get(name, ())
        ]

    def _appliance(self) -> Any:
        bundle = self.bundle
        images = "".join(f"\n{item.path} sha256:{item.sha256}" for item in bundle.artifacts)
        return self.model.Package(
            ROOT, title(bundle), self.unknown,
            version=bundle.version,
            supplier=self._supplier(bundle.product.vendor),
            files_analyzed=False,
            homepage=bundle.product.url or None,
            description=bundle.product.description or None,
            comment=f"made by the plan {bundle.plan_digest}{images}",
            license_concluded=self.unknown,
            license_declared=self.unknown,
            copyright_text=self.unknown,
            primary_package_purpose=self.model.PackagePurpose.INSTALL,
            checksums=self._checksums(
                bundle.artifacts[0].sha256 if len(bundle.artifacts) == 1 else ""
            ),
        )  # fmt: skip

    def _system(self) -> Any:
        return self.model.Package(
            SYSTEM, system_of(self.bundle).name, self.unknown,
            version=release_of(self.bundle) or self.bundle.version,
            supplier=self._supplier(distributor(self.bundle)),
            files_analyzed=False,
            license_concluded=self.unknown,
            license_declared=self.unknown,
            copyright_text=self.unknown,
            primary_package_purpose=self.model.PackagePurpose.OPERATING_SYSTEM,
        )  # fmt: skip

    def _package(self, package: Package) -> Any:
        source = " ".join(filter(None, (package.source, package.source_version)))
        address = self.model.ExternalPackageRef(
            self.model.ExternalPackageRefCategory.PACKAGE_MANAGER, "purl",
            purl(package, self.bundle),
        )  # fmt: skip
        return self.model.Package(
            _identifier(package), package.name, self.unknown,
            version=package.version,
            supplier=self._supplier(package.origin),
            files_analyzed=False,
            checksums=self._checksums(package.sha256),
            source_info=f"built package from: {source}" if source else None,
            license_concluded=self.unknown,
            license_declared=self._license(package.licence),
            copyright_text=self.unknown,
            external_references=[address],
            comment=f"{package.reason}, from {package.repository}".removeprefix(", "),
        )  # fmt: skip

    def _license(self, text: str) -> Any:
        found = self.licences.read(text)
        if found is None:
            return self.unknown
        self.own |= found.own
        return found.parsed

    def _checksums(self, sha256: str) -> list[Any]:
        kind = self.model.ChecksumAlgorithm.SHA256
        return [self.model.Checksum(kind, sha256)] if sha256 else []


def _identifier(package: Package) -> str:
    """What relations call *package*: its digest tells it from all others."""
    return f"SPDXRef-Package-{package.sha256}"
