"""Which programs the source asks for, found by reading it: Python, shell scripts, the Makefile.

Whatever begins an argument list is a program: of what is passed to those functions that start
one, and of every list with an option in it that is returned. So one that nobody listed is seen,
and a word that only looks like one has to be named as such, in
tests/unit/host/test_tool_packages.py.
"""

import ast
import contextlib
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeGuard

STARTERS = {
    *("run", "start", "interactive", "Popen", "call", "check_call", "check_output", "spawn"),
    *("in_namespace", "in_tools", "with_tools", "which", "prefix"),
}
INSIDE = {"jail.run", "in_jail"}  # what these start is a program of the image
LISTS = {"tools", "shaping_tools", "OWN_TOOLS", "programs"}  # what is looked for before a build
COPIED = {"PROGRAMS"}  # texts or tuples of names that a tiny distribution takes from this host
SAYING = (ast.Call, ast.Return, ast.Assign, ast.AnnAssign, ast.keyword, ast.For,
          ast.comprehension, ast.FunctionDef)  # fmt: skip
SHELLS = {"sh", "bash", "dash"}
NAME = re.compile(r"[a-z0-9][\w.+-]*")
# sh(1): what may stand before a command, and what the shell does itself
BEFORE = {"if", "then", "else", "elif", "do", "while", "until", "!", "{", "exec", "$sudo"}
SEPARATORS = set(";&|()\n")
INNERMOST = re.compile(r"\$\(([^()]*)\)")
ITSELF = {
    *("set", "cd", "echo", "exit", "test", "export", "umask", "trap", "fi", "done", "for", "case"),
    *("esac", "shift", "read", "wait", "printf", "return", "eval", "true", "false", "in", "local"),
    *("unset", "type", "pwd", "ulimit", "command", "compgen", "complete"),
}


def of_python(file: Path) -> dict[str, int]:
    """The programs of one module, each with a line that names it."""
    reading = _Reading(ast.parse(file.read_text()))
    return {
        name.rpartition("/")[2]: line
        for name, line in reading.found()
        if NAME.fullmatch(name.rpartition("/")[2]) and (name[0] != "/" or "bin/" in name)
    }


def of_shell(text: str) -> set[str]:
    """The programs of a shell script: what begins a command, and is not the shell's own."""
    text = re.sub(r"<<-? *'?(\w+)'?(.*)\n(?:.*\n)*?\t*\1$", r"\2", text, flags=re.MULTILINE)
    text = re.sub(r"(^|[ \t])#.*", "", text.replace("\\\n", " "), flags=re.MULTILINE)
    scripts = [text]
    while substitution := INNERMOST.search(scripts[0]):  # $(…) is a script of its own
        scripts.append(substitution[1])
        scripts[0] = INNERMOST.sub("$x", scripts[0], count=1)
    return {name for script in scripts for name in _begun(script)}


def _begun(script: str) -> Iterator[str]:
    """The first words of the commands of a *script* without substitutions."""
    words: list[str] = []
    inside = 0  # so many subshells
    for token in [*_tokens(script), "\n"]:
        if "<" in token or ">" in token:
            continue
        if not set(token) <= SEPARATORS:
            words.append(token)
            continue
        pattern = not inside and token.startswith(")")  # of a case
        inside = max(0, inside + token.count("(") - token.count(")"))
        while words and (words[0] in BEFORE or re.match(r"\w+=", words[0])):
            words.pop(0)
        if words and NAME.fullmatch(words[0]) and words[0] not in ITSELF and not pattern:
            yield words[0]
        words = []


def _tokens(script: str) -> Iterator[str]:
    lexer = shlex.shlex(script, posix=True, punctuation_chars="".join(SEPARATORS) + "<>")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t", True, ""
    with contextlib.suppress(ValueError):  # the rest of it is in a variable
        yield from lexer


def of_makefile(text: str) -> set[str]:
    """The programs of the recipes of a Makefile."""
    lines = re.findall(r"^\t[@-]?((?:.*\\\n)*.*)", text, re.MULTILINE)
    return of_shell(re.sub(r"\$\((\w+)\)", r"$\1", "\n".join(lines)))


