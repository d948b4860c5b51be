"""Graph's table of operations, and the permissions that they need.

Source: Microsoft Graph v1.0, the table "Permissions" of each operation.
"""

from sandbox.entra.graph.service import Graph

graph = Graph()

READ_USERS = ("User.Read.All",)
WRITE_USERS = ("User.ReadWrite.All",)
READ_GROUPS = ("Group.Read.All",)
READ_MEMBERS = ("GroupMember.Read.All",)
WRITE_GROUPS = ("Group.ReadWrite.All",)
WRITE_MEMBERS = ("GroupMember.ReadWrite.All", "Group.ReadWrite.All")
READ_APPLICATIONS = ("Application.Read.All",)
WRITE_APPLICATIONS = ("Application.ReadWrite.OwnedBy", "Application.ReadWrite.All")
WRITE_ASSIGNMENTS = ("AppRoleAssignment.ReadWrite.All",)
READ_SYNCHRONIZATION = ("Synchronization.Read.All",)
READ_ORGANIZATION = ("Organization.Read.All",)
READ_ANYTHING = ("User.Read.All", "GroupMember.Read.All", "Application.Read.All")
