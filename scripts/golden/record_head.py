#!/usr/bin/python3
"""Records tests/golden/head.json: optima of multinomial logistic regression.

Needs Debian's python3-scipy; the tests only read the file. The loss is written down here from its formula, and minimised by
Newton's method with the full matrix of second derivatives; nothing here knows how the engine does it.

    scripts/golden/record_head.py [--output tests/golden]
"""
import argparse
import json
import pathlib

import numpy
from scipy.special import log_softmax

ROOT = pathlib.Path(__file__).resolve().parents[2]
#        classes, pictures of each, numbers a picture, lambda, every class alike
CASES = [(2, [1, 1], 4, 3e-4, True),
         (3, [5, 5, 5], 6, 3e-4, True),
         (4, [9, 4, 2, 1], 5, 1e-2, True),
         (3, [12, 3, 6], 7, 1e-3, False),
         (5, [4, 4, 4, 4, 4], 3, 1.0, True)]


def pictures(rng, counts, width):
    rows, labels = [], []
    for label, count in enumerate(counts):
        centre = rng.normal(size=width)
        for _ in range(count):
            rows.append(centre + 0.6 * rng.normal(size=width))
            labels.append(label)
    z = numpy.round(numpy.array(rows), 6)
    z[:, -1] = 0.5  # a number that tells nothing
    if counts[0] > 2:
        z[1] = z[0]  # the same picture twice
    return z, numpy.array(labels)


def optimum(z, labels, counts, strictness, alike):
    classes, width = len(counts), z.shape[1]
    weight = numpy.array([1.0 / (classes * counts[y]) if alike else 1.0 / len(labels) for y in labels])

    def split(x):
        return x[: classes * width].reshape(classes, width), x[classes * width :]

    def loss(x):
        w, b = split(x)
        logs = log_softmax(z @ w.T + b, axis=1)
        return -(weight * logs[numpy.arange(len(labels)), labels]).sum() + 0.5 * strictness * (w * w).sum()

    def gradient(x):
        w, b = split(x)
        off = numpy.exp(log_softmax(z @ w.T + b, axis=1))
        off[numpy.arange(len(labels)), labels] -= 1
        off *= weight[:, None]
        return numpy.concatenate([(off.T @ z + strictness * w).ravel(), off.sum(axis=0)])

    def hessian(x):
        w, b = split(x)
        p = numpy.exp(log_softmax(z @ w.T + b, axis=1))
        ones = numpy.hstack([z, numpy.ones((len(z), 1))])
        whole = numpy.zeros((classes, width + 1, classes, width + 1))
        for c in range(classes):
            for d in range(classes):
                s = weight * p[:, c] * ((c == d) - p[:, d])
                whole[c, :, d, :] = ones.T @ (s[:, None] * ones)
        order = [(c, j) for c in range(classes) for j in range(width)] + [(c, width) for c in range(classes)]
        matrix = numpy.array([[whole[c, i, d, j] for d, j in order] for c, i in order])
        for i in range(classes * width):
            matrix[i, i] += strictness
        return matrix

    # What all biases share changes nothing: the matrix is made regular there.
    shared = numpy.concatenate([numpy.zeros(classes * width), numpy.ones(classes)])
    x = numpy.zeros(classes * (width + 1))
    for _ in range(100):
        step = numpy.linalg.solve(hessian(x) + numpy.outer(shared, shared), gradient(x))
        length = 1.0
        while loss(x - length * step) > loss(x) + 1e-12 and length > 1e-6:
            length /= 2
        x = x - length * step
        if abs(gradient(x)).max() < 1e-14:
            break
    w, b = split(x)
    assert abs(gradient(x)).max() < 1e-13
    return w, b - b.mean(), loss(x)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "tests/golden")
    arguments = parser.parse_args()
    rng = numpy.random.default_rng(7)
    rows = []
    for classes, counts, width, strictness, alike in CASES:
        z, labels = pictures(rng, counts, width)
        w, b, loss = optimum(z, labels, counts, strictness, alike)
        rows.append({"classes": classes, "lambda": strictness, "alike": alike, "z": z.tolist(), "labels": labels.tolist(),
                     "weights": w.tolist(), "biases": b.tolist(), "loss": loss})
    text = "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n"
    (arguments.output / "head.json").write_text(text)


if __name__ == "__main__":
    main()
