"""What was planned and confirmed stays as it was: changed, added to or cut by nobody."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION operations_plan_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a plan cannot be changed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION operations_chunk_belongs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed operations_chunk := coalesce(NEW, OLD);
BEGIN
    IF EXISTS (SELECT FROM operations_run r JOIN operations_step s ON s.run_id = r.id
               WHERE s.id = changed.step_id AND r.plan_hash <> '') THEN
        RAISE EXCEPTION 'a plan cannot be changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN changed;
END $$;
CREATE TRIGGER chunk_is_final BEFORE UPDATE ON operations_chunk FOR EACH ROW
    WHEN ((OLD.step_id, OLD.number, OLD.keys, OLD.before, OLD.after, OLD.labels, OLD.digest)
        IS DISTINCT FROM
        (NEW.step_id, NEW.number, NEW.keys, NEW.before, NEW.after, NEW.labels, NEW.digest))
    EXECUTE FUNCTION operations_plan_is_final();
CREATE TRIGGER chunk_belongs BEFORE INSERT OR DELETE ON operations_chunk FOR EACH ROW
    EXECUTE FUNCTION operations_chunk_belongs();
CREATE TRIGGER step_is_final BEFORE UPDATE ON operations_step FOR EACH ROW
    WHEN ((OLD.run_id, OLD.number, OLD."table", OLD.key, OLD.columns, OLD.selection_sql)
        IS DISTINCT FROM
        (NEW.run_id, NEW.number, NEW."table", NEW.key, NEW.columns, NEW.selection_sql))
    EXECUTE FUNCTION operations_plan_is_final();
CREATE TRIGGER run_plan_is_final BEFORE UPDATE ON operations_run FOR EACH ROW
    WHEN (OLD.plan_hash <> '' AND
        (OLD.operation, OLD.version, OLD.params, OLD.facts, OLD.summary, OLD.subject, OLD.risk,
         OLD.requested_by_id, OLD.plan_hash, OLD.planned_at, OLD.rows_planned)
        IS DISTINCT FROM
        (NEW.operation, NEW.version, NEW.params, NEW.facts, NEW.summary, NEW.subject, NEW.risk,
         NEW.requested_by_id, NEW.plan_hash, NEW.planned_at, NEW.rows_planned))
    EXECUTE FUNCTION operations_plan_is_final();
"""
THAW = """
DROP TRIGGER run_plan_is_final ON operations_run;
DROP TRIGGER step_is_final ON operations_step;
DROP TRIGGER chunk_belongs ON operations_chunk;
DROP TRIGGER chunk_is_final ON operations_chunk;
DROP FUNCTION operations_chunk_belongs();
DROP FUNCTION operations_plan_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("operations", "0001_initial")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
