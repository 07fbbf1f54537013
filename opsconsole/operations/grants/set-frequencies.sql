-- Optimise frequencies, and its undo. Run as the owner of the tables.
-- Made by `manage.py platform_grants`; change Operation.writes instead.
GRANT UPDATE (sync_frequency_hours) ON workspace_tracked_repositories TO opsconsole_writer;
