"""What was planned stays as it was until the time for its undo is over."""

from django.db import migrations

FREEZE = """
DROP TRIGGER step_is_final ON operations_step;
CREATE TRIGGER step_is_final BEFORE UPDATE ON operations_step FOR EACH ROW
    WHEN ((OLD.run_id, OLD.number, OLD.kind, OLD."table", OLD.key, OLD.columns,
           OLD.selection_sql, OLD.spec, OLD.optional)
        IS DISTINCT FROM
        (NEW.run_id, NEW.number, NEW.kind, NEW."table", NEW.key, NEW.columns,
         NEW.selection_sql, NEW.spec, NEW.optional))
    EXECUTE FUNCTION operations_plan_is_final();
CREATE OR REPLACE FUNCTION operations_chunk_belongs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed operations_chunk := coalesce(NEW, OLD);
BEGIN
    IF EXISTS (SELECT FROM operations_run r JOIN operations_step s ON s.run_id = r.id
               WHERE s.id = changed.step_id AND r.plan_hash <> '' AND NOT (
                   TG_OP = 'DELETE'
                   AND coalesce(r.finished_at, now()) < now() - interval '30 days')) THEN
        RAISE EXCEPTION 'a plan cannot be changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN changed;
END $$;
ALTER TABLE operations_chunk ALTER COLUMN keys SET STORAGE EXTERNAL;
"""


class Migration(migrations.Migration):
    dependencies = [("operations", "0004_engine_complete")]
    operations = [migrations.RunSQL(FREEZE, migrations.RunSQL.noop)]
