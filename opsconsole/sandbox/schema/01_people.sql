-- Who uses the platform, and how a row policy finds out who asks.

CREATE TABLE app_users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    auth_user_id uuid UNIQUE,
    github_user_id bigint UNIQUE,
    github_username text NOT NULL,
    email text,
    display_name text,
    avatar_url text,
    is_admin boolean DEFAULT false,
    is_active boolean DEFAULT true,
    first_login_at timestamptz NOT NULL DEFAULT now(),
    last_login_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE contributors (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    github_id bigint NOT NULL UNIQUE,
    username text NOT NULL,
    display_name text,
    avatar_url text,
    profile_url text,
    is_bot boolean DEFAULT false,
    is_active boolean DEFAULT true,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contributors_username_key UNIQUE (username),
    CONSTRAINT contributors_username_length CHECK (length(username) BETWEEN 1 AND 39),
    CONSTRAINT contributors_avatar_url_format CHECK (avatar_url ~ '^https?://')
);

-- Supabase's schema: who signed in to the API, NULL on a direct connection.
CREATE SCHEMA auth;

CREATE FUNCTION auth.uid() RETURNS uuid
LANGUAGE sql STABLE
AS $$ SELECT nullif(current_setting('request.jwt.claim.sub', true), '')::uuid $$;

-- Only the platform's own roles may call it, so a role that meets a policy with it and
-- does not bypass row security is refused (migration 20260707000002).
CREATE FUNCTION rls_current_app_user_id() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
AS $$ SELECT id FROM app_users WHERE auth_user_id = auth.uid() $$;

REVOKE EXECUTE ON FUNCTION rls_current_app_user_id() FROM PUBLIC;

CREATE FUNCTION update_updated_at_column() RETURNS trigger
LANGUAGE plpgsql SET search_path = public
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
