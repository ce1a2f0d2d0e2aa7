"""Amounts of resources as Kubernetes writes them: 100m, 0.5, 64Mi (apimachinery's resource.Quantity)."""

from __future__ import annotations

import re
from decimal import Decimal

_FACTORS = {
    "": Decimal(1),
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate("num", -3)},
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate("kMGTPE", 1)},
    **{f"{suffix}i": Decimal(1024) ** power for power, suffix in enumerate("KMGTPE", 1)},
}


def parse_quantity(text: str) -> Decimal:
    """Read a quantity.

    Raises:
        ValueError: The text is none.
    """
    parts = re.fullmatch(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:([eE][+-]?[0-9]{1,3})|([numkMGTPE]|[KMGTPE]i)?)", text)
    if not parts:
        raise ValueError(text)
    return Decimal(parts[1] + (parts[2] or "")) * _FACTORS[parts[3] or ""]
