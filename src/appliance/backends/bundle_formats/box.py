"""Vagrant boxes: disks and the settings for one provider, in one compressed tar file."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from appliance.backends.bundle_formats.model import Files, Member, Packing
from appliance.backends.bundle_formats.tar import Opener, write_plain
from appliance.backends.launchers import vagrant
from appliance.bundle.model import Artifact, Bundle


@dataclass(frozen=True)
class Provider:
    """A provider of Vagrant, which runs the machine; launchers/vagrant.py has the functions.

    *name*: what Vagrant calls the provider.
    *formats*: the disk formats that a box for it can hold, the best first.
    *refuses*: says why a bundle cannot be such a box; empty if it can.
    *texts*: the text files of the box, by name.
    *disks*: the disks of the box, by their names in it.
    """

    name: str
    formats: tuple[str, ...]
    refuses: Callable[[Bundle], str]
    texts: Callable[[Bundle], Mapping[str, str]]
    disks: Callable[[Bundle], Mapping[str, Artifact]]


LIBVIRT = Provider(
    "libvirt",
    vagrant.LIBVIRT_FORMATS,
    vagrant.libvirt_refuses,
    vagrant.libvirt_box,
    vagrant.libvirt_disks,
)
VIRTUALBOX = Provider(
    "virtualbox",
    vagrant.VIRTUALBOX_FORMATS,
    vagrant.virtualbox_refuses,
    vagrant.virtualbox_box,
    vagrant.virtualbox_disks,
)


class Box:
    """A file for `vagrant box add`, for one provider, compressed by *opener*."""

    def __init__(self, name: str, provider: Provider, opener: Opener) -> None:
        self.name, self.formats = name, provider.formats
        self.suffix = f".{provider.name}.box"
        self.says = f"Vagrant with {provider.name}"
        self._provider, self._opener = provider, opener

    def refuses(self, bundle: Bundle) -> str:
        """Why *bundle* cannot be a box for the provider; empty if it can."""
        return self._provider.refuses(bundle)

    def members(self, bundle: Bundle, files: Files) -> Iterable[Member]:
        """The text files for the provider, then the disks, as Vagrant expects them."""
        for name, text in self._provider.texts(bundle).items():
            yield Member(name, data=text.encode())
        for name, image in self._provider.disks(bundle).items():
            yield Member(name, files[image.path])

    def write(self, target: Path, members: Iterable[Member], manner: Packing) -> None:
        """Write *members* as a compressed tar file, without a folder around them."""
        with self._opener(target, manner) as stream:
            write_plain(stream, members, clock=manner.clock)
