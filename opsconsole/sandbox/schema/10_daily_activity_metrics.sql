-- One row for each repository and day. May be missing in production; has no row security.

CREATE TABLE daily_activity_metrics (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    repository_id uuid NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    date date NOT NULL,
    commits_count integer DEFAULT 0 CHECK (commits_count >= 0),
    additions integer DEFAULT 0 CHECK (additions >= 0),
    deletions integer DEFAULT 0 CHECK (deletions >= 0),
    files_changed integer DEFAULT 0 CHECK (files_changed >= 0),
    unique_authors integer DEFAULT 0 CHECK (unique_authors >= 0),
    prs_opened integer DEFAULT 0 CHECK (prs_opened >= 0),
    prs_merged integer DEFAULT 0 CHECK (prs_merged >= 0),
    prs_closed integer DEFAULT 0 CHECK (prs_closed >= 0),
    prs_reviewed integer DEFAULT 0 CHECK (prs_reviewed >= 0),
    avg_pr_merge_time_hours numeric(10, 2),
    issues_opened integer DEFAULT 0 CHECK (issues_opened >= 0),
    issues_closed integer DEFAULT 0 CHECK (issues_closed >= 0),
    issues_commented integer DEFAULT 0 CHECK (issues_commented >= 0),
    avg_issue_close_time_hours numeric(10, 2),
    active_contributors integer DEFAULT 0 CHECK (active_contributors >= 0),
    new_contributors integer DEFAULT 0 CHECK (new_contributors >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    data_source text DEFAULT 'github_api',
    is_complete boolean DEFAULT false,
    CONSTRAINT unique_repo_date UNIQUE (repository_id, date),
    CONSTRAINT daily_activity_metrics_data_source_check
        CHECK (data_source IN ('github_api', 'webhook', 'manual', 'calculated'))
);

CREATE INDEX idx_daily_metrics_repo ON daily_activity_metrics (repository_id);
CREATE INDEX idx_daily_metrics_date ON daily_activity_metrics (date DESC);
CREATE INDEX idx_daily_metrics_repo_date ON daily_activity_metrics (repository_id, date DESC);
CREATE INDEX idx_daily_metrics_recent_complete
    ON daily_activity_metrics (repository_id, date DESC) WHERE is_complete = true;

CREATE TRIGGER update_daily_metrics_updated_at
BEFORE UPDATE ON daily_activity_metrics
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
