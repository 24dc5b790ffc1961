"""Graphs as the model file has them in its metadata: every op, every kind of value, every way to be wrong."""
import json


def node(name, op, inputs, **attributes):
    return {"name": name, "op": op, "inputs": inputs, "attributes": attributes}


def graph(shape, *nodes):
    return {"input": list(shape), "nodes": list(nodes)}


def chain(shape, *rows):
    """Rows (op, attributes), each reading the one before."""
    nodes, last = [], "input"
    for i, (op, attributes) in enumerate(rows):
        nodes.append(node(f"n{i}", op, [last], **attributes))
        last = f"n{i}"
    return graph(shape, *nodes)


HEAD = [("flatten", {}), ("linear", {"out_features": 2})]


def ops():
    """One small net for each op and for each of its attributes that changes what is computed."""
    maps = {
        "conv2d": {"out_channels": 4, "kernel": 3, "padding": 1},
        "conv2d_pairs": {"out_channels": 2, "kernel": [3, 2], "stride": [2, 1], "padding": [1, 0], "dilation": [1, 2]},
        "conv2d_depthwise": {"out_channels": 4, "kernel": 3, "groups": 2, "bias": 0},
        "max_pool": {"kernel": 2, "stride": 2, "ceil_mode": 1},
        "max_pool_dilated": {"kernel": [2, 3], "stride": 1, "padding": [1, 1], "dilation": 2},
        "avg_pool": {"kernel": 3, "stride": 2, "padding": 1, "count_include_pad": 1},
        "avg_pool_whole": {"kernel": [5, 5], "count_include_pad": 0, "ceil_mode": 1},
        "batch_norm": {"epsilon": 0.001},
        "layer_norm": {"axis": 1, "epsilon": 1e-6, "bias": 0},
        "lrn": {"size": 5, "alpha": 0.0001, "beta": 0.75, "bias": 1},
        "softmax": {"axis": 1},
        "slice": {"axis": 2, "start": -4, "end": 5, "step": 2},
        "pad": {"padding": [0, 0, 1, 2, 0, 0, 3, 0], "mode": "reflect"},
        "pad_value": {"padding": [0, 0, 1, 1, 0, 0, 1, 1], "mode": "constant", "value": -0.5},
        "reduce_mean": {"axes": [2, 3], "keep": 1},
        "reduce_mean_one": {"axes": [1], "keep": 1},
        "transpose": {"order": [0, 2, 3, 1]},
        "reshape": {"shape": [1, 5, 10]},
        "global_avg_pool": {},
    }
    for name in ("relu", "sigmoid", "tanh", "erf", "gelu", "hard_swish", "hard_sigmoid", "leaky_relu", "clip"):
        maps[name] = {}
    maps["leaky_relu"] = {"slope": 0.1}
    maps["clip"] = {"min": 0, "max": 6}
    maps["power"] = {"exponent": 0.5}
    for title, attributes in maps.items():
        op = title if title in ("max_pool", "avg_pool", "reduce_mean", "pad") else title
        for long, short in {"conv2d_": "conv2d", "max_pool_": "max_pool", "avg_pool_": "avg_pool",
                            "pad_": "pad", "reduce_mean_": "reduce_mean"}.items():
            op = short if title.startswith(long) else op
        yield title, chain((2, 5, 5), (op, attributes), *HEAD)
    two = [node("a", "conv2d", ["input"], out_channels=2, kernel=1), node("b", "relu", ["a"])]
    for op in ("add", "sub", "mul", "div", "max", "min"):
        yield op, graph((2, 5, 5), *two, node("c", op, ["a", "b"]), node("f", "flatten", ["c"]),
                        node("l", "linear", ["f"], out_features=2))
    yield "concat", graph((2, 5, 5), *two, node("c", "concat", ["a", "b", "input"], axis=1), node("f", "flatten", ["c"]),
                          node("l", "linear", ["f"], out_features=2))
    yield "parameter", graph((2, 5, 5), node("p", "parameter", [], shape=[2, 1, 1], fixed=0),
                             node("m", "mul", ["input", "p"]), node("f", "flatten", ["m"]),
                             node("l", "linear", ["f"], out_features=2))
    yield "matmul", graph((2, 5, 5), node("r", "reshape", ["input"], shape=[10, 5]), node("t", "transpose", ["r"], order=[0, 2, 1]),
                          node("m", "matmul", ["t", "r"]), node("f", "flatten", ["m"]), node("l", "linear", ["f"], out_features=2))


