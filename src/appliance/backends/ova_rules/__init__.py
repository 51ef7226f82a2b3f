"""Rules for what importers of OVAs are known to refuse. To add one: add a row to the table RULES of
the file that it belongs to."""

from pathlib import Path

from appliance.backends.ova_rules import container, descriptor, disks, hardware, manifest, reading
from appliance.backends.ova_rules.model import ERROR, WARNING, Finding, Rule

__all__ = ["ERROR", "RULES", "WARNING", "Finding", "Rule", "lint"]

RULES: tuple[Rule, ...] = (
    *container.RULES,
    *manifest.RULES,
    *descriptor.RULES,
    *hardware.RULES,
    *disks.RULES,
)
MOST = 20  # places that are told of one rule


def lint(path: Path) -> list[Finding]:
    """Return what is wrong with the OVA at *path*, in the order of the rules; [] if nothing is.
    Of what breaks one rule, the first MOST places are told.

    Nothing is unpacked; time and memory are limited by the size of the file, whatever is in it.
    Raises RequestError if the file cannot be read.
    """
    ova = reading.read(path)
    findings = []
    for rule in RULES:
        for number, place in enumerate(rule.check(ova)):
            if number == MOST:
                break
            findings.append(Finding(rule.name, rule.level, place, rule.sentence, rule.source))
    return findings
