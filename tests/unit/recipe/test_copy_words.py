"""What --copy and [files] copy may say."""

import pytest

from appliance.recipe.own_files import Copy, OwnFiles, parse_copy


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("app:/opt/app", Copy("app", "/opt/app")),
        ("app.conf:/etc/:0640", Copy("app.conf", "/etc/", "0640")),
        ("a:/b:644:shop", Copy("a", "/b", "644", "shop")),
        ("a:/b::shop:adm", Copy("a", "/b", "", "shop:adm")),
        ("a:b/c:/d", Copy("a:b/c", "/d")),
        ("a:/runs/x", Copy("a", "/runs/x")),
        ("/srv/*.html:/var/www", Copy("/srv/*.html", "/var/www")),
        ("a:/b:4755:0:0", Copy("a", "/b", "4755", "0:0")),
    ],
)
def test_what_a_copy_says(text: str, copy: Copy) -> None:
    assert parse_copy(text) == copy


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("app", "not SOURCE:DEST"),
        ("app:opt/app", "absolute path"),
        (":/opt", "not SOURCE:DEST"),
        ("a:/b\0c", "not SOURCE:DEST"),
        ("https://example.com/a:/b", "not fetched"),
        ("a:/b/../c", "goes up by '..'"),
        ("a:/" + "ü" * 128, "a name in DEST is longer than 255 bytes"),
        ("a:/" + "b/" * 600, "DEST is longer than 1024 bytes"),
        ("a:/run/x", "/run is empty when a system starts"),
        ("a:/var/run/x/", "/var/run is empty"),
        ("a:/tmp", "/tmp is empty"),
        ("a:/dev/shm/x", "/dev is empty"),
        ("a:/b:rwx", "mode 'rwx' is not octal"),
        ("a:/b:0888", "mode '0888'"),
        ("a:/b:07777:", "not SOURCE:DEST"),
        ("a:/b:644:a:b:c", "owner 'a:b:c'"),
        ("a:/b:644:a b", "owner 'a b'"),
    ],
)
def test_what_cannot_be_a_copy(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match="^") as error:
        parse_copy(text)
    assert problem in str(error.value)


def test_the_command_line_comes_after_the_sheet() -> None:
    typed, written = OwnFiles((Copy("b", "/x"),)), OwnFiles((Copy("a", "/x"),))

    assert typed.after(written).copies == (Copy("a", "/x"), Copy("b", "/x"))
    assert typed.after(written).apart == (written, typed)
