"""Whether a person is in scope, with every reason. Pure.

Source: Microsoft Entra ID, "On-demand provisioning", step "Determine if user is in scope", and the provisioning logs.
"""

from dataclasses import dataclass, field

from provisioning.engine.entitlement import Entitlement
from provisioning.mapping import ScopeResult


@dataclass(frozen=True, slots=True)
class Scoping:
    """`reason` is "" in scope, else the code of the first check that failed."""

    in_scope: bool
    reason: str
    active: bool
    assigned: bool
    entitled: bool
    passed_filter: bool
    sync_all: bool = False
    clauses: dict[str, bool] = field(default_factory=dict)

    def details(self) -> dict[str, str]:
        """As the log's scoping step names them; all values are texts."""
        return {
            "Active in the source system": str(self.active),
            "Assigned to the application": str(self.assigned),
            "User has the required role": str(self.entitled),
            "Scope sync all": str(self.sync_all),
            "Scoping filter evaluation passed": str(self.passed_filter),
            **{clause: str(passed) for clause, passed in self.clauses.items()},
        }


def scope(
    *, enabled: bool, removed: str, entitlement: Entitlement, sync_all: bool, filter_result: ScopeResult
) -> Scoping:
    """`removed` is "", "changed" (recycle bin) or "deleted", as Graph names it."""
    active = enabled and not removed
    assigned = sync_all or entitlement.assigned
    entitled = sync_all or entitlement.entitled
    if removed:
        reason = "SourceObjectDeleted"
    elif not enabled:
        reason = "SourceObjectDisabled"
    elif not assigned:
        reason = "NotAssigned"
    elif not entitled:
        reason = "NotEffectivelyEntitled"
    elif not filter_result.passed:
        reason = "ScopingFilterNotPassed"
    else:
        reason = ""
    return Scoping(
        not reason, reason, active, assigned, entitled, filter_result.passed, sync_all, dict(filter_result.clauses)
    )
