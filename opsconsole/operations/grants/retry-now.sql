-- Retry now, and its undo. Run as the owner of the tables.
-- Made by `manage.py platform_grants`; change Operation.writes instead.
GRANT UPDATE (last_sync_error, last_sync_status, next_sync_at, sync_attempts) ON workspace_tracked_repositories TO opsconsole_writer;
