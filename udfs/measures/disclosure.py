"""What tables that name nobody hide together, beyond the cells of one table (rule 7).

`udfs.statistics.suppression` protects the cells of one subject, or of one measure of
one year group. Three differences remain, between tables:

- The subjects of a year group add up to its measures of every prediction. One subject
  that most of its pupils take, the *anchor*, therefore shows its whole figures only:
  whatever is hidden in another subject can be moved into the anchor's groups without a
  change to a published number. Where the anchor itself has few pupils in a group, that
  group's measures of every prediction are hidden.
- A subject of fewer than six pupils would be what is left. Other subjects of fewer
  than eleven are hidden with it; where there are none, the measures of every prediction
  of its years are.
- A target stays from one collection to the next. Where 1 to 5 pupils have come, gone or
  changed their target since, the sum of the targets is hidden in the later collection.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from udfs.statistics.arrays import Booleans, Integers
from udfs.statistics.inference import FEW
from udfs.statistics.secondary_suppression import MIN_CELL_SIZE, is_small

# Another subject becomes a year's anchor only if this one has less than this share of
# the marks that the most marked subject of the year has.
ANCHOR_SHARE = 0.75
NO_ANCHOR = -1


@dataclass(frozen=True, slots=True)
class JointHiding:
    """What is hidden of a collection's subjects and years.

    Args:
        nothing: For every subject, whether nothing of it is shown.
        whole_only: For every subject, whether only its whole figures are shown.
        anchors: For every year, the index of its anchor; -1 where nobody has a mark.
        years: For every year, whether its measures of every prediction are hidden.
    """

    nothing: Booleans
    whole_only: Booleans
    anchors: Integers
    years: Booleans


def hide_jointly(sizes: Integers) -> JointHiding:
    """Choose what to hide in all tables of a collection together.

    Args:
        sizes: Subject x year x count: the pupils, and those with a mark.

    >>> large, small, tiny = [[40, 40]], [[9, 9]], [[1, 1]]
    >>> hiding = hide_jointly(np.array([large, small, tiny]))
    >>> hiding.nothing.tolist(), hiding.whole_only.tolist(), hiding.years.tolist()
    ([False, True, True], [True, False, False], [False])
    >>> hide_jointly(np.array([large, large, tiny])).years.tolist()
    [True]
    """
    whole = sizes.sum(axis=1)
    tiny = is_small(whole)
    nothing, protected = _with_company(tiny, whole)
    in_year: Booleans = np.any(sizes[tiny, :, 0] > 0, axis=0)
    years = in_year & (not protected)
    anchors = _anchors(sizes[..., 1] * ~nothing[:, None])
    whole_only = np.zeros(len(sizes), dtype=bool)
    whole_only[anchors[anchors != NO_ANCHOR]] = True
    return JointHiding(nothing, whole_only, anchors, years)


def _with_company(tiny: Booleans, whole: Integers) -> tuple[Booleans, bool]:
    """Hide further subjects too small to conclude from until no small one follows.

    Returns:
        The subjects to hide, and whether that is enough.
    """
    hides = tiny.copy()
    while hides.any():
        together = whole[hides].sum(axis=0)
        if hides.sum() > 1 and np.all(together >= MIN_CELL_SIZE):
            break
        spare = ~hides & (whole[:, 0] > 0) & (whole[:, 0] < FEW)
        if not spare.any():
            return tiny, False
        hides[np.where(spare, whole[:, 0], FEW).argmin()] = True
    return hides, True


def _anchors(marked: Integers) -> Integers:
    """Return the subject of every year in which most pupils have a mark."""
    years = marked.shape[1]
    most = marked.max(axis=0, initial=0)
    if not len(marked) or not most.any():
        return np.full(years, NO_ANCHOR, dtype=np.int64)
    first = int(marked.sum(axis=1).argmax())
    enough = marked[first] >= ANCHOR_SHARE * most
    anchors = np.where(enough, first, marked.argmax(axis=0))
    return np.where(most > 0, anchors, NO_ANCHOR)


def anchored(years: Integers, in_anchor: Booleans, anchors: Integers) -> Booleans:
    """Return whether each pupil protects the measures of every prediction.

    Args:
        years: For every pupil, the index of the year.
        in_anchor: For every pupil, whether the year's anchor has a mark of theirs.
        anchors: From `JointHiding`; in a year without one nothing needs protection.
    """
    result: Booleans = in_anchor | (anchors[years] == NO_ANCHOR)
    return result


def shown_targets(
    now: pd.DataFrame, earlier: pd.DataFrame, by: str
) -> tuple[pd.Series, pd.Series]:
    """Choose where sums of targets may be shown after the collections before.

    Args:
        now: `adno`, `subject`, `target_points` and `cohort` of pupils with a prediction
            and a target.
        earlier: The same columns of the collections before, and `collection`.
        by: The column that divides them: `subject` or `cohort`.

    Returns:
        By the values of `by`: whether the whole may be shown, and whether its groups
        may. A whole may be where nobody or at least six pupils have come, gone or
        changed since each collection; its groups only where nobody has in a cohort
        that both have.

    >>> now = pd.DataFrame({"adno": ["1", "2"], "subject": "Art", "cohort": 2015,
    ...                     "target_points": 300})
    >>> before = now.assign(collection="A", target_points=[300, 240])
    >>> [shown.tolist() for shown in shown_targets(now, before, "subject")]
    [[False], [False]]
    """
    names = pd.Index(now[by].unique())
    changes = _changed_pupils(now, earlier.loc[earlier[by].isin(names)], by)
    few = changes["whole"].between(1, MIN_CELL_SIZE - 1).groupby(level=by).any()
    any_shared = (changes["shared"] > 0).groupby(level=by).any()
    whole, groups = (
        ~each.reindex(names, fill_value=False).astype("bool")
        for each in (few, any_shared)
    )
    return whole, groups & whole


def _changed_pupils(now: pd.DataFrame, earlier: pd.DataFrame, by: str) -> pd.DataFrame:
    """The pupils whose targets differ, by collection and the column `by`.

    Returns:
        `whole`: all of them; `shared`: those of cohorts that both collections have.
    """
    groups = ["collection", by]
    keys = list(dict.fromkeys([*groups, "adno", "subject", "cohort"]))
    columns = [*keys, "target_points"]
    later = earlier[groups].drop_duplicates().merge(now, on=by)[columns]
    both = later.merge(earlier[columns], on=keys, how="outer", suffixes=("", "_before"))
    cohorts = [*groups, *([] if by == "cohort" else ["cohort"])]
    pairs = both.groupby(cohorts)
    shared = pairs["target_points"].transform("count").gt(0) & pairs[
        "target_points_before"
    ].transform("count").gt(0)
    same = both["target_points"].eq(both["target_points_before"]).fillna(False)
    changed = both.assign(shared=shared).loc[~same.astype("bool")]
    whole = changed.groupby(groups)["adno"].nunique()
    of_shared = changed.loc[changed["shared"]].groupby(groups)["adno"].nunique()
    return pd.DataFrame({"whole": whole, "shared": of_shared}).fillna(0)
