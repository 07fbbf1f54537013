-- Two functions about the sync that the sync function itself does not call.

-- Heeds is_active and ignores fetch_issues: the reverse of `workspace-issues-sync`.
CREATE FUNCTION get_workspace_repos_for_sync(p_limit integer DEFAULT 10)
RETURNS TABLE (
    workspace_id uuid,
    tracked_repository_id uuid,
    repository_id uuid,
    repository_name text,
    priority_score integer,
    last_sync_at timestamptz
)
LANGUAGE sql SET search_path = public
AS $$
    SELECT link.workspace_id, link.tracked_repository_id, repository.id, repository.full_name,
           link.priority_score, link.last_sync_at
    FROM workspace_tracked_repositories link
    JOIN tracked_repositories tracked ON tracked.id = link.tracked_repository_id
    JOIN repositories repository ON repository.id = tracked.repository_id
    WHERE link.is_active = true AND link.next_sync_at <= now()
    ORDER BY link.priority_score DESC, link.next_sync_at
    LIMIT p_limit
$$;

CREATE FUNCTION update_workspace_sync_status(
    p_workspace_id uuid, p_tracked_repository_id uuid, p_status text, p_error text DEFAULT NULL
) RETURNS void
LANGUAGE sql SET search_path = public
AS $$
    UPDATE workspace_tracked_repositories
    SET last_sync_at = now(),
        next_sync_at = now() + make_interval(hours => sync_frequency_hours),
        last_sync_status = p_status,
        last_sync_error = p_error,
        sync_attempts = CASE p_status WHEN 'success' THEN 0 ELSE sync_attempts + 1 END
    WHERE workspace_id = p_workspace_id AND tracked_repository_id = p_tracked_repository_id
$$;

REVOKE EXECUTE ON FUNCTION update_workspace_sync_status(uuid, uuid, text, text) FROM PUBLIC;
