"""What an image's dpkg knows of architectures."""

from appliance.backends.package_managers.apt import architectures
from appliance.backends.package_managers.model import LockedPackage


def package(name: str, architecture: str) -> LockedPackage:
    return LockedPackage(name, "1", architecture, "", 0, "r", "p")


def test_it_knows_those_of_its_packages_its_own_first() -> None:
    own = (package("dpkg", "amd64"), package("tzdata", "all"))

    assert architectures(own) == ""
    assert architectures((package("libc6", "i386"), *own)) == "amd64\ni386\n"
    assert architectures((package("libc6", "i386"),)) == ""
