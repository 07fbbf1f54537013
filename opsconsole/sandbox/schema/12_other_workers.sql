-- What the platform's other workers leave behind: logs, their queue, API limits.

CREATE TABLE sync_logs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    sync_type text NOT NULL,
    repository_id uuid,
    status text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    records_processed integer DEFAULT 0,
    records_inserted integer DEFAULT 0,
    records_updated integer DEFAULT 0,
    records_failed integer DEFAULT 0,
    error_message text,
    github_api_calls_used integer DEFAULT 0,
    rate_limit_remaining integer,
    metadata jsonb,
    CONSTRAINT fk_sync_logs_repository
        FOREIGN KEY (repository_id) REFERENCES repositories (id) ON DELETE SET NULL,
    CONSTRAINT sync_logs_sync_type_check CHECK (
        sync_type IN ('full_sync', 'incremental_sync', 'repository_sync', 'contributor_sync')
    ),
    CONSTRAINT sync_logs_status_check
        CHECK (status IN ('started', 'completed', 'failed', 'cancelled')),
    CONSTRAINT sync_logs_status_validation
        CHECK ((status = 'started') = (completed_at IS NULL)),
    CONSTRAINT sync_logs_failed_error_required
        CHECK (status <> 'failed' OR error_message IS NOT NULL),
    CONSTRAINT sync_logs_error_message_length CHECK (length(error_message) <= 2000)
);

CREATE INDEX idx_sync_logs_started ON sync_logs (started_at DESC);
CREATE INDEX idx_sync_logs_repository ON sync_logs (repository_id);

CREATE TABLE progressive_capture_jobs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_type varchar(50) NOT NULL,
    repository_id uuid REFERENCES repositories (id) ON DELETE CASCADE,
    processor_type varchar(20) NOT NULL DEFAULT 'github_actions',
    status varchar(20) DEFAULT 'pending',
    time_range_days integer,
    workflow_run_id bigint,
    metadata jsonb DEFAULT '{}',
    error text,
    created_at timestamptz DEFAULT now(),
    started_at timestamptz,
    completed_at timestamptz
);

CREATE INDEX idx_capture_jobs_processor
    ON progressive_capture_jobs (processor_type, status, created_at);
CREATE INDEX idx_capture_jobs_repository
    ON progressive_capture_jobs (repository_id, created_at);
CREATE INDEX idx_capture_jobs_status ON progressive_capture_jobs (status, created_at);

CREATE TABLE rate_limits (
    key text PRIMARY KEY,
    request_count integer NOT NULL DEFAULT 0,
    window_start timestamptz NOT NULL DEFAULT now(),
    last_request timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now()
);
