-- The role that pages read with: SELECT on exactly the tables of platform/models.py.
--
-- Once, with a password of your own, by a superuser (on Supabase: `postgres`):
--     CREATE ROLE opsconsole_reader LOGIN BYPASSRLS PASSWORD '…';
-- BYPASSRLS, since a plain role gets errors or silently no rows (migration 20260707000002).
-- Then, as the owner of the tables, and again after every update of the console:
--     psql "$PLATFORM_OWNER_URL" -v ON_ERROR_STOP=1 -f opsconsole/platform/grants/reader.sql
-- It may be run any number of times, on PostgreSQL 15 and newer. A table that this
-- platform does not have is named in a notice and left out.

GRANT USAGE ON SCHEMA public TO opsconsole_reader;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'app_users',
        'daily_activity_metrics',
        'daily_activity_metrics_archive',
        'issues',
        'progressive_capture_jobs',
        'repositories',
        'subscriptions',
        'sync_logs',
        'tracked_repositories',
        'workspace_issues_cache',
        'workspace_members',
        'workspace_repositories',
        'workspace_tracked_repositories',
        'workspaces'
    ] LOOP
        IF to_regclass(format('public.%I', name)) IS NULL THEN
            RAISE NOTICE 'opsconsole_reader: no table public.%', name;
        ELSE
            EXECUTE format('GRANT SELECT ON public.%I TO opsconsole_reader', name);
        END IF;
    END LOOP;
END
$$;

-- Session settings do not survive a pooler in transaction mode; those of the role do.
DO $$
BEGIN
    ALTER ROLE opsconsole_reader SET default_transaction_read_only = on;
    ALTER ROLE opsconsole_reader SET statement_timeout = '30s';
    ALTER ROLE opsconsole_reader SET timezone = 'UTC';
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'opsconsole_reader: its settings must be made by a superuser';
END
$$;
