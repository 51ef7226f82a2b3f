"""The page about the product sheet, out of the tables by which it is read."""

from collections.abc import Iterator

from appliance.bundle.sheet import NAMED, SEVERAL, TABLES

HEAD = """# The product sheet: NAME.toml

What its maker says of an appliance's product and machine, in [TOML](https://toml.io). A file of the
kickstart's name beside it (`web.toml` beside `web.ks`) is taken by itself; `--sheet FILE` names
another one. The command line says the same things, and wins over the sheet; the sheet wins over
what the kickstart says. `appliance check web.ks` reads it, and an unknown table or key is refused
with its line and the nearest word that there is.

`appliance convert` reads no sheet but the one that `--sheet` names: what lies beside an image may
be a stranger's. A sheet that is taken by itself may name a licence (`eula-file`) in its own
directory or below; for one elsewhere, name the sheet, or the file with `--eula`.
"""
WHAT = {
    "product": "What the appliance is, for those who choose and deploy it.",
    "machine": "The virtual machine that it needs.",
    "port": "A port that it serves; one table for each.",
    "property": "Something that is asked when an OVA is deployed; one table for each.",
    "variables": "A name that the kickstart may hold as `${NAME}`; one table for each "
    "([how](../how-to/variables.md)).",
    "files": "The author's own files ([how](../how-to/own-files.md)); they are relative to the "
    "sheet, and lie below its directory.",
    "first-boot": "What each copy of the appliance does once, when it starts for the first time "
    "([how](../how-to/first-boot.md)).",
    "brand": "Under which name the system appears, instead of its distribution's "
    "([how](../how-to/brand.md)). Vendor and version are those of `[product]`.",
    "allow": "What a rule about images forbids, and is meant; one table for each "
    "([how](../how-to/leaks.md)).",
}


def page() -> str:
    """Every table and key of a sheet, with an example of each at the end."""
    return "\n".join([HEAD, *_tables(), "## All of it\n", "```toml", *_example(), "```", ""])


def _title(name: str, own: str = "NAME") -> str:
    if name in NAMED:
        return f"[{name}.{own}]"
    return f"[[{name}]]" if name in SEVERAL else f"[{name}]"


def _tables() -> Iterator[str]:
    for name, keys in TABLES.items():
        yield f"## {_title(name)}\n\n{WHAT[name]}\n"
        yield "| key | example | what it says |\n|---|---|---|"
        for key, row in keys.items():
            yield f"| `{key}` | `{row.example}` | {row.means} |"
        yield ""


def _example() -> Iterator[str]:
    for name, keys in TABLES.items():
        if name != next(iter(TABLES)):
            yield ""
        yield _title(name, "HOSTNAME")
        for key, row in keys.items():
            if key != "eula":  # the text itself, or a file that holds it
                yield f"{key} = {row.example}"
