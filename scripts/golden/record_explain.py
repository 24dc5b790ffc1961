#!/usr/bin/python3
"""Records tests/golden/explain.safetensors: maps of two shipped models as PyTorch has them.

Needs Debian's python3-torch (1.13); the tests only read the file. In double, by autograd with a hook or a formula a layer;
nothing here knows how the engine does it. Run again once the models are trained anew.

    scripts/golden/record_explain.py [--output tests/golden]
"""
import argparse
import json
import pathlib
import struct

import numpy
import torch
from torch.nn import functional as F

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = {"garments": ([0, 4], 64), "tinyvgg": ([6], 16)}  # the targets, and the steps of integrated gradients
EPSILON = 1e-6


def read_safetensors(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    meta = header.pop("__metadata__")
    kinds = {"F16": numpy.float16, "F32": numpy.float32}
    tensors = {}
    for name, row in header.items():
        begin, end = (8 + size + at for at in row["data_offsets"])
        values = numpy.frombuffer(data[begin:end], dtype=kinds[row["dtype"]]).reshape(row["shape"])
        tensors[name] = torch.tensor(values.astype(numpy.float64))
    return meta, tensors


def write_safetensors(path, tensors):
    header, blob = {}, b""
    for name, values in tensors.items():
        raw = values.to(torch.float32).contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [len(blob), len(blob) + len(raw)]}
        blob += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + blob)


class Net:
    """A chain of convolutions, ReLUs, pools and linear layers."""

    def __init__(self, meta, tensors):
        self.nodes = json.loads(meta["graph"])["nodes"]
        self.tensors = tensors

    def layer(self, node, x, weight=None, bias=None):
        op, a = node["op"], node.get("attributes", {})
        if op in ("conv2d", "linear"):
            weight = self.tensors[node["name"] + ".weight"] if weight is None else weight
            bias = self.tensors[node["name"] + ".bias"] if bias is None else bias
        if op == "conv2d":
            return F.conv2d(x, weight, bias, a.get("stride", 1), a.get("padding", 0))
        if op == "linear":
            return F.linear(x, weight, bias)
        if op == "relu":
            return torch.relu(x)
        if op == "max_pool":
            return F.max_pool2d(x, a["kernel"], a.get("stride", a["kernel"]))
        if op == "global_avg_pool":
            return x.mean((2, 3), keepdim=True)
        if op == "flatten":
            return x.flatten(1)
        raise SystemExit(f"no {op} here")

    def outputs(self, x):
        values = [x]
        for node in self.nodes:
            values.append(self.layer(node, values[-1]))
        return values

    def logit(self, x, target):
        return self.outputs(x)[-1][0, target]

    def gradient(self, x, target):
        x = x.clone().requires_grad_(True)
        return torch.autograd.grad(self.logit(x, target), x)[0]

    def back(self, values, target, seed, rule):
        """Hands `seed` back from the logit to the input, node by node; rule(node, x, y, r) or None for the gradient."""
        r = torch.zeros_like(values[-1])
        r[0, target] = seed
        for i in range(len(self.nodes) - 1, -1, -1):
            found = rule(self.nodes[i], values[i], values[i + 1], r, i)
            if found is None:
                x = values[i].detach().clone().requires_grad_(True)
                found = torch.autograd.grad(self.layer(self.nodes[i], x), x, r)[0]
            r = found
        return r


def integrated_gradients(net, x, black, target, steps):
    nodes, weights = numpy.polynomial.legendre.leggauss(steps)
    total = torch.zeros_like(x)
    for node, weight in zip(nodes, weights):
        total += weight / 2 * net.gradient(black + (node + 1) / 2 * (x - black), target)
    return (x - black) * total


def last_convolution(net):
    return max(i for i, node in enumerate(net.nodes) if node["op"] == "conv2d")


