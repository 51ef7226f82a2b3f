"""What a product sheet says of the first boot of each copy of its appliance."""

import re
from typing import Any

from appliance.bundle.sheet_keys import Key, texts

CREDENTIAL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,254}")  # systemd.exec(5), as file names
UNIT = re.compile(r"[A-Za-z0-9:_.\\@-]+\.(service|socket|target|mount|path|timer)")


def _files(value: Any) -> tuple[str, ...]:
    found = texts(value)
    if not found:
        raise ValueError("it names no script")
    return found


def _credentials(value: Any) -> tuple[str, ...]:
    found = texts(value)
    for name in found:
        if not CREDENTIAL.fullmatch(name):
            raise ValueError(f"'{name}' is not the name of a credential")
    return found


def _units(value: Any) -> tuple[str, ...]:
    found = texts(value)
    for name in found:
        if not UNIT.fullmatch(name):
            raise ValueError(f"'{name}' is not the name of a unit, such as postgresql.service")
    return found


FIRST_BOOT = {
    "scripts": Key(
        "files", _files,
        "scripts that run once, in this order, before anybody can log in: files in the sheet's "
        "directory or below; every [first-boot] has some",
        '["first-boot/10-secrets.sh", "first-boot/20-certificate.sh"]',
    ),
    "credentials": Key(
        "credentials", _credentials,
        "system credentials that must be handed over; scripts find these, and all others, in "
        "`$CREDENTIALS_DIRECTORY`",
        '["shop.mail"]',
    ),
    "after": Key(
        "after", _units, "units that are started before the scripts run",
        '["postgresql.service"]',
    ),
    "before": Key(
        "before", _units, "units that wait for the scripts, and do not start if one fails",
        '["shop.service"]',
    ),
}  # fmt: skip
