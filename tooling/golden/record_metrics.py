"""Records what scikit-learn computes of random predictions, for packages/evaluator.

    python tooling/golden/record_metrics.py tooling/golden/numerics/metrics_sklearn.json   # needs scikit-learn
"""
import json, sys
import numpy as np
import sklearn
from sklearn import metrics as M

rng = np.random.default_rng(5)
AVERAGES = {'macro': 'macro', 'micro': 'micro', 'none': None}


def scores(n, c, ties=False):
    x = rng.normal(size=(n, c)).astype(np.float32)
    return np.round(x) if ties else np.round(x, 3)


def fractions(truth, predicted, average, **kw):
    p, r, f, s = M.precision_recall_fscore_support(truth, predicted, average=average, zero_division=0, **kw)
    out = {'precision': p, 'recall': r, 'f1-score': f}
    return {k: np.multiply(100, v).tolist() for k, v in out.items()}


single, multi, ranking, regression, segmentation = [], [], [], [], []
for n, c in [(1, 2), (7, 3), (40, 5), (100, 4)]:
    x, y = scores(n, c), rng.integers(0, c, n)
    if c == 5:
        y[y == 2] = 1  # a class that never occurs
        x[:, 4] = -9  # a class that is never predicted
    guess, classes = x.argmax(1), list(range(c))
    single.append({
        'scores': x.tolist(), 'labels': y.tolist(),
        'values': {k: fractions(y, guess, a, labels=classes) for k, a in AVERAGES.items()},
        'support': np.bincount(y, minlength=c).tolist(),
        'confusion': M.confusion_matrix(y, guess, labels=classes).tolist(),
    })
    t = rng.integers(0, 2, (n, c))
    s = np.round(rng.random((n, c)), 3).astype(np.float32)
    top2 = np.zeros_like(t)
    np.put_along_axis(top2, np.argsort(-s, 1, kind='stable')[:, :2], 1, 1)
    multi.append({
        'scores': s.tolist(), 'targets': t.tolist(), 'thr': 0.4,
        'values': {k: fractions(t, s >= np.float32(0.4), a) for k, a in AVERAGES.items()},
        'top2': {k: fractions(t, top2, a) for k, a in AVERAGES.items()},
    })
for n, c, ties in [(12, 3, False), (60, 4, True), (200, 2, True)]:
    x, t = scores(n, c, ties), rng.integers(0, 2, (n, c))
    ranking.append({
        'scores': x.tolist(), 'targets': t.tolist(),
        'ap': [100 * M.average_precision_score(t[:, i], x[:, i]) for i in range(c)],
        'auc': [100 * M.roc_auc_score(t[:, i], x[:, i]) for i in range(c)],
    })
for n, d, offset in [(5, 1, 0.0), (50, 3, 2.0), (200, 2, 1000.0)]:
    t = (rng.normal(size=(n, d)) + offset).astype(np.float32)
    p = (t + 0.3 * rng.normal(size=(n, d))).astype(np.float32)
    a, b = t.astype(np.float64), p.astype(np.float64)
    regression.append({
        'targets': a.tolist(), 'predictions': b.tolist(),
        'mae': M.mean_absolute_error(a, b), 'mse': M.mean_squared_error(a, b),
        'rmse': M.mean_squared_error(a, b) ** 0.5, 'r2': M.r2_score(a, b),
    })
for shape, c in [((2, 5, 6), 3), ((4, 8, 8), 5)]:
    y, g = rng.integers(0, c, shape), rng.integers(0, c, shape)
    if c == 5:
        y[y == 3] = 0
        g[g == 3] = 0  # a class that is nowhere
    y[rng.random(shape) < 0.1] = 255
    known = y != 255
    a, b, present = y[known], g[known], sorted(set(y[known]) | set(g[known]))
    kw = dict(labels=present, average=None, zero_division=0)
    segmentation.append({
        'maps': g.tolist(), 'labels': y.tolist(), 'classes': c, 'present': [int(i) for i in present],
        'IoU': (100 * M.jaccard_score(a, b, **kw)).tolist(), 'Dice': (100 * M.f1_score(a, b, **kw)).tolist(),
        'Fscore2': (100 * M.fbeta_score(a, b, beta=2, **kw)).tolist(),
        'Precision': (100 * M.precision_score(a, b, **kw)).tolist(), 'Acc': (100 * M.recall_score(a, b, **kw)).tolist(),
        'aAcc': 100 * M.accuracy_score(a, b),
    })
json.dump({
    'versions': {'sklearn': sklearn.__version__, 'numpy': np.__version__},
    'single': single, 'multi': multi, 'ranking': ranking, 'regression': regression, 'segmentation': segmentation,
}, open(sys.argv[1], 'w'))
