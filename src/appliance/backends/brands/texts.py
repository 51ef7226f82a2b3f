"""The files that say what a system is called, as text, and shell that makes them.

Facts: os-release(5), agetty(8) on issue files, motd(5), sshd_config(5) on Banner, deb-origin(5);
plymouth's themes (its `text` plugin reads title and colours, its `script` plugin a script).
"""

import re
import shlex
from collections.abc import Mapping

from appliance.backends.families.shell.accounts import write_file
from appliance.recipe.brand import Brand
from appliance.recipe.image import Image

OS_RELEASE = "/usr/lib/os-release"
# What programs look up that were written for the distribution: it stays as it is.
KEPT = ("VERSION_ID", "VERSION_CODENAME", "UBUNTU_CODENAME", "PLATFORM_ID", "SUPPORT_END")
SPECIAL = re.compile(r'(["\\$`])')  # inside double quotes (os-release(5))
PICTURES = "/usr/share/pixmaps"
THEMES = "/usr/share/plymouth/themes"


def os_release(brand: Brand, image: Image | None, like: tuple[str, ...]) -> str:
    """Return what os-release says of the *brand*, without what it keeps of its distribution; *like*
    is what that distribution is called, and what it is like."""
    said: Mapping[str, str] = {
        "NAME": brand.name,
        "PRETTY_NAME": brand.title,
        "ID": brand.id,
        "ID_LIKE": " ".join(brand.id_like or like),
        "VARIANT": brand.variant,
        "VARIANT_ID": re.sub(r"[^a-z0-9._-]+", "-", brand.variant.lower()).strip("-"),
        "VENDOR_NAME": brand.vendor,
        "LOGO": picture_name(brand),
        "ANSI_COLOR": ansi(brand.colour),
        "HOME_URL": brand.home,
        "DOCUMENTATION_URL": brand.documentation,
        "SUPPORT_URL": brand.support,
        "BUG_REPORT_URL": brand.bugs,
        "IMAGE_ID": image.id if image else "",
        "IMAGE_VERSION": image.version if image else "",
    }
    return "".join(f"{word}={_quoted(value)}\n" for word, value in said.items() if value)


def _quoted(value: str) -> str:
    plain = re.fullmatch(r"[A-Za-z0-9._-]+", value)
    return value if plain else '"' + SPECIAL.sub(r"\\\1", value) + '"'


def picture_name(brand: Brand) -> str:
    """What the brand's picture is called, as programs look for icons; empty if there is none."""
    return f"{brand.id}-logo" if brand.logo else ""


