"""Every kind of pack there is."""

from __future__ import annotations

from typing import Any

from generator.packs.kinds import (
    class_targets,
    department,
    governors,
    group,
    journey,
    ladders,
    leadership,
    pastoral,
    praise,
    results,
    target_groups,
)
from generator.packs.pack_kind import PackKind

# In the order in which they are written and listed.
PACK_KINDS: dict[str, PackKind[Any]] = {
    kind.name: kind
    for kind in (
        department.KIND,
        pastoral.KIND,
        class_targets.KIND,
        praise.KIND,
        journey.KIND,
        group.KIND,
        leadership.KIND,
        governors.KIND,
        target_groups.KIND,
        ladders.KIND,
        results.KIND,
    )
}
