"""Drumlin's Gaussian mixture beside scikit-learn's: 10 components of 100,000 rows of 13 columns, in the same run.

    pip install -r Benchmarks/Peers/requirements-estimation.txt
    DRUMLIN_BENCHMARKS=1 swift build -c release --scratch-path .build-bench --product Mixture
    python Benchmarks/Peers/mixture.py [--mixture .build-bench/release/Mixture] [--rows 100000] [--seeds 3]

Both begin with the same owner of each row (k-means by scikit-learn, whose time is not counted) and run until the mean
log-likelihood rises by less than 0.001. Times are of the processor, all threads together. Printed besides: what a fit takes as
`logTrainingSet` makes it, with a start of its own and on at most 20,000 of the rows; the time of one prediction; and the share of
rows that both give to the same component.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile
import time
import warnings

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

COMPONENTS, COLUMNS = 10, 13


def data(rows, seed):
    """Standardized columns of a mixture whose components overlap."""
    rng = np.random.default_rng(seed)
    centers = rng.normal(scale=1.6, size=(COMPONENTS, COLUMNS))
    mixing = rng.normal(size=(COMPONENTS, COLUMNS, COLUMNS)) / np.sqrt(COLUMNS)
    owner = rng.choice(COMPONENTS, size=rows, p=rng.dirichlet(np.full(COMPONENTS, 4.0)))
    noise = rng.normal(size=(rows, COLUMNS))
    values = centers[owner] + np.einsum("rij,rj->ri", mixing[owner], noise) + 0.3 * rng.normal(size=(rows, COLUMNS))
    return np.ascontiguousarray((values - values.mean(axis=0)) / values.std(axis=0))


class SameStart(GaussianMixture):
    """Begins with given owners."""

    def _initialize_parameters(self, values, random_state):
        shares = np.zeros((len(values), COMPONENTS))
        shares[np.arange(len(values)), self.owners] = 1
        self._initialize(values, shares)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mixture", default=".build-bench/release/Mixture")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", category=ConvergenceWarning)
    for seed in range(arguments.seeds):
        values = data(arguments.rows, seed)
        owners = KMeans(COMPONENTS, n_init=1, random_state=seed).fit_predict(values).astype(np.int64)
        model = SameStart(COMPONENTS, covariance_type="full", tol=1e-3, reg_covar=1e-6, max_iter=100)
        model.owners = owners
        start = time.process_time()
        model.fit(values)
        peer = time.process_time() - start
        expected = model.predict(values)
        start = time.process_time()
        for row in range(500):
            model.predict(values[row:row + 1])
        single = (time.process_time() - start) / 500 * 1e6
        usual = GaussianMixture(COMPONENTS, covariance_type="full", random_state=seed)
        start = time.process_time()
        usual.fit(values)
        usual_peer = time.process_time() - start
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            values.tofile(folder / "rows")
            owners.tofile(folder / "owners")
            text = subprocess.run(
                [arguments.mixture, folder / "rows", folder / "owners", str(COMPONENTS), folder / "assigned"],
                check=True, capture_output=True, text=True).stdout
            own = json.loads(text)
            assigned = np.fromfile(folder / "assigned", dtype=np.int64)
        print(
            f"seed {seed}: same start {own['same_start_seconds']:.2f} s of the processor in {own['rounds']} rounds, "
            f"scikit-learn {peer:.2f} s in {model.n_iter_} ({own['same_start_seconds'] / peer:.2f}); "
            f"from nothing {own['usual_seconds']:.2f} s, scikit-learn {usual_peer:.2f} s "
            f"({own['usual_seconds'] / usual_peer:.2f}); one prediction {own['prediction_us']:.2f} µs, scikit-learn "
            f"{single:.0f} µs; the same component for {(assigned == expected).mean():.3%}", flush=True)


if __name__ == "__main__":
    main()
