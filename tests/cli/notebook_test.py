#!/usr/bin/python3
"""examples/notebook/look_inside.py against the built program and the shipped model, with Debian's python3.

    tests/cli/notebook_test.py PROGRAM
"""
import json
import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = sys.argv.pop(1)
SCRIPT = ROOT / "examples" / "notebook" / "look_inside.py"
PICTURES = [ROOT / "tests" / "golden" / "pictures" / name for name in ("baseline.jpg", "palette.gif")]
WITHOUT_NUMPY = "import sys, runpy; sys.modules['numpy'] = None; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0])"


def run(*words, script=(str(SCRIPT),)):
    return subprocess.run([sys.executable, *script, *map(str, words)], capture_output=True, text=True,
                          env={**os.environ, "WEIGHTROOM": PROGRAM, "WEIGHTROOM_ASSETS": str(ROOT / "assets")})


class Notebook(unittest.TestCase):
    def lines(self, done):
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def test_says_what_the_program_says(self):
        lines = self.lines(run(*PICTURES))
        self.assertEqual(len(lines), len(PICTURES) + 4, lines)
        for line, picture in zip(lines, PICTURES):
            answer = subprocess.run([PROGRAM, "classify", picture, "--json"], capture_output=True, text=True,
                                    env={**os.environ, "WEIGHTROOM_ASSETS": str(ROOT / "assets")}, check=True)
            best = json.loads(answer.stdout)["predictions"][0]
            self.assertEqual(line, f"{picture}: {best['label']} ({best['probability']:.1%})")
        self.assertIn("3 x 64 x 64 values", lines[2])
        self.assertRegex(lines[3], r"^Gradient x activation of \w+: shape \(\d+, \d+, \d+\)$")
        self.assertRegex(lines[4], r"set to 0: .* goes from [\d.]+% to [\d.]+%$")
        self.assertEqual(lines[5], "100% of 2 pictures right, wrong: none")

    def test_needs_no_numpy(self):
        with_it = self.lines(run(*PICTURES))
        without = self.lines(run(SCRIPT, *PICTURES, script=("-c", WITHOUT_NUMPY)))
        self.assertEqual(with_it, without)

    def test_one_picture_and_a_damaged_one(self):
        self.assertIn("100% of 1 pictures right", self.lines(run(PICTURES[0]))[-1])
        webp = ROOT / "tests" / "golden" / "pictures" / "photo.webp"
        done = run(PICTURES[0], webp, PICTURES[1])
        self.assertEqual(len(self.lines(done)), len(PICTURES) + 4)
        self.assertIn("photo.webp", done.stderr)

    def test_a_missing_model_is_a_sentence(self):
        done = run(ROOT / "nowhere.jpg")
        self.assertEqual(done.returncode, 1)
        self.assertIn("There is no file", done.stderr)


if __name__ == "__main__":
    unittest.main()
