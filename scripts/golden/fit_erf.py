#!/usr/bin/python3
"""Finds the coefficients of erf in src/nn/kernels/lane_math.h, and says how far the result is off in float.

Needs Debian's python3-numpy. erf(x) / x = P(z) / Q(z) with z = x^2, both of degree 5 and Q(0) = 1, to the least largest
relative error for |x| up to 3.925: least squares of P - f Q, each place weighed anew by its error (Lawson's algorithm).
"""
import math

import numpy as np

LAST = 3.925  # from here on erf is 1 in float
DEGREE = 5
ROUNDS = 60


def fit():
    spread = 0.5 + 0.5 * np.cos(np.pi * (np.arange(4000) + 0.5) / 4000)
    x = np.maximum(np.concatenate([LAST * np.sqrt(spread), LAST * spread]), 1e-6)
    wanted = np.array([math.erf(v) / v for v in x])
    z = x * x / LAST**2  # from 0 to 1, which the powers of it need
    powers = np.stack([z**k for k in range(DEGREE + 1)], 1)
    weights, below, best = np.ones(len(x)), np.ones(len(x)), (math.inf, None)
    for _ in range(ROUNDS):
        rows = np.concatenate([powers, -wanted[:, None] * powers[:, 1:]], 1)
        scale = np.sqrt(weights) / (wanted * np.abs(below))
        found = np.linalg.lstsq(rows * scale[:, None], wanted * scale, rcond=None)[0]
        above, below = powers @ found[: DEGREE + 1], 1 + powers[:, 1:] @ found[DEGREE + 1 :]
        error = np.abs(above / below / wanted - 1)
        if error.max() < best[0]:
            best = (error.max(), found.copy())
        weights *= error + 1e-12
        weights /= weights.mean()
    scale = np.array([LAST ** (-2 * k) for k in range(DEGREE + 1)])
    return best[0], best[1][: DEGREE + 1] * scale, np.concatenate([[1.0], best[1][DEGREE + 1 :] * scale[1:]])


def largest_error_in_float(above, below):
    x = np.linspace(1e-3, LAST, 200_001).astype(np.float32)
    z = x * x
    p, q = np.full_like(x, above[-1]), np.full_like(x, below[-1])
    for k in range(DEGREE - 1, -1, -1):
        p = p * z + np.float32(above[k])
        q = q * z + np.float32(below[k])
    y = np.minimum(x * p / q, np.float32(1))
    return max(abs(float(y[i]) / math.erf(float(v)) - 1) for i, v in enumerate(x))


error, above, below = fit()
print("P", [float(f"{c:.9g}") for c in above])
print("Q", [float(f"{c:.9g}") for c in below])
print(f"largest relative error {error:.2g}, in float {largest_error_in_float(above, below):.2g}")
