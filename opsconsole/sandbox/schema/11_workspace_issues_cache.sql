-- Numbers worked out for a workspace and period. No code of the platform reads or writes
-- it, and production may not have it.

CREATE TABLE workspace_issues_cache (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    period_start timestamptz NOT NULL,
    period_end timestamptz NOT NULL,
    time_range text NOT NULL,
    total_issues integer DEFAULT 0,
    open_issues integer DEFAULT 0,
    closed_issues integer DEFAULT 0,
    avg_time_to_close_hours numeric(10, 2),
    median_time_to_close_hours numeric(10, 2),
    issues_by_label jsonb DEFAULT '{}',
    issues_by_repository jsonb DEFAULT '{}',
    top_issues jsonb DEFAULT '[]',
    calculated_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '1 hour',
    is_stale boolean DEFAULT false,
    CONSTRAINT unique_workspace_issues_cache UNIQUE (workspace_id, time_range, period_end),
    CONSTRAINT workspace_issues_cache_time_range_check
        CHECK (time_range IN ('24h', '7d', '30d', '90d'))
);

CREATE INDEX idx_workspace_issues_cache_workspace ON workspace_issues_cache (workspace_id);
CREATE INDEX idx_workspace_issues_cache_lookup
    ON workspace_issues_cache (workspace_id, time_range, period_end);
-- Leaves out stale rows: a clean-up of everything expired cannot use it.
CREATE INDEX idx_workspace_issues_cache_expires
    ON workspace_issues_cache (expires_at) WHERE is_stale = false;
