"""What kickstarts/snippets bring into an image, taken out of them and run here."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

SNIPPETS = Path(__file__).parents[2] / "kickstarts" / "snippets"
KICKSTARTS = sorted(path.name for path in SNIPPETS.glob("*.ks"))
AWKS = [name for name in ("mawk", "gawk", "awk") if shutil.which(name)]  # of both families
ENVIRONMENT = """\
<?xml version="1.0" encoding="UTF-8"?>
<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1"
     xmlns:oe="http://schemas.dmtf.org/ovf/environment/1" oe:id="">
   <!-- <Property oe:key="hostname" oe:value="no"/> -->
   <PropertySection>
      <Property oe:key="guestinfo.hostname" oe:value="web-1"/>
      <ovf:Property oe:value='a &amp;amp; "b" &lt;c&gt;&#10;d'
          oe:key='public-keys'/>
      <Property oe:key="ip0" oe:value=""/>
      <Property oe:key="password" oe:value="it's &quot;$(secret)&quot; \\1 &amp;"></Property>
   </PropertySection>
</Environment>
"""


def program(snippet: str, path: str) -> str:
    """The file that *snippet* writes to *path*."""
    text = (SNIPPETS / snippet).read_text()
    found = re.search(rf"> {re.escape(path)} <<'(\w+)'\n(.*?)\n\1\n", text, re.DOTALL)
    assert found, f"{snippet} does not write {path}"
    return found[2] + "\n"


def asked(place: Path, name: str, environment: str = ENVIRONMENT) -> set[str]:
    """What each awk here says."""
    script = place / "properties.awk"
    script.write_text(program("guest-vmware.ks", "/usr/lib/appliance/ovf-properties.awk"))
    words = ["-v", f"name={name}", "-f", str(script)]
    return {
        subprocess.run(
            [awk, *words], input=environment, capture_output=True, text=True, check=True
        ).stdout
        for awk in AWKS
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hostname", "web-1\n"),
        ("public-keys", 'a &amp; "b" <c>\nd\n'),
        ("password", 'it\'s "$(secret)" \\1 &\n'),
        ("ip0", "\n"),
        ("gateway", ""),
    ],
)
def test_a_property_is_read_as_xml_means_it(name: str, value: str, tmp_path: Path) -> None:
    assert asked(tmp_path, name) == {value}


def test_what_is_no_environment_has_no_properties(tmp_path: Path) -> None:
    assert asked(tmp_path, "hostname", "") == {""}
    assert asked(tmp_path, "hostname", "<Property oe:key='hostname") == {""}


@pytest.mark.parametrize("snippet", KICKSTARTS)
def test_the_shell_of_a_snippet_is_well_formed(snippet: str, tmp_path: Path) -> None:
    text = (SNIPPETS / snippet).read_text()
    scripts = re.findall(r"^%post.*?\n(.*?)^%end", text, re.DOTALL | re.MULTILINE)
    scripts += re.findall(r"<<'SCRIPT'\n(#!/bin/sh.*?)\nSCRIPT\n", text, re.DOTALL)

    assert scripts or "%include" in text
    for script in scripts:
        subprocess.run(["sh", "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize(
    ("words", "networkd", "manager"),
    [
        (
            ("192.0.2.5/24", "192.0.2.1", "192.0.2.2", "192.0.2.3"),
            "Address=192.0.2.5/24\nGateway=192.0.2.1\nDNS=192.0.2.2\nDNS=192.0.2.3\n",
            "[ipv4]\nmethod=manual\naddress1=192.0.2.5/24,192.0.2.1\ndns=192.0.2.2;192.0.2.3;\n",
        ),
        (
            ("2001:db8::5/64",),
            "Address=2001:db8::5/64\n",
            "[ipv6]\nmethod=manual\naddress1=2001:db8::5/64\n\n[ipv4]\nmethod=auto\n",
        ),
    ],
)
def test_an_address_is_said_to_both_network_managers(
    words: tuple[str, ...], networkd: str, manager: str, tmp_path: Path
) -> None:
    for number, card in enumerate(("lo", "e1")):
        (tmp_path / "net" / card).mkdir(parents=True)
        (tmp_path / "net" / card / "address").write_text(f"52:54:00:00:00:0{number}\n")
    (tmp_path / "net/e1/device").mkdir()
    script = program("guest-address.ks", "/usr/lib/appliance/address")
    script = script.replace("/sys/class/net", f"{tmp_path}/net").replace("/run/", f"{tmp_path}/")

    script = f"umask 077\n{script}"  # as whoever starts it may have it
    subprocess.run(["sh", "-c", script, "address", *words], check=True, capture_output=True)

    assert (tmp_path / "systemd/network").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "systemd/network/05-given.network").stat().st_mode & 0o777 == 0o644
    said = (tmp_path / "systemd/network/05-given.network").read_text()
    assert said == f"[Match]\nPermanentMACAddress=52:54:00:00:00:01\n\n[Network]\n{networkd}"
    connection = tmp_path / "NetworkManager/system-connections/given.nmconnection"
    assert manager in connection.read_text()
    assert "mac-address=52:54:00:00:00:01\n" in connection.read_text()
    assert connection.stat().st_mode & 0o777 == 0o600


BRANDED = """\
PRETTY_NAME="ACME <Web> & Co"
ANSI_COLOR="38;2;1;2;3"
HOME_URL="https://acme.example/?a=1&b=2"
LOGO=no-such-picture
"""


@pytest.mark.parametrize(
    ("release", "has", "lacks"),
    [
        (BRANDED, ["<h1>ACME &lt;Web&gt; &amp; Co</h1>", "solid rgb(1,2,3)",
                   'href="https://acme.example/?a=1&amp;b=2"'], ["Support", "<img"]),
        ("NAME=x\n", ["<title>Linux</title>", "solid inherit"], ["<a "]),
    ],
)  # fmt: skip
def test_the_welcome_page_says_what_os_release_says(
    release: str, has: list[str], lacks: list[str], tmp_path: Path
) -> None:
    script, said = tmp_path / "welcome", tmp_path / "os-release"
    script.write_text(program("welcome.ks", "/usr/lib/appliance/welcome"))
    said.write_text(release)

    page = subprocess.run(
        ["sh", script, said], capture_output=True, text=True, check=True, env={"PATH": "/usr/bin"}
    ).stdout

    assert all(text in page for text in has), page
    assert not any(text in page for text in lacks), page
