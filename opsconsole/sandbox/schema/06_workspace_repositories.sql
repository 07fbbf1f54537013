-- The repositories people see in a workspace; what they add or remove here starts or ends
-- the sync of it.

CREATE TABLE workspace_repositories (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    repository_id uuid NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    added_by uuid REFERENCES app_users (id) ON DELETE SET NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    notes text,
    tags text[],
    is_pinned boolean DEFAULT false,
    CONSTRAINT unique_workspace_repository UNIQUE (workspace_id, repository_id)
);

CREATE INDEX idx_workspace_repos_workspace ON workspace_repositories (workspace_id);
CREATE INDEX idx_workspace_repos_repository ON workspace_repositories (repository_id);

-- Counts anew rather than adding one, and refuses what exceeds the workspace's limit.
CREATE FUNCTION update_workspace_repository_count() RETURNS trigger
LANGUAGE plpgsql SET search_path = public
AS $$
DECLARE
    subject uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.workspace_id ELSE NEW.workspace_id END;
    total integer := (SELECT count(*) FROM workspace_repositories WHERE workspace_id = subject);
    allowed integer := (SELECT max_repositories FROM workspaces WHERE id = subject);
BEGIN
    IF TG_OP = 'INSERT' AND total > allowed THEN
        RAISE EXCEPTION 'Repository limit exceeded for workspace. Maximum allowed: %', allowed;
    END IF;
    UPDATE workspaces SET current_repository_count = total WHERE id = subject;
    RETURN NULL;
END
$$;

CREATE TRIGGER maintain_repository_count
AFTER INSERT OR DELETE ON workspace_repositories
FOR EACH ROW EXECUTE FUNCTION update_workspace_repository_count();

-- A repository without a tracked_repositories row is left out with a notice, and tracking
-- it later does not link it. A link without added_by fails on the NOT NULL of the new row.
CREATE FUNCTION sync_workspace_tracked_repos() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public
AS $$
DECLARE
    repository uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.repository_id ELSE NEW.repository_id END;
    tracked uuid := (SELECT id FROM tracked_repositories WHERE repository_id = repository);
BEGIN
    IF tracked IS NULL THEN
        RAISE NOTICE 'No tracked_repositories entry for repository %', repository;
    ELSIF TG_OP = 'DELETE' THEN
        DELETE FROM workspace_tracked_repositories
        WHERE workspace_id = OLD.workspace_id AND tracked_repository_id = tracked;
    ELSE
        INSERT INTO workspace_tracked_repositories (
            workspace_id, tracked_repository_id, added_by, sync_frequency_hours,
            priority_score, next_sync_at, is_active,
            fetch_issues, fetch_commits, fetch_reviews, fetch_comments
        )
        VALUES (NEW.workspace_id, tracked, NEW.added_by, 24, 50, now(), true, true, true, true, true)
        ON CONFLICT ON CONSTRAINT unique_workspace_tracked_repo DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER trg_sync_workspace_tracked_repos
AFTER INSERT OR DELETE ON workspace_repositories
FOR EACH ROW EXECUTE FUNCTION sync_workspace_tracked_repos();

CREATE FUNCTION update_workspace_activity() RETURNS trigger
LANGUAGE plpgsql SET search_path = public
AS $$
BEGIN
    UPDATE workspaces SET last_activity_at = now()
    WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.workspace_id ELSE NEW.workspace_id END;
    RETURN NULL;
END
$$;

CREATE TRIGGER update_workspace_activity_on_repo_change
AFTER INSERT OR UPDATE OR DELETE ON workspace_repositories
FOR EACH ROW EXECUTE FUNCTION update_workspace_activity();
