"""Two people, one account: who keeps it.

Somebody who left gives the account to the one who has its address now (a re-hire). Somebody who is about to get another
address gives up the value, not the account. Anybody else keeps both, and the newcomer fails as a duplicate.
"""

from collections.abc import Mapping

from provisioning.engine.entitlement import NOT_ASSIGNED
from provisioning.engine.processing import Person, Rules, source_values
from provisioning.errors import ObjectError
from provisioning.models import Account, Change, Job, Link
from provisioning.sentences import Sentence

TAKEN_OVER = "AccountTakenOver"
"""Why somebody who left is not touched any more: another person has the account now."""


class Rivals:
    """The links of other people to accounts that were found for somebody."""

    def __init__(self, job: Job, rules: Rules, accounts: Mapping[tuple[str, str], list[Account]]) -> None:
        pks = {account.pk for found in accounts.values() for account in found}
        links = Link.objects.filter(job=job, account_id__in=pks).select_related("subject")
        still_open = Change.objects.filter(job=job, account_id__in=pks, status__in=Change.OPEN)
        self.rules = rules
        self.links = {link.account_id: link for link in links} if pks else {}
        self.leaving: set[int | None] = set()
        self.taken: dict[int | None, tuple[int | None, str]] = {}
        """Accounts that were matched to somebody, in this plan or an open one: account → (person, name)."""
        rows = still_open.values_list("account_id", "action", "subject_id", "identity") if pks else ()
        for account, action, subject, identity in rows:
            if action in (Change.Action.DISABLE, Change.Action.DELETE):
                self.leaving.add(account)
            elif account not in self.links:
                self.taken[account] = (subject, identity)

    def keeps(self, account: Account, attribute: str, value: str, newcomer: int) -> bool:
        """Whether the account must be left to somebody else, who will give up the value.

        Raises ObjectError (DuplicateSourceEntries) when that person wants the same value.
        """
        taker, name = self.taken.get(account.pk, (newcomer, ""))
        if taker != newcomer:
            raise duplicate(name, attribute, value)
        link = self.links.get(account.pk)
        if link is None or link.subject_id == newcomer or self._left(link):
            return False
        if self._wants(link, attribute, value):
            raise duplicate(str(link.subject), attribute, value)
        return True

    def take(self, account: int, newcomer: int, name: str) -> int | None:
        """The account is the newcomer's from here on. Returns the link that it is taken from, if somebody had it."""
        self.taken[account] = (newcomer, name)
        link = self.links.get(account)
        return link.pk if link and link.subject_id != newcomer else None

    def _left(self, link: Link) -> bool:
        subject = link.subject
        return bool(subject.removed or link.disabled_at or link.account_id in self.leaving)

    def _wants(self, link: Link, attribute: str, value: str) -> bool:
        subject = link.subject
        person = Person(subject.object_id, subject.attributes, subject.enabled, subject.removed, NOT_ASSIGNED)
        source = source_values(person, (), soft_deleted=False)
        context = self.rules.expression_context(subject.object_id)
        wanted = [rule.evaluate(source, context) for rule in self.rules.mapping.matching if rule.target == attribute]
        return any((text or "").lower() == value.lower() for text in wanted)


def duplicate(name: str, attribute: str, value: str) -> ObjectError:
    return ObjectError(
        Sentence(
            "%(name)s has the same %(attribute)s, “%(value)s”, and already has that account. Give one of the two "
            "another.",
            name=name,
            attribute=attribute,
            value=value,
        ),
        code="DuplicateSourceEntries",
    )
