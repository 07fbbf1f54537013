"""Hand-made rows of the platform, one short call each."""

from uuid import uuid4

from tests import factories


class Factories:
    """`tests.factories` bound to one connection, with links of both kinds."""

    def __init__(self, sql):
        self.sql = sql

    def workspace(self, name="", *, repositories=0, **values):
        """A workspace that has so many repositories, none of them tracked."""
        pk = factories.workspace(self.sql, **({"name": name} if name else {}), **values)
        for _ in range(repositories):
            self.link(pk)
        return pk

    def link(self, workspace, repository=None, **values):
        repository = repository or factories.repository(self.sql, **values)
        return factories.insert(
            self.sql,
            "workspace_repositories",
            workspace_id=workspace,
            repository_id=repository,
        )

    def known(self, repository):
        """Let the platform track a repository, for no workspace yet."""
        return factories.insert(
            self.sql, "tracked_repositories", repository_id=repository
        )

    def repository(self, **values):
        return factories.repository(self.sql, **values)

    def linked(self, workspace):
        """A repository of a workspace with the row that syncs it."""
        row = self.tracked(workspace)
        [(repository,)] = self.sql(
            "SELECT repository_id FROM tracked_repositories WHERE id = (SELECT"
            " tracked_repository_id FROM workspace_tracked_repositories WHERE id = %s)",
            row,
        )
        self.link(workspace, repository)
        return row

    def tracked(self, workspace=None, **values):
        return factories.tracked(self.sql, workspace, **values)

    def failed(self, workspace=None, **values):
        return factories.failed(self.sql, workspace, **values)

    def user(self, **values):
        pk = uuid4()
        return factories.insert(
            self.sql, "app_users", id=pk, github_username=str(pk)[:30], **values
        )

    def member(self, workspace, user, accepted_at):
        return factories.insert(
            self.sql,
            "workspace_members",
            workspace_id=workspace,
            user_id=user,
            role="contributor",
            accepted_at=accepted_at,
        )
