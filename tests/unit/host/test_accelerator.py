"""The program that asks whether KVM works, and why something else was chosen."""

from appliance.host.accelerator import boot_sector, tcg


def test_the_probe_is_one_bootable_sector() -> None:
    sector = boot_sector()

    assert len(sector) == 512
    assert sector.endswith(b"\x55\xaa")


def test_an_accelerator_says_why_it_was_taken() -> None:
    assert tcg("slow").reason == "slow"
