"""The network: what becomes of its command."""

from appliance.recipe.answers import IN_POST, INSTALLER, Answer, Honoured, Refused, each

PLAIN_LINK = Refused("only plain Ethernet devices are supported", IN_POST)

COMMANDS: dict[str, Answer] = {
    "network": Honoured(
        {
            **each("--bootproto --device --ip --netmask --gateway --nameserver", None),
            **each("--hostname --ipv6 --mtu --onboot --noipv4 --noipv6", None),
            **each("--activate --no-activate", INSTALLER),
            "--notksdevice": INSTALLER,
            **each("--bondslaves --bondopts --vlanid --interfacename", PLAIN_LINK),
            **each("--bridgeslaves --bridgeopts --teamslaves --teamconfig", PLAIN_LINK),
            **each("--essid --wepkey --wpakey --bindto", PLAIN_LINK),
            **each("--dhcpclass --ethtool --nodefroute --nodns --ipv6gateway", PLAIN_LINK),
            **each("--ipv4-dns-search --ipv6-dns-search", PLAIN_LINK),
            **each("--ipv4-ignore-auto-dns --ipv6-ignore-auto-dns", PLAIN_LINK),
        }
    ),
}
