-- Repositories that the platform tracks for anybody, and how each workspace syncs them.

CREATE TYPE repository_size AS ENUM ('small', 'medium', 'large', 'xl');
CREATE TYPE repository_priority AS ENUM ('high', 'medium', 'low');

CREATE TABLE tracked_repositories (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    repository_id uuid NOT NULL,
    added_by_user_id uuid,
    tracking_enabled boolean DEFAULT true,
    last_sync_at timestamptz,
    sync_frequency_hours integer DEFAULT 24,
    include_forks boolean DEFAULT false,
    include_bots boolean DEFAULT false,
    organization_name text,
    repository_name text,
    last_updated_at timestamptz DEFAULT now(),
    size repository_size,
    priority repository_priority DEFAULT 'low',
    metrics jsonb,
    size_calculated_at timestamptz,
    is_workspace_repo boolean DEFAULT false,
    workspace_count integer DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tracked_repositories_repo_unique UNIQUE (repository_id),
    CONSTRAINT tracked_repositories_names_unique UNIQUE (organization_name, repository_name),
    CONSTRAINT tracked_repos_sync_frequency_valid CHECK (sync_frequency_hours >= 1),
    CONSTRAINT tracked_repos_last_sync_valid CHECK (last_sync_at <= now()),
    CONSTRAINT fk_tracked_repositories_repository
        FOREIGN KEY (repository_id) REFERENCES repositories (id) ON DELETE CASCADE,
    CONSTRAINT fk_tracked_repositories_added_by_user
        FOREIGN KEY (added_by_user_id) REFERENCES app_users (id) ON DELETE SET NULL
);

CREATE INDEX idx_tracked_repositories_size_priority ON tracked_repositories (size, priority);

CREATE FUNCTION fill_tracked_repository_names() RETURNS trigger
LANGUAGE plpgsql SET search_path = public
AS $$
BEGIN
    IF NEW.organization_name IS NULL OR NEW.repository_name IS NULL THEN
        SELECT owner, name INTO NEW.organization_name, NEW.repository_name
        FROM repositories WHERE id = NEW.repository_id;
    END IF;
    NEW.last_updated_at := now();
    RETURN NEW;
END
$$;

CREATE TRIGGER fill_tracked_repository_names
BEFORE INSERT OR UPDATE ON tracked_repositories
FOR EACH ROW EXECUTE FUNCTION fill_tracked_repository_names();

CREATE TABLE workspace_tracked_repositories (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    tracked_repository_id uuid NOT NULL
        REFERENCES tracked_repositories (id) ON DELETE CASCADE,
    sync_frequency_hours integer DEFAULT 24,
    data_retention_days integer DEFAULT 30,
    fetch_issues boolean DEFAULT true,
    fetch_commits boolean DEFAULT true,
    fetch_reviews boolean DEFAULT true,
    fetch_comments boolean DEFAULT true,
    added_at timestamptz NOT NULL DEFAULT now(),
    added_by uuid NOT NULL,
    last_sync_at timestamptz,
    next_sync_at timestamptz DEFAULT now() + interval '24 hours',
    last_sync_status text,
    last_sync_error text,
    sync_attempts integer DEFAULT 0,
    total_issues_fetched integer DEFAULT 0,
    total_commits_fetched integer DEFAULT 0,
    total_reviews_fetched integer DEFAULT 0,
    priority_score integer DEFAULT 50,
    is_active boolean DEFAULT true,
    notes text,
    CONSTRAINT unique_workspace_tracked_repo UNIQUE (workspace_id, tracked_repository_id),
    CONSTRAINT workspace_tracked_repositories_sync_frequency_hours_check
        CHECK (sync_frequency_hours >= 1 AND sync_frequency_hours <= 168),
    CONSTRAINT workspace_tracked_repositories_data_retention_days_check
        CHECK (data_retention_days >= 7 AND data_retention_days <= 365),
    CONSTRAINT workspace_tracked_repositories_last_sync_status_check
        CHECK (last_sync_status IN ('success', 'partial', 'failed')),
    CONSTRAINT workspace_tracked_repositories_priority_score_check
        CHECK (priority_score >= 0 AND priority_score <= 100)
);

-- All of them leave out inactive rows, which the sync function does not: it cannot use them.
CREATE INDEX idx_workspace_tracked_repos_workspace
    ON workspace_tracked_repositories (workspace_id) WHERE is_active = true;
CREATE INDEX idx_workspace_tracked_repos_tracked
    ON workspace_tracked_repositories (tracked_repository_id) WHERE is_active = true;
CREATE INDEX idx_workspace_tracked_repos_next_sync
    ON workspace_tracked_repositories (next_sync_at)
    WHERE is_active = true AND next_sync_at IS NOT NULL;
CREATE INDEX idx_workspace_tracked_repos_priority
    ON workspace_tracked_repositories (priority_score DESC, next_sync_at)
    WHERE is_active = true;
CREATE INDEX idx_workspace_tracked_repos_sync_status
    ON workspace_tracked_repositories (workspace_id, last_sync_status, next_sync_at)
    WHERE is_active = true;
