-- Set retention, and its undo. Run as the owner of the tables.
-- Made by `manage.py platform_grants`; change Operation.writes instead.
GRANT UPDATE (data_retention_days) ON workspace_tracked_repositories TO opsconsole_writer;
