"""LUKS containers, read back by cryptsetup without any device mapper."""

import shutil
import subprocess
from pathlib import Path

MAGIC = b"LUKS\xba\xbe"


def opens(container: Path, passphrase: str) -> bool:
    """Whether *passphrase* opens a container that is a file of its own."""
    words = ["cryptsetup", "open", "--test-passphrase", "--key-file", "-", str(container)]
    done = subprocess.run(words, input=passphrase, text=True, capture_output=True, check=False)
    assert done.returncode in (0, 2), done.stderr
    return done.returncode == 0


def dump(container: Path) -> str:
    """What cryptsetup says of it."""
    return subprocess.check_output(["cryptsetup", "luksDump", str(container)], text=True)


def decrypted(container: Path, passphrase: str) -> Path:
    """What is in it, as a file of its own."""
    plain, header = (container.with_name(f"{container.name}.{end}") for end in ("plain", "header"))
    shutil.copy(container, plain)
    size = container.stat().st_size - (16 << 20)
    words = [
        "cryptsetup", "reencrypt", "--decrypt", "--force-offline-reencrypt", "--batch-mode",
        "--disable-locks", "--key-file", "-", "--header", str(header), str(plain),
    ]  # fmt: skip
    subprocess.run(words, input=passphrase, text=True, check=True, capture_output=True)
    with plain.open("r+b") as file:
        file.truncate(size)
    return plain
