"""The system's own configuration: language, keyboard, time zone, services, network."""

import json
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from appliance.errors import RecipeError
from appliance.recipe.keymaps import strange
from appliance.recipe.reading import network
from appliance.recipe.reading.findings import Findings, Said
from appliance.recipe.settings import Firewall, Group, Settings, TimeServer, User

LOCALE = re.compile(r"[A-Za-z0-9_.@-]+")
ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")
UNIT = re.compile(r"[A-Za-z0-9:_.\\@-]+")
PORT = re.compile(r"[A-Za-z0-9]+(-[0-9]+)?(:(tcp|udp|sctp|dccp))?")
LARGEST_PORT = 65535
FIRST_BOOT = {"enable": "enabled", "enabled": "enabled", "disable": "disabled",
              "disabled": "disabled", "reconfig": "reconfig"}  # fmt: skip
UNLISTED = ("UTC", "GMT", "localtime")
WITHOUT_SCREEN = ("skipx", "text", "cmdline")


def settings(
    said: Mapping[str, Sequence[Said]],
    *,
    users: tuple[User, ...],
    groups: tuple[Group, ...],
    findings: Findings,
) -> Settings:
    """Return all settings; *said* are the honoured lines of each command."""
    zones, keyboards, services = (said.get(w, ()) for w in ("timezone", "keyboard", "services"))
    languages = findings.each(_language, said.get("lang", ()))
    more = [each.values.addsupport or () for each in said.get("lang", ())]
    names = [zone for zone in findings.each(_zone, zones) if zone]
    lines = said.get("network", ())
    hosts = [host for host in findings.each(network.host_name, lines) if host]
    keys = keyboards[-1].values if keyboards else None
    findings.each(_services, services)
    _keyboard(keyboards, findings)
    return Settings(
        hostname=hosts[-1] if hosts else "",
        language=languages[-1] if languages else "",
        more_languages=tuple(more[-1]) if more else (),
        keymap=(keys.vc_keymap or keys._keyboard or "") if keys else "",
        keyboard_layouts=tuple(keys.x_layouts or ()) if keys else (),
        keyboard_switch=tuple(keys.switch_options or ()) if keys else (),
        timezone=names[-1] if names else "",
        utc=bool(zones[-1].values.isUtc) if zones else True,
        **_clock(zones, said.get("timesource", ())),
        enabled_services=tuple(services[-1].values.enabled or ()) if services else (),
        disabled_services=tuple(services[-1].values.disabled or ()) if services else (),
        users=users,
        groups=groups,
        interfaces=network.interfaces(lines, findings),
        firewall=_firewall(said.get("firewall", ()), findings),
        selinux=_selinux(said.get("selinux", ())),
        authselect=_authselect(said.get("authselect", ())),
        target=_target(said),
        desktop=_desktop(said.get("xconfig", ()), findings),
        first_boot=_first_boot(said.get("firstboot", ())),
        purpose=_purpose(said.get("syspurpose", ())),
    )


def _keyboard(said: Sequence[Said], findings: Findings) -> None:
    """Note keyboards that no release is known to have: a package of the image may bring one."""
    if not said:
        return
    keys = said[-1].values
    layouts = keys.x_layouts or ()
    for name, near in strange(keys.vc_keymap or keys._keyboard or "", layouts).items():
        meant = f" ({', '.join(near)}?)" if near else ""
        text = f"keyboard: no keyboard is known as '{name}'{meant}: unless a package brings it, it"
        findings.note(f"{text} has no effect", said[-1].where, command="keyboard")


def _purpose(said: Sequence[Said]) -> str:
    """Return what all `syspurpose` lines say, as /etc/rhsm/syspurpose/syspurpose.json has it."""
    if not said:
        return ""
    values = said[-1].values
    told = {
        "role": values.role,
        "service_level_agreement": values.sla,
        "usage": values.usage,
        "addons": values.addons,
    }
    return json.dumps({name: value for name, value in told.items() if value}, indent=2) + "\n"


def _clock(zones: Sequence[Said], sources: Sequence[Said]) -> dict[str, Any]:
    """Return who sets the clock: what `timezone` said once, and `timesource` says today."""
    servers = [TimeServer(host) for zone in zones[-1:] for host in zone.values.ntpservers or ()]
    for each in (source.values for source in sources):
        if each.ntp_server or each.ntp_pool:
            pool = bool(each.ntp_pool)
            servers.append(TimeServer(each.ntp_server or each.ntp_pool, pool, bool(each.nts)))
    off = any(zone.values.nontp for zone in zones[-1:]) or any(
        source.values.ntp_disable for source in sources
    )
    return {"time_synced": not off, "time_servers": tuple(dict.fromkeys(servers))}


