-- What a change of tier does by itself. The functions know the tier 'private' of old and
-- not 'team', which the CHECK allows: for it they fail with case_not_found.

CREATE FUNCTION update_workspace_tier_limits() RETURNS trigger
LANGUAGE plpgsql SET search_path = public
AS $$
BEGIN
    CASE NEW.tier
        WHEN 'free' THEN NEW.max_repositories := 10; NEW.data_retention_days := 30;
        WHEN 'pro' THEN NEW.max_repositories := 50; NEW.data_retention_days := 90;
        WHEN 'private' THEN NEW.max_repositories := 999; NEW.data_retention_days := 365;
    END CASE;
    IF NEW.current_repository_count > NEW.max_repositories THEN
        RAISE EXCEPTION 'Cannot downgrade tier: workspace has % repositories but new tier allows only %',
            NEW.current_repository_count, NEW.max_repositories;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER update_tier_limits
BEFORE UPDATE OF tier ON workspaces
FOR EACH ROW WHEN (OLD.tier IS DISTINCT FROM NEW.tier)
EXECUTE FUNCTION update_workspace_tier_limits();

CREATE FUNCTION calculate_workspace_repo_priority(
    p_workspace_id uuid, p_tracked_repository_id uuid
) RETURNS integer
LANGUAGE plpgsql SET search_path = public
AS $$
DECLARE
    age interval;
    stars integer;
    score integer := 50;
BEGIN
    CASE (SELECT tier FROM workspaces WHERE id = p_workspace_id)
        WHEN 'free' THEN NULL;
        WHEN 'pro' THEN score := score + 20;
        WHEN 'private' THEN score := score + 30;
    END CASE;
    SELECT now() - link.last_sync_at, repository.stargazers_count INTO age, stars
    FROM tracked_repositories tracked
    JOIN repositories repository ON repository.id = tracked.repository_id
    LEFT JOIN workspace_tracked_repositories link
        ON link.tracked_repository_id = tracked.id AND link.workspace_id = p_workspace_id
    WHERE tracked.id = p_tracked_repository_id;
    score := score
        + CASE WHEN age > interval '7 days' THEN 20 WHEN age > interval '3 days' THEN 10 ELSE 0 END
        + CASE WHEN stars > 1000 THEN 10 WHEN stars > 100 THEN 5 ELSE 0 END;
    RETURN greatest(0, least(100, score));
END
$$;

CREATE FUNCTION update_workspace_repo_priorities() RETURNS trigger
LANGUAGE plpgsql SET search_path = public
AS $$
BEGIN
    UPDATE workspace_tracked_repositories
    SET priority_score = calculate_workspace_repo_priority(NEW.id, tracked_repository_id)
    WHERE workspace_id = NEW.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER update_priorities_on_tier_change
AFTER UPDATE OF tier ON workspaces
FOR EACH ROW WHEN (OLD.tier IS DISTINCT FROM NEW.tier)
EXECUTE FUNCTION update_workspace_repo_priorities();
