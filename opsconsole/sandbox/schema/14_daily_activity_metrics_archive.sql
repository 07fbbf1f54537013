-- Where the runbook archives old metrics. No migration of the platform makes it, so a real
-- one may well lack it; here it was made by hand, as the console's operation asks for it.

CREATE TABLE daily_activity_metrics_archive (LIKE daily_activity_metrics INCLUDING ALL);

ALTER TABLE daily_activity_metrics_archive ENABLE ROW LEVEL SECURITY;
