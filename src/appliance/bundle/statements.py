"""What somebody who has a key says of a bundle: how it was made, how it was tested.

Facts: in-toto's Statement v1 and its ResourceDescriptor, SLSA's provenance v1 (slsa.dev), in-toto's
test-result v0.1 (github.com/in-toto/attestation, spec/).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from appliance import __version__
from appliance.bundle.manifest import utc
from appliance.bundle.model import Bundle

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
BUILD_TYPE = "urn:appliance-tools:build:1"  # what the parameters of a provenance mean
BUILDER = "urn:appliance-tools:builder"
PROVENANCE_FILE = ".provenance.json"  # what such a statement's file is called after the appliance
TEST_FILE = ".test.json"
STATEMENTS = (PROVENANCE_FILE, TEST_FILE)


@dataclass(frozen=True)
class Material:
    """Something that went into a build.

    *name*: what it is called, for people.
    *digests*: its digests in hexadecimal, by their kinds; sha256 is that of a file.
    *uri*: an address by which programs know it, of packages their package URL.
    """

    name: str
    digests: Mapping[str, str]
    uri: str = ""

    def descriptor(self) -> dict[str, Any]:
        """It as in-toto describes a resource."""
        says = {"name": self.name, "digest": dict(self.digests)}
        return {**says, "uri": self.uri} if self.uri else says


@dataclass(frozen=True)
class Origin:
    """What a bundle was made of: the *parameters* that somebody gave, as plain values, and the
    *materials*."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    materials: tuple[Material, ...] = ()


def provenance(bundle: Bundle, origin: Origin, files: Mapping[str, str]) -> str:
    """The statement that *files*, SHA-256 by name, were made of *origin*. No hour is in it but the
    build's own moment: who signs it again says the same."""
    predicate = {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": dict(origin.parameters),
            "internalParameters": {"plan": bundle.plan_digest, "clock": utc(bundle.clock)},
            "resolvedDependencies": [each.descriptor() for each in origin.materials],
        },
        "runDetails": {
            "builder": {"id": BUILDER, "version": {"appliance-tools": __version__}},
        },
    }
    return _statement(files, PROVENANCE, predicate)


@dataclass(frozen=True)
class Outcome:
    """What one test came to: its *name*, and whether it *passed*."""

    name: str
    passed: bool


def trial_result(
    files: Mapping[str, str], tests: Sequence[Outcome], own: Iterable[Material], *, whole: bool
) -> str:
    """The statement that *files*, SHA-256 by name, were tested so; *own* are checks of the
    author's. If it is not *whole*, nobody could look inside, which is a warning."""
    failed = [each.name for each in tests if not each.passed]
    predicate = {
        "result": "FAILED" if failed else "PASSED" if whole else "WARNED",
        "configuration": [each.descriptor() for each in own],
        "passedTests": [each.name for each in tests if each.passed],
        "warnedTests": [],
        "failedTests": failed,
    }
    return _statement(files, TEST_RESULT, predicate)


def _statement(files: Mapping[str, str], kind: str, predicate: Mapping[str, Any]) -> str:
    says = {
        "_type": STATEMENT,
        "subject": [
            {"name": name, "digest": {"sha256": sha256}} for name, sha256 in sorted(files.items())
        ],
        "predicateType": kind,
        "predicate": predicate,
    }
    return json.dumps(says, separators=(",", ":"))


@dataclass(frozen=True)
class Statement:
    """A statement as it is read: its *kind* is the predicate's type, *files* the SHA-256 of what it
    speaks of, by name."""

    kind: str
    files: Mapping[str, str]
    predicate: Mapping[str, Any]


def read(text: bytes) -> Statement:
    """Understand *text*. Raises ValueError, with the reason, for what is no statement."""
    says = parsed(text)
    if says.get("_type") != STATEMENT:
        raise ValueError("it is no Statement of in-toto's version 1")
    kind, subjects, predicate = (
        says.get(name) for name in ("predicateType", "subject", "predicate")
    )
    if not isinstance(kind, str) or not isinstance(predicate, dict):
        raise ValueError("it states nothing")
    if not isinstance(subjects, list) or not subjects:
        raise ValueError("it speaks of no file")
    return Statement(kind, dict(map(_subject, subjects)), predicate)


def _subject(says: Any) -> tuple[str, str]:
    name = says.get("name") if isinstance(says, dict) else None
    digests = says.get("digest") if isinstance(says, dict) else None
    sha256 = digests.get("sha256") if isinstance(digests, dict) else None
    if not isinstance(name, str) or not isinstance(sha256, str):
        raise ValueError("it speaks of a file without a name or a SHA-256")
    return name, sha256


def parsed(text: bytes) -> dict[str, Any]:
    """The JSON object that *text* is. Raises ValueError, in one line, for anything else."""
    try:
        says = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(says, dict):
        raise ValueError("it is not an object of JSON")
    return says
