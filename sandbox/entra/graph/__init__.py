"""Microsoft Graph over the sandbox's directory.

service         what every request goes through
operations      the table that the files below fill
listing         query options and pages           filters     the `$filter` language
delta           change tracking                   properties  what objects have, what `$select` may name
users  groups  service_principals  assignments  registrations  deleted_items  directory_objects  batch
"""

from sandbox.entra.graph import (
    assignments,
    batch,
    deleted_items,
    directory_objects,
    groups,
    registrations,
    service_principals,
    users,
)
from sandbox.entra.graph.operations import graph

__all__ = [
    "assignments",
    "batch",
    "deleted_items",
    "directory_objects",
    "graph",
    "groups",
    "registrations",
    "service_principals",
    "users",
]
