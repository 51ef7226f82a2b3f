"""Read a kickstart file. The only module that knows pykickstart."""

import copy
import shlex
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pykickstart.errors import KickstartError
from pykickstart.handlers.control import commandMap
from pykickstart.parser import KickstartParser
from pykickstart.version import F39, RHEL9, returnClassForVersion, stringToVersion, versionMap

from appliance.errors import GrammarError, RecipeError, RequestError, Where
from appliance.masking import masked
from appliance.recipe.before import Decided
from appliance.recipe.model import Packages, Recipe, Script
from appliance.recipe.overrides import Overrides, check_name
from appliance.recipe.reading import (
    addons,
    automatic,
    boot,
    certificates,
    logical,
    made,
    packages,
    repositories,
    scripts,
    storage,
    subvolumes,
    support,
    system,
    users,
)
from appliance.recipe.reading.answers import Honoured
from appliance.recipe.reading.commands import COMMANDS
from appliance.recipe.reading.findings import AbsentError, Findings, Said
from appliance.recipe.reading.kept import MAY_HOLD_PASSWORDS, source
from appliance.recipe.reading.leniency import lenient
from appliance.recipe.reading.lines import Line, read
from appliance.recipe.reading.sections import Section, divide, options_of
from appliance.recipe.reading.templates import once, refuse_directives, refuse_placeholders
from appliance.recipe.reading.variables import Variables
from appliance.recipe.reading.words import words_of
from appliance.recipe.secrets import SECRETS, without_passphrase
from appliance.recipe.settings import Certificate
from appliance.recipe.volumes import BootSettings

NOTHING = Overrides()
PRE = "%pre"
PASSWORDS = ("rootpw", "user")
ADDRESSES = ("url", "repo")
STORAGE = {"part", "partition", "autopart", "logvol", "btrfs", "raid"}  # may make the root
MERGED = ("lang", "keyboard", "timezone", "services", "rootpw", "bootloader", "clearpart", "url")
WHOLE = ("lang", "rootpw", "url")  # of these a second line replaces all that the first was for
FIRST_LEARNT = "part"  # pykickstart takes an empty table of commands for all that there are
# the last grammar with --ignoregroups, which kickstarts still hold; a command of RHEL alone
OLDER = {"repo": F39, "syspurpose": RHEL9}
CONFUSED = (KickstartError, ValueError, TypeError, AttributeError, LookupError)


def load(path: Path, *, overrides: Overrides = NOTHING) -> Recipe:
    """Return the recipe that *path* and its includes describe.

    Raises RecipeError, with the line, for the first thing that cannot be honoured, and HostError
    if a plain password cannot be hashed on this machine.
    """
    found, recipe = problems(path, overrides)
    if recipe is None:
        raise found[0]
    return recipe


def problems(path: Path, overrides: Overrides = NOTHING) -> tuple[list[RecipeError], Recipe | None]:
    """Return everything that is wrong with *path*; if nothing is, no problems and the recipe.

    Raises RequestError if no appliance can be called like it, and no other name was given.
    """
    check_name(overrides.name or path.stem)
    findings = Findings(path)
    try:
        lines = read(path, findings, overrides.reading)
    except RecipeError as error:
        return [error], None
    failed = {"%include"} if findings.problems else set()
    exact = exact_grammar(overrides.strict) if overrides.strict else None
    variables = Variables(overrides.variables)
    name = overrides.name or path.stem
    reader = _Reader(name, findings, variables, failed=failed, exact=exact)
    commands, sections = divide(lines, findings, strict=bool(exact))
    if exact:
        check_sections(exact, sections, findings)
    in_sections = {line for section in sections for line in section.body}
    refuse_directives((line for line in lines if line not in in_sections), findings)
    for line in commands:
        reader.command(line)
    scripted = any(section.word == PRE for section in sections)
    if not scripted:
        overrides = _without_scripts(overrides, findings)
    text = source(lines, sections, reader.rewritten, variables)
    recipe = _assemble(reader, sections, overrides, text)
    absent = [error for error in findings.problems if isinstance(error, AbsentError)]
    if findings.awaited and scripted:
        findings.problems = [error for error in findings.problems if error not in absent]
        recipe = replace(recipe, partial=bool(absent))
    if findings.problems:
        return once(sorted(findings.problems, key=_by_place(lines))), None
    return [], replace(recipe, packages=packages.yielding(recipe.packages, path))


