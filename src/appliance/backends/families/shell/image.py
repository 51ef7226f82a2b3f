"""What an image calls itself, in the file that every system has for it: os-release(5)."""

from appliance.recipe.image import Image

# As the first is usually a link to the second; sed -i would replace a link.
FILES = ("/etc/os-release", "/usr/lib/os-release")


def image_script(image: Image) -> str:
    """Return shell that writes the *image*'s identity into os-release."""
    words = [f"IMAGE_ID={image.id}"] + ([f"IMAGE_VERSION={image.version}"] if image.version else [])
    lines = "\\n".join(words)
    return f"""\
set -eu
told=
for file in {" ".join(FILES)}; do
if [ -f "$file" ] && [ ! -L "$file" ]; then
sed -i '/^IMAGE_ID=/d; /^IMAGE_VERSION=/d' "$file"
printf '{lines}\\n' >> "$file"
told=yes
fi
done
if [ -z "$told" ]; then
printf '{lines}\\n' > /etc/os-release
fi
"""
