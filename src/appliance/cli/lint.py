"""`appliance lint`: say what is wrong with an image before others get it."""

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

from appliance.backends import image_rules, ova_rules
from appliance.backends.ova_rules import ERROR, Finding
from appliance.bundle.allowed import Allowed
from appliance.bundle.sheet import Sheet
from appliance.cli import conventions
from appliance.cli.given import given
from appliance.cli.help import Example
from appliance.cli.options import leaks, paths, product, telling
from appliance.cli.options.option import Option, add
from appliance.cli.options.reading_images import KERNEL_ROOT, PASSPHRASE, means
from appliance.cli.printable import printable
from appliance.errors import RequestError
from appliance.handover.sheets import sheet_of
from appliance.host.new_files import write_file
from appliance.inspection.judging.leak_report import LeakReport, plain, report, to_json, to_junit
from appliance.inspection.judging.leaks import judged
from appliance.inspection.judging.whose_packages import whose
from appliance.intake.trust import check_file, is_directory

BAD = RequestError.exit_code

IMAGE = Option(
    ("ova",), "disk image, bundle (its directory, or in one file) or OVA to look at, whoever made "
    "it", paths.ANY, number="?", metavar="IMAGE|DIR", example="out/web",
)  # fmt: skip
RULE_LIST = Option(
    ("--rules",),
    "list the rules and where each of them is from, instead of looking at an image; with "
    "--conventions, those of the conventions",
)
DISKS = Option(
    ("--leaks",),
    "look into the disks of an OVA, too, for what others should not get; of everything else that "
    "is what is looked for",
)
MARKS = Option(
    ("--marks",),
    "look for names, pictures and packages that are the marks of others, instead, and name the "
    "page on which their holder says what may be done with them",
)
STRICT = Option(("--strict",), "let warnings count as errors")
SHEET = replace(
    product.SHEET, text="take the exceptions of this product sheet, too ([[allow]], with reasons)",
    usual="none",
)  # fmt: skip
JUNIT = Option(
    ("--junit",), "write what was found in the disks as JUnit XML, for CI services",
    paths.NEW_FILE, usual="it is printed only", example="leaks.xml", metavar="FILE",
)  # fmt: skip
QUESTIONS = ("leaks", "marks", "conventions")  # of which one is asked at a time
OF_DISKS = ("junit", "allow", "sheet")  # what only files in disks are answered with
EXAMPLES = (
    Example("whether anything in it must not leave the house", "appliance lint out/web"),
    Example("whether an OVA would be imported", "appliance lint web.ova"),
    Example(
        "one thing is meant, and nothing else may be there",
        "appliance lint web.qcow2 --allow job --strict",
    ),
    Example("whether it is what others expect of it", "appliance lint out/web --conventions"),
    Example("whose names and pictures are left in it", "appliance lint out/web --marks"),
    Example("what is looked for, and where that is from", "appliance lint --rules"),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "lint",
        help="say what must not leave the house, or why an OVA would not be imported",
        description="Look at an image or a bundle, whoever made it, for what others should not "
        "get: keys, passwords, traces of the machine that built it, what deleted files have left. "
        "Its files and its free space are read; nothing of it is started. Check an OVA against "
        "the ways in which imports into vSphere, Workstation, VirtualBox and virt-v2v are known "
        "to fail, without unpacking it. With --marks, look instead for the names and pictures of "
        "others; with --conventions, for what makes an appliance unlike others. "
        "Exit code 0: no errors (there may be warnings); 2: errors.",
        examples=EXAMPLES,
    )
    add(parser, IMAGE, telling.json("the findings"), JUNIT, RULE_LIST, DISKS, MARKS, leaks.ALLOW)
    add(parser, SHEET, STRICT, conventions.CONVENTIONS, telling.STORE, KERNEL_ROOT, PASSPHRASE)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Look at an image and print the findings; 2 if there are errors among them."""
    if options.rules:
        listed = conventions.rules_text if options.conventions else rules_text
        print(listed(options.json))
        return 0
    if options.ova is None:
        raise RequestError("which image?", hint="appliance lint IMAGE, or appliance lint FILE.ova")
    check_question(options)
    if options.conventions:
        return conventions.run(options)
    if options.marks or not is_ova(options.ova):
        return _lint_image(options)
    check_file(options.ova)
    findings = ova_rules.lint(options.ova)
    bad = any(finding.level == ERROR or options.strict for finding in findings)
    if not options.leaks:
        if options.json:
            print(json.dumps([asdict(finding) for finding in findings], indent=2))
        else:
            print(text(findings, options.ova))
        return BAD if bad else 0
    if not options.json:
        print(text(findings, options.ova))
    return max(BAD if bad else 0, _lint_image(options, tuple(findings)))


def check_question(options: argparse.Namespace) -> None:
    """Raise RequestError for two questions at once, and for options that the one that is asked
    has no use for: nobody shall wait for a file that is not written."""
    asked = [name for name in QUESTIONS if getattr(options, name)]
    if len(asked) > 1:
        raise RequestError(
            f"--{asked[0]} and --{asked[1]} are two questions", hint="one after the other"
        )
    if asked in (["leaks"], ["marks"]) or not (asked or is_ova(options.ova)):
        return
    for name in OF_DISKS:
        if getattr(options, name):
            raise RequestError(
                f"--{name} is about what --leaks and --marks find, and that is not looked for here",
                hint=f"appliance lint --leaks {options.ova}",
            )


def is_ova(path: Path) -> bool:
    """Whether *path* is called as an OVA, or the description of one, is."""
    return not is_directory(path) and any(end.lower() in (".ova", ".ovf") for end in path.suffixes)


def _lint_image(options: argparse.Namespace, imports: tuple[Finding, ...] = ()) -> int:
    """Print, and write, what is found in the disks; the JSON has what is wrong with their OVA."""
    told = _judged(options)
    if options.junit:
        write_file(options.junit, to_junit(told))
    if not options.json:
        print(image_text(told))
    elif options.leaks:
        said = {**plain(told), "imports": [asdict(finding) for finding in imports]}
        print(json.dumps(said, indent=2))
    else:
        print(to_json(told))
    return BAD if any(each.severity == ERROR or options.strict for each in told.findings) else 0


def _judged(options: argparse.Namespace) -> LeakReport:
    groups = image_rules.MARKS if options.marks else image_rules.LEAKS
    rules = image_rules.every_rule(groups)
    allowed = allowed_by(options)
    image_rules.check_allowed(allowed, image_rules.every_rule(tuple(image_rules.KNOWN)))
    received = given(options.ova, options.store)
    read_by = means(options)
    found = judged(received.image, groups, store=options.store.absolute(), means=read_by)
    sifted = image_rules.sift(found.findings, allowed)
    told = report(str(options.ova), rules, sifted, found.unjudged)
    return replace(told, notes=whose(received, read_by)) if options.marks else told


def allowed_by(options: argparse.Namespace) -> tuple[Allowed, ...]:
    """What the command line allows, and the product sheet that it names."""
    sheet = sheet_of(None, options.sheet, Sheet(allowed=tuple(options.allow)))
    return sheet.allowed


def image_text(told: LeakReport) -> str:
    """The findings for people: where, what has to be so, and what to do."""
    lines = []
    for finding in told.findings:
        lines.append(f"{finding.severity}: {printable(str(finding))}")
        lines.append(f"    {finding.sentence}: {finding.rule}; see {finding.source}")
        lines.append(f"    try: {finding.cure}")
    for each in told.allowed:
        place = printable(f"{each.finding.rule}: {each.finding}")
        lines.append(f"allowed: {place}\n    {printable(each.reason)}")
    lines += [f"note: {printable(each)}" for each in told.notes]
    lines += [f"not judged: {printable(each)}" for each in told.unjudged]
    errors = sum(finding.severity == ERROR for finding in told.findings)
    return "\n".join((*lines, _summary(told.image, errors, len(told.findings), len(told.rules))))


def text(findings: list[Finding], path: Path) -> str:
    """The findings in an OVA for people: what is wrong, the rule, and who met it."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.level}: {printable(finding.place)}\n    {finding.sentence}")
        lines.append(f"    {finding.rule}; see {finding.source}")
    errors = sum(finding.level == ERROR for finding in findings)
    lines.append(_summary(str(path), errors, len(findings), len(ova_rules.RULES)))
    return "\n".join(lines)


def _summary(name: str, errors: int, findings: int, rules: int) -> str:
    counts = (errors, "error"), (findings - errors, "warning"), (rules, "rule")
    told = ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)
    return f"{printable(name)}: {told}"


def rules_text(as_json: bool) -> str:
    """Return all rules with their sources, as JSON or as one line each."""
    rows = [
        {"rule": rule.name, "level": rule.level, "group": "ova", "sentence": rule.sentence,
         "source": rule.source}
        for rule in ova_rules.RULES
    ]  # fmt: skip
    rows += [
        {"rule": rule.name, "level": rule.severity, "group": group, "sentence": rule.sentence,
         "source": rule.source, "reason": rule.reason, "cure": rule.cure}
        for group, rules in image_rules.KNOWN.items()
        for rule in rules
    ]  # fmt: skip
    if as_json:
        return json.dumps(rows, indent=2)
    return "\n".join(
        f"{row['group']:8} {row['rule']:21} {row['level']:8} {row['sentence']} ({row['source']})"
        for row in rows
    )
