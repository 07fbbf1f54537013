"""Code of the platform that was saved before it was removed."""

from django.db import models


class SavedCode(models.Model):
    """The bundle of an edge function as the platform ran it; nobody else keeps one."""

    slug = models.CharField(max_length=100)
    version = models.PositiveIntegerField(null=True)  # as Supabase counts deployments
    code = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)
    run_id = models.PositiveBigIntegerField(db_index=True)  # which removed it

    def __str__(self) -> str:
        return f"{self.slug} {self.version or ''}".strip()
