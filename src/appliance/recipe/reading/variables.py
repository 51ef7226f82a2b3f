"""Put the values of declared variables where a kickstart's lines name them: ${NAME}.

A line is divided into words first, and values are put into the words: so a value is always data,
and never another word, option or line.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from appliance.errors import RecipeError, Where
from appliance.masking import masked
from appliance.recipe.reading.lines import Line
from appliance.recipe.secrets import fingerprint, without_texts
from appliance.recipe.variables import Value, secret_values

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
IN_URL = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=%-]+")  # of a password there, RFC 3986
IN_PACKAGES = re.compile(r"[A-Za-z0-9_/*?\[\].+:~^,=@-]*")
PASSPHRASES = ("--passphrase", "--backuppassphrase")
ADDRESSES = ("url", "repo")
PASSWORD = "--password"


@dataclass(frozen=True)
class Variables:
    """The variables of one kickstart, with their *values*."""

    values: tuple[Value, ...] = ()

    @property
    def known(self) -> tuple[tuple[str, str], ...]:
        """The variables that everybody may read, as (name, value)."""
        return tuple((value.name, value.text) for value in self.values if not value.secret)

    def fingerprints(self, recipe: str) -> tuple[tuple[str, str], ...]:
        """Return the secret ones, as (name, fingerprint), for the *recipe* of this name."""
        return tuple(
            (value.name, fingerprint(value.text, salt_from=f"{recipe}/{value.name}"))
            for value in self.values
            if value.secret
        )

    def named(self, text: str) -> list[Value]:
        """Return the values of the variables that *text* names, each once; undeclared names are
        none."""
        names = {found[1] for found in REFERENCE.finditer(text)}
        return [value for value in self.values if value.name in names]

    def without(self, text: str) -> str:
        """Return *text* without what will be filled in."""
        return self._filled(text, {value.name: "" for value in self.values})

    def filled(self, words: tuple[str, ...], where: Where) -> tuple[str, ...]:
        """Return the words of a command line with their values; the first word, the command, stays.

        Raises RecipeError where a value would be more than data, and for a secret where it would
        be read by others.
        """
        before = ("", *words)
        return words[:1] + tuple(
            self._word(word, words[0], before=before[number], where=where)
            for number, word in enumerate(words[1:], start=1)
        )

    def line(self, line: Line) -> Line:
        """Return a line of %packages, its header or another, with its values; it may be empty then.

        Raises RecipeError for a secret, which the list of packages would show, and for a value that
        is no part of a package's name, of a version or of a list of languages.
        """
        text, where = line.text, line.where
        for value in self.named(text):
            if value.secret:
                raise _shown(value, "%packages", where)
            if not IN_PACKAGES.fullmatch(value.text):
                raise RecipeError(
                    f"the value of {value.name} cannot be part of a package's name: {value.text!r}",
                    hint="one package per variable",
                    where=where,
                )
        filled = self.copied(text)
        if filled.lstrip()[:1] in ("-", "@") and filled.lstrip()[:1] != text.lstrip()[:1]:
            raise RecipeError(
                f"the line would be '{filled.strip()}', which is not the name of a package",
                hint=f"{filled.strip()[0]}{text.strip()}, and a name as the value",
                where=where,
            )
        return replace(line, text=filled)

    def copied(self, text: str) -> str:
        """Return *text* with the values of all variables that are not secret."""
        return self._filled(text, dict(self.known))

    def hidden(self, error: RecipeError) -> RecipeError:
        """Return *error* with the names of secrets in place of their values."""
        secrets = secret_values(self.values)
        problem = without_texts(error.problem, secrets)
        if problem == error.problem:
            return error
        return type(error)(problem, hint=without_texts(error.hint, secrets), where=error.where)

    def _word(self, word: str, command: str, *, before: str, where: Where) -> str:
        named = self.named(word)
        option = word.partition("=")[0] if word.startswith("--") else before
        for value in named:
            if value.secret:
                _check_secret(value, command, word, option, where)
            if option in PASSPHRASES:
                raise RecipeError(
                    f"${{{value.name}}}: a passphrase is read when it is used, and comes from no "
                    "variable",
                    hint="--passphrase env:NAME or file:PATH on the command line",
                    where=where,
                )
            if not all(letter.isprintable() for letter in value.text):
                raise RecipeError(
                    f"the value of {value.name} holds the end of a line, or a sign that nobody "
                    "can see: a command is one line",
                    hint=f"use ${value.name} in a script",
                    where=where,
                )
        filled = self._filled(word, {value.name: value.text for value in named})
        if filled.startswith("-") and not word.startswith("-"):
            raise RecipeError(
                f"the value of {named[0].name} begins with a dash, as an option does",
                hint=f"--OPTION=${{{named[0].name}}}, where the command has one for it",
                where=where,
            )
        return filled

    def _filled(self, text: str, values: Mapping[str, str]) -> str:
        return REFERENCE.sub(lambda found: values.get(found[1], found[0]), text)


def _check_secret(value: Value, command: str, word: str, option: str, where: Where) -> None:
    """Raise RecipeError unless *word* is a password, of which only a hash is kept, or holds it in
    the place of an address that is never shown."""
    reference = f"${{{value.name}}}"
    if command == "rootpw" or option == PASSWORD:
        return
    if command not in ADDRESSES or reference in masked(word):
        raise _shown(value, command, where)
    if not IN_URL.fullmatch(value.text):
        raise RecipeError(
            f"the value of {value.name} holds signs that the password in a URL cannot have",
            hint="write % and two digits for each",
            where=where,
        )


def _shown(value: Value, place: str, where: Where) -> RecipeError:
    return RecipeError(
        f"{value.name} is secret, and {place} would show its value",
        hint=f"a password (rootpw, user --password=), a script (${value.name}), or secret = false",
        where=where,
    )
