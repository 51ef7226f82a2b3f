"""Licences as packages say them, and as SPDX writes them."""

from dataclasses import dataclass, field
from typing import Any

from appliance.backends.libraries import library
from appliance.backends.package_managers.deb_copyright import NOT_OF_A_NAME, OWN


@dataclass(frozen=True)
class Licence:
    """One licence: *expression* is SPDX's way to say it, *parsed* the same as its library has it,
    *own* the words in it that are in no list of SPDX, each with the text of a package that says
    it."""

    expression: str
    parsed: Any
    own: dict[str, str] = field(default_factory=dict)


class Licences:
    """Understands what packages say of their licences, by SPDX's own list."""

    def __init__(self) -> None:
        self.library = library("license_expression")
        self.licensing = self.library.get_spdx_licensing()

    def read(self, text: str) -> Licence | None:
        """The licence that *text* says: an expression, or words that SPDX gets under a name of our
        own. None if there is nothing."""
        parsed = self._parsed(text)
        if parsed is not None:
            unknown = [str(word) for word in self.licensing.unknown_license_keys(parsed)]
            if all(word.startswith(OWN) for word in unknown):
                return Licence(str(parsed), parsed, {word: _words(word) for word in unknown})
        name = NOT_OF_A_NAME.sub("-", text).strip("-")
        if not name:
            return None
        return Licence(OWN + name, self.licensing.parse(OWN + name), {OWN + name: text})

    def _parsed(self, text: str) -> Any:
        try:
            return self.licensing.parse(text)
        except self.library.ExpressionError:
            return None


def _words(name: str) -> str:
    return name.removeprefix(OWN).replace("-", " ")
