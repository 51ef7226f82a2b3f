"""Who has a /boot that is too small for an update is told how large it has to be."""

from pathlib import Path

from appliance.steps.room_for_kernels import advice
from appliance.units import MIB


def boot(place: Path, *kernels: str) -> Path:
    for release in kernels:
        for name, size in ((f"vmlinuz-{release}", 10 * MIB), (f"initrd.img-{release}", 30 * MIB)):
            (place / name).write_bytes(bytes(size))
    return place


def test_one_kernel_needs_room_for_another(tmp_path: Path) -> None:
    place = boot(tmp_path, "6.12-amd64")

    assert advice(place, 200 * MIB) == ""
    assert "no room for a second kernel" in advice(place, 60 * MIB)
    assert advice(place, 60 * MIB).endswith("--size=89 has")
    assert advice(place, 89 * MIB) == ""


def test_links_to_kernels_take_no_room_and_no_kernel_needs_none(tmp_path: Path) -> None:
    assert advice(tmp_path, MIB) == ""
    (boot(tmp_path, "6.12-amd64") / "vmlinuz").symlink_to("vmlinuz-6.12-amd64")
    assert advice(tmp_path, 90 * MIB) == ""
