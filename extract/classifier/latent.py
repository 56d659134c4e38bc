"""What sentences are about, as linear features that fold into hashed weights.

Latent semantic analysis (Deerwester et al. 1990): the leading singular vectors of the
training sentences bring together n-grams that stand in alike sentences, so that a
weight learned for one also counts for the others. The projection is linear: what a
linear classifier learned of it is a sum of column weights, and costs nothing at
prediction.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

DIMENSIONS = 100
# columns in fewer sentences than this are left out
_RARE = 5
# mean squared length of the features, against rows of about 4 of the n-grams
_LENGTH = 4.0


class Latent:
    """Projection learned from sentences.

    Parameters
    ----------
    design : sparse matrix, shape (sentences, columns)
        Of the training sentences.
    barred : ndarray of int
        Columns that stay out of it: facts are no words.

    Attributes
    ----------
    loading : ndarray of float32, shape (columns, at most DIMENSIONS)
        Of no dimension, if there are too few sentences.
    """

    loading: npt.NDArray[np.float32]

    def __init__(self, design: Any, barred: npt.NDArray[np.int64]) -> None:
        from scipy import sparse
        from sklearn.decomposition import TruncatedSVD

        count, width = design.shape
        held = np.bincount(design.indices, minlength=width)
        rarity = np.log(max(count, 1) / (1 + held)).clip(0)
        rarity[held < _RARE] = 0
        rarity[barred] = 0
        wanted = min(DIMENSIONS, int((rarity > 0).sum()) - 1, count - 1)
        if wanted < 1:
            self.loading = np.zeros((width, 0), dtype=np.float32)
            return
        weighted = (design @ sparse.diags(rarity.astype(np.float32))).tocsr()
        found = TruncatedSVD(wanted, n_iter=2, random_state=0).fit(weighted)
        loading = rarity[:, None] * found.components_.T
        length = np.square(design @ loading).sum(axis=1).mean()
        loading *= np.sqrt(_LENGTH / max(length, 1e-9))
        self.loading = loading.astype(np.float32)

    def features(self, design: Any) -> npt.NDArray[np.float32]:
        """Features of sentences, shape (sentences, dimensions)."""
        return np.asarray(design @ self.loading)

    def folded(self, weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Column weights that say what weights of the features say."""
        return np.asarray(self.loading @ weights)
