"""Plans: steps and chunks.

A run's chunks are at once the preview, the journal, the audit of each row and the undo
log: key, before and after of every row. A trigger keeps them as they were planned.
"""

from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Cast

from opsconsole.operations.models.run import Run

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Step(models.Model):
    """A part of a run: one change of some columns of one table, as it was planned."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    table = models.CharField(max_length=63)
    key = models.CharField(max_length=63)
    columns = models.JSONField()  # name -> type as format_type() prints it
    selection_sql = models.TextField()  # SELECT key …: what a row must still be in
    spec = models.JSONField(default=dict)  # what else its kind must know, as planned
    optional = models.BooleanField(default=False)  # if it fails, the run goes on
    error = models.CharField(max_length=500, blank=True)  # why an optional one failed
    rows_planned = models.PositiveBigIntegerField(default=0)
    rows_unchanged = models.PositiveBigIntegerField(default=0)  # held the value already

    if TYPE_CHECKING:
        run_id: int
        chunks: "RelatedManager[Chunk]"

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="step_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id}.{self.number} {self.title}"


class ChunkQuerySet(models.QuerySet["Chunk"]):
    """Chunks, as the engine takes them."""

    def as_text(self) -> "ChunkQuerySet":
        """With keys, before and after as PostgreSQL prints them, unparsed.

        Rows travel from one database to the other as text and never become objects.
        """
        texts = {
            f"{name}_text": Cast(name, models.TextField())
            for name in ("keys", "before", "after")
        }
        count = Func(
            F("keys"), function="cardinality", output_field=models.IntegerField()
        )
        lean = self.defer("keys", "before", "after", "labels").select_related("step")
        return lean.annotate(**texts, cardinality=count)

    def texts_of(self, chunks: "models.QuerySet[Chunk]") -> "list[Chunk]":
        """These chunks as text, in their order.

        Chosen first, printed then: PostgreSQL would print every chunk that a LIMIT is
        yet to leave out.
        """
        chosen = list(chunks.values_list("pk", flat=True))
        found = self.filter(pk__in=chosen).as_text().in_bulk()
        return [found[pk] for pk in chosen]


class Chunk(models.Model):
    """Up to 500 rows of a step: the unit of the journal.

    `before` and `after` map a column to a list in the order of `keys`, or to a single
    value that all rows share. Values are the text PostgreSQL prints, None is NULL.
    """

    class State(models.TextChoices):
        """`stored`: the result is known here, whether the platform committed is not.

        `sent`: a call that is on its way, or whose answer was lost.
        """

        PLANNED = "planned"
        STORED = "stored"
        SENT = "sent"
        APPLIED = "applied"

    step = models.ForeignKey(Step, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    keys = ArrayField(models.UUIDField())
    before = models.JSONField()
    after = models.JSONField()
    labels = ArrayField(models.TextField(), null=True)  # names, in plans of some size
    digest = models.CharField(max_length=64)

    state = models.CharField(
        max_length=10, choices=State.choices, default=State.PLANNED
    )
    xid = models.CharField(max_length=20, blank=True)  # pg_current_xact_id()
    server = models.CharField(max_length=40, blank=True)  # which one knows that id
    # position in keys -> {"why", "holds"}; a row that is not named was written by us
    exceptions = models.JSONField(default=dict)
    rows_written = models.PositiveIntegerField(default=0)
    rows_found = models.PositiveIntegerField(default=0)
    rows_skipped = models.PositiveIntegerField(default=0)
    lock_ms = models.PositiveIntegerField(null=True)  # how long its rows were locked
    applied_at = models.DateTimeField(null=True)
    rows_holding = models.PositiveIntegerField(null=True)  # of those written, verified
    answer = models.JSONField(null=True)  # of a call or statement: what came back

    objects: ClassVar = ChunkQuerySet.as_manager()
    if TYPE_CHECKING:
        step_id: int

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["step", "number"], name="chunk_once"),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "stored", "sent", "applied"]),
                name="chunk_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="stored") | ~Q(xid=""), name="chunk_xid_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step_id}/{self.number}"

    def written_keys(self) -> list[UUID]:
        """The keys of the rows that we wrote, and nobody else."""
        return [
            key
            for position, key in enumerate(self.keys)
            if str(position) not in self.exceptions
        ]

    @property
    def written_text(self) -> str:
        """The same as PostgreSQL prints an array; needs `as_text()`."""
        keys: str = getattr(self, "keys_text")  # noqa: B009  annotated there
        if not self.exceptions:
            return keys
        left = [
            key
            for position, key in enumerate(keys.strip("{}").split(","))
            if str(position) not in self.exceptions
        ]
        return "{" + ",".join(left) + "}"

    @property
    def texts(self) -> dict[str, str]:
        """The chunk as parameters of its statements; needs `as_text()`."""
        return {
            name: getattr(self, f"{name}_text") for name in ("keys", "before", "after")
        }

    @property
    def row_count(self) -> int:
        """How many rows; needs `as_text()`."""
        return int(getattr(self, "cardinality"))  # noqa: B009  annotated there

    def value(self, side: dict[str, Any], column: str, position: int) -> str | None:
        """One row's value out of `before` or `after`."""
        values = side.get(column)
        value: str | None = values[position] if isinstance(values, list) else values
        return value
