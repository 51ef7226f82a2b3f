"""Which units start, and on which ports they would listen."""

from collections.abc import Callable, Mapping

import pytest

from appliance.inspection.catalogue import Catalogue
from appliance.inspection.installed import Ownership
from appliance.inspection.sections.ports import ports, unknown
from appliance.inspection.sections.units import Units, first_boot_presets, unit_facts

Made = Callable[[Mapping[str, str]], Catalogue]
LIB, ETC = "/usr/lib/systemd/system", "/etc/systemd/system"
SERVICE = "[Unit]\nDescription=It serves\n[Service]\nExecStart=/usr/bin/serve --all\n"
SYSTEM = {
    "/lib": "-> usr/lib",
    f"{LIB}/default.target": "-> multi-user.target",
    f"{LIB}/multi-user.target": "[Unit]\nRequires=basic.target\n",
    f"{LIB}/basic.target": "[Unit]\nWants=sockets.target\n",
    f"{LIB}/sysinit.target": "[Unit]\n",
    f"{LIB}/sockets.target": "[Unit]\n",
    f"{LIB}/getty@.service": "[Unit]\nDescription=Getty\n[Service]\nExecStart=-/sbin/agetty\n",
    f"{LIB}/serial-getty@.service": "[Unit]\nDescription=Serial\n",
    f"{LIB}/ssh.service": SERVICE,
    f"{LIB}/shop.service": SERVICE,
    f"{LIB}/other.service": SERVICE,
    f"{LIB}/redis.service": SERVICE,
    f"{LIB}/masked.service": SERVICE,
    f"{LIB}/shop.socket": "[Socket]\nListenStream=80\nListenStream=\nListenStream=8080\n"
    "ListenDatagram=[::1]:99\nListenStream=/run/shop\nListenStream=vsock::7\n",
    f"{ETC}/shop.socket.d/more.conf": "[Socket]\nListenStream=10.0.0.1:81\n",
    f"{ETC}/multi-user.target.wants/getty@tty1.service": f"-> {LIB}/getty@.service",
    f"{ETC}/multi-user.target.wants/ssh.service": f"-> {LIB}/ssh.service",
    f"{ETC}/multi-user.target.wants/redis.service": f"-> {LIB}/redis.service",
    f"{ETC}/multi-user.target.wants/shop.service": f"-> {LIB}/shop.service",
    f"{ETC}/multi-user.target.wants/masked.service": f"-> {LIB}/masked.service",
    f"{ETC}/multi-user.target.wants/gone.service": f"-> {LIB}/gone.service",
    f"{ETC}/masked.service": "-> /dev/null",
    f"{ETC}/sshd.service": f"-> {LIB}/ssh.service",
    f"{ETC}/sockets.target.wants/shop.socket": f"-> {LIB}/shop.socket",
    "/etc/machine-id": "",
    "/etc/ssh/sshd_config": "Include sshd_config.d/*.conf\n#Port 1\nPort 22\n",
    "/etc/ssh/sshd_config.d/own.conf": "Port 2222\nListenAddress 127.0.0.1\n",
}


def test_what_the_target_wants_is_started_and_what_that_wants(made: Made) -> None:
    image = made(SYSTEM)
    units = Units(image)
    assert units.target() == "multi-user.target"
    started = units.started("root=/dev/sda console=tty0 console=ttyS1,115200")
    assert set(started) == {
        "multi-user.target", "basic.target", "sysinit.target", "sockets.target", "shop.socket",
        "getty@tty1.service", "ssh.service", "shop.service", "redis.service",
        "serial-getty@ttyS1.service",
    }  # fmt: skip
    assert started["ssh.service"] == {"multi-user.target"}


def test_a_unit_is_told_with_what_it_starts(made: Made) -> None:
    image = made(SYSTEM)
    told = {each.name: each for each in unit_facts(Units(image), "", Ownership(), image)}
    assert told["shop.service"].description == "It serves"
    assert told["shop.service"].starts == "/usr/bin/serve --all"
    assert told["getty@tty1.service"].path == f"{LIB}/getty@.service"


def test_ports_are_those_of_sockets_and_of_known_programs(made: Made) -> None:
    image = made(SYSTEM)
    units = Units(image)
    started = sorted(units.started(""))
    found = {(each.protocol, each.address, each.port, each.path, each.certain)
             for each in ports(image, units, started)}  # fmt: skip
    assert found == {
        ("tcp", "", 8080, "", True), ("tcp", "10.0.0.1", 81, "", True),
        ("udp", "::1", 99, "", True), ("unix", "", 0, "/run/shop", True),
        ("vsock", "", 7, "", True), ("tcp", "127.0.0.1", 22, "", True),
        ("tcp", "127.0.0.1", 2222, "", True), ("tcp", "127.0.0.1", 6379, "", False),
    }  # fmt: skip
    assert unknown(units, started) == ("shop",)


NGINX = {
    "/etc/nginx/nginx.conf": "http {\n include sites-enabled/*;\n}\n",
    "/etc/nginx/sites-enabled/a": "server {\n listen 443 ssl;\n listen [::]:8443;\n listen *:81;\n"
    " listen unix:/run/n.sock;\n listen 443 quic;\n}\n",
    "/etc/nginx/sites-enabled/loop": "include sites-enabled/*;\n",
}
APACHE = {"/etc/apache2/apache2.conf": "Include ports.conf\n",
          "/etc/apache2/ports.conf": "Listen 80\nListen 10.1.1.1:443\n"}  # fmt: skip


@pytest.mark.parametrize(
    ("files", "service", "expected"),
    [
        (NGINX, "nginx.service",
         {("tcp", 443), ("tcp", 8443), ("tcp", 81), ("unix", 0), ("udp", 443)}),
        (APACHE, "apache2.service", {("tcp", 80), ("tcp", 443)}),
        ({}, "ssh.service", {("tcp", 22)}),
        ({"/etc/ssh/sshd_config": "\n"}, "sshd.service", {("tcp", 22)}),
        ({"/etc/systemd/resolved.conf": "[Resolve]\nDNSStubListener=udp\n"},
         "systemd-resolved.service", {("udp", 53), ("udp", 5355)}),
    ],
)  # fmt: skip
def test_configuration_says_the_ports(
    made: Made, files: Mapping[str, str], service: str, expected: set[tuple[str, int]]
) -> None:
    image = made({"/etc/hostname": "a", **files})
    found = ports(image, Units(image), [service])
    assert {(each.protocol, each.port) for each in found} == expected


@pytest.mark.parametrize(
    ("text", "expected"), [(None, True), ("uninitialized\n", True), ("", False)]
)
def test_presets_count_where_there_is_no_machine_id(
    made: Made, text: str | None, expected: bool
) -> None:
    files = {"/etc/hostname": "a"} | ({} if text is None else {"/etc/machine-id": text})
    assert first_boot_presets(made(files)) is expected


def test_links_in_circles_end(made: Made) -> None:
    image = made({f"{LIB}/default.target": f"-> {ETC}/default.target",
                  f"{ETC}/default.target": f"-> {LIB}/default.target"})  # fmt: skip
    assert Units(image).started("") != {}
