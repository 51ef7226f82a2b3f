"""Rules for what lies about: caches, locks, and what deleted files have left."""

from appliance.backends.image_rules.model import WARNING, Rule

SYSPREP = "virt-sysprep(1)"
REMOVE = "remove it at the end of the last %post"
FREE_BLOCKS = Rule(
    "free-blocks", WARNING, "what no file uses is zero",
    "deleted files can be read there, and the image packs badly", "dumpe2fs(8); zerofree(8)",
    "appliance build writes none; zerofree, or fstrim where it ran",
)  # fmt: skip
RULES = (
    Rule("package-cache", WARNING, "there is no cache of packages and lists",
         "it is old when the image starts, and large", f"{SYSPREP}, package-manager-cache",
         "apt-get clean, dnf clean all",
         paths=("/var/cache/apt/archives/**/*.deb", "/var/cache/apt/*.bin", "/var/cache/dnf/**",
                "/var/cache/libdnf5/**", "/var/cache/yum/**", "/var/cache/zypp*/**",
                "/var/lib/apt/lists/**"),
         unless=("/var/lib/apt/lists/lock", "/var/lib/apt/lists/**/lock")),
    Rule("rpm-lock", WARNING, "rpm's database has no files of a machine that used it",
         "they name its processes", f"{SYSPREP}, rpm-db", REMOVE,
         paths=("/var/lib/rpm/__db.*", "/usr/lib/sysimage/rpm/__db.*")),
    Rule("linker-cache", WARNING, "the linker has no auxiliary cache",
         "it holds numbers and times of the build's files", "ldconfig(8)", REMOVE,
         paths=("/var/cache/ldconfig/aux-cache",)),
    FREE_BLOCKS,
)  # fmt: skip
