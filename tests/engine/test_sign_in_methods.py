"""The three ways to a GoTo token, as cycles and processes that run side by side use them."""

import os
import subprocess
import sys
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils.timezone import now

from provisioning.engine import authorization, connections
from provisioning.errors import CredentialsRejected
from provisioning.models import Credential
from tests.conftest import database_url
from tests.world import World

CALLBACK = "https://localhost/goto/callback"
ACCESS_TOKEN_LIFE = 3600
MODES = ["rotate", "same", "omit"]


def authorize(world: World) -> None:
    """The administrator allows access in the browser, and comes back with a code."""
    verifier = authorization.new_verifier()
    url = authorization.address(world.application, redirect_uri=CALLBACK, state="opaque", verifier=verifier)
    form = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    form |= {"username": world.sandbox.goto_username, "password": world.sandbox.goto_password, "decision": "allow"}
    with world.sandbox.session() as session:
        back = session.post(url.split("?")[0], data=form, allow_redirects=False)
    (code,) = parse_qs(urlsplit(back.headers["Location"]).query)["code"]
    draft = Credential(application=world.application, draft=True, values={"redirect_uri": CALLBACK})
    draft.seal({"code": code, "verifier": verifier})
    draft.save()
    Credential.objects.filter(application=world.application, draft=False).update(values={"auth_mode": "authorize"})
    authorization.redeem(world.application, draft.pk, now())


def paste(world: World) -> None:
    """A refresh token that was obtained elsewhere."""
    authorize(world)
    credential = stored(world)
    credential.values = {"auth_mode": "refresh_token"}
    credential.seal({"refresh_token": credential.open()["refresh_token"]})
    credential.save()


def by_password(world: World) -> None:
    assert stored(world).values["auth_mode"] == "password"


def stored(world: World) -> Credential:
    return Credential.objects.get(application=world.application, draft=False)


def token_requests(world: World) -> list[int]:
    """Statuses of the token endpoint's answers."""
    requests = world.sandbox.control.requests("goto_auth")
    return [row["status"] for row in requests if row["path"] == "/oauth/token"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("enter", [by_password, authorize, paste])
def test_cycles_sign_in_again_and_again(world: World, enter: object, mode: str) -> None:
    world.sandbox.control.knobs(refresh_mode=mode)
    enter(world)  # type: ignore[operator]
    world.forget_requests()

    for name in ("Britta Simon", "Adele Vance", "Lee Gu"):
        world.assign(world.add_user(name))
        assert world.run_cycle().state == "Succeeded"
        world.sandbox.control.advance(ACCESS_TOKEN_LIFE)
        world._tokens.clear()

    assert len(world.managed()) == 3
    assert token_requests(world) == [200, 200, 200], "once a cycle"


def test_a_refresh_token_that_was_replaced_is_no_longer_stored(world: World) -> None:
    world.sandbox.control.knobs(refresh_mode="rotate")
    authorize(world)
    first = stored(world).open()["refresh_token"]

    world.run_cycle()

    assert stored(world).open()["refresh_token"] != first


def ask_in_another_process(world: World) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.engine.prove", str(world.application.pk)],
        env=os.environ | goto_environment(world) | {"DATABASE_URL": database_url(), "LEASE_SECONDS": "3"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def goto_environment(world: World) -> dict[str, str]:
    return {
        "GOTO_API_URL": world.sandbox.goto_api,
        "GOTO_AUTH_URL": world.sandbox.goto_auth,
        "GOTO_CLIENT_ID": world.sandbox.goto_client_id,
        "GOTO_CLIENT_SECRET": world.sandbox.goto_client_secret,
        "GOTO_CA_FILE": world.sandbox.ca_file,
    }


@pytest.mark.parametrize("mode", MODES)
def test_processes_that_refresh_at_once_take_turns(world: World, mode: str) -> None:
    """With rotation, two that send the same token spoil it for each other."""
    world.sandbox.control.knobs(refresh_mode=mode)
    authorize(world)
    world.forget_requests()
    world.sandbox.control.faults({"server": "goto_auth", "what": "latency", "latency": 0.7})

    processes = [ask_in_another_process(world) for _ in range(3)]

    for process in processes:
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0, output
        assert world.sandbox.goto_account_key in output
    assert token_requests(world) == [200] * 3
    requests = [row for row in world.sandbox.control.requests("goto_auth") if row["path"] == "/oauth/token"]
    for before, after in zip(requests, requests[1:], strict=False):
        assert before["time"] + before["duration"] <= after["time"], "one after the other"


def test_a_slow_refresh_is_waited_for_beyond_the_lease(world: World) -> None:
    world.sandbox.control.knobs(refresh_mode="rotate")
    authorize(world)
    world.forget_requests()
    world.sandbox.control.faults({"server": "goto_auth", "what": "latency", "latency": 5, "count": 1})

    processes = [ask_in_another_process(world) for _ in range(2)]

    assert [process.communicate(timeout=60) and process.returncode for process in processes] == [0, 0]
    assert token_requests(world) == [200, 200]


def test_a_process_killed_between_the_new_token_and_its_first_use_loses_nothing(world: World) -> None:
    world.sandbox.control.knobs(refresh_mode="rotate")
    authorize(world)
    old = stored(world).open()
    world.sandbox.control.faults({"server": "goto", "what": "latency", "latency": 30})
    world.forget_requests()

    process = ask_in_another_process(world)
    ends = time.monotonic() + 30
    while stored(world).open() == old and time.monotonic() < ends:
        time.sleep(0.05)
    process.kill()
    process.communicate()

    assert token_requests(world) == [200] and world.goto_requests() == [], "given, stored, and not used"
    world.sandbox.control.clear_faults()
    assert connections.open_target(world.application).prove().account_key == world.sandbox.goto_account_key
    credential = stored(world)
    credential.seal(old)
    credential.save()
    with pytest.raises(CredentialsRejected):
        connections.open_target(world.application).prove()
