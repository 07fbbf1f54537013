"""When a plan is made, and what the words of its selection mean at that moment."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from django.core.serializers.json import DjangoJSONEncoder

from opsconsole.history import circumstances
from opsconsole.platform.diagnosis import Circumstances


@dataclass(frozen=True)
class Moment:
    """What an operation may know of the platform while it says its steps."""

    now: datetime  # by the platform's clock
    facts: dict[str, Any] = field(default_factory=dict)  # from `Operation.facts()`

    def knowing(self, facts: dict[str, Any]) -> Self:
        """The same moment with facts as a plan keeps them: through JSON."""
        return replace(self, facts=json.loads(json.dumps(facts, cls=DjangoJSONEncoder)))

    @cached_property
    def circumstances(self) -> Circumstances:
        """What a diagnosis needs; asked for once, by the first selection by a word.

        The step's selection holds them literally, so a word means the same until the
        last row is written.
        """
        return circumstances.circumstances(self.now)
