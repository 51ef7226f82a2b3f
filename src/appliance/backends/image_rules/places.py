"""Where people and programs keep what is theirs: the places that rules look into."""

HOMES = ("/root", "/home/*", "/etc/skel", "/srv", "/opt/**", "/srv/**", "/var/lib/**")
# In these places a file is somebody's own, and not an example of a package's documentation.
OWN = ("/etc/**", "/root/**", "/home/**", "/opt/**", "/srv/**", "/usr/local/**", "/var/**")
# Libraries of others, which bring keys and addresses of their own tests.
LIBRARIES = (
    "/**/node_modules/**", "/**/site-packages/**", "/**/dist-packages/**", "/**/gems/**",
    "/**/vendor/**",
)  # fmt: skip
# What package managers write down of packages.
DATABASES = (
    "/var/lib/dpkg/**", "/var/lib/apt/lists/**", "/var/lib/rpm/**", "/var/lib/dnf/**",
    "/var/lib/pacman/**", "/var/cache/apt/**", "/var/cache/dnf/**", "/var/cache/libdnf5/**",
)  # fmt: skip


def at_home(*names: str) -> tuple[str, ...]:
    """Globs of the files called *names* in the directories that are somebody's home."""
    return tuple(f"{home}/{name}" for home in HOMES for name in names)
