#!/usr/bin/env python3
"""Weightroom from Python, cell by cell as in a notebook: the command line's JSON, .npy and CSV are all it takes.

    WEIGHTROOM=build/native/weightroom python3 examples/notebook/look_inside.py PICTURE...

Python alone is enough; with numpy the maps come as arrays.
"""
# %% How the program is called
import ast
import csv
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

try:
    import numpy
except ImportError:
    numpy = None

PROGRAM = os.environ.get("WEIGHTROOM", "weightroom")


def weightroom(*words):
    """Runs a command and gives what it says: `weightroom("classify", "cat.jpg")`. What went wrong is one sentence."""
    done = subprocess.run([PROGRAM, *map(str, words), "--json"], capture_output=True, text=True)
    if done.stderr:
        print(done.stderr.strip(), file=sys.stderr)
    # Of several pictures the ones that could be read are told, though the exit code is 1.
    if done.returncode != 0 and not done.stdout:
        raise RuntimeError(done.stderr.strip())
    return json.loads(done.stdout)


def read_npy(path):
    """A .npy file of floats: numpy's array, or shape and values where there is no numpy."""
    if numpy is not None:
        array = numpy.load(path)
        return array.shape, array.ravel()
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<H", data[8:10])
    header = ast.literal_eval(data[10 : 10 + length].decode())
    values = struct.unpack(f"<{(len(data) - 10 - length) // 4}f", data[10 + length :])
    return header["shape"], values


pictures = [pathlib.Path(word) for word in sys.argv[1:]]
if not pictures:
    sys.exit(__doc__)
model = "everyday"
work = pathlib.Path(tempfile.mkdtemp(prefix="weightroom-"))

# %% What do the pictures show?
answers = weightroom("classify", *pictures, "--model", model)
answers = answers if isinstance(answers, list) else [{"picture": str(pictures[0]), **answers}]
for row in answers:
    best = row["predictions"][0]
    print(f"{row['picture']}: {best['label']} ({best['probability']:.1%})")

# %% Which pixels say so? A map for each, as numbers.
first = answers[0]
label = first["predictions"][0]["label"]
found = weightroom("explain", first["picture"], "--model", model, "--method", "IntegratedGradients", "--target", label,
                   "--out", work / "map.npy")
shape, values = read_npy(work / "map.npy")
print(f"{found['method']} of {label}: {shape[0]} x {shape[1]} x {shape[2]} values, from {min(values):.3g} to "
      f"{max(values):.3g}, which sum to {found['sum']:.4g}")

# %% The same of a layer, and with noise around it
layer = weightroom("inspect", model)["layers"][0]["name"]
of_layer = weightroom("explain", first["picture"], "--model", model, "--method", "gradient_x_input", "--layer", layer,
                      "--noise", "smoothgrad", "--noise_samples", 5, "--out", work / "layer.npy")
print(f"Gradient x activation of {of_layer['layer']}: shape {read_npy(work / 'layer.npy')[0]}")

# %% What happens without a weight?
weight = f"{layer}.weight[0,0,1,1]"
edited = weightroom("edit", model, "--set", f"{weight}=0", "--out", work / "edited.safetensors")
again = weightroom("classify", first["picture"], "--model", work / "edited.safetensors")
before = first["predictions"][0]
after = next(row for row in again["predictions"] if row["index"] == before["index"])
print(f"{weight}, {edited['edits'][0]['before']:.4g} set to 0: {label} goes from {before['probability']:.2%} to "
      f"{after['probability']:.2%}")

# %% How good is it on a labelled set, and where is it wrong? Here the set is made of its own answers.
for row in answers:
    folder = work / "set" / row["predictions"][0]["label"]
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(row["picture"], folder)
measured = weightroom("eval", work / "set", "--model", model, "--predictions", work / "answers.csv")
with open(work / "answers.csv", newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
wrong = [row["picture"] for row in rows if row["answer"] != row["label"]]
print(f"{measured['top1']:.0%} of {measured['count']} pictures right, wrong: {', '.join(wrong) or 'none'}")

shutil.rmtree(work)