def rgb(colour: str) -> tuple[int, int, int]:
    """The red, green and blue of a *colour* as #rrggbb, 0 to 255 each."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def ansi(colour: str) -> str:
    """A *colour* for terminals, as os-release has it; empty if there is none."""
    return f"38;2;{';'.join(map(str, rgb(colour)))}" if colour else ""


def issue(brand: Brand) -> str:
    r"""Return what stands above each login prompt of a console: the name, the machine's and the
    terminal's, and where the web page is, or the address alone. \4 is the address as it is when
    somebody looks."""
    title = brand.title.replace("\\", "\\\\")
    address = "\\4"
    where = f"Web page: {brand.page.format(address)}" if brand.page else f"Address: {address}"
    return f"{title} \\n \\l\n\n{where}\n\n"


def motd(brand: Brand) -> str:
    """Return what whoever has logged in reads."""
    said = {
        "Home": brand.home,
        "Documentation": brand.documentation,
        "Support": brand.support,
        "Faults": brand.bugs.removeprefix("mailto:"),
    }
    rows = "".join(f"  {word + ':':<15} {value}\n" for word, value in said.items() if value)
    maker = f"by {brand.vendor}" if brand.vendor else ""
    return f"\n{' '.join((brand.title, maker)).strip()}\n{rows}\n"


def banner(brand: Brand) -> str:
    """Return what whoever is about to log in over the network reads."""
    return f"{brand.banner.strip() or brand.title}\n"


def greeting(brand: Brand) -> str:
    """Return shell that writes what people read before and after they log in."""
    parts = [
        write_file("/etc/issue", issue(brand)),
        write_file("/etc/issue.net", banner(brand)),
        write_file("/etc/motd", motd(brand)),
    ]
    if brand.banner:
        parts.append(
            "if [ -d /etc/ssh ]; then\n"
            + write_file("/etc/ssh/sshd_config.d/20-brand.conf", "Banner /etc/issue.net\n")
            + "\nfi"
        )
    return "\n".join(parts)


def picture(brand: Brand) -> str:
    """Return shell that writes the picture where desktops look for it."""
    if brand.logo is None:
        return ""
    place = f"{PICTURES}/{picture_name(brand)}.png"
    return (
        f"mkdir -p {PICTURES}\nbase64 -d > {place} << 'END'\n{_folded(brand.logo.base64)}\nEND\n"
        f"chmod 644 {place}"
    )


def _folded(text: str) -> str:
    return "\n".join(text[at : at + 76] for at in range(0, len(text), 76))


def splash(brand: Brand) -> str:
    """Return shell that gives plymouth, if it is there, a theme with the name, the colours and the
    picture, before any initramfs is made."""
    place = f"{THEMES}/{brand.id}"
    parts = [
        "if command -v plymouth-set-default-theme > /dev/null; then",
        write_file(f"{place}/{brand.id}.plymouth", _text_theme(brand)),
    ]
    if brand.logo:
        parts += [
            "if ls /usr/lib*/plymouth/script.so /usr/lib/*/plymouth/script.so 2> /dev/null; then",
            write_file(f"{place}/{brand.id}.plymouth", _script_theme(brand, place)),
            write_file(f"{place}/{brand.id}.script", _script(brand)),
            f"cp {PICTURES}/{picture_name(brand)}.png {place}/logo.png",
            "fi",
        ]
    return "\n".join((*parts, f"plymouth-set-default-theme {shlex.quote(brand.id)}", "fi"))


def _theme(brand: Brand, module: str) -> str:
    return f"[Plymouth Theme]\nName={brand.name}\nDescription={brand.title}\nModuleName={module}\n"


def _text_theme(brand: Brand) -> str:
    front, back = (
        colour[1:] for colour in (brand.colour or "#ffffff", brand.background or "#000000")
    )
    return (
        f"{_theme(brand, 'text')}\n[text]\ntitle={brand.title}\n"
        f"black=0x{back}\nwhite=0x{front}\nbrown=0x{front}\nblue=0x{back}\n"
    )


def _script_theme(brand: Brand, place: str) -> str:
    return (
        f"{_theme(brand, 'script')}\n[script]\nImageDir={place}\n"
        f"ScriptFile={place}/{brand.id}.script\n"
    )


def _script(brand: Brand) -> str:
    """The picture in the middle, and what asks for a passphrase below it."""
    shares = ", ".join(f"{part / 255:.3f}" for part in rgb(brand.background or "#000000"))
    return f"""\
Window.SetBackgroundTopColor({shares});
Window.SetBackgroundBottomColor({shares});
logo = Sprite(Image("logo.png"));
logo.SetX(Window.GetWidth() / 2 - logo.GetImage().GetWidth() / 2);
logo.SetY(Window.GetHeight() / 2 - logo.GetImage().GetHeight() / 2);
said = Sprite();
fun say(text) {{
    said.SetImage(Image.Text(text, 1, 1, 1));
    said.SetX(Window.GetWidth() / 2 - said.GetImage().GetWidth() / 2);
    said.SetY(Window.GetHeight() * 0.8);
}}
fun ask(prompt, bullets) {{
    text = prompt + " ";
    for (index = 0; index < bullets; index++) text += "*";
    say(text);
}}
fun quiet() {{ say(""); }}
Plymouth.SetMessageFunction(say);
Plymouth.SetDisplayPasswordFunction(ask);
Plymouth.SetDisplayNormalFunction(quiet);
"""


def kept(base: str) -> str:
    """Return shell that prints those lines of the file *base* that stay as they are."""
    return f"if [ -e {base} ]; then sed -n -E '/^({'|'.join(KEPT)})=/p' {base}; fi"
