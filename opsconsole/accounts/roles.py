"""The four roles, made as groups by a migration.

A role's permissions to *run* come from operations.permissions, since each operation
brings its own.
"""

VIEWER, OPERATOR, APPROVER, ADMIN = "viewer", "operator", "approver", "admin"
ROLES = {
    VIEWER: "sees every page and report, changes nothing",
    OPERATOR: "runs operations",
    APPROVER: "runs operations and approves those of others",
    ADMIN: "all of that, and people",
}
# What every role may look at: the models whose view permission opens a room's pages.
SEES = ("platform.workspace", "operations.run", "audit.entry")
