"""Debian: where its packages are, and what its images need to start as virtual machines."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from appliance.backends.families import debian_kernels
from appliance.backends.families.apt_refusals import refuse_unsupported
from appliance.backends.families.apt_sources import AptSource, HostSource
from appliance.backends.families.model import BootSetup, Release
from appliance.backends.families.shell import certificates
from appliance.backends.families.shell import debian as shell
from appliance.backends.families.shell.accounts import accounts_script
from appliance.backends.families.shell.debian_boot import boot_packages, boot_scripts
from appliance.errors import RecipeError, RequestError, SourceError
from appliance.layout.complete import StorageDefaults
from appliance.layout.contents import contents, early, kinds, opens_late
from appliance.layout.fstab import crypttab, fstab
from appliance.layout.growing import growth
from appliance.layout.storage import Storage
from appliance.recipe.model import Recipe, Repository

# What the running system uses, and hints say; no build does unasked.
OFFICIAL = "http://deb.debian.org/debian"
COMPONENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]*")
LOOKS_LIKE = f"an archive, /dists/ and a suite: {OFFICIAL}/dists/trixie?components=main,contrib"
SCHEMES = ("http", "https", "file")
MODULES = (
    *("virtio_pci", "virtio_blk", "virtio_scsi", "virtio_net", "virtio_mmio"),  # QEMU, most clouds
    *("nvme", "ahci", "ata_piix", "sd_mod", "sr_mod"),  # VirtualBox, Amazon, emulated hardware
    *("mptspi", "mptsas", "vmw_pvscsi", "vmxnet3"),  # VMware
    *("hv_vmbus", "hv_storvsc", "hv_netvsc"),  # Hyper-V, Azure
    *("xen_blkfront", "xen_netfront"),
    *("ext4", "vfat", "nls_cp437", "nls_iso8859_1", "nls_ascii", "crc32c_generic"),
)
TOOLS = {
    "ext2": "e2fsprogs",
    "ext3": "e2fsprogs",
    "ext4": "e2fsprogs",
    "vfat": "dosfstools",
    "efi": "dosfstools",
    "xfs": "xfsprogs",
    "btrfs": "btrfs-progs",
    "lvm": "lvm2",
    "luks": "cryptsetup-initramfs",
}  # filesystem: what checks it when the image starts; and what opens that which holds others
ALSO = {
    "xfs": ("xfs",),
    "btrfs": ("btrfs",),
    "lvm": ("dm_mod",),
    "luks": (
        *("dm_mod", "dm_crypt", "xts", "cbc", "ecb", "essiv", "algif_skcipher"),
        *("aes_generic", "aesni_intel", "sha256_generic", "sha512_generic"),
    ),
}  # further modules of an initramfs, for what the root is on

GROWING = {"gpt": "systemd-repart", "dos": "fdisk"}  # what makes the last partition larger
OPENED_EARLY = ",initramfs,x-initrd.attach"  # for cryptsetup-initramfs, and for systemd

STORAGE = StorageDefaults("debian")


@dataclass(frozen=True)
class Debian:
    """Debian GNU/Linux on 64-bit PCs.

    A known repository (`debian-trixie`) stands for three archives: the release, its updates and
    its security updates.
    """

    name: str = "debian"
    package_manager: str = "apt"
    storage: StorageDefaults = STORAGE
    selinux_arguments: tuple[str, ...] = ("security=selinux", "selinux=1")  # else: AppArmor
    origin: str = "Debian"
    architecture: str = "amd64"
    releases: tuple[Release, ...] = (
        Release("bookworm", "12"),
        Release("trixie", "13"),
        Release("forky", "14"),
    )
    boot_loaders: Mapping[str, str] = field(
        default_factory=lambda: {"bios": "bios", "uefi": "uefi"}, hash=False
    )
    keyring: str = "/usr/share/keyrings/debian-archive-keyring.gpg"
    keyring_package: str = "debian-archive-keyring"
    kernel_package: str = "linux-image-amd64"
    initramfs_modules: tuple[str, ...] = field(default=MODULES)

    def release_of(self, url: str) -> str:
        """Name the release by the suite in the URL: trixie for `…/dists/trixie-backports`.

        A suite that is none of ours is returned as it is; empty if the URL is not apt-like.
        """
        suite = _split(url)[1]
        return self._codename(suite) or suite

    def needed_packages(
        self, recipe: Recipe, storage: Storage, *, architecture: str
    ) -> tuple[str, ...]:
        """List what the image needs to start, to check its filesystems and for its settings.

        The usual kernel unless the recipe names another or wants no boot loader; no init without
        the core; nothing that the recipe excludes.
        """
        names = {wanted.name for wanted in recipe.packages.names}
        needed = {TOOLS[kind] for kind in kinds(contents(storage)) if kind in TOOLS}
        if recipe.packages.core:
            needed |= {"systemd-sysv", "udev"}
        if recipe.boot_loader.enabled and recipe.boot_loader.installed:
            needed |= {"initramfs-tools", self.kernel_package}
        needed.update(boot_packages(recipe.boot_loader))
        if opens_late(storage):
            needed.add("systemd-cryptsetup")
        if grows := growth(storage, architecture):
            needed.add(GROWING[grows.table])
        if any(name.startswith("linux-image") for name in names):
            needed.discard(self.kernel_package)
        excluded = {wanted.name for wanted in recipe.packages.excluded}
        return (*sorted(needed - excluded), *shell.needed_packages(recipe.settings))

    def seeds(self, recipe: Recipe) -> tuple[tuple[str, str], ...]:
        """What the kernel's own scripts read, and certificates."""
        return (*shell.SEEDS, *certificates.seeds(recipe.settings))

    def manager_options(self, release: str) -> tuple[tuple[str, str], ...]:
        """Nothing: dpkg is the image's own."""
        return ()

    def scripts(
        self, recipe: Recipe, release: str, *, storage: Storage, boot: BootSetup | None
    ) -> Mapping[str, str]:
        """See Family.scripts: accounts come last, since people change these often."""
        sources = self.official_sources(recipe, release)
        scripts = {
            "settings": shell.settings_script(
                recipe.name,
                recipe.settings,
                fstab=fstab(storage),
                crypttab=crypttab(storage, attach=OPENED_EARLY),
                apt_sources=sources,
                installed=self.installed_sources(recipe),
            )
        }
        if boot:
            more = (name for kind in sorted(kinds(early(storage))) for name in ALSO.get(kind, ()))
            scripts |= boot_scripts(boot, dict.fromkeys((*self.initramfs_modules, *more)))
        scripts["accounts"] = accounts_script(recipe.settings)
        return scripts

    def finish_script(self, recipe: Recipe) -> str:
        """See Family.finish_script."""
        return shell.finish_script(recipe.source)

    def lacks(self, packages: Iterable[str]) -> tuple[str, ...]:
        """See Family.lacks."""
        return debian_kernels.lacks(packages)

    def sources(
        self,
        recipe: Recipe,
        release: str,
        *,
        mirror: str,
        host_sources: tuple[HostSource, ...],
        keyring: str,
    ) -> tuple[AptSource, ...]:
        """Say where the packages come from, in the order of the recipe.

        Known repositories are taken from *mirror* (an archive's root; empty: none given), else
        from where this host takes the same release, else from where it takes another release of
        Debian. All are checked with *keyring*, unless a URL names its own.

        Raises RecipeError for what apt cannot do, URLs that are not apt's or names used twice,
        RequestError for an impossible *mirror*, SourceError if nothing says where a known
        repository is.
        """
        refuse_unsupported(recipe)
        found: list[AptSource] = []
        for repository in recipe.repositories:
            if repository.url:
                fresh: tuple[AptSource, ...] = (_explicit(repository, keyring),)
            else:
                root = _checked(mirror) if mirror else ""
                fresh = self._known(repository, release, root, host_sources, keyring)
            clash = {source.name for source in found} & {source.name for source in fresh}
            if clash:
                raise RecipeError(
                    f"two repositories are called '{min(clash)}'",
                    where=repository.where,
                    hint="give each repo line a --name of its own",
                )
            found += fresh
        return tuple(found)

    def official_sources(self, recipe: Recipe, release: str) -> str:
        """Write the sources(5) file of the running system: Debian's own addresses.

        Empty if the recipe names no known repository: then nobody said what to write.
        """
        if all(repository.url for repository in recipe.repositories):
            return ""
        return "\n".join(
            f"Types: deb\nURIs: {uri}\nSuites: {suites}\nComponents: main\n"
            f"Signed-By: {self.keyring}\n"
            for uri, suites in (
                (OFFICIAL, f"{release} {release}-updates"),
                (f"{OFFICIAL}-security", f"{release}-security"),
            )
        )

    def installed_sources(self, recipe: Recipe) -> tuple[AptSource, ...]:
        """What `repo --install` gives to the running system, of what it can reach from anywhere."""
        return tuple(
            _explicit(repository, self.keyring)
            for repository in recipe.repositories
            if repository.installed and repository.url.startswith(("http://", "https://"))
        )

    def _known(
        self,
        repository: Repository,
        release: str,
        mirror: str,
        host_sources: tuple[HostSource, ...],
        keyring: str,
    ) -> tuple[AptSource, ...]:
        """Expand a known repository into its three archives."""
        archive = mirror or self._on_host(release, "", host_sources)
        if not archive:
            raise SourceError(
                f"nothing says where {repository.name} is: this host is not updated from Debian",
                where=repository.where,
                hint=f"--mirror URL, for example --mirror {OFFICIAL}",
            )
        updates, security = archive, f"{archive}-security"
        if not mirror:
            updates = self._on_host(release, "-updates", host_sources) or updates
            security = self._on_host(release, "-security", host_sources) or security
        return (
            AptSource("debian", archive, release, ("main",), keyring),
            AptSource("debian-updates", updates, f"{release}-updates", ("main",), keyring),
            AptSource("debian-security", security, f"{release}-security", ("main",), keyring),
        )

    def _on_host(self, release: str, kind: str, host_sources: tuple[HostSource, ...]) -> str:
        """Find where the host takes *release* (with *kind* after it) from, or another release."""
        wanted = (release, *(known.codename for known in reversed(self.releases)))
        suites = [f"{codename}{kind}" for codename in wanted]
        at = {source.suite: source.uri for source in reversed(host_sources)}
        return next((at[suite] for suite in suites if suite in at), "")

    def _codename(self, suite: str) -> str:
        """Name the known release that *suite* belongs to; empty if there is none."""
        codename = re.split(r"[-/]", suite)[0]
        return codename if codename in {known.codename for known in self.releases} else ""


