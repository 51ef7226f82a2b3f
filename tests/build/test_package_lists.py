"""What the package list tells of packages: what apt and their own files tell; and again, the same,
when the files are gone."""

import hashlib
import json
from typing import Any

from building import Yard
from mirror import Mirror


def listed(yard: Yard) -> dict[str, Any]:
    says: dict[str, Any] = json.loads((yard.output / "tiny/tiny.packages.json").read_text())
    return says


def test_a_list_says_where_packages_are_from_and_why(
    fresh_yard: Yard, tiny_repository: Mirror
) -> None:
    yard, place = fresh_yard, fresh_yard.output / "tiny/tiny.packages.json"
    recipe = yard.recipe("hello")
    yard.build(recipe, "-f", "raw")
    first = place.read_bytes()
    says = listed(yard)
    packages = {item["name"]: item for item in says["packages"]}

    release = tiny_repository.place / "tiny/dists/stable/InRelease"
    digest = hashlib.sha256(release.read_bytes()).hexdigest()
    assert says["schema"] == 2
    assert [item["sha256"] for item in says["repositories"]] == [digest]
    assert {name: item["reason"] for name, item in packages.items()} == {
        "hello": "asked", "world": "needed", "tiny-base": "needed", "e2fsprogs": "setting",
    }  # fmt: skip
    assert packages["hello"]["needs"] == ["world"]
    assert (packages["hello"]["source"], packages["hello"]["source_version"]) == ("hello", "1.0")

    tiny_repository.dead = True  # nothing is asked for what is known already
    for file in yard.store.glob("packages/*.deb"):
        file.unlink()
    yard.build(recipe, "-f", "raw")
    assert place.read_bytes() == first
    tiny_repository.behave()
    for file in yard.store.glob("packages/*.facts"):
        file.unlink()
    yard.build(recipe, "-f", "raw")
    assert place.read_bytes() == first
