"""The product sheet: NAME.toml beside the kickstart, what the maker says of machine and product."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from appliance.bundle.allowed import ALLOW, Allowed
from appliance.bundle.model import (
    BIOS,
    DISK_BUSES,
    NETWORK_CARDS,
    UEFI,
    Port,
    Product,
    Property,
)
from appliance.bundle.sheet_brand import BRAND
from appliance.bundle.sheet_files import FILES, own_files
from appliance.bundle.sheet_first_boot import FIRST_BOOT
from appliance.bundle.sheet_keys import (
    Key,
    count,
    edition,
    one_of,
    port_number,
    property_default,
    property_key,
    size,
    truth,
    typed_text,
)
from appliance.bundle.sheet_variables import VARIABLE, variable_name
from appliance.errors import RequestError, Where
from appliance.recipe.brand import Brand
from appliance.recipe.first_boot import FirstBoot
from appliance.recipe.own_files import OwnFiles
from appliance.recipe.variables import Variable
from appliance.units import MIB

LARGEST = 1 * MIB  # bytes that a sheet may have
PROTOCOLS = ("tcp", "udp")
KINDS = ("string", "password", "boolean", "int")


@dataclass(frozen=True)
class Sheet:
    """What was said of the machine and the product in one place; empty, 0 and None mean nothing.

    *version*: the appliance's own version.
    *release*: which build of that version it is.
    *memory*: the machine's memory in bytes.
    *cpus*: the number of virtual processors.
    *interfaces*: the number of network cards.
    *firmware*: what starts the machine: bios or uefi.
    *disk_bus*: what its disks hang on, one of DISK_BUSES.
    *network_card*: which card the guest sees, one of NETWORK_CARDS.
    *display*: whether it has a screen besides its serial console.
    *os_type*: VMware's word for the guest's operating system.
    *product*: what the appliance is, in its maker's words.
    *eula_file*: the file whose text is the licence, as it was written: relative to the sheet.
    *variables*: the names that the kickstart may hold as ${NAME}.
    *files*: the author's own files, for the image and for its scripts.
    *first_boot*: what runs once in each copy of the appliance, or None.
    *allowed*: what rules about images forbid, and its maker allows.
    *brand*: under which name the system appears, or None: its distribution's.
    """

    version: str = ""
    release: str = ""
    memory: int = 0
    cpus: int = 0
    interfaces: int = 0
    firmware: str = ""
    disk_bus: str = ""
    network_card: str = ""
    display: bool | None = None
    os_type: str = ""
    product: Product = field(default_factory=Product)
    eula_file: str = ""
    variables: tuple[Variable, ...] = ()
    files: OwnFiles = field(default_factory=OwnFiles)
    first_boot: FirstBoot | None = None
    allowed: tuple[Allowed, ...] = ()
    brand: Brand | None = None

    def over(self, other: "Sheet") -> "Sheet":
        """Return this sheet, with what *other* says where this one is silent."""
        both = {
            "product": _over(self.product, other.product),
            "files": self.files.after(other.files),
            "allowed": (*self.allowed, *other.allowed),
        }
        return replace(other, **_said(self) | both)


def _over(upper: Product, lower: Product) -> Product:
    return replace(lower, **_said(upper))


def _said(words: Sheet | Product) -> dict[str, Any]:
    """The fields that are not empty; False is said, None is not."""
    values = {each.name: getattr(words, each.name) for each in fields(words)}
    return {name: value for name, value in values.items() if value or value is False}


PRODUCT = {
    "name": Key(
        "name",
        typed_text,
        "the product's name, as people read it; the kickstart's name if it is not said",
        '"Web server"',
    ),
    "vendor": Key("vendor", typed_text, "who makes the product", '"ACME"'),
    "url": Key("url", typed_text, "a page about the product", '"https://acme.example/web"'),
    "vendor-url": Key("vendor_url", typed_text, "a page about its maker", '"https://acme.example"'),
    "description": Key(
        "description", typed_text, "what the product is for, in a sentence", '"Serves pages."'
    ),
    "conventions": Key(
        "conventions",
        edition,
        "which edition of the [conventions](conventions.md) the appliance goes by",
        "1",
    ),
    "eula": Key(
        "eula", typed_text, "the whole text of the licence that whoever deploys must accept", '"…"'
    ),
}
APPLIANCE = {
    "version": Key("version", typed_text, "the appliance's version, as people call it", '"1.2"'),
    "release": Key("release", typed_text, "which build of that version it is", '"3"'),
    "eula-file": Key(
        "eula_file",
        typed_text,
        "a file with the text of the licence, relative to the sheet",
        '"EULA.txt"',
    ),
}
MACHINE = {
    "memory": Key(
        "memory",
        size,
        "main memory, as a number with KiB, MiB or GiB; 1GiB if it is not said",
        '"2GiB"',
    ),
    "cpus": Key("cpus", count, "virtual processors, 1 to 1024; 1 if it is not said", "2"),
    "interfaces": Key(
        "interfaces",
        count,
        "network cards, 1 to 1024; one for each `network` line if it is not said",
        "1",
    ),
    "firmware": Key(
        "firmware",
        one_of(BIOS, UEFI),
        "what starts the machine; bios, if the disk has boot code for it, unless it is said",
        '"uefi"',
    ),
    "disk-bus": Key(
        "disk_bus",
        one_of(*DISK_BUSES),
        "what its disks hang on; each launcher has a usual one if it is not said",
        '"pvscsi"',
    ),
    "network-card": Key(
        "network_card",
        one_of(*NETWORK_CARDS),
        "which card the guest sees; each launcher has a usual one if it is not said",
        '"vmxnet3"',
    ),
    "display": Key(
        "display",
        truth,
        "whether it has a screen besides its serial console; true if it is not said",
        "false",
    ),
    "os-type": Key(
        "os_type",
        typed_text,
        "VMware's name of the guest's operating system; derived from the family if it is not said",
        '"debian12_64Guest"',
    ),
}
PORT = {
    "number": Key("number", port_number, "the port, 1 to 65535; every [[port]] has one", "80"),
    "protocol": Key("protocol", one_of(*PROTOCOLS), "tcp if it is not said", '"tcp"'),
    "name": Key("name", typed_text, "what is behind the port", '"http"'),
}
PROPERTY = {
    "key": Key(
        "key",
        property_key,
        "how the guest asks for the value; every [[property]] has one",
        '"hostname"',
    ),
    "label": Key(
        "label", typed_text, "what whoever deploys reads beside the field", '"Name of the host"'
    ),
    "description": Key(
        "description", typed_text, "a longer explanation of what to fill in", '"Without a domain."'
    ),
    "type": Key(
        "kind", one_of(*KINDS), "what may be filled in; string if it is not said", '"string"'
    ),
    "default": Key("default", property_default, "what holds if nothing is filled in", '"web"'),
}
TABLES: Mapping[str, Mapping[str, Key]] = {
    "product": {**PRODUCT, **APPLIANCE},
    "machine": MACHINE,
    "port": PORT,
    "property": PROPERTY,
    "variables": VARIABLE,
    "files": FILES,
    "first-boot": FIRST_BOOT,
    "allow": ALLOW,
    "brand": BRAND,
}
SEVERAL = ("port", "property", "allow")
NAMED = ("variables",)  # tables of tables, each under a name of the author's choice


def parse(text: str, path: Path) -> Sheet:
    """Read the text of a sheet; *path* is for messages.

    Raises RequestError, with the line, for what is no TOML, for a table or key that is unknown
    (with the nearest that is not), and for a value that cannot be.
    """
    if len(text) > LARGEST:
        raise RequestError("this is too large for a product sheet", where=Where(path, 1))
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # not only tomllib's own: int() has a limit
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else 1
        raise RequestError(f"this is not TOML: {error}", where=Where(path, line)) from None
    reader = _SheetReader(text, path)
    for name, value in tables.items():
        reader.check_table(name, value)
    said = reader.values("product", tables.get("product", {}))
    own = {key.field for key in APPLIANCE.values()}
    product = Product(
        **{name: value for name, value in said.items() if name not in own},
        version=said.get("version", ""),
        ports=tuple(Port(**values) for values in reader.rows("port", tables, "number")),
        properties=tuple(Property(**values) for values in reader.rows("property", tables, "key")),
    )
    appliance = {name: value for name, value in said.items() if name in own}
    return Sheet(
        **appliance,
        **reader.values("machine", tables.get("machine", {})),
        product=product,
        variables=tuple(
            Variable(name, **values, where=where)
            for name, where, values in reader.named("variables", tables, variable_name)
        ),
        files=own_files(reader.values("files", tables.get("files", {})), text, path),
        first_boot=reader.first_boot(tables),
        allowed=reader.allowed(tables),
        brand=reader.brand(tables),
    )


@dataclass(frozen=True)
class _SheetReader:
    """Reads tables, and knows where in the text they are."""

    text: str
    path: Path

    def check_table(self, name: str, value: Any) -> None:
        """Raise RequestError if there is no such table, or if it is no table."""
        if name not in TABLES:
            raise self._error(f"there is no table '{name}' in a product sheet", name,
                              near=_nearest(name, TABLES))  # fmt: skip
        if name in SEVERAL and not isinstance(value, list):
            raise self._error(f"each {name} is a table [[{name}]] of its own", name)
        if name not in SEVERAL and not isinstance(value, dict):
            raise self._error(f"'{name}' must be a table [{name}]", name)

    def values(self, table: str, said: Mapping[str, Any], *, at: str = "") -> dict[str, Any]:
        """The values of one table by the names of their fields; an error is where the word *at*
        stands, if not at its own key."""
        keys, found = TABLES[table], {}
        for name, value in said.items():
            if name not in keys:
                elsewhere = name in TABLES["product"] and table == "brand"
                near = f"{name} in [product]" if elsewhere else _nearest(name, keys)
                raise self._error(f"there is no '{name}' in [{table}]", at or name, near=near)
            try:
                found[keys[name].field] = keys[name].read(value)
            except ValueError as error:
                raise self._error(f"{name}: {error}", at or name) from None
        return found

    def first_boot(self, tables: Mapping[str, Any]) -> FirstBoot | None:
        """What [first-boot] says, if there is one; its scripts are not read yet."""
        if "first-boot" not in tables:
            return None
        said = self.values("first-boot", tables["first-boot"])
        if "files" not in said:
            raise self._error("[first-boot] needs its scripts", "first-boot")
        for unit in said.get("after", ()):
            if unit in said.get("before", ()):
                raise self._error(
                    f"{unit} cannot start both before the scripts of [first-boot] and after them",
                    "before",
                )
        return FirstBoot(**said, where=self._place("scripts"))

    def allowed(self, tables: Mapping[str, Any]) -> tuple[Allowed, ...]:
        """What each [[allow]] says; every one has its reason."""
        self.rows("allow", tables, "reason")
        rows = self.rows("allow", tables, "rule")
        return tuple(Allowed(**row, where=self._said(row["rule"])) for row in rows)

    def brand(self, tables: Mapping[str, Any]) -> Brand | None:
        """What [brand] says, if there is one; its picture is not read yet."""
        if "brand" not in tables:
            return None
        return Brand(**self.values("brand", tables["brand"]), where=self._place("brand"))

    def rows(self, table: str, tables: Mapping[str, Any], needed: str) -> list[dict[str, Any]]:
        """The values of each [[table]]; every one has the key *needed*, each another one."""
        found = []
        for row in tables.get(table, []):
            if not isinstance(row, dict) or needed not in row:
                raise self._error(f"a [[{table}]] needs its {needed}", table)
            found.append(self.values(table, row))
        return found

    def named(
        self, table: str, tables: Mapping[str, Any], read: Callable[[Any], str]
    ) -> Iterator[tuple[str, Where, dict[str, Any]]]:
        """The name, the place and the values of each table in [table]; *read* raises ValueError for
        what cannot be a name."""
        for name, row in tables.get(table, {}).items():
            try:
                read(name)
            except ValueError as error:
                raise self._error(f"{name!r} in [{table}]: {error}", name) from None
            if not isinstance(row, dict):
                raise self._error(
                    f"'{name}' must be a table", name, near=f"{name} = {{ default = … }}"
                )
            yield name, self._place(name), self.values(table, row, at=name)

    def _error(self, problem: str, word: str, *, near: str = "") -> RequestError:
        """An error at the first line that begins with *word* or its table."""
        return RequestError(problem, hint=near, where=self._place(word))

    def _said(self, text: str) -> Where:
        """The first line that has *text* in quotes."""
        pattern = re.compile(f"[\"']{re.escape(text)}[\"']")
        return self._first(pattern.search)

    def _place(self, word: str) -> Where:
        """The first line that begins with *word*, or is the head of a table of this name."""
        pattern = re.compile(rf"\s*(\[+\s*)?([\w-]+\s*\.\s*)?[\"']?{re.escape(word)}\b")
        return self._first(pattern.match)

    def _first(self, is_it: Callable[[str], object]) -> Where:
        lines = self.text.splitlines()
        return Where(self.path, next((n for n, each in enumerate(lines, 1) if is_it(each)), 1))


def _nearest(word: str, known: Mapping[str, Any]) -> str:
    near = get_close_matches(word, known, n=1)
    return f"{near[0]}?" if near else ", ".join(known)