class _Reading:
    """One module."""

    def __init__(self, tree: ast.Module) -> None:
        self.nodes = [node for node in ast.walk(tree) if isinstance(node, SAYING)]
        self.values: dict[str, list[ast.expr]] = {}
        for node in self.nodes:
            for name, value in _given(node):
                self.values.setdefault(name, []).append(value)
        self.passing = {node.name for node in self.nodes if _passes_on(node)} | {"spawn"}
        self.elsewhere = {
            id(item)
            for node in self.nodes
            if isinstance(node, ast.Call) and {_called(node), _called_on(node)} & INSIDE
            for item in ast.walk(node)
        }

    def found(self) -> Iterator[tuple[str, int]]:
        """Every program with its line; the first in a file is the last here."""
        for node in reversed(self.nodes):
            if id(node) not in self.elsewhere:
                yield from ((name, getattr(node, "lineno", 1)) for name in self._named(node))

    def _named(self, node: ast.AST) -> Iterator[str]:
        """What *node* itself says of programs."""
        if isinstance(node, ast.Call):
            if _called(node) in self.passing:
                yield from self._begins(node.args)
            elif _called(node) in STARTERS:
                first = node.args[:1]
                text = bool(first) and isinstance(first[0], ast.Constant)  # of a guest's shell
                yield from self._argument(first if _called(node) == "which" or not text else [])
        if isinstance(node, ast.Return) and _has_option(node.value):
            yield from self._argument([node.value])
        for name, value in _given(node):
            if name in LISTS | COPIED:
                yield from self._names(value)

    def _argument(self, words: list[ast.expr], depth: int = 3) -> Iterator[str]:
        """The program that an argument of these stands for."""
        for value in words if depth else ():
            match value:
                case ast.List(elts=elts) | ast.Tuple(elts=elts):
                    yield from self._begins(elts, depth)
                case ast.Constant(value=str(name)) if " " not in name:
                    yield name
                case ast.Name(id=name):
                    yield from self._argument(self.values.get(name, []), depth - 1)
                case ast.Subscript(value=ast.Name(id=name)):
                    yield from self._argument(self.values.get(name, []), depth - 1)
                case ast.Dict(values=values):
                    yield from self._argument(values, depth - 1)
                case ast.BinOp(left=left):
                    yield from self._argument([left], depth)
                case ast.IfExp(body=one, orelse=other):
                    yield from self._argument([one, other], depth)
                case ast.Starred(value=inner):
                    yield from self._argument([inner], depth)

    def _begins(self, words: list[ast.expr], depth: int = 3) -> Iterator[str]:
        """The program that these words of a command line begin with, and those of its script."""
        for name in self._argument(words[:1], depth):
            yield name
            if name.rpartition("/")[2] in SHELLS:
                for word in words[1:]:
                    yield from of_shell("\n".join(self._text(word)))

    def _text(self, value: ast.expr) -> Iterator[str]:
        """What is known of a text: the constants in it."""
        match value:
            case ast.Constant(value=str(text)) if " " in text:
                yield text
            case ast.JoinedStr(values=values):
                yield "".join(
                    item.value if isinstance(item, ast.Constant) else "$x" for item in values
                )
            case ast.Name(id=name):
                for given in self.values.get(name, []):
                    if not isinstance(given, ast.Name):
                        yield from self._text(given)

    def _names(self, value: ast.expr) -> Iterator[str]:
        """All the constants of a list of names, or the words of a text of them."""
        match value:
            case ast.Constant(value=str(text)):
                yield from text.split()
            case ast.List(elts=values) | ast.Tuple(elts=values) | ast.Dict(values=values):
                for item in values:
                    yield from self._names(item)


def _given(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The names that *node* gives a value, and which."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.keyword(arg=str(name), value=value):
            yield name, value
        case ast.For(target=ast.Name(id=name), iter=ast.Tuple(elts=elts) | ast.List(elts=elts)):
            yield from ((name, value) for value in elts)
        case ast.comprehension(
            target=ast.Name(id=name), iter=ast.Tuple(elts=elts) | ast.List(elts=elts)
        ):
            yield from ((name, value) for value in elts)


def _passes_on(node: ast.AST) -> bool:
    """Whether *node* is a function that starts what its arguments say, like `ask(*words)`."""
    if not (isinstance(node, ast.FunctionDef) and node.args.vararg):
        return False
    words = node.args.vararg.arg
    return any(
        isinstance(call, ast.Call)
        and _called(call) in STARTERS
        and _is_all_of(call.args[:1], words)
        for call in ast.walk(node)
    )


def _is_all_of(arguments: list[ast.expr], words: str) -> bool:
    """Whether an argument is *words*, as they are or each made a text."""
    for argument in arguments:
        inner = argument.elts[0] if isinstance(argument, ast.List) and argument.elts else argument
        first = next(ast.walk(inner), None)
        if isinstance(first, ast.Starred | ast.Name) or isinstance(inner, ast.Call | ast.ListComp):
            return any(isinstance(node, ast.Name) and node.id == words for node in ast.walk(inner))
    return False


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _called_on(node: ast.Call) -> str:
    """The name of what is called, with that of what it belongs to: "jail.run"."""
    match node.func:
        case ast.Attribute(attr=name, value=ast.Name(id=owner) | ast.Attribute(attr=owner)):
            return f"{owner}.{name}"
    return ""


def _has_option(value: ast.expr | None) -> TypeGuard[ast.List | ast.Tuple]:
    """Whether *value* is a list with a word like -x in it: what returns one makes a command."""
    return isinstance(value, ast.List | ast.Tuple) and any(
        isinstance(word, ast.Constant) and re.match("--?[a-zA-Z]", str(word.value))
        for word in value.elts
    )


def everywhere(places: Iterable[Path]) -> dict[str, str]:
    """The programs of all modules below *places*, each with one place that names it."""
    return {
        name: f"{file}:{line}"
        for place in places
        for file in sorted(place.rglob("*.py"), reverse=True)
        for name, line in of_python(file).items()
    }
