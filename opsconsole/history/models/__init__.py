from opsconsole.history.models.code import SavedCode
from opsconsole.history.models.errors import ErrorGroup
from opsconsole.history.models.outcomes import Outcome
from opsconsole.history.models.responses import FunctionResponse, RepositoryResult
from opsconsole.history.models.samples import Sample

__all__ = [
    "ErrorGroup",
    "FunctionResponse",
    "Outcome",
    "RepositoryResult",
    "Sample",
    "SavedCode",
]
