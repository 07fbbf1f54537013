-- Link repositories, and its undo. Run as the owner of the tables.
-- Made by `manage.py platform_grants`; change Operation.writes instead.
GRANT UPDATE (id) ON workspace_tracked_repositories TO opsconsole_writer;
GRANT INSERT (added_by, fetch_issues, id, is_active, next_sync_at, priority_score, sync_frequency_hours, tracked_repository_id, workspace_id) ON workspace_tracked_repositories TO opsconsole_writer;
GRANT DELETE ON workspace_tracked_repositories TO opsconsole_writer;
