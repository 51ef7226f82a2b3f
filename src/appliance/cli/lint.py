"""`appliance lint`: say what importers of an OVA are known to refuse in it."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from appliance.backends import ova_rules
from appliance.backends.ova_rules import ERROR, RULES, Finding
from appliance.cli import conventions
from appliance.cli.help import Example
from appliance.cli.options import paths, telling
from appliance.cli.options.option import Option, add
from appliance.cli.options.reading_images import KERNEL_ROOT
from appliance.cli.printable import printable
from appliance.errors import RequestError
from appliance.intake.trust import check_file

BAD = RequestError.exit_code

OVA = Option(
    ("ova",), "OVA to look at, whoever made it", paths.ANY, number="?", metavar="FILE.ova",
    example="web.ova",
)  # fmt: skip
RULE_LIST = Option(
    ("--rules",), "list the rules and who has met each of them, instead of looking at an OVA"
)
EXAMPLES = (
    Example("whether it would be imported", "appliance lint web.ova"),
    Example("what is looked for, and who met it", "appliance lint --rules"),
    Example("whether it is what others expect of it", "appliance lint out/web --conventions"),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "lint",
        help="say why an OVA would not be imported",
        description="Check an OVA, whoever made it, against the ways in which imports into "
        "vSphere, Workstation, VirtualBox and virt-v2v are known to fail. Nothing is unpacked. "
        "With --conventions, look instead into the disks of any image or bundle, of which nothing "
        "is started, for what makes an appliance unlike others. "
        "Exit code 0: no errors (there may be warnings); 2: errors.",
        examples=EXAMPLES,
    )
    add(parser, OVA, telling.json("the findings"), RULE_LIST, conventions.CONVENTIONS)
    add(parser, telling.STORE, KERNEL_ROOT)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check an OVA and print the findings; 2 if there are errors among them."""
    if options.rules:
        listed = conventions.rules_text if options.conventions else rules_text
        print(listed(options.json))
        return 0
    if options.ova is None:
        raise RequestError("which OVA?", hint="appliance lint FILE.ova")
    if options.conventions:
        return conventions.run(options)
    check_file(options.ova)
    findings = ova_rules.lint(options.ova)
    if options.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        print(text(findings, options.ova))
    return BAD if any(finding.level == ERROR for finding in findings) else 0


def text(findings: list[Finding], path: Path) -> str:
    """The findings for people: what is wrong, the rule, and who met it."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.level}: {printable(finding.place)}\n    {finding.sentence}")
        lines.append(f"    {finding.rule}; see {finding.source}")
    errors = sum(finding.level == ERROR for finding in findings)
    counts = (errors, "error"), (len(findings) - errors, "warning"), (len(RULES), "rule")
    told = ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)
    lines.append(f"{printable(str(path))}: {told}")
    return "\n".join(lines)


def rules_text(as_json: bool) -> str:
    """Return all rules with their sources, as JSON or as one line each."""
    rows = [
        {"rule": rule.name, "level": rule.level, "sentence": rule.sentence, "source": rule.source}
        for rule in RULES
    ]
    if as_json:
        return json.dumps(rows, indent=2)
    return "\n".join(
        f"{row['rule']:18} {row['level']:8} {row['sentence']} ({row['source']})" for row in rows
    )