def _without_scripts(overrides: Overrides, findings: Findings) -> Overrides:
    """Say that no %pre has decided anything, and none will; each file that one was to write becomes
    a problem."""
    for name, where in findings.awaited.items():
        problem = f"there is no file {name}, and no %pre that would write it"
        findings.problem(problem, where, f"--include-path DIRECTORY of {Path(name).name}")
    nothing = Decided({}, {})
    return replace(overrides, reading=replace(overrides.reading, decided=nothing))


@cache
def known_commands() -> Mapping[str, Any]:
    """Return pykickstart's class for each command that we let through to it: the newest one."""
    newest = commandMap[returnClassForVersion().version]
    honoured = {word for word, answer in COMMANDS.items() if isinstance(answer, Honoured)}
    older = {word: commandMap[version][word] for word, version in OLDER.items()}
    return {word: newest[word] for word in newest if word in honoured} | older


def newest_grammar() -> Any:
    """Return pykickstart's newest handler, with one command; learn() teaches it the others.

    Building the parsers of all commands takes longer than reading a kickstart with them.
    """
    return returnClassForVersion()(mapping=_with_other_names(FIRST_LEARNT))


def learn(grammar: Any, word: str) -> None:
    """Teach *grammar* the command *word*, if it is one that we let through and still unknown."""
    if word in grammar.commands or word not in known_commands():
        return
    for name, command in _with_other_names(word).items():
        grammar.registerCommand(name, command)


def _with_other_names(word: str) -> dict[str, Any]:
    """Return pykickstart's class for *word* under each of its names: commands that conflict with it
    may know it by another one."""
    known = known_commands()
    return {name: command for name, command in known.items() if command is known[word]}


@dataclass
class _Reader:
    """Parses command lines one by one, so that a bad one does not hide the next."""

    recipe: str
    findings: Findings
    variables: Variables
    said: dict[str, list[Said]] = field(default_factory=dict)
    rewritten: dict[Line, str] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    grammar: Any = field(default_factory=newest_grammar)
    exact: Any = None

    def command(self, line: Line) -> None:
        """Add one honoured line to what was said; say everything else to the findings."""
        try:
            refuse_placeholders(self.variables.without(line.text), line.where)
            words = self._today(self._filled(line), line)
            if words[0] in MAY_HOLD_PASSWORDS:
                self.rewritten[line] = f"# {words[0]}: left out, it may hold a password"
            if not support.judge(words, line.where, self.findings):
                self.failed.add(words[0])
                return
            said = self._parsed(words, line)
            if said.command in PASSWORDS:
                said = users.without_plain_password(said, self.recipe)
                self.rewritten[line] = users.source_line(said)
            elif said.command == "bootloader" and said.values.password:
                said.values.password = boot.without_plain_boot_password(said, self.recipe)
                self.rewritten[line] = boot.source_line(said)
            elif any(option in SECRETS for option in said.options):
                self.rewritten[line] = without_passphrase(said.words)
            if said.command in ADDRESSES and (text := repositories.source_line(said)):
                self.rewritten[line] = text
        except RecipeError as error:
            self.findings.problems.append(self.variables.hidden(error))
            self.failed.add(line.first_word)
            return
        earlier = self.said.setdefault("part" if said.command == "partition" else said.command, [])
        if said.command in MERGED:
            self._note_what_is_replaced(earlier, said)
        earlier.append(said)

    def _filled(self, line: Line) -> tuple[str, ...]:
        """The words of *line*, with the values of variables."""
        words = words_of(line)
        filled = self.variables.filled(words, line.where)
        if filled != words:
            secret = any(value.secret for value in self.variables.named(line.text))
            self.rewritten[line] = masked(line.text if secret else shlex.join(filled))
        return filled

    def _today(self, words: tuple[str, ...], line: Line) -> tuple[str, ...]:
        """The words as they are written today; with an exact grammar, as they are."""
        if self.exact is None:
            return lenient(words, line.where, self.findings)
        _dispatched(self.exact, words, line)
        return words

    def _parsed(self, words: tuple[str, ...], line: Line) -> Said:
        learn(self.grammar, words[0])
        parsed = _dispatched(self.grammar, repositories.of_language(words), line)
        values = SimpleNamespace(**copy.copy(vars(parsed)))
        return Said(words, support.option_names(words), values, line.where)

    def _note_what_is_replaced(self, earlier: list[Said], said: Said) -> None:
        for option in () if said.command in WHOLE else said.options:
            old = next((each for each in reversed(earlier) if option in each.options), None)
            if old and old.words != said.words:
                text = f"{said.command} {option} replaces that of {old.where}"
                self.findings.note(text, said.where)
        if earlier and said.command in WHOLE and earlier[-1].words != said.words:
            self.findings.note(f"{said.command} replaces that of {earlier[-1].where}", said.where)


