"""What the bundle's packages ask of typing_extensions; Python 3.11 has nearly all of it.

The whole module would take 4 ms of the plugin's start, to make its classes. hack/bundle refuses a
package that asks for a name that is not here.
"""

from collections.abc import Callable
from typing import Any, NotRequired, Required, Self, TypeVar, get_type_hints

__all__ = ["NotRequired", "Required", "Self", "get_type_hints", "override"]

Method = TypeVar("Method", bound=Callable[..., Any])


def override(method: Method) -> Method:
    """Mark a method, for type checkers, as one that a base class has too."""
    method.__override__ = True  # type: ignore[attr-defined]  # what Python 3.12's own does
    return method
