"""The environment of a deployment: described, remembered, and won by whoever starts it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from provisioning.management.variables import Remembered, covers, described, given, set_outside

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / ".env.example"
OF_TESTS = {"TEST_DATABASE"}


def test_the_example_describes_every_variable_that_the_settings_read_and_no_other() -> None:
    source = (ROOT / "portal/settings.py").read_text("utf-8")
    read = set(re.findall(r"\benv(?:\.\w+)?\(\s*\"([A-Z_]+)\"", source))

    assert described(EXAMPLE) == read - OF_TESTS


def test_the_example_shows_the_defaults_that_the_settings_have() -> None:
    source = (ROOT / "portal/settings.py").read_text("utf-8")
    defaults = dict(re.findall(r"\benv(?:\.\w+)?\(\s*\"([A-Z_]+)\", default=\"?([^\"()]+?)\"?\)", source))
    shown = dict(re.findall(r"(?m)^#([A-Z_]+)=(.+)$", EXAMPLE.read_text("utf-8")))

    assert len(shown) > 15
    assert {name: value for name, value in shown.items() if name in defaults} == {
        name: value for name, value in defaults.items() if name in shown
    }


def test_what_was_chosen_and_what_the_owner_wrote_outlives_a_start_and_what_was_given_does_not(tmp_path: Path) -> None:
    (tmp_path / "rollcall.env").write_text("# mine\nTIME_ZONE=Europe/Amsterdam\n")
    first = Remembered.read(tmp_path)
    first.chosen["SECRET_KEY"] = "it's $ecret"
    first.write({"LOG_LEVEL": "DEBUG"})

    second = Remembered.read(tmp_path)
    second.write({})

    assert second.chosen == {"SECRET_KEY": "it's $ecret"}
    assert second.owners == {"TIME_ZONE": "Europe/Amsterdam"}
    text = (tmp_path / "rollcall.env").read_text()
    assert "# mine" in text
    assert "LOG_LEVEL" not in text
    assert (tmp_path / "rollcall.env").stat().st_mode & 0o777 == 0o600


def test_only_described_variables_of_the_caller_count(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TIME_ZONE", "SECRET_KEY_FILE", "DATA_DIR", "PATH", "LOG_LEVEL"):
        monkeypatch.setenv(name, "given")

    found = given(EXAMPLE, {"TIME_ZONE", "SECRET_KEY_FILE", "DATA_DIR", "PATH"})

    assert set(found) == {"TIME_ZONE", "SECRET_KEY_FILE"}
    assert covers(found, "SECRET_KEY")
    assert not covers(found, "LOG_LEVEL")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, "Asia/Tokyo"), ({"TIME_ZONE": "Europe/Paris"}, "Europe/Paris")],
    ids=["file", "environment"],
)
def test_a_command_beside_the_service_sees_what_the_service_sees(
    tmp_path: Path, environment: dict[str, str], expected: str
) -> None:
    remembered = Remembered(tmp_path, {"TIME_ZONE": "UTC", "SECRET_KEY": "x"}, own="TIME_ZONE=Europe/Rome")
    remembered.write({"TIME_ZONE": "Asia/Tokyo"})
    code = "from portal import settings; print(settings.TIME_ZONE, end='')"

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment | {"DATA_DIR": str(tmp_path)}, capture_output=True
    )

    assert done.stdout.decode() == expected, done.stderr.decode()


def test_only_what_somebody_set_is_set_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "PUBLIC_URL": "chosen",
        "TIME_ZONE": "own",
        "EMAIL_URL_FILE": "given",
        "LANGUAGE_CODE": "nl",
        "LOG_LEVEL": "",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    remembered = Remembered(tmp_path, {"PUBLIC_URL": "chosen"}, own="TIME_ZONE=own")
    remembered.write({"EMAIL_URL_FILE": "given"})

    assert set_outside(tmp_path, {"LANGUAGE_CODE", "LOG_LEVEL"}) == {"TIME_ZONE", "EMAIL_URL", "LANGUAGE_CODE"}

    (tmp_path / "rollcall.env").write_text("PUBLIC_URL=by hand\n")
    assert set_outside(tmp_path, set()) == {"PUBLIC_URL"}
    assert set_outside(tmp_path / "nowhere", set()) == set()
