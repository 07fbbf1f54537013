-- What the sync brings home. Without an index on created_at, as in production.

CREATE TABLE issues (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    github_id bigint NOT NULL UNIQUE,
    repository_id uuid NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    number integer NOT NULL,
    title text NOT NULL,
    body text,
    state text NOT NULL,
    author_id uuid REFERENCES contributors (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    closed_at timestamptz,
    labels jsonb DEFAULT '[]',
    assignees jsonb DEFAULT '[]',
    milestone jsonb,
    comments_count integer DEFAULT 0,
    is_pull_request boolean DEFAULT false,
    last_synced_at timestamptz DEFAULT now(),
    responded_by uuid,
    responded_at timestamptz,
    linked_prs jsonb,
    CONSTRAINT issues_repo_number_key UNIQUE (repository_id, number),
    CONSTRAINT issues_state_check CHECK (state IN ('open', 'closed'))
);

CREATE INDEX idx_issues_repo ON issues (repository_id);
CREATE INDEX idx_issues_state ON issues (state);

-- People of the app may change only who responded; a direct connection is not one of them.
CREATE FUNCTION enforce_respond_columns() RETURNS trigger
LANGUAGE plpgsql SET search_path = public
AS $$
BEGIN
    IF auth.uid() IS NOT NULL
       AND to_jsonb(NEW) - ARRAY['responded_by', 'responded_at']
           <> to_jsonb(OLD) - ARRAY['responded_by', 'responded_at'] THEN
        RAISE EXCEPTION 'Only responded_by and responded_at may be changed';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER enforce_respond_columns_trigger
BEFORE UPDATE ON issues
FOR EACH ROW EXECUTE FUNCTION enforce_respond_columns();
