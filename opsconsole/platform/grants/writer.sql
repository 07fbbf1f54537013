-- The role that operations write with: what all of them need. What each may change is
-- granted column by column in operations/grants/*.sql, to be run after this file.
--
-- Once, with a password of your own, by a superuser (on Supabase: `postgres`):
--     CREATE ROLE opsconsole_writer LOGIN BYPASSRLS PASSWORD '…';
-- BYPASSRLS, since a plain role's UPDATE matches no policy and touches nothing, without
-- an error (migration 20260707000002).
-- Then, as the owner of the tables, and again after every update of the console:
--     psql "$PLATFORM_OWNER_URL" -v ON_ERROR_STOP=1 -f opsconsole/platform/grants/writer.sql
-- It may be run any number of times, on PostgreSQL 15 and newer. A table that this
-- platform does not have is named in a notice and left out.

GRANT USAGE ON SCHEMA public TO opsconsole_writer;

-- An operation checks, in the transaction that writes, that a row still belongs to its
-- selection: it reads other tables than those it changes.
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
            RAISE NOTICE 'opsconsole_writer: no table public.%', name;
        ELSE
            EXECUTE format('GRANT SELECT ON public.%I TO opsconsole_writer', name);
        END IF;
    END LOOP;
END
$$;

-- The default of workspace_tracked_repositories.id, for operations that insert. On
-- Supabase the function lives in the schema extensions.
DO $$
BEGIN
    IF to_regnamespace('extensions') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA extensions TO opsconsole_writer;
    END IF;
    IF to_regprocedure('extensions.uuid_generate_v4()') IS NOT NULL THEN
        GRANT EXECUTE ON FUNCTION extensions.uuid_generate_v4() TO opsconsole_writer;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'opsconsole_writer: the schema extensions belongs to somebody else';
END
$$;

-- Session settings do not survive a pooler in transaction mode; those of the role do.
DO $$
BEGIN
    ALTER ROLE opsconsole_writer SET statement_timeout = '30s';
    ALTER ROLE opsconsole_writer SET timezone = 'UTC';
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'opsconsole_writer: its settings must be made by a superuser';
END
$$;
