#!/usr/bin/python3
"""Writes the fuzz targets' seeds, tests/fuzz/corpus/NAME/*: small files, each of another structure.

    tests/fuzz/make_seeds.py            writes them (needs Debian's python3-pil and python3-onnx)
    tests/fuzz/make_seeds.py --check    counts: every target has a corpus of at least 50 seeds
    tests/fuzz/make_seeds.py --self-test  shows that --check can fail

A name that begins with "found_" came from a fuzz run or a fault and is no work of this script, nor is anything in the
corpus of commands, which was grown by libFuzzer and thinned by -merge=1.
"""
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
LEAST = 50


def faults(sources, corpus):
    """One sentence for each target that has too few seeds, and for each corpus without a target."""
    targets = {path.name.removesuffix("_fuzz.cpp") for path in sources.glob("*_fuzz.cpp")}
    found = [] if targets else [f"{sources} has no fuzz target."]
    for name in sorted(targets):
        count = sum(1 for path in (corpus / name).glob("*") if path.is_file())
        if count < LEAST:
            found.append(f"The fuzz target '{name}' has {count} seeds; {LEAST} are the least.")
    for path in sorted(corpus.glob("*")):
        if path.name not in targets:
            found.append(f"No fuzz target reads the corpus '{path.name}'.")
    return found


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        if not faults(root, root / "corpus"):
            return "A folder without targets passes."
        (root / "tar_fuzz.cpp").touch()
        if not faults(root, root / "corpus"):
            return "A target without a corpus passes."
        (root / "corpus" / "tar").mkdir(parents=True)
        for i in range(LEAST - 1):
            (root / "corpus" / "tar" / str(i)).touch()
        if not faults(root, root / "corpus"):
            return f"{LEAST - 1} seeds pass."
        (root / "corpus" / "tar" / "last").touch()
        if faults(root, root / "corpus"):
            return f"{LEAST} seeds do not pass."
        (root / "corpus" / "zip").mkdir()
        return "" if faults(root, root / "corpus") else "A corpus that nobody reads passes."


def write():
    sys.dont_write_bytecode = True
    from seeds import archives, graphs, labels, onnx_nets, packed, pictures, tensors, zips

    for name, seeds in {
        "graph_json": graphs.seeds(),
        "idx": archives.idx_seeds(),
        "image": pictures.seeds(),
        "labels": labels.seeds(),
        "model_file": tensors.model_seeds(),
        "onnx": onnx_nets.seeds(),
        "opener": packed.seeds(),
        "safetensors": tensors.safetensors_seeds(),
        "tar": archives.tar_seeds(),
        "zip": zips.seeds(),
    }.items():
        folder = HERE / "corpus" / name
        folder.mkdir(exist_ok=True)
        for path in folder.iterdir():
            if not path.name.startswith("found_"):
                path.unlink()
        for title, data in seeds.items():
            (folder / title).write_bytes(data)
        print(f"{name}: {len(seeds)} seeds, {sum(map(len, seeds.values()))} bytes")


def main():
    words = sys.argv[1:]
    if words == ["--check"]:
        sentences = faults(HERE, HERE / "corpus")
    elif words == ["--self-test"]:
        sentences = [sentence for sentence in [self_test()] if sentence]
    elif not words:
        write()
        sentences = []
    else:
        sentences = [__doc__]
    print("\n".join(sentences))
    sys.exit(1 if sentences else 0)


if __name__ == "__main__":
    main()
