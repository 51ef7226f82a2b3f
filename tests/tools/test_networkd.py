"""systemd-networkd itself reads the files that we write for it, and has nothing to complain of."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.backends.families.shell import networkd
from appliance.host.sandbox import in_namespace
from appliance.recipe.reading.load import load
from appliance.recipe.settings import Interface

PROGRAM = Path("/usr/lib/systemd/systemd-networkd")
FIXTURE = Path(__file__).parents[1] / "data/fixtures/15-network.ks"
READ = f"""
mount -t tmpfs tmpfs /run
mount --bind "$1" /etc/systemd/network
export SYSTEMD_LOG_LEVEL=info SYSTEMD_LOG_TARGET=console
timeout 3 {PROGRAM} || [ $? = 124 ]
"""
NUMBERED = (
    ("mode", "4"), ("xmit_hash_policy", "1"), ("lacp_rate", "1"), ("miimon", "100"),
    ("updelay", "200"), ("downdelay", "200"), ("ad_select", "1"), ("ad_actor_sys_prio", "65535"),
    ("ad_user_port_key", "5"), ("ad_actor_system", "00:11:22:33:44:55"), ("min_links", "1"),
    ("all_slaves_active", "1"),
)  # fmt: skip
WATCHED = (
    ("mode", "active-backup"), ("arp_interval", "100"), ("arp_ip_target", "192.0.2.1,192.0.2.2"),
    ("arp_validate", "3"), ("arp_all_targets", "1"), ("fail_over_mac", "2"), ("resend_igmp", "1"),
    ("primary_reselect", "2"), ("num_grat_arp", "1"), ("lp_interval", "1"), ("primary", "eth7"),
)  # fmt: skip
MORE = (
    Interface("bond7", "none", kind="bond", ports=("eth7",), options=WATCHED),
    Interface("bond8", "none", kind="bond", ports=("eth8",), options=NUMBERED),
    Interface("bond9", "none", kind="bond", options=(("mode", "0"), ("packets_per_slave", "1"))),
    Interface(
        "bridge7", "none", kind="bridge", ports=("bond8",),
        options=(("priority", "4096"), ("hello-time", "2"), ("max-age", "20"),
                 ("ageing-time", "300"), ("multicast-snooping", "no")),
    ),
    Interface(
        "eth9", "dhcp", mac="52:54:00:ab:cd:ef", ipv6="dhcp", mtu=1400, onboot=False,
        dhcp_class="a b;c", default_route=False, search4=("example.org", "example.com"),
        ignore_dns4=True, ignore_dns6=True,
    ),
    Interface("", "dhcp", ipv6="none"),
)  # fmt: skip


@pytest.mark.skipif(not PROGRAM.exists(), reason="no systemd-networkd here")
def test_systemd_networkd_understands_every_line(place: Path) -> None:
    known = load(FIXTURE).settings.interfaces
    for path, text in networkd.files((*known, *MORE)).items():
        (place / Path(path).name).write_text(text)

    said = read(place)

    assert "Enumeration completed" in said
    assert complaints(said) == []


@pytest.mark.skipif(not PROGRAM.exists(), reason="no systemd-networkd here")
def test_systemd_networkd_would_complain(place: Path) -> None:
    wrong = replace(MORE[1], options=(("mode", "fast"),))
    for path, text in networkd.files([wrong]).items():
        (place / Path(path).name).write_text(text)

    [line] = complaints(read(place))
    assert "10-bond8.netdev:6: Failed to parse" in line


def read(place: Path) -> str:
    """What systemd-networkd says of the files in *place*, without a network."""
    words = in_namespace(["unshare", "--net", "sh", "-euc", READ, "read", str(place)])
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def complaints(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith("/etc/systemd/network/")]
