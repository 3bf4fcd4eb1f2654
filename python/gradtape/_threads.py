"""The threads that plans run on: one pool for all, made when it is wanted."""
from __future__ import annotations

import operator
import os
from typing import Any, Dict, Optional

from . import _core
from ._errors import ArgumentError

_pools: Dict[int, Any] = {}


def pool(count: Optional[int]) -> Optional[Any]:
    """The pool of so many threads; None for one."""
    wanted = 0 if count is None else operator.index(count)
    if wanted < 0 or (count is not None and wanted == 0):
        raise ArgumentError(f"threads is a number of at least 1, or None for all cores, not {count}")
    if wanted == 1:
        return None
    if wanted not in _pools:
        _pools[wanted] = _core.Threads(wanted)
    return _pools[wanted]


os.register_at_fork(after_in_child=_pools.clear)  # the child has no threads of its parent's
