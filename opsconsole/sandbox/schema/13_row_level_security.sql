-- On for the core tables, forced for none: the owner and roles with BYPASSRLS see all. Any
-- other role with a grant gets an error on workspaces, and silently no rows elsewhere.

ALTER TABLE app_users ENABLE ROW LEVEL SECURITY;
ALTER TABLE contributors ENABLE ROW LEVEL SECURITY;
ALTER TABLE issues ENABLE ROW LEVEL SECURITY;
ALTER TABLE progressive_capture_jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE rate_limits ENABLE ROW LEVEL SECURITY;
ALTER TABLE repositories ENABLE ROW LEVEL SECURITY;
ALTER TABLE subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync_logs ENABLE ROW LEVEL SECURITY;
ALTER TABLE tracked_repositories ENABLE ROW LEVEL SECURITY;
ALTER TABLE workspace_issues_cache ENABLE ROW LEVEL SECURITY;
ALTER TABLE workspace_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE workspace_repositories ENABLE ROW LEVEL SECURITY;
ALTER TABLE workspace_tracked_repositories ENABLE ROW LEVEL SECURITY;
ALTER TABLE workspaces ENABLE ROW LEVEL SECURITY;

CREATE POLICY workspaces_of_members ON workspaces
    USING (owner_id = rls_current_app_user_id());

CREATE POLICY own_subscriptions ON subscriptions
    USING (user_id = auth.uid());

CREATE POLICY repositories_for_signed_in ON repositories
    FOR SELECT USING (auth.uid() IS NOT NULL AND NOT coalesce(is_private, false));

CREATE POLICY tracked_repositories_for_signed_in ON tracked_repositories
    FOR SELECT USING (auth.uid() IS NOT NULL);

CREATE POLICY workspace_repositories_for_signed_in ON workspace_repositories
    USING (auth.uid() IS NOT NULL);

-- Any signed-in person may rewrite any row: rows can change under the console.
CREATE POLICY consolidated_manage_workspace_tracked ON workspace_tracked_repositories
    USING (auth.uid() IS NOT NULL);
