-- What people pay for. Nothing keeps subscriptions.tier and workspaces.tier in step.

CREATE TABLE subscriptions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    tier text NOT NULL DEFAULT 'free',
    status text NOT NULL DEFAULT 'active',
    billing_cycle text,
    polar_customer_id text,
    polar_subscription_id text,
    stripe_customer_id text,
    stripe_price_id text,
    stripe_subscription_id text,
    max_workspaces integer,
    max_repos_per_workspace integer,
    current_period_start timestamptz,
    current_period_end timestamptz,
    trial_start timestamptz,
    trial_end timestamptz,
    cancel_at_period_end boolean DEFAULT false,
    canceled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX idx_subscriptions_user_id ON subscriptions (user_id);
