"""Judgements of vulnerabilities (VEX), as CycloneDX 1.6 has them: read, and written for those who
are going to judge."""

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.backends.libraries import library
from appliance.errors import RequestError
from appliance.inspection.audit.match import FIXED, Finding
from appliance.units import MIB, show

LONGEST = 64 * MIB  # bytes
# The states of vulnerabilities[].analysis that say that nothing has to be done.
SETTLED = ("not_affected", "false_positive", "resolved", "resolved_with_pedigree")


@dataclass(frozen=True)
class Judgement:
    """What somebody says of a vulnerability.

    *names*: what it is called.
    *packages*: the names of the packages of which this is said, each with the version or with none
        if it is said of all; empty if it is said of the whole appliance.
    *state*: CycloneDX's word.
    *reason*: why, in the words of whoever judged.
    *file*: where it stands.
    """

    names: tuple[str, ...]
    packages: tuple[tuple[str, str], ...]
    state: str
    reason: str
    file: str

    def settles(self, finding: Finding) -> bool:
        """Whether nothing has to be done about *finding* by this."""
        advisory = finding.advisory
        if self.state not in SETTLED or not {advisory.name, *advisory.aliases} & {*self.names}:
            return False
        installed = {advisory.package, *finding.packages}
        return not self.packages or any(
            name in installed and version in ("", finding.version)
            for name, version in self.packages
        )


def judged(
    found: Iterable[Finding], judgements: Sequence[Judgement]
) -> tuple[list[Finding], list[tuple[Finding, Judgement]]]:
    """Those of *found* that are open, and those that a judgement settles, with it."""
    left, settled = [], []
    for finding in found:
        judgement = next((each for each in judgements if each.settles(finding)), None)
        if judgement is None:
            left.append(finding)
        else:
            settled.append((finding, judgement))
    return left, settled


def read(path: Path) -> tuple[Judgement, ...]:
    """The judgements in the file *path*. Raises RequestError if it is no CycloneDX text."""
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST + 1)
        if len(text) > LONGEST:
            raise RequestError(f"{path} is longer than {show(LONGEST)}")
        said = json.loads(text)
        if said["bomFormat"] != "CycloneDX":
            raise ValueError
        return tuple(_judgements(said, path))
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise RequestError(
            f"{path} holds no judgements of vulnerabilities as CycloneDX has them",
            hint="appliance audit … --write-vex FILE writes one to start with",
        ) from None


def _judgements(said: dict[str, Any], path: Path) -> Iterator[Judgement]:
    addresses = {each.get("bom-ref"): each.get("purl") for each in said.get("components", ())}
    for each in said.get("vulnerabilities", ()):
        analysis = each.get("analysis", {})
        reasons = (analysis.get("justification", ""), analysis.get("detail", ""))
        others = (reference["id"] for reference in each.get("references", ()))
        refs = [affected["ref"] for affected in each.get("affects", ())]
        names = (each["id"], *others)
        if not all(isinstance(name, str) for name in names):
            raise TypeError
        yield Judgement(
            names=names,
            packages=tuple(_package(addresses.get(ref) or ref) for ref in refs),
            state=analysis.get("state", ""),
            reason=": ".join(filter(None, reasons)),
            file=path.name,
        )


def _package(address: str) -> tuple[str, str]:
    """The name and version in a package's address (purl); of anything else, the whole as a name."""
    if not address.startswith("pkg:"):
        return address, ""
    found = library("packageurl").PackageURL.from_string(address)
    return found.name, found.version or ""


def text(found: Sequence[Finding], system: str, kind: str) -> str:
    """A CycloneDX 1.6 text with *found* for somebody to judge: all are "in_triage", the addresses
    of packages are those of the distribution *system*, of the *kind* deb or rpm."""
    output, schema = library("cyclonedx.output"), library("cyclonedx.schema")
    document = library("cyclonedx.model.bom").Bom(
        # the same findings, the same text
        serial_number=uuid.uuid5(uuid.NAMESPACE_OID, repr(found)),
        vulnerabilities=[_vulnerability(finding, system, kind) for finding in found],
    )
    document.metadata.timestamp = None
    made = output.make_outputter(
        document, schema.OutputFormat.JSON, schema.SchemaVersion.V1_6
    ).output_as_string(indent=2)
    return f"{made}\n"


def _vulnerability(finding: Finding, system: str, kind: str) -> Any:
    model, impact = (
        library("cyclonedx.model.vulnerability"),
        library("cyclonedx.model.impact_analysis"),
    )
    advisory = finding.advisory
    response = [impact.ImpactAnalysisResponse.UPDATE] if finding.state == FIXED else []
    return model.Vulnerability(
        bom_ref=f"{advisory.name}/{advisory.package}",
        id=advisory.name,
        description=advisory.about or None,
        recommendation=f"update to {advisory.fixed}" if advisory.fixed else None,
        affects=[model.BomTarget(ref=_address(finding, system, kind))],
        analysis=model.VulnerabilityAnalysis(
            state=impact.ImpactAnalysisState.IN_TRIAGE, responses=response
        ),
    )


def _address(finding: Finding, system: str, kind: str) -> str:
    """The address (purl) of the package that has it; a source package's says that it is one."""
    qualifiers = {} if finding.advisory.binary else {"arch": "source"}
    made = library("packageurl").PackageURL(
        kind, system, finding.advisory.package, finding.version, qualifiers
    )
    return str(made.to_string())
