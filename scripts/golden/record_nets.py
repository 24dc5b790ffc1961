#!/usr/bin/python3
"""Records tests/golden/nets.json: what PyTorch makes of the nets A, B and C of web/bench/nets.js.

Needs Debian's python3-torch (1.13); the tests only read the file. Weights and picture come from the generator that
nets.js and tests/support/bench_nets.cpp have too. Everything is computed in double from weights that are exact in
float. Gradients, of the first logit, are recorded as their largest value and every so-manieth element.

    scripts/golden/record_nets.py [--output tests/golden]
"""
import argparse
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

SAMPLES = 400  # elements of a gradient


class Random:
    """Uniform in [-1, 1) (the mixing of splitmix32)."""

    def __init__(self, seed):
        self.state = np.uint32(seed)

    def draw(self, count, reach):
        with np.errstate(over="ignore"):
            state = self.state + np.uint32(0x9E3779B9) * np.arange(1, count + 1, dtype=np.uint32)
            self.state = state[-1]
            z = (state ^ (state >> np.uint32(16))) * np.uint32(0x21F0AAAD)
            z = (z ^ (z >> np.uint32(15))) * np.uint32(0x735A2D97)
            z = z ^ (z >> np.uint32(15))
        return (reach * (z.astype(np.float64) / 2**31 - 1)).astype(np.float32)


class Net:
    """Draws weights as layers come, and keeps them as leaves in double."""

    def __init__(self, seed):
        self.random = Random(seed)
        self.weights = []

    def pair(self, shape):
        fan = int(np.prod(shape[1:]))
        made = []
        for extents, reach in ((shape, np.sqrt(6 / fan)), (shape[:1], 0.1)):
            values = self.random.draw(int(np.prod(extents)), reach).reshape(extents)
            made.append(torch.tensor(values.astype(np.float64), requires_grad=True))
        self.weights += made
        return made

    def conv(self, x, outputs, kernel, stride=1, padding=None):
        weight, bias = self.pair((outputs, x.shape[1], kernel, kernel))
        return F.conv2d(x, weight, bias, stride, (kernel - 1) // 2 if padding is None else padding)

    def linear(self, x, outputs):
        return F.linear(x, *self.pair((outputs, x.shape[1])))


def net_a(net, x):
    for width in (32, 64, 128):
        x = F.relu(net.conv(x, width, 3))
        x = F.max_pool2d(F.relu(net.conv(x, width, 3)), 2)
    return net.linear(x.mean((2, 3)), 10)


def net_b(net, x):
    def fire(x, squeeze, expand):
        narrow = F.relu(net.conv(x, squeeze, 1))
        one = F.relu(net.conv(narrow, expand, 1))
        return torch.cat([one, F.relu(net.conv(narrow, expand, 3))], 1)

    x = F.max_pool2d(F.relu(net.conv(x, 64, 3, 2, 0)), 3, 2)
    x = F.max_pool2d(fire(fire(x, 16, 64), 16, 64), 3, 2)
    x = F.max_pool2d(fire(fire(x, 32, 128), 32, 128), 3, 2)
    for squeeze, expand in ((48, 192), (48, 192), (64, 256), (64, 256)):
        x = fire(x, squeeze, expand)
    return F.relu(net.conv(x, 1000, 1)).mean((2, 3))


def net_c(net, x):
    x = F.relu(net.conv(x, 16, 3))
    inputs = 16
    for outputs in (16, 32, 64):
        for _ in range(3):
            stride = 1 if inputs == outputs else 2
            main = net.conv(F.relu(net.conv(x, outputs, 3, stride, 1)), outputs, 3)
            x = F.relu(main + (x if stride == 1 else net.conv(x, outputs, 1, stride, 0)))
            inputs = outputs
    return net.linear(x.mean((2, 3)), 10)


def sampled(values):
    step = max(1, values.size // SAMPLES)
    return {
        "size": values.size,
        "step": step,
        "largest": float(np.abs(values).max()),
        "values": [float(np.float32(v)) for v in values[::step]],
    }


def record(build, seed, side):
    net = Net(seed)
    picture = Random(7).draw(3 * side * side, 1.0).reshape(1, 3, side, side)
    x = torch.tensor(picture.astype(np.float64), requires_grad=True)
    logits = build(net, x)
    logits[0, 0].backward()
    weights = np.concatenate([w.grad.numpy().ravel() for w in net.weights])
    return {
        "logits": [float(np.float32(v)) for v in logits.detach().numpy().ravel()],
        "d_input": sampled(x.grad.numpy().ravel()),
        "d_weights": sampled(weights),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("tests/golden"))
    args = parser.parse_args()
    nets = {name: record(*row) for name, row in {"A": (net_a, 1, 64), "B": (net_b, 2, 224), "C": (net_c, 3, 32)}.items()}
    (args.output / "nets.json").write_text(json.dumps(nets) + "\n")


if __name__ == "__main__":
    main()
