"""safetensors files: as a parser sees them, as weights for an open net, and as saved models."""
import json
import struct

from . import graphs

SIZES = {"F64": 8, "I64": 8, "F32": 4, "F16": 2, "BF16": 2, "I8": 1, "U8": 1}


def file(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text)) + text + data


def tensors(*rows, metadata=None):
    """Rows (name, dtype, shape[, bytes]) one after another."""
    header, data = ({"__metadata__": metadata} if metadata is not None else {}), b""
    for name, dtype, shape, *given in rows:
        count = 1
        for extent in shape:
            count *= extent
        body = given[0] if given else values(dtype, count)
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [len(data), len(data) + len(body)]}
        data += body
    return file(header, data)


def values(dtype, count):
    """Small numbers of both signs."""
    numbers = [(i % 7 - 3) / 4 for i in range(count)]
    if dtype == "F64":
        return struct.pack(f"<{count}d", *numbers)
    if dtype == "F32":
        return struct.pack(f"<{count}f", *numbers)
    if dtype == "F16":
        return struct.pack(f"<{count}e", *numbers)
    if dtype == "BF16":
        return b"".join(struct.pack("<f", n)[2:] for n in numbers)
    if dtype == "I64":
        return struct.pack(f"<{count}q", *range(count))
    return bytes(i % 120 for i in range(count))


def described(**fields):
    """One tensor `a` of four bytes whose description has these fields changed; None takes one away."""
    row = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} | fields
    return file({"a": {k: v for k, v in row.items() if v is not None}}, bytes(4))


# The layers of the target's own net: conv1 (1,1,3,3) with a bias, fc (2,1) without.
CONV, BIAS, FC = ("conv1.weight", "F32", (1, 1, 3, 3)), ("conv1.bias", "F32", (1,)), ("fc.weight", "F32", (2, 1))


def norm(name, leave=(), dtype="F32"):
    return [(f"{name}.{part}", dtype, (1,)) for part in ("weight", "bias", "running_mean", "running_var")
            if part not in leave]


def prefixed(prefix, rows):
    return [(prefix + row[0], *row[1:]) for row in rows]