def _firewall(said: Sequence[Said], findings: Findings) -> Firewall | None:
    """Return what all `firewall` lines say together; the last one says whether there is a
    firewall."""
    if not said:
        return None
    values, where = said[-1].values, said[-1].where
    for port in values.ports or ():
        numbers = re.findall(r"[0-9]+", port.partition(":")[0])
        if not PORT.fullmatch(port) or any(int(number) > LARGEST_PORT for number in numbers):
            findings.problem(f"firewall --port={port}: no port", where, "--port=80:tcp,53:udp")
    names = (*(values.services or ()), *(values.remove_services or ()))
    for name in (*names, *(values.trusts or ())):
        if not UNIT.fullmatch(name):
            findings.problem(f"firewall: '{name}' is not a name", where, "--service=ssh,http")
    enabled: bool | None = values.enabled is not False
    if values.use_system_defaults:
        enabled = None
    return Firewall(
        enabled=enabled,
        services=tuple(values.services or ()),
        removed_services=tuple(values.remove_services or ()),
        ports=tuple(values.ports or ()),
        trusted=tuple(values.trusts or ()),
        where=where,
    )


def _selinux(said: Sequence[Said]) -> str:
    modes = [option.removeprefix("--") for each in said for option in each.options]
    return modes[-1] if modes else ""


def _authselect(said: Sequence[Said]) -> tuple[str, ...]:
    return tuple(word for word in said[-1].words[1:] if word != "--force") if said else ()


def _target(said: Mapping[str, Sequence[Said]]) -> str:
    """Return what the system starts, graphical or multi-user; empty if nobody says.

    Who installs without a screen is taken by the installer for somebody who works without one.
    """
    if any(each.values.startX for each in said.get("xconfig", ())):
        return "graphical"
    return "multi-user" if any(said.get(word) for word in WITHOUT_SCREEN) else ""


def _desktop(said: Sequence[Said], findings: Findings) -> str:
    names = [each for each in said if each.values.defaultdesktop]
    fitting = findings.each(
        lambda each: _fitting(UNIT, each.values.defaultdesktop, "desktop", "GNOME, KDE", each),
        names,
    )
    return fitting[-1] if fitting else ""


def _first_boot(said: Sequence[Said]) -> str:
    options = [option.removeprefix("--") for each in said for option in each.options]
    return FIRST_BOOT.get(options[-1], "") if options else ""


def _language(said: Said) -> str:
    return _fitting(LOCALE, said.values.lang, "language", "lang en_US.UTF-8", said)


def _zone(said: Said) -> str:
    zone = said.values.timezone
    if not zone:
        return ""
    _fitting(ZONE, zone, "time zone", "timezone Europe/Prague --utc", said)
    known = known_zones()
    if known and zone not in known and zone not in UNLISTED:
        near = get_close_matches(zone, known, n=2) or ["Europe/Prague"]
        hint = " or ".join(f"timezone {name} --utc" for name in sorted(near))
        raise RecipeError(f"there is no time zone {zone}", hint=hint, where=said.where)
    return str(zone)


@cache
def known_zones() -> frozenset[str]:
    """Return the time zones that this machine knows, with those that it knows under another name
    only; none if it has no such list."""
    listed = Path("/usr/share/zoneinfo/tzdata.zi")
    lines = listed.read_text(errors="replace").splitlines() if listed.is_file() else []
    links = (line.split() for line in lines if line.startswith("L "))
    found = available_timezones()
    return (
        frozenset(found | {words[2] for words in links if len(words) == 3})
        if found
        else frozenset()
    )


def _services(said: Said) -> None:
    for name in (*(said.values.enabled or ()), *(said.values.disabled or ())):
        _fitting(UNIT, name, "service", "--enabled=NAME,NAME without spaces", said)


def _fitting(pattern: re.Pattern[str], text: str, what: str, hint: str, said: Said) -> str:
    if not pattern.fullmatch(text):
        raise RecipeError(f"'{text}' is not a {what}", hint=hint, where=said.where)
    return text
