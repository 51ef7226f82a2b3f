"""The picture of a brand in an OVF description and its OVA."""

import base64
import hashlib
import tarfile
from pathlib import Path

from lxml import etree

from appliance.backends import ova_rules
from appliance.backends.bundle_formats.model import Packing
from appliance.backends.bundle_formats.ova import Ova
from appliance.backends.launchers.ovf import OVF, Ovf
from appliance.bundle.manifest import description_text
from appliance.cli import main
from appliance.recipe.brand import Logo
from ova_making import DISK, bundle
from pictures import png

PICTURE = png(4, 2)
ICON = Logo(base64.b64encode(PICTURE).decode(), 4, 2)


def test_the_descriptor_names_it_and_the_manifest_has_its_digest() -> None:
    branded = bundle(icon=ICON)
    texts = Ovf().files(branded)
    name = f"{branded.name}-icon.png"

    root = etree.fromstring(texts[f"{branded.name}.ovf"].encode())
    (file,) = root.xpath("//o:File[@o:id='icon']", namespaces={"o": OVF})
    assert file.get(f"{{{OVF}}}href") == name
    assert file.get(f"{{{OVF}}}size") == str(len(PICTURE))
    (icon,) = root.xpath("//o:ProductSection/o:Icon", namespaces={"o": OVF})
    said = {key.rpartition("}")[2]: value for key, value in icon.attrib.items()}
    assert said == {"fileRef": "icon", "width": "4", "height": "2", "mimeType": "image/png"}
    digest = hashlib.sha256(PICTURE).hexdigest()
    assert f"SHA256({name})= {digest}\n" in texts[f"{branded.name}.mf"]
    assert "icon" not in Ovf().files(bundle())[f"{branded.name}.ovf"].lower()


def test_an_ova_holds_it_last_and_nobody_would_refuse_that(tmp_path: Path) -> None:
    branded = bundle(icon=ICON)
    (image,) = branded.artifacts
    disk = tmp_path / image.path
    disk.write_bytes(DISK)
    target = tmp_path / f"{branded.name}.ova"

    Ova().write(target, Ova().members(branded, {image.path: disk}), Packing(0))

    with tarfile.open(target) as tar:
        names = tar.getnames()
        (last,) = [tar.extractfile(name) for name in names[-1:]]
        assert last is not None
        assert last.read() == PICTURE
    assert names[-1] == f"{branded.name}-icon.png"
    assert ova_rules.lint(target) == []


def test_the_description_for_programs_does_not_repeat_it() -> None:
    assert description_text(bundle(icon=ICON)) == description_text(bundle())


def test_convert_brings_it_from_a_sheet_and_reads_what_it_made(tmp_path: Path) -> None:
    (tmp_path / "web.toml").write_text('[brand]\nname = "ACME"\nlogo = "logo.png"\n')
    (tmp_path / "logo.png").write_bytes(PICTURE)
    raw = tmp_path / "web.raw"
    raw.write_bytes(bytes(1 << 20))
    made = tmp_path / "made"
    words = ["-f", "vmdk-stream", "--bundle", "none,ova", "--sheet", str(tmp_path / "web.toml")]

    assert main(["convert", str(raw), *words, "-o", str(made)]) == 0

    assert (made / "web/web-icon.png").read_bytes() == PICTURE
    assert not [each for each in ova_rules.lint(made / "web.ova") if each.level == ova_rules.ERROR]
    again = ["-f", "raw", "-o", str(tmp_path / "again")]
    assert main(["convert", str(made / "web.ova"), *again]) == 0
