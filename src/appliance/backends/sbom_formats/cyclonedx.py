"""CycloneDX 1.6 as JSON, with what trivy and grype look for.

Trivy takes the packages that hang on a component of the type operating-system, and finds Debian's
and RPM's advisories by the properties `aquasecurity:trivy:Src*` (pkg/sbom/io/decode.go); grype by
qualifiers of the package's address (see model.py).
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from appliance import __version__
from appliance.backends.libraries import library
from appliance.backends.package_managers.deb_copyright import OWN
from appliance.backends.sbom_formats.licences import Licences
from appliance.backends.sbom_formats.model import (
    TOOL,
    distributor,
    is_deb,
    purl,
    release_of,
    serial,
    system_of,
    title,
)
from appliance.bundle.model import Artifact, Bundle, Package

SOURCE = "aquasecurity:trivy:Src"
OURS = "appliance-tools"  # the name before our own properties
ROOT, SYSTEM = "appliance", "operating-system"


@dataclass(frozen=True)
class CycloneDx:
    """The format of OWASP, which ECMA-424 specifies."""

    name: str = "cyclonedx"
    suffix: str = "cdx.json"

    def require(self) -> None:
        """Raise HostError if a library is not there."""
        for each in ("cyclonedx.output", "packageurl", "license_expression"):
            library(each)

    def text(self, bundle: Bundle) -> str:
        """The SBOM of *bundle*: the appliance, its distribution, its packages."""
        output, schema = library("cyclonedx.output"), library("cyclonedx.schema")
        made = _Writer(bundle, self.name).bom()
        outputter = output.make_outputter(made, schema.OutputFormat.JSON, schema.SchemaVersion.V1_6)
        return f"{outputter.output_as_string(indent=2)}\n"


class _Writer:
    """Makes the library's values of one bundle."""

    def __init__(self, bundle: Bundle, sbom_format: str) -> None:
        self.bundle = bundle
        self.serial = serial(bundle, sbom_format)
        self.model: ModuleType = library("cyclonedx.model")
        self.component: ModuleType = library("cyclonedx.model.component")
        self.licences = Licences()

    def bom(self) -> Any:
        """The whole document, with all components and dependencies."""
        bom, tool = library("cyclonedx.model.bom"), library("cyclonedx.model.tool")
        root, system = self._appliance(), self._system()
        packages = [(package, self._package(package)) for package in self.bundle.packages]
        whole = bom.Bom(
            serial_number=uuid.UUID(self.serial),
            metadata=bom.BomMetaData(
                timestamp=datetime.fromtimestamp(self.bundle.clock, UTC),
                tools=tool.ToolRepository(components=[self._tool()]),
                component=root,
                supplier=self._maker(self.bundle.product.vendor),
            ),
            components=[system, *(component for _, component in packages)],
        )
        whole.register_dependency(root, [system])
        whole.register_dependency(system, [component for _, component in packages])
        names: dict[str, list[Any]] = {}
        for package, component in packages:
            names.setdefault(package.name, []).append(component)
        for package, component in packages:
            needed = [each for name in package.needs for each in names.get(name, ())]
            whole.register_dependency(component, needed)
        return whole

    def _maker(self, name: str) -> Any:
        contact = library("cyclonedx.model.contact")
        return contact.OrganizationalEntity(name=name) if name else None

    def _tool(self) -> Any:
        kind = self.component.ComponentType.APPLICATION
        return self.component.Component(name=TOOL, version=__version__, type=kind)

    def _appliance(self) -> Any:
        bundle = self.bundle
        return self.component.Component(
            name=title(bundle),
            version=bundle.version,
            type=self.component.ComponentType.PLATFORM,
            bom_ref=ROOT,
            supplier=self._maker(bundle.product.vendor),
            description=bundle.product.description or None,
            external_references=[self._image(image) for image in bundle.artifacts if image.sha256],
            properties=self._properties(
                {f"{OURS}:plan": bundle.plan_digest, f"{OURS}:release": bundle.release}
            ),
        )

    def _image(self, image: Artifact) -> Any:
        return self.model.ExternalReference(
            type=self.model.ExternalReferenceType.DISTRIBUTION,
            url=self.model.XsUri(image.path),
            hashes=[self._hash(image.sha256)],
        )

    def _system(self) -> Any:
        family = system_of(self.bundle)
        return self.component.Component(
            name=family.name,
            version=release_of(self.bundle) or self.bundle.version,
            type=self.component.ComponentType.OPERATING_SYSTEM,
            bom_ref=SYSTEM,
            supplier=self._maker(distributor(self.bundle)),
        )

    def _package(self, package: Package) -> Any:
        address = purl(package, self.bundle)
        return self.component.Component(
            name=package.name,
            version=package.version,
            type=self.component.ComponentType.LIBRARY,
            bom_ref=f"{address}#{package.sha256}",
            supplier=self._maker(package.origin),
            hashes=[self._hash(package.sha256)] if package.sha256 else (),
            licenses=self._licenses(package.licence),
            purl=library("packageurl").PackageURL.from_string(address),
            properties=self._properties(dict(self._said(package))),
        )

    def _said(self, package: Package) -> Iterator[tuple[str, str]]:
        """The properties of a package: for trivy its source, for everybody why it is there."""
        epoch, _, number = package.source_version.rpartition(":")
        version, _, release = number.rpartition("-")
        if package.source and is_deb(self.bundle):
            yield from ((f"{SOURCE}Name", package.source),
                        (f"{SOURCE}Version", package.source_version))  # fmt: skip
        elif package.source:
            yield from ((f"{SOURCE}Name", package.source), (f"{SOURCE}Version", version),
                        (f"{SOURCE}Release", release))  # fmt: skip
            if epoch:
                yield f"{SOURCE}Epoch", epoch
        if package.reason:
            yield f"{OURS}:reason", package.reason
        yield f"{OURS}:repository", package.repository

    def _licenses(self, text: str) -> list[Any]:
        """Its licence as an expression; words that SPDX does not know as a name."""
        module, found = library("cyclonedx.model.license"), self.licences.read(text)
        if found is None:
            return []
        if text in found.own.values() and not text.startswith(OWN):
            return [module.DisjunctiveLicense(name=text)]
        return [module.LicenseExpression(value=found.expression)]

    def _hash(self, sha256: str) -> Any:
        return self.model.HashType(alg=self.model.HashAlgorithm.SHA_256, content=sha256)

    def _properties(self, said: dict[str, str]) -> list[Any]:
        return [self.model.Property(name=name, value=value) for name, value in said.items()]