def gradient_behind(net, a, last, target):
    """d logit / d a, where a stands in place of what node `last` gives."""
    y = a = a.detach().requires_grad_(True)
    for node in net.nodes[last + 1 :]:
        y = net.layer(node, y)
    return torch.autograd.grad(y[0, target], a)[0]


def layer_maps(net, x, black, target, steps):
    """Captum's LayerGradientXActivation and LayerIntegratedGradients of the last convolution, by their formulas."""
    last = last_convolution(net)
    a, b = net.outputs(x)[last + 1].detach(), net.outputs(black)[last + 1].detach()
    nodes, weights = numpy.polynomial.legendre.leggauss(steps)
    total = sum(w / 2 * gradient_behind(net, b + (n + 1) / 2 * (a - b), last, target) for n, w in zip(nodes, weights))
    return {
        "layer_gradient_x_input": (a * gradient_behind(net, a, last, target))[0],
        "layer_integrated_gradients": ((a - b) * total)[0],
    }


def grad_cam_plus_plus(net, x, target):
    last = last_convolution(net)
    values = net.outputs(x)
    a = values[last + 1].detach().requires_grad_(True)
    y = a
    for node in net.nodes[last + 1 :]:
        y = net.layer(node, y)
    g = torch.autograd.grad(y[0, target], a)[0]
    a = a.detach()
    alpha = g**2 / (2 * g**2 + a.sum((2, 3), keepdim=True) * g**3 + 1e-6)
    alpha = torch.where(g == 0, torch.zeros_like(g), alpha)
    weights = (torch.relu(g) * alpha).sum((2, 3), keepdim=True)
    return (weights * a).sum(1)[0]


def guided_backprop(net, x, target):
    def rule(node, before, after, r, i):
        return torch.relu(r) * (before > 0) if node["op"] == "relu" else None

    return net.back(net.outputs(x), target, 1.0, rule)


def stabilise(z):
    return z + torch.where(z >= 0, 1.0, -1.0) * EPSILON


def epsilon_plus(net, x, target):
    def products(node, parts, r):
        """parts: (input, weight, bias); each input gets its own share of their common sum."""
        inputs = [part[0].detach().clone().requires_grad_(True) for part in parts]
        z = sum(net.layer(node, at, part[1], part[2]) for at, part in zip(inputs, parts))
        grads = torch.autograd.grad(z, inputs, r / stabilise(z.detach()))
        return sum(at.detach() * grad for at, grad in zip(inputs, grads))

    def rule(node, before, after, r, i):
        if node["op"] == "relu":
            return r
        if node["op"] == "global_avg_pool":
            at = before.detach().clone().requires_grad_(True)
            z = net.layer(node, at)
            return before * torch.autograd.grad(z, at, r / stabilise(z.detach()))[0]
        if node["op"] not in ("conv2d", "linear"):
            return None
        weight, bias = net.tensors[node["name"] + ".weight"], net.tensors[node["name"] + ".bias"]
        if node["op"] == "linear":
            return products(node, [(before, weight, bias)], r)
        return products(node, [(before.clamp(min=0), weight.clamp(min=0), bias.clamp(min=0)),
                               (before.clamp(max=0), weight.clamp(max=0), torch.zeros_like(bias))], r)

    values = net.outputs(x)
    return net.back(values, target, float(values[-1][0, target]), rule)