def _split(url: str) -> tuple[str, str]:
    """Split a URL into the archive's root and the suite; the latter empty if it is not apt's."""
    parts = urlsplit(url)
    root, _, suite = parts.path.partition("/dists/")
    good = parts.scheme in SCHEMES and (parts.netloc or parts.scheme == "file")
    if not good or not suite.strip("/"):
        return "", ""
    return urlunsplit((parts.scheme, parts.netloc, root.rstrip("/"), "", "")), suite.strip("/")


def _explicit(repository: Repository, keyring: str) -> AptSource:
    """Understand a URL such as http://host/debian/dists/trixie?components=main,contrib."""
    root, suite = _split(repository.url)
    if not suite:
        raise RecipeError(
            f"'{repository.url}' is not an address of apt packages",
            where=repository.where,
            hint=LOOKS_LIKE,
        )
    query = dict(parse_qsl(urlsplit(repository.url).query, keep_blank_values=True))
    unknown = sorted(set(query) - {"components", "signed-by"})
    components = tuple(query.get("components", "main").split(","))
    bad = [name for name in components if not COMPONENT.fullmatch(name)]
    keys = query.get("signed-by", keyring)
    problem = (
        (f"unknown word '{unknown[0]}' in the repository's address" if unknown else "")
        or (f"'{bad[0]}' cannot be a component's name" if bad else "")
        or ("" if keys.startswith("/") else f"signed-by={keys} is not an absolute path")
    )
    if problem:
        raise RecipeError(
            problem, where=repository.where, hint="…/dists/trixie?components=main,contrib"
        )
    return AptSource(repository.name, root, suite, components, keys)


def _checked(mirror: str) -> str:
    """Return the archive's root without the slash at its end, or refuse what cannot be one."""
    parts = urlsplit(mirror)
    good = parts.scheme in SCHEMES and parts.path.strip("/") and "/dists" not in parts.path
    if not good or parts.query or parts.fragment:
        raise RequestError(
            f"--mirror {mirror}: not the root of an archive",
            hint=f"the address without /dists, for example --mirror {OFFICIAL}",
        )
    return mirror.rstrip("/")
