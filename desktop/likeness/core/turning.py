"""Which of many things turn over so that neighbours agree, each being one of two ways round."""

import numpy as np
from jaxtyping import Bool, Float, Float64, Int, Int64, Real
from scipy.sparse import coo_array

from likeness.core.components import components


def turns_to_agree(a: Int[np.ndarray, " B"], b: Int[np.ndarray, " B"],
                   vote: Real[np.ndarray, " B"], size: Int[np.ndarray, " P"],
                   lean: Float[np.ndarray, " P"] | None = None, least: float = 0.0,
                   ) -> tuple[Bool[np.ndarray, " P"], Int[np.ndarray, " P"]]:
    """Which of the things of that size turn, and the number of what hangs together.

    Each a and its b agree as they are where the vote is positive, and do not where it is negative.
    Round by round each joins that of its neighbours which most votes are for (Boruvka 1926), and
    between what has joined all are counted anew: those for the way both are round by now against
    those for the other. So a contradiction, as on a Moebius strip, is left where least speaks
    about it. Fewer votes than `least` for the root of the smaller size say nothing.

    Things may `lean` by themselves: each pair then has, besides its votes, as many as the one of
    them that leans less, for it if both lean to stay or both to turn.
    """
    turned, whole = np.zeros(len(size), bool), np.arange(len(size))
    while True:
        apart = whole[a] != whole[b]
        a, b, vote = a[apart], b[apart], vote[apart]
        low, high, sums = _summed(whole[a], whole[b],
                                  np.where(turned[a] != turned[b], -vote, vote))
        if lean is not None:
            one, other = (np.bincount(whole, np.where(turned, -lean, lean))[each]
                          for each in (low, high))
            sums += np.sign(one * other) * np.minimum(np.abs(one), np.abs(other))
        sizes = np.bincount(whole, size)
        clear = np.abs(sums) > least * np.sqrt(np.minimum(sizes[low], sizes[high]))
        joined = _clearest(low[clear], high[clear], sums[clear], len(sizes))
        if len(joined[0]) == 0:
            return turned, whole
        turn, into = _halves(*joined, len(sizes))
        turned ^= turn[whole]
        whole = into[whole]


def _summed(a: Int[np.ndarray, " B"], b: Int[np.ndarray, " B"], vote: Real[np.ndarray, " B"],
            ) -> tuple[Int64[np.ndarray, " K"], Int64[np.ndarray, " K"],
                       Float64[np.ndarray, " K"]]:
    """Each pair that there are votes about, and their sum."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    count = int(high.max(initial=-1)) + 1
    votes = coo_array((vote.astype(np.float64), (low, high)), shape=(count, count))
    votes = votes.tocsr().tocoo()  # the same pair's add up
    return votes.row.astype(np.int64), votes.col.astype(np.int64), votes.data


def _clearest(low: Int64[np.ndarray, " K"], high: Int64[np.ndarray, " K"],
              vote: Float64[np.ndarray, " K"], count: int,
              ) -> tuple[Int64[np.ndarray, " E"], Int64[np.ndarray, " E"],
                         Bool[np.ndarray, " E"]]:
    """The pairs that are the clearest of one of their two, and whether they agree: a forest."""
    order = np.argsort(-np.abs(vote), kind="stable")
    best = np.full(count, len(order))
    for ends in (low, high):
        np.minimum.at(best, ends[order], np.arange(len(order)))
    chosen = order[np.unique(best[best < len(order)])]
    return low[chosen], high[chosen], vote[chosen] > 0


def _halves(a: Int64[np.ndarray, " E"], b: Int64[np.ndarray, " E"], agree: Bool[np.ndarray, " E"],
            count: int) -> tuple[Bool[np.ndarray, " n"], Int[np.ndarray, " n"]]:
    """Of a forest, which nodes turn so that all pairs agree, and the number of each one's tree.

    Each is two nodes, as it is and turned. What hangs together falls into two halves, one for each
    way round.
    """
    one, other = np.concatenate((a, a + count)), np.concatenate((b, b + count))
    half = components(one, np.where(np.tile(agree, 2), other, (other + count) % (2 * count)),
                      2 * count)
    leader, tree = np.unique(np.minimum(half[:count], half[count:]), return_inverse=True)
    return half[:count] != leader[tree], tree
