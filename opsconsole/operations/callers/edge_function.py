"""An edge function of the platform: removed, once its code is saved."""

import hashlib
from datetime import datetime

from opsconsole.history.models import SavedCode
from opsconsole.integrations import supabase
from opsconsole.operations.callers.services import translated
from opsconsole.operations.calling import CallFailed, Json, register


class EdgeFunctionCaller:
    """A request's `slug` names the function to remove.

    Supabase keeps no code of a removed function, so it is saved first; without that
    nothing is removed.
    """

    def send(self, request: Json) -> Json:
        slug = request["slug"]
        with translated():
            client = supabase.client()
            found = supabase.function(client, slug)
            if found is None:
                raise CallFailed(f"No function called {slug!r} is deployed.")
            code = supabase.function_code(client, slug)
        if not code:
            raise CallFailed("Its code came back empty, so it was not removed.")
        saved = _save(slug, found.version, code, request["run"])
        with translated():
            receipt = supabase.delete_function(client, slug)
        return {
            **receipt.as_json(),
            "version": found.version,
            "bytes": len(code),
            "sha256": saved.sha256,
        }

    def settle(self, request: Json, sent_at: datetime) -> bool | None:
        """Gone is done; still there, it is removed again, with its code saved again."""
        with translated():
            return supabase.function(supabase.client(), request["slug"]) is None

    def opposite(self, request: Json) -> Json | None:
        """Deploying is the platform's own business: its repository has the source."""
        return None


def _save(slug: str, version: int, code: bytes, run_id: int) -> SavedCode:
    digest = hashlib.sha256(code).hexdigest()
    saved, _ = SavedCode.objects.get_or_create(
        run_id=run_id,
        sha256=digest,
        defaults={"slug": slug, "version": version, "code": code},
    )
    return saved


register("edge-function", EdgeFunctionCaller())