def safetensors_seeds():
    huge = 2**64 - 1
    counted = ("bn1.num_batches_tracked", "I64", ())
    out = {
        "fit": tensors(CONV, BIAS, FC),
        "fit_half": tensors(*[(n, "F16", s) for n, _, s in (CONV, BIAS, FC)]),
        "fit_brain": tensors(*[(n, "BF16", s) for n, _, s in (CONV, BIAS, FC)]),
        "fit_double": tensors(*[(n, "F64", s) for n, _, s in (CONV, BIAS, FC)]),
        "fit_whole_numbers": tensors(*[(n, "I64", s) for n, _, s in (CONV, BIAS, FC)]),
        "fit_prefix": tensors(*prefixed("model.backbone.", [CONV, BIAS, FC])),
        "fit_two_prefixes": tensors(*prefixed("module.", [CONV, BIAS]), *prefixed("head.", [FC])),
        "fit_norm": tensors(CONV, *norm("bn1"), counted, FC),
        "fit_norm_and_bias": tensors(CONV, BIAS, *norm("norm1"), FC),
        "fit_norm_plain": tensors(CONV, *norm("batchnorm1", leave=("weight", "bias")), FC),
        "fit_norm_word": tensors(CONV, *norm("batch_norm1"), FC),
        "fit_norm_cut": tensors(CONV, *norm("bn1", leave=("running_var",)), FC),
        "fit_norm_whole_numbers": tensors(CONV, *norm("bn1", dtype="I64"), FC),
        "fit_norm_negative": tensors(CONV, *norm("bn1", leave=("running_var",)),
                                     ("bn1.running_var", "F32", (1,), struct.pack("<f", -1)), FC),
        "fit_norm_shape": tensors(CONV, *norm("bn1", leave=("weight",)), ("bn1.weight", "F32", (2,)), FC),
        "fit_linear_as_conv": tensors(CONV, BIAS, ("fc.weight", "F32", (2, 1, 1, 1))),
        "fit_no_bias": tensors(CONV, FC),
        "fit_missing": tensors(CONV),
        "fit_left_over": tensors(CONV, BIAS, FC, ("fc.bias", "F32", (2,))),
        "fit_many_left": tensors(CONV, BIAS, FC, *[(f"layer{i}.weight", "F32", (1,)) for i in range(9)]),
        "fit_other_shape": tensors(CONV, BIAS, ("fc.weight", "F32", (1, 2))),
        "fit_nan": tensors(CONV, BIAS, ("fc.weight", "F32", (2, 1), struct.pack("<ff", float("nan"), 1))),
        "fit_infinity": tensors(CONV, BIAS, ("fc.weight", "F32", (2, 1), struct.pack("<ff", float("inf"), 1))),
        "fit_half_infinity": tensors(CONV, BIAS, ("fc.weight", "F16", (2, 1), b"\x00\x7c\x01\x7c")),
        "fit_double_too_large": tensors(CONV, BIAS, ("fc.weight", "F64", (2, 1), struct.pack("<dd", 1e300, 0))),
        "types": tensors(*[(dtype, dtype, (2,)) for dtype in SIZES]),
        "scalar": tensors(("a", "F32", ())),
        "no_values": tensors(("a", "F32", (0, 7)), ("b", "U8", (0,))),
        "many_axes": tensors(("a", "U8", (1,) * 20)),
        "metadata": tensors(("a", "I8", (3,)), metadata={"format": "pt", "note": "ä \"quoted\" \\ \n"}),
        "metadata_empty": tensors(metadata={}),
        "nothing": file({}),
        "spaces_behind": file(b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}   ', b"x"),
        "out_of_order": file({"b": {"dtype": "U8", "shape": [1], "data_offsets": [1, 2]},
                              "a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}, b"xy"),
        "many": tensors(*[(f"t{i}", "U8", (1,)) for i in range(40)]),
        "bad_metadata_list": file({"__metadata__": []}),
        "bad_metadata_number": file({"__metadata__": {"a": 1}}),
        "bad_list": file([]),
        "bad_json": file(b'{"a":'),
        "bad_utf8": file(b'{"\xff":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"x"),
        "bad_twice": file(b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},'
                          b'"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', b"xy"),
        "bad_deep": file(b'{"a":' + b"[" * 90 + b"]" * 90 + b"}"),
        "bad_no_object": file({"a": 3}),
        "bad_field": described(colour="red"),
        "bad_no_dtype": described(dtype=None),
        "bad_no_shape": described(shape=None),
        "bad_no_offsets": described(data_offsets=None),
        "bad_dtype_number": described(dtype=32),
        "bad_dtype_unknown": described(dtype="C64"),
        "bad_shape_word": described(shape="1"),
        "bad_shape_negative": described(shape=[-1]),
        "bad_shape_real": described(shape=[1.0]),
        "bad_shape_overflow": described(shape=[huge, huge]),
        "bad_shape_zero_huge": described(shape=[0, huge]),
        "bad_offsets_three": described(data_offsets=[0, 2, 4]),
        "bad_offsets_backwards": described(data_offsets=[4, 0]),
        "bad_offsets_huge": described(data_offsets=[huge - 4, huge]),
        "bad_offsets_short": described(data_offsets=[0, 3]),
        "bad_overlap": file({"a": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]},
                             "b": {"dtype": "U8", "shape": [2], "data_offsets": [1, 3]}}, b"xyz"),
        "bad_hole": file({"a": {"dtype": "U8", "shape": [1], "data_offsets": [1, 2]}}, b"xy"),
        "bad_goes_on": tensors(("a", "U8", (1,))) + b"more",
        "bad_cut": tensors(("a", "F32", (4,)))[:-5],
        "bad_header_length": struct.pack("<Q", 200) + b"{}",
        "bad_header_huge": struct.pack("<Q", huge) + b"{}",
        "bad_short": b"\2\0\0",
        "empty": b"",
    }
    return out


GRAPH = graphs.chain((1, 4, 4), ("conv2d", {"out_channels": 2, "kernel": 3}), ("flatten", {}),
                     ("linear", {"out_features": 2}))
