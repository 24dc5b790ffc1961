#!/usr/bin/python3
"""Finds the coefficients of erf, tanh and log1p_of_share in src/nn/kernels/lane_math.h, and says how far the results are
off in float.

Needs Debian's python3-numpy. f(x) / x = P(z) / Q(z) with z = x^2 (of log1p z = x and no Q) and Q(0) = 1, to the least
largest relative error up to the place from where on f is 1 in float: least squares of P - f Q, each place weighed anew
by its error (Lawson's algorithm).
"""
import math

import numpy as np

ROUNDS = 80


def fit(f, last, power, above_degree, below_degree):
    spread = 0.5 + 0.5 * np.cos(np.pi * (np.arange(4000) + 0.5) / 4000)
    x = np.maximum(np.concatenate([last * np.sqrt(spread), last * spread]), 1e-6)
    wanted = np.array([f(v) / v for v in x])
    z = (x / last) ** power  # from 0 to 1, which the powers of it need
    powers = np.stack([z**k for k in range(max(above_degree, below_degree) + 1)], 1)
    weights, below, best = np.ones(len(x)), np.ones(len(x)), (math.inf, None)
    for _ in range(ROUNDS):
        rows = np.concatenate(
            [powers[:, : above_degree + 1], -wanted[:, None] * powers[:, 1 : below_degree + 1]], 1
        )
        scale = np.sqrt(weights) / (wanted * np.abs(below))
        found = np.linalg.lstsq(rows * scale[:, None], wanted * scale, rcond=None)[0]
        above = powers[:, : above_degree + 1] @ found[: above_degree + 1]
        below = 1 + powers[:, 1 : below_degree + 1] @ found[above_degree + 1 :]
        error = np.abs(above / below / wanted - 1)
        if error.max() < best[0]:
            best = (error.max(), found.copy())
        weights *= error + 1e-12
        weights /= weights.mean()
    scale = np.array([float(last) ** (-power * k) for k in range(powers.shape[1])])
    found = best[1]
    return (
        best[0],
        found[: above_degree + 1] * scale[: above_degree + 1],
        np.concatenate([[1.0], found[above_degree + 1 :] * scale[1 : below_degree + 1]]),
    )


def polynomial(coefficients, z):
    sum = np.full_like(z, coefficients[-1])
    for c in coefficients[-2::-1]:
        sum = sum * z + np.float32(c)
    return sum


def largest_error_in_float(f, last, power, above, below):
    x = np.linspace(last * 3e-4, last, 200_001).astype(np.float32)
    z = x * x if power == 2 else x
    y = np.minimum(x * polynomial(above, z) / polynomial(below, z), np.float32(1))
    return max(abs(float(y[i]) / f(float(v)) - 1) for i, v in enumerate(x))


for name, f, last, power, degrees in (
    ("erf", math.erf, 3.925, 2, (5, 5)),
    ("tanh", math.tanh, 9.0, 2, (4, 4)),
    ("log1p", math.log1p, 1.0, 1, (8, 0)),
):
    error, above, below = fit(f, last, power, *degrees)
    print(name, "P", [float(f"{c:.9g}") for c in above])
    print(name, "Q", [float(f"{c:.9g}") for c in below])
    off = largest_error_in_float(f, last, power, above, below)
    print(f"{name}: largest relative error {error:.2g}, in float {off:.2g}")
