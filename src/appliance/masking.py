"""The one mask for texts that leave us: errors, events and logs show no password of a URL."""

import re

# scheme://user:password@, and the same behind --proxy, which may go without a scheme.
URL_PASSWORD = re.compile(r"((?:://|--proxy[=\s]+[\"']?)[^\s:/@]*:)[^\s/]*@")
REPLACED = "PASSWORD"


def masked(text: str) -> str:
    """Return *text* with the passwords of all its URLs (scheme://user:password@host) replaced."""
    return URL_PASSWORD.sub(rf"\1{REPLACED}@", text) if "@" in text else text
