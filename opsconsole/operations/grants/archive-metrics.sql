-- Archive daily metrics, and its undo. Run as the owner of the tables.
-- Made by `manage.py platform_grants`; change Operation.writes instead.
DO $$ BEGIN IF to_regclass('daily_activity_metrics') IS NOT NULL THEN GRANT UPDATE (id) ON daily_activity_metrics TO opsconsole_writer; END IF; END $$;
DO $$ BEGIN IF to_regclass('daily_activity_metrics_archive') IS NOT NULL THEN GRANT UPDATE (id) ON daily_activity_metrics_archive TO opsconsole_writer; END IF; END $$;
DO $$ BEGIN IF to_regclass('daily_activity_metrics') IS NOT NULL THEN GRANT INSERT ON daily_activity_metrics TO opsconsole_writer; END IF; END $$;
DO $$ BEGIN IF to_regclass('daily_activity_metrics_archive') IS NOT NULL THEN GRANT INSERT ON daily_activity_metrics_archive TO opsconsole_writer; END IF; END $$;
DO $$ BEGIN IF to_regclass('daily_activity_metrics') IS NOT NULL THEN GRANT DELETE ON daily_activity_metrics TO opsconsole_writer; END IF; END $$;
DO $$ BEGIN IF to_regclass('daily_activity_metrics_archive') IS NOT NULL THEN GRANT DELETE ON daily_activity_metrics_archive TO opsconsole_writer; END IF; END $$;
