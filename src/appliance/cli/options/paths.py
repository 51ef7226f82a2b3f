"""What may stand behind options: names of files and directories, there already or not yet."""

from pathlib import Path

from appliance.cli.options.option import Kind
from appliance.errors import RequestError
from appliance.host.short_texts import short_text
from appliance.recipe.model import Script
from appliance.recipe.reading.scripts import of_file
from appliance.units import KIB, MIB

LONGEST_SCRIPT = MIB  # bytes, as a kickstart
LONGEST_KEY = 64 * KIB  # bytes of a file with a public key; the longest real ones have 3 KiB


def _said(text: str) -> Path:
    if not text:
        raise ValueError("this is empty")
    return Path(text)


def _there(text: str) -> Path:
    path = _said(text)
    try:
        there = path.exists()
    except OSError as error:  # a name that is too long
        raise ValueError(f"this cannot be read: {error.strerror}") from None
    if not there:
        raise ValueError(f"there is no {path}")
    return path


def _file(text: str) -> Path:
    path = _there(text)
    if path.is_dir():
        raise ValueError("this is a directory, not a file")
    return path


def _directory(text: str) -> Path:
    path = _said(text)
    if path.exists() and not path.is_dir():
        raise ValueError("this is a file, not a directory")
    return path


def _directory_there(text: str) -> Path:
    path = _there(text)
    return _directory(str(path))


def _new_file(text: str) -> Path:
    path = _said(text)
    if path.is_dir():
        raise ValueError("this is a directory: it cannot be written to as a file")
    return path


def _public_key(text: str) -> str:
    """The public key in a file; a private one is refused before it can get anywhere."""
    path = Path(text).expanduser()
    if path.is_dir():
        raise ValueError("this cannot be read: Is a directory")
    try:
        said = short_text(path, LONGEST_KEY).strip()
    except FileNotFoundError:
        raise RequestError(
            f"there is no {path}", hint="ssh-keygen -t ed25519, which makes ~/.ssh/id_ed25519.pub"
        ) from None
    except OSError as error:
        raise ValueError(f"this cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError("this is not the text of a public key") from None
    if "PRIVATE KEY" in said:
        raise RequestError(f"{path} is a private key", hint=f"--ssh-key {path}.pub")
    return said


def _fetched(text: str) -> Path:
    """The kickstart of appliance-creator, which may have the name that it had once."""
    if "://" in text:
        raise RequestError("this is not fetched", hint=f"curl -O {text}")
    return _said(text)


def _recipe(text: str) -> Path:
    """A kickstart; whether it is there is said by whoever reads it."""
    path = _said(text)
    if text == "-":
        raise RequestError(
            "a kickstart is read from a file, whose name the appliance gets",
            hint="cat > web.ks, and web.ks instead of -",
        )
    if path.is_dir():
        raise ValueError("this is a directory, not a kickstart")
    return path


def _script(text: str) -> Script:
    """The script in a file, as the build will run it."""
    path = _file(text)
    try:
        body = short_text(path, LONGEST_SCRIPT)
    except OSError as error:
        raise ValueError(f"this cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError("this is a program, not the text of a script") from None
    if "\0" in body:
        raise ValueError("this holds a zero byte: it is not the text of a script")
    if "\r\n" in body:  # a shell looks for programs whose names end in it
        raise RequestError("this has the line ends of Windows", hint=f"dos2unix {text}")
    return of_file(body, path)


def _tools(text: str) -> str:
    """A directory's absolute name; auto and auto:SUITE stay as they are."""
    if text == "auto" or text.startswith("auto:"):
        return text
    return str(_directory_there(text).absolute())


ANY = Kind("any path", "PATH", _said, files=True)
FILE = Kind("file", "FILE", _file, files=True)
FILE_OR_DIRECTORY = Kind("file or directory", "FILE|DIR", _there, files=True)
NEW_FILE = Kind("new file", "FILE", _new_file, files=True)
DIRECTORY = Kind("directory", "DIR", _directory, directories=True)
DIRECTORY_THERE = Kind("directory that is there", "DIR", _directory_there, directories=True)
PUBLIC_KEY = Kind("public key", "FILE", _public_key, files=True)
KICKSTART = Kind("kickstart", "FILE", _fetched, files=True)
RECIPE = Kind("kickstart to read", "FILE.ks", _recipe, files=True)
SCRIPT = Kind("script", "SCRIPT", _script, files=True)
TOOLS = Kind("tools", "ROOT|auto", _tools, known=("auto",), directories=True)
