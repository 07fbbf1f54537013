-- GitHub repositories as the platform knows them.

CREATE TABLE repositories (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    github_id bigint NOT NULL UNIQUE,
    full_name text NOT NULL UNIQUE,
    owner text NOT NULL,
    name text NOT NULL,
    description text,
    language text,
    stargazers_count integer DEFAULT 0,
    forks_count integer DEFAULT 0,
    open_issues_count integer DEFAULT 0,
    default_branch text DEFAULT 'main',
    has_issues boolean DEFAULT true,
    is_private boolean DEFAULT false,
    is_archived boolean DEFAULT false,
    is_disabled boolean DEFAULT false,
    is_active boolean DEFAULT true,
    sync_status text DEFAULT 'idle',
    last_synced_at timestamptz,
    github_created_at timestamptz,
    github_updated_at timestamptz,
    github_pushed_at timestamptz,
    first_tracked_at timestamptz NOT NULL DEFAULT now(),
    last_updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT repositories_owner_name_key UNIQUE (owner, name),
    CONSTRAINT repositories_name_format
        CHECK (name ~ '^[a-zA-Z0-9._-]+$' AND length(name) BETWEEN 1 AND 100),
    CONSTRAINT repositories_full_name_format
        CHECK (full_name ~ '^[a-zA-Z0-9-]+/[a-zA-Z0-9._-]+$'),
    CONSTRAINT repositories_owner_format
        CHECK (owner ~ '^[a-zA-Z0-9-]+$' AND length(owner) BETWEEN 1 AND 39),
    CONSTRAINT repositories_stargazers_non_negative CHECK (stargazers_count >= 0),
    CONSTRAINT repositories_issues_non_negative CHECK (open_issues_count >= 0),
    CONSTRAINT repositories_sync_status_check
        CHECK (sync_status IN ('idle', 'syncing', 'completed', 'failed', 'partial'))
);

CREATE INDEX idx_repositories_owner ON repositories (owner);
CREATE INDEX idx_repositories_stars ON repositories (stargazers_count DESC);
