"""Vagrant boxes: a disk and the words for one provider, in one compressed tar file."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from appliance.backends.archives.model import Files, Manner, Member, no_image
from appliance.backends.archives.tar import Opener, write_plain
from appliance.bundle.model import Bundle


class Box:
    """What `vagrant box add` takes. *texts* are the files of the provider by their names, *image*
    says what a disk's file is called there, by its number."""

    def __init__(
        self,
        name: str,
        provider: str,
        formats: tuple[str, ...],
        *,
        texts: Callable[[Bundle], Mapping[str, str]],
        image: Callable[[Bundle, int], str],
        opener: Opener,
    ) -> None:
        self.name, self.formats = name, formats
        self.suffix = f".{provider}.box"
        self.says = f"Vagrant with {provider}"
        self._texts, self._image, self._opener = texts, image, opener

    def refuses(self, bundle: Bundle) -> str:
        """See Archive.refuses."""
        return no_image(bundle, self.formats)

    def members(self, bundle: Bundle, files: Files) -> Iterable[Member]:
        """See Archive.members."""
        for name, text in self._texts(bundle).items():
            yield Member(name, data=text.encode())
        for number, image in enumerate(bundle.images(self.formats)):
            yield Member(self._image(bundle, number), files[image.path])

    def write(self, target: Path, members: Iterable[Member], manner: Manner) -> None:
        """See Archive.write."""
        with self._opener(target, manner) as stream:
            write_plain(stream, members, clock=manner.clock)
