"""Kernels that lie in a root, and their modules, in the order in which they can be loaded.

Facts: modules.dep(5), kernel-install(8).
"""

import gzip
import lzma
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import RecipeError
from appliance.filesystem_facts import companions
from appliance.host import command, rooted

MODULES = "usr/lib/modules"
IMAGES = ("vmlinuz", "vmlinux")
# What a module asks its kernel for by another name, and so modules.dep does not tell.
COMPANIONS = {
    **dict(companions()),
    "dm_crypt": ("xts", "aes_generic", "sha256_generic", "essiv", "algif_skcipher"),
}


@dataclass(frozen=True)
class Kernel:
    """One kernel that lies in a root.

    *release*: what `uname -r` would say of it, for instance 6.12.0-1.x86_64.
    *image*: the file that is booted.
    *folder*: the directory of its modules.
    """

    release: str
    image: Path
    folder: Path

    def order(self, modules: Iterable[str]) -> tuple[Path, ...] | None:
        """The files that have to be loaded for *modules*, in order; None if the kernel lacks one
        of them."""
        known, built_in = self._files(), self._built_in()
        order: dict[Path, None] = {}
        for name in modules:
            for companion in COMPANIONS.get(name, ()):
                _collect(companion, known, order)
            if name not in built_in and not _collect(name, known, order):
                return None
        return tuple(order)

    def _files(self) -> dict[str, tuple[Path, ...]]:
        """By the name of a module: its file, then the files that have to be loaded before it, the
        last of them first (modules.dep(5))."""
        lines = _text(self.folder / "modules.dep").splitlines()
        known = {}
        for path, _, others in (line.partition(":") for line in lines):
            known[_name(path)] = tuple(self.folder / item for item in (path, *others.split()))
        return known

    def _built_in(self) -> set[str]:
        return {_name(line) for line in _text(self.folder / "modules.builtin").splitlines()}


def kernels(root: Path, aside: Path | None = None) -> list[Kernel]:
    """Every kernel of *root* that we may read, the newest first; *aside* is another directory
    that may hold the files of /boot."""
    folder = rooted.find(root, MODULES)
    folder = folder if folder.is_dir() else rooted.find(root, "lib/modules")
    found = []
    for modules in sorted(folder.glob("*")) if folder.is_dir() else []:
        places = [f"{modules.relative_to(root)}/{name}" for name in IMAGES]
        places += [f"boot/{name}-{modules.name}" for name in IMAGES]
        images = [rooted.find(root, place) for place in places]
        images += [aside / f"{name}-{modules.name}" for name in IMAGES] if aside else []
        image = next((path for path in images if _readable(path)), None)
        if image:
            found.append(Kernel(modules.name, image, modules))
    return sorted(found, key=lambda kernel: _age(kernel.release), reverse=True)


def choose(
    roots: Sequence[Path], modules: Sequence[str], *, aside: Path | None = None
) -> tuple[Kernel, tuple[Path, ...]]:
    """Return the newest kernel of the first of *roots* that has one with all of *modules*, and
    the files of these in the order of loading. *aside* is another directory that may hold the
    files of /boot.

    Raises RecipeError if there is none.
    """
    for root in roots:
        for kernel in kernels(root, aside):
            order = kernel.order(modules)
            if order is not None:
                return kernel, order
    raise RecipeError(
        f"nothing here can start a machine: no kernel of the image has {', '.join(modules)}",
        hint="--tools auto, whose programs may need none, or a kernel in %packages",
    )


def unpacked(module: Path) -> bytes:
    """Return the module that the file *module* holds, which may be compressed by xz or gzip."""
    data = module.read_bytes()
    if module.suffix == ".xz":
        return lzma.decompress(data)
    if module.suffix == ".gz":
        return gzip.decompress(data)
    return data


def unpack(module: Path, place: Path) -> Path:
    """Write the module as insmod takes it to the directory *place*; return its path there."""
    target = place / _plain(module.name)
    if module.suffix == ".zst":
        command.run(["zstd", "-q", "-d", "-f", module, "-o", target])
    else:
        target.write_bytes(unpacked(module))
    return target


def _collect(name: str, known: dict[str, tuple[Path, ...]], order: dict[Path, None]) -> bool:
    files = known.get(name, ())
    order.update(dict.fromkeys(reversed(files)))
    return bool(files)


def _plain(name: str) -> str:
    return re.sub(r"(\.ko)\.(xz|gz|zst)$", r"\1", name)


def _name(path: str) -> str:
    """The name of the module in the file *path*, with underscores for dashes: a kernel takes
    them for each other."""
    return _plain(Path(path.strip()).name).removesuffix(".ko").replace("-", "_")


def _age(release: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", release))


def _text(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


def _readable(path: Path) -> bool:
    try:
        with path.open("rb"):
            return True
    except OSError:
        return False
