"""Test Connection: the checks one by one, each written down as it ends, so that the page can show them filling in."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime

from provisioning.connectors.base import Check
from provisioning.errors import AccountChoiceNeeded, ProvisioningError
from provisioning.models import Credential


def test_connection(
    credential: Credential, checks: Callable[[], Iterator[Check]], clock: Callable[[], datetime]
) -> None:
    """Changes nothing outside; the credential's row ends as passed or failed, whatever happens.

    A row that is saved anew meanwhile keeps waiting for a test of its own: a result is of exactly what was tested.
    """
    _save(credential, test=Credential.Test.RUNNING, checks=[], accounts={})
    done: list[Check] = []
    accounts: dict[str, str] = {}
    try:
        for check in checks():
            done.append(check)
            _save(credential, checks=[_facts(each) for each in done])
    except AccountChoiceNeeded as error:
        accounts = error.accounts
        done.append(Check("account", "failed", error.message, error.code))
    except ProvisioningError as error:
        done.append(Check("connection", "failed", error.message, error.code))
    failed = any(check.status == "failed" for check in done)
    _save(
        credential,
        test=Credential.Test.FAILED if failed else Credential.Test.PASSED,
        checks=[_facts(each) for each in done],
        accounts=accounts,
        tested_at=clock(),
    )


def _facts(check: Check) -> dict[str, object]:
    return {**asdict(check), "message": check.message.facts()}


def _save(credential: Credential, **fields: object) -> None:
    Credential.objects.filter(pk=credential.pk, changed_at=credential.changed_at).update(**fields)
