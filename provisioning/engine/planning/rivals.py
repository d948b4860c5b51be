"""Two people, one account: who keeps it.

Somebody who left gives the account to the one who has its address now (a re-hire). Somebody who is about to get another
address gives up the value, not the account. Anybody else keeps both, and the newcomer fails as a duplicate.
"""

from collections.abc import Mapping

from provisioning.engine.entitlement import NOT_ASSIGNED
from provisioning.engine.processing import Person, Rules, source_values
from provisioning.errors import ObjectError
from provisioning.models import Account, Change, Job, Link

TAKEN_OVER = "AccountTakenOver"
"""Why somebody who left is not touched any more: another person has the account now."""


class Rivals:
    """The links of other people to accounts that were found for somebody."""

    def __init__(
        self, job: Job, rules: Rules, accounts: Mapping[tuple[str, str], list[Account]], subjects: set[int]
    ) -> None:
        pks = {account.pk for found in accounts.values() for account in found}
        links = Link.objects.filter(job=job, account_id__in=pks).select_related("subject") if pks else []
        self.rules = rules
        self.links = {link.account_id: link for link in links}
        leaving = Change.objects.filter(
            job=job, account_id__in=pks, status__in=Change.OPEN, action__in=["disable", "delete"]
        )
        self.leaving = set(leaving.values_list("account_id", flat=True)) if pks else set()

    def keeps(self, account: Account, attribute: str, value: str, newcomer: int) -> bool:
        """Whether the account must be left to somebody else, who will give up the value.

        Raises ObjectError (DuplicateSourceEntries) when that person wants the same value.
        """
        link = self.links.get(account.pk)
        if link is None or link.subject_id == newcomer or self._left(link):
            return False
        if self._wants(link, attribute, value):
            raise ObjectError(
                f"{link.subject} has the same {attribute}, “{value}”, and already has that account. "
                "Give one of the two another.",
                code="DuplicateSourceEntries",
            )
        return True

    def link_to_take(self, account: int) -> int | None:
        link = self.links.get(account)
        return link.pk if link else None

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
