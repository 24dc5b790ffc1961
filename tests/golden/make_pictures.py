#!/usr/bin/python3
"""Writes tests/golden/pictures: small files that our own encoders cannot make (Debian's python3-pil).

Each is 16 x 16 (but wide.gif), four flat quadrants: red, green / blue, yellow.
"""
import pathlib

from PIL import Image

OUT = pathlib.Path(__file__).parent / "pictures"
COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)]


def quadrants(mode="RGB"):
    image = Image.new("RGB", (16, 16))
    for i, colour in enumerate(COLOURS):
        image.paste(colour, (i % 2 * 8, i // 2 * 8, i % 2 * 8 + 8, i // 2 * 8 + 8))
    return image.convert(mode)


def main():
    OUT.mkdir(exist_ok=True)
    quadrants().save(OUT / "baseline.jpg", quality=95, subsampling=0)
    quadrants().save(OUT / "subsampled.jpg", quality=90, subsampling=2, restart_marker_blocks=1)
    quadrants().save(OUT / "progressive.jpg", quality=95, subsampling=0, progressive=True)
    quadrants("L").save(OUT / "grey.jpg", quality=95)
    # Pillow writes CMYK inverted behind Adobe's marker, as Photoshop does.
    quadrants("CMYK").save(OUT / "cmyk.jpg", quality=95, subsampling=0)
    quadrants("P").save(OUT / "palette.gif", interlace=0)
    quadrants("P").save(OUT / "interlaced.gif", interlace=1)
    # Two frames, the first with a transparent quadrant (the yellow one).
    first = Image.new("P", (16, 16))
    first.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255, 1, 2, 3])
    for i in range(4):
        first.paste(i, (i % 2 * 8, i // 2 * 8, i % 2 * 8 + 8, i // 2 * 8 + 8))
    second = Image.new("P", (16, 16), 0)
    second.putpalette([9, 9, 9])
    first.save(OUT / "animated.gif", save_all=True, append_images=[second], transparency=3, duration=100)
    quadrants().save(OUT / "photo.webp", lossless=True)


if __name__ == "__main__":
    main()
