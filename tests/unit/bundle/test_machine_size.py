"""No description makes a machine that is larger than machines are."""

from pathlib import Path

import pytest

from appliance.errors import RequestError
from appliance.intake import vmx
from appliance.intake.virt_image import read
from appliance.intake.virt_image_machine import machine_of
from appliance.units import parse_size

VMX = 'scsi0:0.present = "TRUE"\nscsi0:0.fileName = "a.vmdk"\n'
XML = (
    "<image><name>a</name><domain><boot type='hvm'><drive disk='d' target='vda'/></boot>"
    "<devices>{said}</devices></domain>"
    "<storage><disk id='d' file='a.raw' format='raw'/></storage></image>"
)


def test_of_a_vmx(tmp_path: Path) -> None:
    (tmp_path / "a.vmdk").touch()
    for said, limit in (('memsize = "999999999"', "64 TiB"), ('numvcpus = "1025"', "1024")):
        (tmp_path / "a.vmx").write_text(f"{VMX}{said}\n")
        with pytest.raises(RequestError, match=limit):
            vmx.read(tmp_path / "a.vmx")


def test_of_a_virt_image(tmp_path: Path) -> None:
    for said in ("<memory>999999999999</memory>", "<vcpu>1025</vcpu>"):
        (tmp_path / "a.xml").write_text(XML.format(said=said))
        description = read(tmp_path / "a.xml")
        with pytest.raises(RequestError, match=r"64 TiB|1024"):
            machine_of(description, description.boots[0])


def test_a_size_of_a_thousand_digits_is_none() -> None:
    with pytest.raises(ValueError, match="digits"):
        parse_size("9" * 1000 + "TiB")
