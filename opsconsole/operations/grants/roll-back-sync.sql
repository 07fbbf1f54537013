-- Roll back the sync feature, and its undo. Run as the owner of the tables.
-- Made by `manage.py platform_grants`; change Operation.writes instead.
GRANT UPDATE (fetch_issues, is_active) ON workspace_tracked_repositories TO opsconsole_writer;
