"""What a script's own network is made of, and what it is told of name servers."""

import pytest

from appliance.host import script_network


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("nameserver 192.0.2.53\n", "nameserver 192.0.2.53\n"),
        ("search a.org\nnameserver 127.0.0.53\n", "search a.org\nnameserver 10.0.2.3\n"),
        ("nameserver ::1\nnameserver 127.0.0.1\n", "nameserver 10.0.2.3\n"),
        ("nameserver fe80::1%eth0\noptions edns0", "nameserver fe80::1%eth0\noptions edns0\n"),
        ("nameserver\n", "nameserver\n"),
        ("", ""),
    ],
)
def test_servers_on_the_loopback_are_asked_through_the_gateway(said: str, wanted: str) -> None:
    assert script_network.name_servers(said) == wanted


def test_a_proxy_on_the_loopback_stays_within_reach() -> None:
    proxies = {
        "http_proxy": "http://127.0.0.1:3128",
        "https_proxy": "http://user:word@localhost:8080/",
        "no_proxy": "127.0.0.1,localhost",
        "HTTP_PROXY": "http://proxy.example.org:3129",
    }
    assert script_network.local_proxy_ports(proxies) == {"3128", "8080"}


def test_nothing_of_the_loopback_is_within_reach_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(script_network.shutil, "which", lambda name, path: name)

    pasta, slirp = script_network.gateways()

    assert pasta[pasta.index("-T") + 1] == "none"
    assert "--no-map-gw" in pasta
    assert "--disable-host-loopback" in slirp