def _dispatched(grammar: Any, words: tuple[str, ...], line: Line) -> Any:
    """Let *grammar* parse a line. Raises GrammarError with what it says."""
    with warnings.catch_warnings():
        # What pykickstart warns of, a deprecated option or a second line, is told by us.
        warnings.simplefilter("ignore")
        try:
            return grammar.dispatcher(list(words), line.where.line)
        except CONFUSED as error:
            said = " ".join(str(getattr(error, "message", error)).split())
            problem = f"{words[0]}: {said or 'cannot be understood'}"
            raise GrammarError(problem, where=line.where) from error


def exact_grammar(version: str) -> Any:
    """Return pykickstart's handler of one release, as it is. Raises RequestError if there is none
    called *version*."""
    try:
        return returnClassForVersion(stringToVersion(version))()
    except KickstartError as error:
        raise RequestError(
            f"--strict {version}: no release is called so", hint=", ".join(releases()[-12:])
        ) from error


def releases() -> tuple[str, ...]:
    """The releases whose exact syntax can be asked for, of each distribution the oldest first."""
    return tuple(name for name in versionMap if name not in ("DEVEL", "devel"))


def check_sections(grammar: Any, sections: tuple[Section, ...], findings: Findings) -> None:
    """Let *grammar* parse each section by itself; what it refuses becomes a problem."""
    for section in sections:
        lines = (section.header, *section.body)
        text = "".join(f"{line.text}\n" for line in (*lines, Line("%end", section.header.where)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                KickstartParser(grammar, missingIncludeIsFatal=False).readKickstartFromString(text)
            except CONFUSED as error:
                place = min(getattr(error, "lineno", None) or 1, len(lines)) - 1
                said = " ".join(str(getattr(error, "message", error)).split())
                problem = f"{section.word}: {said or 'cannot be understood'}"
                findings.problem(problem, lines[place].where)


def _assemble(
    reader: _Reader, sections: tuple[Section, ...], overrides: Overrides, source: str
) -> Recipe:
    """Make the recipe out of all lines. If there were problems, it has holes."""
    said, findings = reader.said, reader.findings
    urls = [*said.get("url", [])[-1:], *said.get("repo", [])]
    cleared = [said.get("clearpart", [])]
    tables = findings.each(lambda lines: storage.table(lines, overrides.table), cleared)
    loaders = findings.each(boot.boot_loader, [said.get("bootloader", [])])
    chosen, after, crash, trusted = _sections(sections, reader, overrides.packages)
    disks = _disks(said, findings, overrides)
    usual = tables[0] if tables else ""
    table = made.table(disks["volumes"], overrides.reading.decided)
    if reader.failed.isdisjoint(STORAGE | {"%include"}):
        storage.expect_root(said, findings)
    written = system.settings(
        said,
        users=users.users(said, overrides, reader.recipe, findings),
        groups=users.groups(said, findings),
        findings=findings,
    )
    return Recipe(
        name=reader.recipe,
        repositories=repositories.repositories(urls, findings),
        packages=chosen,
        table=table or storage.startable(usual, said, loaders=loaders),
        boot_loader=loaders[0] if loaders else BootSettings(),
        settings=replace(
            written,
            hostname=overrides.hostname or written.hostname,
            crash_kernel=crash,
            certificates=trusted,
        ),
        scripts=(*after, *overrides.scripts),
        image=overrides.image,
        first_boot=overrides.first_boot,
        brand=overrides.brand,
        notes=(*findings.advice(), *findings.notes),
        source=source,
        variables=reader.variables.known,
        secrets=reader.variables.fingerprints(reader.recipe),
        **disks,
    )


def _disks(
    said: Mapping[str, list[Said]], findings: Findings, overrides: Overrides
) -> dict[str, Any]:
    """Return what all storage commands say together, by the names of the recipe's fields."""
    passphrase, decided = overrides.passphrase, overrides.reading.decided
    disk = storage.selected_disk(said.get("ignoredisk", ()))
    terms = storage.Terms(passphrase, disk, decided)
    volumes = storage.volumes(said.get("part", ()), findings, terms, storage.elsewhere(said))
    chosen = findings.each(lambda lines: automatic.autopart(lines, passphrase), [said])
    return {
        "volumes": volumes,
        "volume_groups": logical.volume_groups(
            said.get("volgroup", ()),
            said.get("logvol", ()),
            findings,
            partitions=volumes,
            passphrase=passphrase,
        ),
        "btrfs": subvolumes.btrfs_volumes(said.get("btrfs", ()), findings, partitions=volumes),
        "autopart": chosen[0] if chosen else None,
        "reqpart": automatic.reqpart(said.get("reqpart", ())),
        "in_memory": storage.in_memory(said.get("part", ()), findings),
        "disk": disk,
        "disk_sizes": made.disk_sizes(volumes, decided),
        "pending": (*findings.to_come(), *(() if decided else made.to_come(volumes))),
    }


def _sections(
    sections: tuple[Section, ...], reader: _Reader, added: tuple[str, ...]
) -> tuple[Packages, tuple[Script, ...], str, tuple[Certificate, ...]]:
    """Return the packages, with those that the command line *added*, the scripts, the memory for
    kdump that an add-on may ask for, and the certificates."""
    findings, variables = reader.findings, reader.variables
    crash = ""
    trusted: list[Certificate] = []
    headers: list[packages.Header] = []
    lines: list[Line] = []
    after: list[Script] = []
    for section in sections:
        try:
            listing = section.word == "%packages"
            words = words_of(variables.line(section.header) if listing else section.header)
            if not support.judge(words, section.header.where, findings):
                continue
            if listing:
                given = options_of(section, words, with_value=packages.WITH_VALUE)
                headers.append(packages.Header(given, section.header.where))
                lines.extend(findings.each(variables.line, section.body))
            elif words[0] == "%addon":
                crash = addons.crash_kernel(section, words, findings) or crash
            elif words[0] == "%certificate":
                given = options_of(section, words, with_value=certificates.WITH_VALUE)
                trusted.append(certificates.certificate(section, given))
            else:
                given = options_of(section, words, with_value=scripts.WITH_VALUE)
                after.append(scripts.script(section, given))
        except RecipeError as error:
            findings.problems.append(error)
    lines += [Line(name, Where(Path("--install"), 0)) for name in added]
    chosen = packages.packages(headers, lines, findings)
    return chosen, tuple(after), crash, tuple(trusted)


def _by_place(lines: tuple[Line, ...]) -> Callable[[RecipeError], float]:
    """Return a key that sorts problems as a reader meets them, those without a place first."""
    places: dict[Where, int] = {}
    for number, line in enumerate(lines):
        places.setdefault(line.where, number)

    def place(error: RecipeError) -> float:
        where = error.where
        if where is None or where in places:
            return places[where] if where else -1
        # An include that failed left no line: it comes after the line before it.
        before = (Where(where.path, line) for line in range(where.line - 1, 0, -1))
        return next((places[each] + 0.5 for each in before if each in places), -0.5)

    return place
