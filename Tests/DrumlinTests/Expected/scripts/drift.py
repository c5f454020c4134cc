"""Writes ../drift.json: samples, and what scipy and numpy say of the distances between them, of distributions' tails and of
adjusted p-values."""
import json
import pathlib

import numpy as np
from scipy import special, stats
from scipy.spatial import distance

rng = np.random.default_rng(5)


def sample(name, a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    ks = stats.ks_2samp(a, b, method="asymp")
    return {
        "name": name, "first": a.tolist(), "second": b.tolist(), "ks": float(ks.statistic), "ksChance": float(ks.pvalue),
        "wasserstein": float(stats.wasserstein_distance(a, b)),
        "mean": float(a.mean()), "deviation": float(a.std(ddof=1)), "min": float(a.min()), "max": float(a.max()),
        "quantiles": {str(q): float(np.quantile(a, q, method="inverted_cdf")) for q in (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)},
        "distinct": int(len(np.unique(a))),
    }


def cells(name, a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    p, q = a / a.sum(), b / b.sum()
    keep = a + b > 0
    test = stats.chi2_contingency(np.array([a[keep], b[keep]]), correction=False)
    ps, qs = (a + 0.5) / (a + 0.5).sum(), (b + 0.5) / (b + 0.5).sum()
    return {
        "name": name, "first": a.tolist(), "second": b.tolist(),
        "psi": float(((ps - qs) * np.log(ps / qs)).sum()), "jensenShannon": float(distance.jensenshannon(p, q, base=2)),
        "hellinger": float(np.sqrt(((np.sqrt(p) - np.sqrt(q)) ** 2).sum() / 2)),
        "lInfinity": float(distance.chebyshev(p, q)), "chiSquare": float(test.statistic),
        "degrees": int(test.dof), "chance": float(test.pvalue),
        "psiLimit": float(stats.chi2.isf(0.01, keep.sum() - 1) * (1 / a.sum() + 1 / b.sum())),
    }


def page_hinkley(losses, tolerance, threshold, minimum):
    alarms, start = [], 0
    for end in range(1, len(losses) + 1):
        part = losses[start:end]
        means = np.cumsum(part) / np.arange(1, len(part) + 1)
        sums = np.cumsum(part - means - tolerance)
        if len(part) >= minimum and sums[-1] - min(0, sums.min()) > threshold:
            alarms.append(end - 1)
            start = end
    return alarms


def limit(distances, tail):
    logs = np.log(distances)
    j = len(logs)
    return float(np.exp(logs.mean() + stats.t.isf(tail, j - 1) * logs.std(ddof=1) * np.sqrt(1 + 1 / j)))


normal = rng.normal(50, 8, 400)
samples = [
    sample("shifted by half a deviation", normal, rng.normal(54, 8, 300)),
    sample("the same", rng.normal(0, 1, 300), rng.normal(0, 1, 250)),
    sample("whole numbers", rng.poisson(6, 400), rng.poisson(7, 300)),
    sample("hours", rng.integers(0, 24, 300), rng.integers(4, 24, 200)),
    sample("of both signs over many decades", rng.normal(0, 1, 300) * 10 ** rng.uniform(-6, 6, 300),
           rng.normal(0.3, 1, 200) * 10 ** rng.uniform(-6, 6, 200)),
    sample("with a value that recurs", np.where(rng.random(400) < 0.6, 0, np.round(rng.gamma(2, 2, 400), 2)),
           np.where(rng.random(300) < 0.3, 2.75, np.where(rng.random(300) < 0.5, 0, np.round(rng.gamma(2, 2, 300), 2)))),
    sample("far from zero", rng.normal(1e6, 3, 300), rng.normal(1e6 + 1, 3, 300)),
    sample("apart", rng.uniform(0, 1, 50), rng.uniform(2, 3, 60)),
    sample("constant", np.full(40, 3.25), np.full(50, 3.25)),
]
tables = [
    cells("plain", [30, 40, 50, 60], [20, 45, 70, 30]),
    cells("empty cells", [0, 40, 5, 0, 60], [12, 45, 0, 0, 30]),
    cells("equal", [10, 20, 30], [20, 40, 60]),
    cells("apart", [10, 0, 20, 0], [0, 11, 0, 12]),
    cells("many", rng.integers(0, 30, 40), rng.integers(0, 30, 40)),
]
p_values = [0.001, 0.8, 0.04, 0.03, 0.039, 0.5, 0.0004, 0.2, 0.03, 1.0]
losses = np.round(np.concatenate([rng.uniform(0, 1, 300), rng.uniform(0.3, 1.3, 300), rng.uniform(0.5, 1.5, 300)]), 4)
distances = np.round(rng.lognormal(-4, 0.6, 12), 6)
result = {
    "samples": samples, "tables": tables,
    "falseDiscovery": {"given": p_values, "adjusted": stats.false_discovery_control(p_values).tolist()},
    "upperGamma": [[a, x, float(special.gammaincc(a, x))] for a in (0.5, 1, 4.5, 20, 300) for x in (0.01, 0.7, 4, 21, 250, 400)],
    "beta": [[x, a, b, float(special.betainc(a, b, x))] for x in (0.001, 0.2, 0.5, 0.93) for a, b in ((0.5, 0.5), (3.5, 0.5), (20, 4))],
    "studentQuantiles": [[tail, df, float(stats.t.isf(tail, df))] for tail in (0.4, 0.025, 0.05 / 12, 1e-5) for df in (1, 3, 7, 27, 200)],
    "chiSquareQuantiles": [[tail, df, float(stats.chi2.isf(tail, df))] for tail in (0.5, 0.01, 1e-5) for df in (1, 9, 19, 250)],
    "kolmogorov": [[x, float(special.kolmogorov(x))] for x in (0.1, 0.3, 0.6, 0.99, 1.0, 1.4, 2, 3.5)],
    "pageHinkley": {"losses": losses.tolist(), "tolerance": 0.05, "threshold": 12, "minimum": 30,
                    "alarms": page_hinkley(losses, 0.05, 12, 30)},
    "limit": {"distances": distances.tolist(), "tail": 0.05 / 12, "limit": limit(distances, 0.05 / 12)},
}
print(result["pageHinkley"]["alarms"], result["limit"])
(pathlib.Path(__file__).parent.parent / "drift.json").write_text(json.dumps(result) + "\n")
