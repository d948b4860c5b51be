"""The editor's bundle: committed as built, from the sources beside it, with nothing from elsewhere and its licences."""

import hashlib
import json
import re
from pathlib import Path

from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "static/editor"
BUILD = FOLDER / "build"


def test_the_bundle_was_made_from_the_sources_beside_it() -> None:
    made_from = hashlib.sha256()
    for path in [BUILD / "package.json", BUILD / "package-lock.json", *sorted((BUILD / "source").iterdir())]:
        made_from.update(path.read_bytes())
    first_line = (FOLDER / "editor.js").read_text("ascii").partition("\n")[0]
    assert first_line.endswith(f"Made from {made_from.hexdigest()} */")


def test_every_bundled_package_is_locked_and_has_its_licence() -> None:
    locked = json.loads((BUILD / "package-lock.json").read_text())["packages"]
    listed = (FOLDER / "LICENCES.txt").read_text()
    licences = dict(re.findall(r"^(\S+ [\d.]+)\n\n(.*?)(?=^-{80}|\Z)", listed, re.M | re.S))
    for path, package in locked.items():
        name = path.removeprefix("node_modules/")
        if path and not package.get("dev"):
            assert "Permission is hereby granted, free of charge" in licences[f"{name} {package['version']}"]
            assert package["integrity"].startswith("sha512-")


def test_the_bundle_asks_no_other_host_for_anything() -> None:
    names = set(re.findall(r"https?://[^/\"'`\s]+", (FOLDER / "editor.js").read_text("ascii")))
    assert names <= {"http://www.w3.org"}