N0, N0B, N2, N2B = ("n0.weight", (2, 1, 3, 3)), ("n0.bias", (2,)), ("n2.weight", (2, 8)), ("n2.bias", (2,))
READING = {"invert": False, "mean": [0, 0, 0], "std": [1, 1, 1]}


def text(value):
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def model(rows=None, graph=GRAPH, labels=("a", "b"), reading=READING, packing=None, leave_out=None, **metadata):
    """A model file; `leave_out` is a line of the metadata that is not there."""
    rows = [(name, "F32", shape) for name, shape in (N0, N0B, N2, N2B)] if rows is None else rows
    lines = {"weightroom": "1", "name": "net", "title": "Net", "provenance": "{}", "graph": text(graph),
             "labels": text(labels), "preprocessing": text(reading)} | metadata
    if packing is not None:
        lines["packing"] = text(packing)
    return tensors(*rows, metadata={k: v for k, v in lines.items() if k != leave_out})


def packed(name, shape, bits, affine=False, per="channel", sparse=False, mask=None, codes=None, scales=None, zeros=None):
    """The tensors of one packed weight, and its line under "packing"."""
    count = 1
    for extent in shape:
        count *= extent
    mask = bytes([0b01010101] * ((count + 7) // 8)) if mask is None else mask
    stored = sum(mask[i // 8] >> i % 8 & 1 for i in range(min(count, 8 * len(mask)))) if sparse else count
    rows = []
    if bits in (16, 32):
        dtype = "F16" if bits == 16 else "F32"
        rows.append((name, dtype, (stored,)))
    else:
        body = bytes(i % 100 for i in range((stored * bits + 7) // 8)) if codes is None else codes
        whole = bits == 8
        rows.append((name, ("U8" if affine else "I8") if whole else "U8",
                     shape if whole and not sparse else (len(body),), body))
        count_scales = shape[0] if per == "channel" else 1
        rows.append((name + "#scale", "F32", (count_scales,), struct.pack("<f", 0.25) * count_scales)
                    if scales is None else scales)
        if affine:
            rows.append((name + "#zero", "U8", (count_scales,), bytes([3] * count_scales)) if zeros is None else zeros)
    if sparse:
        rows.append((name + "#mask", "U8", (len(mask),), mask))
    return rows, {name: {"affine": affine, "bits": bits, "per": per, "sparse": sparse}}


def packed_model(extra=(), line=None, drop=(), **how):
    rows, lines = packed(N0[0], N0[1], **how)
    if line is not None:
        lines[N0[0]] = line
    rows = [row for row in rows if row[0] not in drop]
    return model(rows + [(name, "F32", shape) for name, shape in (N0B, N2, N2B)] + list(extra), packing=lines)


def model_seeds():
    plain = [(name, "F32", shape) for name, shape in (N0, N0B, N2, N2B)]
    out = {"plain": model()}
    for dtype in ("F16", "BF16", "F64", "I64", "U8"):
        out[f"all_{dtype}"] = model([(name, dtype, shape) for name, _, shape in plain])
    for bits in (1, 2, 3, 4, 5, 7, 8):
        out[f"packed_{bits}"] = packed_model(bits=bits)
    for bits in (3, 8):
        out[f"packed_{bits}_affine"] = packed_model(bits=bits, affine=True)
        out[f"packed_{bits}_tensor"] = packed_model(bits=bits, per="tensor", affine=True)
        out[f"packed_{bits}_sparse"] = packed_model(bits=bits, sparse=True)
        out[f"packed_{bits}_sparse_affine"] = packed_model(bits=bits, sparse=True, affine=True, per="tensor")
    for bits in (16, 32):
        out[f"packed_{bits}_sparse"] = packed_model(bits=bits, per="tensor", sparse=True)
    out |= {
        "packed_32_dense": packed_model(bits=32, per="tensor"),
        "packed_all_zero": packed_model(bits=4, sparse=True, mask=bytes(3), codes=b""),
        "packed_mask_goes_on": packed_model(bits=4, sparse=True, mask=b"\xff" * 3),
        "packed_mask_short": packed_model(bits=4, sparse=True, mask=b"\xff"),
        "packed_codes_short": packed_model(bits=4, codes=b"\1\2"),
        "packed_no_scale": packed_model(bits=8, drop=("n0.weight#scale",)),
        "packed_no_zero": packed_model(bits=8, affine=True, drop=("n0.weight#zero",)),
        "packed_no_mask": packed_model(bits=8, sparse=True, drop=("n0.weight#mask",)),
        "packed_scale_type": packed_model(bits=8, scales=("n0.weight#scale", "F16", (2,))),
        "packed_scale_nan": packed_model(bits=8, scales=("n0.weight#scale", "F32", (2,), struct.pack("<ff", float("nan"), 1))),
        "packed_scale_many": packed_model(bits=8, scales=("n0.weight#scale", "F32", (3,))),
        "packed_scale_huge": packed_model(bits=8, scales=("n0.weight#scale", "F32", (2,), struct.pack("<ff", 3e38, 1))),
        "packed_9_bits": packed_model(bits=8, line={"affine": False, "bits": 9, "per": "channel", "sparse": False}),
        "packed_0_bits": packed_model(bits=8, line={"affine": False, "bits": 0, "per": "channel", "sparse": False}),
        "packed_float_scale": packed_model(bits=8, line={"affine": False, "bits": 16, "per": "channel", "sparse": False}),
        "packed_per_row": packed_model(bits=8, line={"affine": False, "bits": 8, "per": "row", "sparse": False}),
        "packed_line_short": packed_model(bits=8, line={"bits": 8}),
        "packed_line_number": packed_model(bits=8, line=8),
        "packed_unknown": packed_model(bits=8, extra=[("n9.weight", "F32", (1,))]),
        "packing_list": model(packing=[]),
        "packing_cut": model(packing="{"),
        "packing_of_nothing": model(packing={}),
        "softmax": model(graph=graphs.graph((1, 4, 4), *GRAPH["nodes"], graphs.node("s", "softmax", ["n2"]))),
        "order_bgr": model(reading=READING | {"order": "bgr", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}),
        "inverted": model(reading=READING | {"invert": True}),
        "reading_bare": model(reading={}),
        "reading_open": model(reading=READING | {"guessed": True}),
        "labels_odd": model(labels=["ä \"b\"", ""]),
        "labels_few": model(labels=["a"]),
        "labels_number": model(labels=["a", 1]),
        "labels_object": model(labels={}),
        "labels_none": model(labels=[]),
        "labels_text": model(labels="a, b"),
    }
    for key in ("graph", "preprocessing", "name", "title", "provenance", "weightroom"):
        out[f"no_{key}"] = model(leave_out=key)
    out |= {
        "version_2": model(weightroom="2"),
        "graph_unknown_op": model(graph=graphs.chain((1, 4, 4), ("dance", {}))),
        "graph_huge": model(graph=graphs.chain((1, 4000, 4000), ("conv2d", {"out_channels": 999, "kernel": 1}), *graphs.HEAD)),
        "std_zero": model(reading=READING | {"std": [1, 0, 1]}),
        "mean_two": model(reading=READING | {"mean": [0, 0]}),
        "mean_huge": model(reading=READING | {"mean": [1e300, 0, 0]}),
        "order_word": model(reading=READING | {"order": "gbr"}),
        "invert_word": model(reading=READING | {"invert": "yes"}),
        "reading_list": model(reading=[]),
        "provenance_deep": model(provenance="[" * 70 + "]" * 70),
        "tensor_missing": model(plain[:-1]),
        "tensor_more": model(plain + [("extra", "F32", (1,))]),
        "tensor_turned": model([("n0.weight", "F32", (3, 3, 1, 2)), *plain[1:]]),
        "tensor_nan": model([*plain[:-1], ("n2.bias", "F32", (2,), struct.pack("<ff", float("nan"), 0))]),
        "tensor_double_large": model([*plain[:-1], ("n2.bias", "F64", (2,), struct.pack("<dd", 1e300, 0))]),
        "zip": b"PK\3\4" + bytes(40),
        "pickle": b"\x80\x02ccollections\nOrderedDict\nq\0)R." + bytes(20),
    }
    return out

