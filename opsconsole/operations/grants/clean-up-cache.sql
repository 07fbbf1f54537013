-- Clean up expired cache, and its undo. Run as the owner of the tables.
-- Made by `manage.py platform_grants`; change Operation.writes instead.
DO $$ BEGIN IF to_regclass('workspace_issues_cache') IS NOT NULL THEN GRANT UPDATE (id) ON workspace_issues_cache TO opsconsole_writer; END IF; END $$;
DO $$ BEGIN IF to_regclass('workspace_issues_cache') IS NOT NULL THEN GRANT DELETE ON workspace_issues_cache TO opsconsole_writer; END IF; END $$;
