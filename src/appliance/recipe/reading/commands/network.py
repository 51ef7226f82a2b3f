"""The network: what becomes of its command."""

from appliance.recipe.reading.answers import (
    IN_POST,
    INSTALLER,
    Answer,
    Honoured,
    Noted,
    Refused,
    each,
)

WIRELESS = Refused("wireless networks are not configured: a key would be in every copy", IN_POST)
TEAM = Refused(
    "teams are not supported", "--bondslaves=DEVICE,DEVICE --bondopts=mode=active-backup"
)

COMMANDS: dict[str, Answer] = {
    "network": Honoured(
        {
            **each("--bootproto --device --ip --netmask --gateway --nameserver", None),
            **each("--hostname --ipv6 --ipv6gateway --mtu --onboot --noipv4 --noipv6", None),
            **each("--nodefroute --nodns --dhcpclass --bindto", None),
            **each("--bondslaves --bondopts --vlanid --interfacename", None),
            **each("--bridgeslaves --bridgeopts", None),
            **each("--ipv4-dns-search --ipv6-dns-search", None),
            **each("--ipv4-ignore-auto-dns --ipv6-ignore-auto-dns", None),
            **each("--activate --no-activate", INSTALLER),
            "--notksdevice": INSTALLER,
            "--ethtool": Noted("nothing sets it today: devices find their speed themselves"),
            **each("--teamslaves --teamconfig", TEAM),
            **each("--essid --wepkey --wpakey", WIRELESS),
        }
    ),
}
