"""Find what is said of the machine and the product, and bring it together."""

import re
from dataclasses import replace
from pathlib import Path

from appliance.bundle.model import Port, Product
from appliance.bundle.sheet import LARGEST, Sheet, parse
from appliance.errors import RequestError, Where
from appliance.handover.boot_scripts import with_scripts
from appliance.handover.brands import with_logo
from appliance.intake.places import inside
from appliance.recipe.model import Recipe

EULA = re.compile(r"""\s*["']?eula-file["']?\s*=""")  # the line of a sheet that names a file
SUFFIX = ".toml"


def sheet_of(kickstart: Path | None, named: Path | None, spoken: Sheet) -> Sheet:
    """What was *spoken* on the command line, over the sheet *named* there, or the NAME.toml that
    lies beside the *kickstart*, if one does. The text of the licence is read, the picture of the
    brand, and the scripts of the first boot, which a kickstart's sheet names.

    What lies beside an image that is converted may be a stranger's: then there is no *kickstart*,
    and a sheet counts only if it is named. One that nobody named takes no licence from outside its
    own directory.

    Raises RequestError for a sheet that is not there, or says what cannot be.
    """
    path = sheet_file(kickstart, named)
    written = Sheet() if path is None else parse(_text(path, path), path)
    if path and written.eula_file:
        if not named:
            _check_own(written.eula_file, path)
        written = _with_eula(written, path.parent / written.eula_file, path)
    if kickstart and path and written.first_boot:
        written = replace(written, first_boot=with_scripts(written.first_boot, path))
    if path and written.brand:
        written = replace(written, brand=with_logo(written.brand, path))
    if spoken.eula_file:
        spoken = _with_eula(spoken, Path(spoken.eula_file), None)
    return spoken.over(written)


def sheet_file(kickstart: Path | None, named: Path | None) -> Path | None:
    """The sheet that counts: the one *named*, or that beside the *kickstart*, if one is there."""
    beside = kickstart.with_suffix(SUFFIX) if kickstart else None
    return named or (beside if beside and beside.is_file() else None)


def completed(sheet: Sheet, recipe: Recipe) -> Sheet:
    """Add what the kickstart says and *sheet* does not: how many network cards, which ports are
    open."""
    firewall = recipe.settings.firewall
    opened = [] if firewall is None else [port.split(":") for port in firewall.ports]
    ports = tuple(Port(int(number), protocol) for number, protocol in opened if number.isdecimal())
    said = Sheet(
        interfaces=max(1, len(recipe.settings.interfaces)),
        product=Product(name=recipe.name, ports=ports),
    )
    return sheet.over(said)


def _check_own(file: str, sheet: Path) -> None:
    """Raise RequestError if *file* is not in the directory of the *sheet* that names it."""
    where = _eula_line(sheet)
    try:
        inside(file, sheet, where)
    except RequestError:
        raise RequestError(
            f"eula-file '{file}' is not a file below {sheet.parent}",
            hint=f"--eula FILE, or --sheet {sheet}",
            where=where,
        ) from None


def _eula_line(sheet: Path) -> Where:
    """The line of *sheet*, which was read already, that names the file of the licence."""
    lines = sheet.read_text(errors="replace").splitlines()
    return Where(sheet, next((n for n, line in enumerate(lines, 1) if EULA.match(line)), 1))


def _with_eula(sheet: Sheet, file: Path, said_in: Path | None) -> Sheet:
    product = replace(sheet.product, eula=_text(file, said_in).strip())
    return replace(sheet, product=product, eula_file="")


def _text(file: Path, said_in: Path | None) -> str:
    """Return the text of *file*, which the sheet *said_in*, or the command line, names."""
    where = _eula_line(said_in) if said_in and said_in != file else None
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise RequestError(f"{file} is too large", where=where)
        return data.decode()
    except OSError as error:
        raise RequestError(f"{file} cannot be read: {error.strerror}", where=where) from None
    except UnicodeDecodeError:
        raise RequestError(f"{file} is not UTF-8 text", where=where) from None
