"""When too much would vanish at once: a refresh is held, and asks.

An unmounted folder or a wrong branch looks like a catalog from which nearly everything
was taken away.
"""

from __future__ import annotations

from catalog.sources.models import Source
from catalog.sources.planning import Plan

# More than one in so many is too much; a single entity never is.
SHARE = 5


def is_held(source: Source, plan: Plan) -> bool:
    """Would this plan take away more than a fifth of the source's entities, and more
    than somebody allowed?"""
    lost = len(plan.orphaned)
    return lost > 1 and lost * SHARE > plan.present and lost > source.may_lose


# Without numbers: they would count what not everybody may see.
SENTENCE = (
    "More than a fifth of its entities are not there any more, nothing was changed."
)