def deep_lift(net, x, black, target):
    there = net.outputs(black)

    def rule(node, before, after, r, i):
        change = before - there[i]
        still = change.abs() < 1e-6
        safe = torch.where(still, torch.ones_like(change), change)
        if node["op"] == "relu":
            return torch.where(still, r * (before > 0), r * (after - there[i + 1]) / safe)
        if node["op"] == "max_pool":
            most = torch.maximum(after, there[i + 1])
            kernel = node["attributes"]["kernel"]
            assert kernel == node["attributes"].get("stride", kernel)
            rows, columns = after.shape[2:]

            def windows(t):  # (C, rows, columns, kernel, kernel)
                t = t[0, :, : rows * kernel, : columns * kernel]
                return t.reshape(-1, rows, kernel, columns, kernel).permute(0, 1, 3, 2, 4)

            def spread(shares):
                out = torch.zeros_like(before)
                t = shares.permute(0, 1, 3, 2, 4).reshape(-1, rows * kernel, columns * kernel)
                out[0, :, : rows * kernel, : columns * kernel] = t
                return out

            # The first of the largest here; all that are as large there, in equal shares.
            flat = windows(before).flatten(3)
            won = F.one_hot((flat == flat.max(3, keepdim=True)[0]).int().argmax(3), kernel * kernel).view_as(windows(before))
            least = there[i + 1] - 1e-4 * there[i + 1].abs().clamp(min=1)
            tied = (windows(there[i]) >= least[0, :, :, :, None, None]).to(before.dtype)
            tied = tied / tied.sum((3, 4), keepdim=True)
            wide = lambda t: t[0, :, :, :, None, None]
            moved = spread(won * wide(r * (most - there[i + 1])) + tied * wide(r * (after - most)))
            return torch.where(still, spread(won * wide(r)), moved / safe)
        return None

    return (x - black) * net.back(net.outputs(x), target, 1.0, rule)


def picture(shape, generator):
    """Coarse blocks with some noise over them, exact in float."""
    blocks = torch.randn((1, shape[0], 4, 4), generator=generator, dtype=torch.float64)
    x = F.interpolate(blocks, size=tuple(shape[1:]), mode="bilinear", align_corners=False)
    x = x + 0.2 * torch.randn((1, *shape), generator=generator, dtype=torch.float64)
    return x.to(torch.float32).to(torch.float64)


def maps_of(net, x, black, target, steps):
    return {
        "integrated_gradients": integrated_gradients(net, x, black, target, steps)[0],
        "grad_cam_plus_plus": grad_cam_plus_plus(net, x, target),
        "guided_backprop": guided_backprop(net, x, target)[0],
        "lrp": epsilon_plus(net, x, target)[0],
        "deep_lift": deep_lift(net, x, black, target)[0],
    }


def steady_picture(net, shape, targets, steps):
    """A picture whose maps are the same in float: nowhere on the way does a ReLU or a maximum stand so near its kink
    that rounding decides."""
    narrow = Net({"graph": json.dumps({"nodes": net.nodes})}, {k: v.to(torch.float32) for k, v in net.tensors.items()})
    for seed in range(200):
        x = picture(shape, torch.Generator().manual_seed(seed))
        black = torch.full_like(x, -1.25)
        wide = [maps_of(net, x, black, target, steps) for target in targets]
        near = [maps_of(narrow, x.float(), black.float(), target, steps) for target in targets]
        apart = max(float((a[k] - b[k]).abs().max() / a[k].abs().max()) for a, b in zip(wide, near) for k in a)
        if apart < 5e-5:
            print(f"picture {seed}: float and double within {apart:.2g}")
            return x, black, wide
    raise SystemExit("no picture is steady")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "tests/golden")
    output = parser.parse_args().output
    torch.set_num_threads(1)
    recorded = {}
    for name, (targets, steps) in MODELS.items():
        meta, tensors = read_safetensors(ROOT / f"assets/{name}.safetensors")
        net = Net(meta, tensors)
        shape = json.loads(meta["graph"])["input"]
        x, black, found = steady_picture(net, shape, targets, steps)
        recorded[f"{name}/input"] = x[0]
        recorded[f"{name}/logits"] = net.outputs(x)[-1][0]
        for target, maps in zip(targets, found):
            for method, values in {**maps, **layer_maps(net, x, black, target, steps)}.items():
                recorded[f"{name}/{target}/{method}"] = values.detach()
                print(f"{name} {target} {method}: sum {values.sum():.6g}, largest {values.abs().max():.6g}")
    write_safetensors(output / "explain.safetensors", recorded)


if __name__ == "__main__":
    main()
