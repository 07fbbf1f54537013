-- Customers' workspaces and their people. Nullable where production is (its introspected
-- types), though the migrations say NOT NULL.

CREATE TABLE workspaces (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    slug text NOT NULL UNIQUE,
    description text,
    owner_id uuid NOT NULL REFERENCES app_users (id) ON DELETE CASCADE,
    visibility text NOT NULL DEFAULT 'public',
    tier text NOT NULL DEFAULT 'free',
    subscription_id uuid REFERENCES subscriptions (id),
    max_repositories integer DEFAULT 4,
    current_repository_count integer DEFAULT 0,
    data_retention_days integer DEFAULT 30,
    settings jsonb DEFAULT '{"theme": "default", "default_time_range": "30d"}',
    action_usage_enabled boolean DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    last_activity_at timestamptz DEFAULT now(),
    is_active boolean DEFAULT true,
    CONSTRAINT workspaces_visibility_check CHECK (visibility IN ('public', 'private')),
    CONSTRAINT workspaces_tier_check CHECK (tier IN ('free', 'pro', 'team')),
    CONSTRAINT workspace_slug_format CHECK (slug ~ '^[a-z0-9-]+$'),
    CONSTRAINT workspace_name_length CHECK (char_length(name) BETWEEN 3 AND 100),
    CONSTRAINT workspace_slug_length CHECK (char_length(slug) BETWEEN 3 AND 50),
    CONSTRAINT workspace_repo_limit CHECK (current_repository_count <= max_repositories)
);

CREATE INDEX idx_workspaces_owner ON workspaces (owner_id) WHERE is_active = true;
CREATE INDEX idx_workspaces_slug ON workspaces (slug) WHERE is_active = true;
CREATE INDEX idx_workspaces_visibility ON workspaces (visibility) WHERE is_active = true;
CREATE INDEX idx_workspaces_updated ON workspaces (updated_at DESC) WHERE is_active = true;
CREATE INDEX idx_workspaces_tier ON workspaces (tier) WHERE is_active = true;

CREATE TABLE workspace_members (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES app_users (id) ON DELETE CASCADE,
    role text NOT NULL,
    invited_by uuid REFERENCES app_users (id) ON DELETE SET NULL,
    invited_at timestamptz DEFAULT now(),
    accepted_at timestamptz,
    notifications_enabled boolean DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    last_active_at timestamptz,
    CONSTRAINT unique_workspace_member UNIQUE (workspace_id, user_id),
    CONSTRAINT workspace_members_role_check
        CHECK (role IN ('owner', 'maintainer', 'contributor'))
);

CREATE INDEX idx_workspace_members_workspace ON workspace_members (workspace_id);
CREATE INDEX idx_workspace_members_user ON workspace_members (user_id);

CREATE TRIGGER update_workspaces_updated_at
BEFORE UPDATE ON workspaces
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

CREATE TRIGGER update_workspace_members_updated_at
BEFORE UPDATE ON workspace_members
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

CREATE FUNCTION add_workspace_owner_as_member() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public
AS $$
BEGIN
    INSERT INTO workspace_members (workspace_id, user_id, role, accepted_at)
    VALUES (NEW.id, NEW.owner_id, 'owner', now())
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER add_workspace_owner_as_member
AFTER INSERT ON workspaces
FOR EACH ROW EXECUTE FUNCTION add_workspace_owner_as_member();
