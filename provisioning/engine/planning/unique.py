"""Whether a unique value is taken: asked by SelectUniqueValue for everybody who is created."""

from collections.abc import Callable

from provisioning.models import Account, Change, Job


def taken(job: Job) -> Callable[[str], bool]:
    """By an account of the mirror, or by a change still to be sent. What neither knows, the application refuses."""

    def ask(value: str) -> bool:
        text = value.lower()
        accounts = Account.objects.filter(application=job.application, user_name=text, removed=False)
        claims = Change.objects.filter(job=job, claim=text, status__in=Change.OPEN)
        return accounts.exists() or claims.exists()

    return ask
