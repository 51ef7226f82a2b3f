"""Groups and environments of a repository, in the format of Fedora's comps.xml."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">
"""


@dataclass(frozen=True)
class Group:
    """Packages by how much they belong to it, each kind as words of one text; *conditional*
    ones come where another package is: name by name."""

    id: str
    name: str
    mandatory: str = ""
    default: str = ""
    optional: str = ""
    conditional: dict[str, str] = field(default_factory=dict)

    def xml(self) -> str:
        listed = [
            f'<packagereq type="{kind}">{escape(name)}</packagereq>'
            for kind in ("mandatory", "default", "optional")
            for name in getattr(self, kind).split()
        ]
        listed += [
            f'<packagereq type="conditional" requires={quoteattr(other)}>{name}</packagereq>'
            for name, other in self.conditional.items()
        ]
        packages = "\n".join(f"      {line}" for line in listed)
        return (
            f"  <group>\n{_about(self.id, self.name)}    <default>true</default>\n"
            "    <uservisible>true</uservisible>\n"
            f"    <packagelist>\n{packages}\n    </packagelist>\n  </group>\n"
        )


@dataclass(frozen=True)
class Environment:
    """Groups that make a system, and those one may add: ids, as words of one text."""

    id: str
    name: str
    groups: str
    options: str = ""

    def xml(self) -> str:
        return (
            f"  <environment>\n{_about(self.id, self.name)}    <display_order>3</display_order>\n"
            f"    <grouplist>{_ids(self.groups)}</grouplist>\n"
            f"    <optionlist>{_ids(self.options)}</optionlist>\n  </environment>\n"
        )


def _about(name: str, title: str) -> str:
    said = f"<description>{escape(title)} of the tests.</description>"
    return f"    <id>{name}</id>\n    <name>{escape(title)}</name>\n    {said}\n"


def _ids(names: str) -> str:
    return "".join(f"<groupid>{name}</groupid>" for name in names.split())


def comps(parts: Iterable[Group | Environment]) -> str:
    """The text of a comps.xml: groups first."""
    parts = sorted(parts, key=lambda part: isinstance(part, Environment))
    return f"{HEAD}<comps>\n{''.join(part.xml() for part in parts)}</comps>\n"


ODD = (
    Group(
        "oddities", "Oddities", mandatory="greeting", default="choosy one",
        optional="documented links", conditional={"conditional": "greeting", "slowish": "thief"},
    ),
    Group("agents", "Agents of virtual machines", mandatory="configured"),
    Environment("odd-environment", "Odd Install", "core oddities", "agents"),
)  # fmt: skip
