"""Who decided what stays as it was said, and nobody decides about a run of their own.

Whatever goes around the pages (the ORM, SQL, a superuser of the console) meets the same
rules here. The messages are sentences for people: the pages show them.
"""

from django.db import migrations, models

RULES = """
-- The requester of an approval is the run's; the CHECK that the approver is another
-- person would otherwise be a question of what the row claims.
ALTER TABLE operations_run ADD CONSTRAINT run_and_requester UNIQUE (id, requested_by_id);
ALTER TABLE operations_approval ADD CONSTRAINT approval_of_the_requester
    FOREIGN KEY (run_id, requester_id) REFERENCES operations_run (id, requested_by_id);

CREATE FUNCTION operations_approval_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A decision cannot be changed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER approval_is_final BEFORE UPDATE OR DELETE ON operations_approval
    FOR EACH ROW EXECUTE FUNCTION operations_approval_is_final();
CREATE TRIGGER approvals_are_kept BEFORE TRUNCATE ON operations_approval
    FOR EACH STATEMENT EXECUTE FUNCTION operations_approval_is_final();

CREATE FUNCTION operations_approval_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    run operations_run;
    problem text;
BEGIN
    -- The lock lets one decision about a run be made at a time.
    SELECT * INTO run FROM operations_run WHERE id = NEW.run_id FOR NO KEY UPDATE;
    NEW.decided_at := clock_timestamp();
    IF NEW.plan_hash <> run.plan_hash THEN
        problem := 'This is not the plan that is stored: open the run and read it again';
    ELSIF NEW.decision = 'reviewed' THEN
        IF run.review_until IS NULL THEN
            problem := 'Only an emergency that began is reviewed';
        ELSIF EXISTS (SELECT FROM operations_approval a
                      WHERE a.run_id = NEW.run_id AND a.decision = 'reviewed') THEN
            problem := 'Another person has reviewed it already';
        END IF;
    ELSIF run.state <> 'awaiting approval' OR run.asked_at IS NULL THEN
        problem := 'Nobody asks for an approval of this run: open it and look again';
    ELSIF run.started_at IS NULL AND run.expires_at <= NEW.decided_at THEN
        problem := 'The plan is too old to be decided: plan again to see what would change now';
    ELSIF EXISTS (SELECT FROM operations_approval a WHERE a.run_id = NEW.run_id
                  AND a.decision <> 'reviewed' AND a.decided_at >= run.asked_at) THEN
        problem := 'Another person has decided already';
    END IF;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approval_fits BEFORE INSERT ON operations_approval
    FOR EACH ROW EXECUTE FUNCTION operations_approval_fits();

CREATE FUNCTION operations_run_is_live(state text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN state IN ('queued', 'applying', 'paused', 'waiting', 'verifying');

CREATE FUNCTION operations_run_is_approved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    problem text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        problem := 'A dangerous run begins with its plan';
    ELSIF NEW.state = 'awaiting approval' AND OLD.state <> NEW.state THEN
        NEW.asked_at := clock_timestamp();  -- an earlier approval is none any more
    ELSIF OLD.asked_at > coalesce(NEW.asked_at, '-infinity') THEN
        problem := 'It stays known since when an approval is asked for';
    ELSIF OLD.state = 'paused' AND NEW.state = 'paused' THEN
        IF NEW.paused_at IS DISTINCT FROM OLD.paused_at
                AND NOT coalesce(NEW.paused_at < OLD.paused_at, false) THEN
            problem := 'It stays known since when the run is paused';
        END IF;
    ELSIF OLD.state = 'paused' AND operations_run_is_live(NEW.state) THEN
        IF coalesce(OLD.paused_at, '-infinity') <= clock_timestamp() - interval '1 hour' THEN
            problem := 'The run was paused for over an hour: a second person must approve again';
        END IF;
    ELSIF operations_run_is_live(NEW.state) AND NOT operations_run_is_live(OLD.state) THEN
        IF OLD.started_at IS NULL AND OLD.expires_at <= clock_timestamp() THEN
            problem := 'The plan is too old: plan again to see what would change now';
        ELSIF OLD.state <> 'awaiting approval' OR NEW.state <> 'queued' OR NOT EXISTS (
                SELECT FROM operations_approval a WHERE a.run_id = NEW.id
                AND a.decision = 'approved' AND a.plan_hash = NEW.plan_hash
                AND a.decided_at >= OLD.asked_at) THEN
            problem := 'No second person approved this plan';
        END IF;
    END IF;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER run_is_approved BEFORE UPDATE ON operations_run
    FOR EACH ROW WHEN (NEW.risk = 'dangerous' OR OLD.risk = 'dangerous')
    EXECUTE FUNCTION operations_run_is_approved();
CREATE TRIGGER run_begins_with_its_plan BEFORE INSERT ON operations_run
    FOR EACH ROW WHEN (NEW.risk = 'dangerous' AND operations_run_is_live(NEW.state))
    EXECUTE FUNCTION operations_run_is_approved();

CREATE FUNCTION operations_run_is_reviewed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'An emergency is reviewed by a second person'
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER run_is_reviewed BEFORE UPDATE ON operations_run FOR EACH ROW
    WHEN (NEW.risk = 'emergency' AND (
        OLD.review_until <> coalesce(NEW.review_until, 'infinity')
        OR NEW.review_until IS NULL
        AND operations_run_is_live(NEW.state) AND NOT operations_run_is_live(OLD.state)))
    EXECUTE FUNCTION operations_run_is_reviewed();
"""
NO_RULES = """
DROP TRIGGER run_is_reviewed ON operations_run;
DROP FUNCTION operations_run_is_reviewed();
DROP TRIGGER run_begins_with_its_plan ON operations_run;
DROP TRIGGER run_is_approved ON operations_run;
DROP FUNCTION operations_run_is_approved();
DROP FUNCTION operations_run_is_live(text);
DROP TRIGGER approval_fits ON operations_approval;
DROP FUNCTION operations_approval_fits();
DROP TRIGGER approvals_are_kept ON operations_approval;
DROP TRIGGER approval_is_final ON operations_approval;
DROP FUNCTION operations_approval_is_final();
ALTER TABLE operations_approval DROP CONSTRAINT approval_of_the_requester;
ALTER TABLE operations_run DROP CONSTRAINT run_and_requester;
"""


class Migration(migrations.Migration):
    dependencies = [("operations", "0005_plans_are_final_and_pruned")]
    operations = [
        migrations.RemoveConstraint("approval", "approval_rejection_says_why"),
        migrations.AddConstraint(
            "approval",
            models.CheckConstraint(
                condition=models.Q(decision="approved") | ~models.Q(reason=""),
                name="approval_says_why",
            ),
        ),
        migrations.AddIndex(
            "run",
            models.Index(
                condition=models.Q(state__in=["planned", "awaiting approval"]),
                fields=["expires_at"],
                name="run_undecided",
            ),
        ),
        migrations.AddIndex(
            "run",
            models.Index(
                condition=models.Q(review_until__isnull=False),
                fields=["review_until"],
                name="run_reviewed",
            ),
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
