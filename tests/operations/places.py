"""Places at which something is half done: where a worker may die or stop."""

from tests.operations.nursery import ENGINE, Place

BATCH = f"{ENGINE}.batch"
CALLS = f"{ENGINE}.calls"
PLANNER = "opsconsole.operations.planning.planner"
LOOK = "opsconsole.operations.engine.verification"
APPLYING = {
    "before it begins": Place(f"{ENGINE}._start"),
    "while it begins, before the console's commit": Place(f"{ENGINE}.record"),
    "before the lock": Place(f"{BATCH}.writing"),
    "after the lock, before a result": Place(f"{BATCH}._carry_out", "after"),
    "before the result is stored": Place(f"{BATCH}._store"),
    "between the stored result and the platform's commit": Place(
        f"{BATCH}._store", "after"
    ),
    "between the platform's commit and the console's": Place(f"{BATCH}.mark"),
    "in the console's commit": Place(f"{BATCH}.stored", "after"),
    "between two chunks": Place(f"{BATCH}.mark", "after"),
    "before the second chunk's lock": Place(f"{BATCH}.writing", nth=2),
    "between the second's commits": Place(f"{BATCH}.mark", nth=2),
    "while verifying": Place(f"{LOOK}._holding", nth=2),
    "while ending, before the console's commit": Place(f"{ENGINE}.ending._undone"),
}
DELICATE = (
    "between the stored result and the platform's commit",
    "between the platform's commit and the console's",
)
PLANNING = {
    "before anything is planned": Place(f"{PLANNER}.work_out"),
    "in the snapshot, before a step": Place(f"{PLANNER}._store"),
    "between two parts of the plan": Place(f"{PLANNER}.chunk_of", nth=12),
    "before the plan is sealed": Place(f"{PLANNER}.seal"),
    "while the plan is sealed": Place(
        "opsconsole.operations.planning.sealing.plan_hash", "after"
    ),
}
SMALL_PARTS = {f"{PLANNER}.AT_ONCE": 5}  # chunks at once