def wrong():
    """Refused, each by another sentence."""
    good = chain((1, 4, 4), ("conv2d", {"out_channels": 2, "kernel": 3}), *HEAD)

    def change(edit):
        copy = json.loads(json.dumps(good))
        edit(copy)
        return copy

    yield "no_object", [1, 2]
    yield "no_nodes", {"input": [1, 4, 4]}
    yield "nodes_no_list", {"input": [1, 4, 4], "nodes": {}}
    yield "empty", graph((1, 4, 4))
    yield "unknown_field", change(lambda g: g.update(version=1))
    yield "two_extents", change(lambda g: g.update(input=[4, 4]))
    yield "extent_zero", change(lambda g: g.update(input=[0, 4, 4]))
    yield "extent_real", change(lambda g: g.update(input=[1.5, 4, 4]))
    yield "extent_huge", change(lambda g: g.update(input=[1, 2147483647, 2147483647]))
    yield "node_no_object", change(lambda g: g["nodes"].append("relu"))
    yield "node_unknown_field", change(lambda g: g["nodes"][0].update(colour="red"))
    yield "node_no_name", change(lambda g: g["nodes"][0].pop("name"))
    yield "node_op_number", change(lambda g: g["nodes"][0].update(op=7))
    yield "node_unknown_op", change(lambda g: g["nodes"][0].update(op="dance"))
    yield "node_no_inputs", change(lambda g: g["nodes"][0].pop("inputs"))
    yield "node_input_number", change(lambda g: g["nodes"][0].update(inputs=[1]))
    yield "node_forward_input", change(lambda g: g["nodes"][0].update(inputs=["n2"]))
    yield "node_own_input", change(lambda g: g["nodes"][0].update(inputs=["n0"]))
    yield "node_twice", change(lambda g: g["nodes"][1].update(name="n0"))
    yield "node_called_input", change(lambda g: g["nodes"][1].update(name="input"))
    yield "node_odd_name", change(lambda g: g["nodes"][2].update(name='a.b/c "d" \u00e9'))
    yield "too_many_inputs", change(lambda g: g["nodes"][0].update(inputs=["input"] * 9))
    yield "attributes_list", change(lambda g: g["nodes"][0].update(attributes=[]))
    yield "attribute_null", change(lambda g: g["nodes"][0]["attributes"].update(kernel=None))
    yield "attribute_nested", change(lambda g: g["nodes"][0]["attributes"].update(kernel=[[3]]))
    yield "attribute_word", change(lambda g: g["nodes"][0]["attributes"].update(kernel="three"))
    yield "attribute_unknown", change(lambda g: g["nodes"][0]["attributes"].update(colour=1))
    yield "kernel_too_large", change(lambda g: g["nodes"][0]["attributes"].update(kernel=9))
    yield "kernel_negative", change(lambda g: g["nodes"][0]["attributes"].update(kernel=-3))
    yield "kernel_real", change(lambda g: g["nodes"][0]["attributes"].update(kernel=3.0))
    yield "kernel_past_64_bits", change(lambda g: g["nodes"][0]["attributes"].update(kernel=2**63))
    yield "channels_huge", change(lambda g: g["nodes"][0]["attributes"].update(out_channels=2**31))
    yield "groups_uneven", change(lambda g: g["nodes"][0]["attributes"].update(groups=3))
    yield "ends_in_maps", chain((1, 4, 4), ("relu", {}))
    yield "two_ends", graph((1, 2, 2), node("f", "flatten", ["input"]), node("a", "linear", ["f"], out_features=2),
                            node("b", "linear", ["f"], out_features=3))


def seeds():
    out = {f"op_{name}.json": json.dumps(g, separators=(",", ":")).encode() for name, g in ops()}
    out |= {f"bad_{name}.json": json.dumps(g).encode() for name, g in wrong()}
    plain = json.dumps(chain((1, 4, 4), *HEAD))
    out["bad_cut.json"] = plain[:-9].encode()
    out["bad_goes_on.json"] = (plain + plain).encode()
    out["bad_deep.json"] = b'{"nodes":' + b"[" * 40 + b"]" * 40 + b"}"
    out["bad_twice.json"] = plain.replace('"input": [1', '"input": [2, 4, 4], "input": [1').encode()
    out["bad_utf8.json"] = plain.encode().replace(b"n0", b"\xff\xfe")
    out["escapes.json"] = plain.encode().replace(b"n0", b"\\u006e\\ud83d\\ude00")
    out["spaces.json"] = json.dumps(chain((3, 8, 8), *HEAD), indent=2).encode()
    return out
