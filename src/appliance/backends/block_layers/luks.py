"""LUKS2, made by cryptsetup on a plain file: no device mapper, no root.

The keys are drawn from the kernel's random source, so no two builds give the same bytes. Free
space is encrypted too, so it is not zero and does not compress.

Facts: cryptsetup-reencrypt(8); the LUKS2 on-disk format specification.
"""

from pathlib import Path

from appliance.backends.block_layers.model import Run
from appliance.errors import Where
from appliance.layout.areas import Encrypted
from appliance.layout.place import CONTAINER
from appliance.work import Work

# A guest has to derive the key again with the memory that it has, whatever the build host has.
DERIVATION, MEMORY = "argon2id", 128 * 1024  # KiB
SPARE = 2 * CONTAINER  # the data are moved by half of what cryptsetup is lent at the end


class Luks:
    """LUKS2 containers, encrypted in place by cryptsetup, as one does with disks in use."""

    tools: tuple[str, ...] = ("cryptsetup",)

    def encrypt(
        self,
        work: Work,
        *,
        plain: Path,
        run: Run,
        container: Encrypted,
        where: Where,
    ) -> None:
        """Encrypt the file *plain* in place by `cryptsetup reencrypt`, then move it to *run*.

        The passphrase comes from *work*, and goes to cryptsetup by its standard input.
        cryptsetup's locks are off: they are for devices that others might open. Raises
        CommandError if cryptsetup fails.
        """
        with plain.open("r+b") as file:
            file.truncate(run.size - CONTAINER + SPARE)
        words = [
            "cryptsetup", "reencrypt", "--encrypt", "--type", "luks2", "--batch-mode",
            "--uuid", container.uuid, "--reduce-device-size", f"{SPARE // 512}s",
            "--force-offline-reencrypt", "--disable-locks", "--key-file", "-", *_options(container),
        ]  # fmt: skip
        work.run([*words, plain], stdin=work.passphrase(container.source, where))
        with plain.open("r+b") as file:
            file.truncate(run.size)
        work.place(plain, run.disk, run.start)


def _options(container: Encrypted) -> list[str]:
    derivation = container.derivation or DERIVATION
    memory = container.memory or (MEMORY if derivation.startswith("argon") else 0)
    words = ["--pbkdf", derivation]
    words += ["--pbkdf-memory", str(memory)] if memory else []
    words += ["--iter-time", str(container.time)] if container.time else []
    words += ["--pbkdf-force-iterations", str(container.iterations)] if container.iterations else []
    return [*words, *(["--cipher", container.cipher] if container.cipher else [])]
