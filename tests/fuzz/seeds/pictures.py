"""Pictures of all formats that are read, and the first bytes of those that are named and refused."""
import io
import struct
import zlib

from PIL import Image

COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)]


def picture(mode="RGB", size=(9, 7)):
    """A ramp with an edge: small, and no two rows alike."""
    image = Image.new("RGB", size)
    image.putdata([(31 * x % 256, 53 * y % 256, 255 if x > y else 0) for y in range(size[1]) for x in range(size[0])])
    return image.convert(mode)


def saved(image, kind, **how):
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def chunk(kind, data=b"", crc=None):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) if crc is None else crc)


PNG = b"\x89PNG\r\n\x1a\n"


def png(width, height, depth, colour, rows, *between, interlace=0, filters=0):
    """`rows`: the bytes of each row, without the filter's."""
    body = zlib.compress(b"".join(bytes([(filters + i) % 5 if filters >= 0 else 0]) + row for i, row in enumerate(rows)), 9)
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return PNG + chunk(b"IHDR", head) + b"".join(between) + chunk(b"IDAT", body) + chunk(b"IEND")


def png_seeds():
    palette = chunk(b"PLTE", bytes(range(12)))
    grey = [bytes([1, 2, 3, 4])] * 4
    out = {}
    for depth in (1, 2, 4, 8, 16):  # grey
        out[f"grey_{depth}.png"] = png(4, 4, depth, 0, [bytes(range((4 * depth + 7) // 8))] * 4, filters=depth)
    for depth in (1, 2):
        out[f"palette_{depth}.png"] = png(4, 4, depth, 3, [b"\x1b"[:1]] * 4, palette, filters=-1)
    out |= {
        "palette_8_clear.png": png(4, 4, 8, 3, [b"\0\1\2\3"] * 4, palette, chunk(b"tRNS", b"\0\x80"), filters=-1),
        "grey_alpha.png": png(2, 4, 8, 4, grey),
        "grey_alpha_16.png": png(1, 4, 16, 4, grey),
        "grey_key.png": png(4, 4, 8, 0, grey, chunk(b"tRNS", b"\0\2")),
        "rgb_key.png": png(1, 4, 8, 2, [b"\1\2\3"] * 4, chunk(b"tRNS", b"\0\1\0\2\0\3")),
        "rgba.png": saved(picture("RGBA"), "PNG"),
        "rgba_16.png": png(1, 3, 16, 6, [bytes(8)] * 3),
        "interlaced.png": png(4, 4, 8, 0, [b"\1", b"\2", b"\3\4", b"\5\6", b"\7\x08"] + [b"\1\2\3\4"] * 2, interlace=1, filters=-1),
        "comments.png": png(4, 4, 8, 0, grey, chunk(b"tEXt", b"Title\0a"), chunk(b"gAMA", bytes(4)), chunk(b"eXIf", b"MM\0*")),
        "comment_wrong_crc.png": png(4, 4, 8, 0, grey, chunk(b"tEXt", b"Title\0a", crc=1)),
        "two_data.png": PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 1, 8, 0, 0, 0, 0)) +
                        chunk(b"IDAT", zlib.compress(b"\0\1\2\3\4")[:6]) + chunk(b"IDAT", zlib.compress(b"\0\1\2\3\4")[6:]) + chunk(b"IEND"),
        "stored.png": PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 1, 8, 0, 0, 0, 0)) +
                      chunk(b"IDAT", zlib.compress(b"\0\1\2\3\4", 0)) + chunk(b"IEND"),
        "fixed_codes.png": saved(picture("L", (40, 3)), "PNG", compress_level=1),
        "bad_crc.png": png(4, 4, 8, 0, grey, chunk(b"PLTE", bytes(3), crc=5)),
        "bad_no_data.png": PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0)) + chunk(b"IEND"),
        "bad_no_palette.png": png(4, 4, 8, 3, grey),
        "bad_depth.png": png(4, 4, 3, 0, grey),
        "bad_colour.png": png(4, 4, 8, 5, grey),
        "bad_filter.png": png(4, 1, 8, 0, [b"\0\0\0\0"], filters=7),
        "bad_short_data.png": png(4, 9, 8, 0, grey),
        "bad_zero.png": png(0, 4, 8, 0, grey),
        "bad_huge.png": png(50000, 50000, 8, 0, grey),
        "bad_first_chunk.png": PNG + chunk(b"IDAT", bytes(13)) + chunk(b"IEND"),
        "bad_unknown_critical.png": png(4, 4, 8, 0, grey, chunk(b"ABCD", b"xy")),
        "bad_apple.png": png(4, 4, 8, 0, grey, chunk(b"CgBI", bytes(4))),
        "bad_cut.png": saved(picture(), "PNG")[:60],
        "turned.png": png(2, 4, 8, 0, [b"\1\2"] * 4, chunk(b"eXIf", b"II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, 0x112, 3, 1, 6, 0, 0))),
        "no_end.png": png(4, 4, 8, 0, grey)[:-12],
        "no_checksums.png": png(4, 4, 8, 0, grey)[:-20],
        "short_palette.png": png(4, 4, 4, 3, [b"\x01\x9f"] * 4, palette, filters=-1),
        "too_much_data.png": png(4, 4, 8, 0, grey * 9),
        "key_16.png": png(2, 4, 16, 0, grey, chunk(b"tRNS", b"\1\2")),
        "bad_zlib.png": PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 1, 8, 0, 0, 0, 0)) + chunk(b"IDAT", b"\x79\1" + bytes(9)) + chunk(b"IEND"),
    }
    return out


def jpeg_seeds():
    exif = lambda order, how: b"Exif\0\0" + (b"II*\0\x08\0\0\0" if order == "<" else b"MM\0*\0\0\0\x08") + struct.pack(
        order + "HHHIHHI", 1, 0x112, 3, 1, how, 0, 0)
    plain = saved(picture(), "JPEG", quality=50)
    frame = plain.index(b"\xff\xc0")
    out = {
        "baseline.jpg": plain,
        "grey.jpg": saved(picture("L"), "JPEG", quality=30),
        "cmyk.jpg": saved(picture("CMYK"), "JPEG", quality=30),
        "cmyk_plain.jpg": _without_adobe(saved(picture("CMYK"), "JPEG", quality=30)),
        "progressive.jpg": saved(picture(), "JPEG", quality=40, progressive=True),
        "progressive_grey.jpg": saved(picture("L"), "JPEG", quality=90, progressive=True),
        "subsampled_0.jpg": saved(picture(size=(17, 9)), "JPEG", quality=40, subsampling=0),
        "subsampled_1.jpg": saved(picture(size=(17, 9)), "JPEG", quality=40, subsampling=1),
        "subsampled_2.jpg": saved(picture(size=(17, 9)), "JPEG", quality=40, subsampling=2, optimize=True),
        "one_pixel.jpg": saved(picture(size=(1, 1)), "JPEG"),
        "restart.jpg": _restarts(plain),
        "exif_3.jpg": saved(picture(), "JPEG", quality=20, exif=exif("<", 3)),
        "exif_6.jpg": saved(picture(), "JPEG", quality=20, exif=exif(">", 6)),
        "exif_7.jpg": saved(picture(), "JPEG", quality=20, exif=exif("<", 7)),
        "exif_99.jpg": saved(picture(), "JPEG", quality=20, exif=exif(">", 99)),
        "exif_cut.jpg": saved(picture(), "JPEG", quality=20, exif=exif("<", 5)[:20]),
        "exif_far.jpg": saved(picture(), "JPEG", quality=20, exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"),
        "comment.jpg": plain[:2] + b"\xff\xfe\0\x06abcd" + plain[2:],
        "filled.jpg": plain[:2] + b"\xff\xff\xff" + plain[2:],
        "bad_arithmetic.jpg": plain[:frame] + b"\xff\xc9" + plain[frame + 2:],
        "bad_12_bits.jpg": plain[:frame + 4] + b"\x0c" + plain[frame + 5:],
        "bad_two_frames.jpg": plain[:frame] + plain[frame:frame + 19] + plain[frame:],
        "bad_zero.jpg": plain[:frame + 5] + bytes(4) + plain[frame + 9:],
        "bad_large.jpg": plain[:frame + 5] + b"\x40\0\x40\0" + plain[frame + 9:],
        "bad_no_scan.jpg": plain[:plain.index(b"\xff\xda")] + b"\xff\xd9",
        "bad_scan_first.jpg": plain[:2] + plain[plain.index(b"\xff\xda"):],
        "bad_huffman_count.jpg": plain[:2] + b"\xff\xc4\0\x13\0" + b"\xff" * 16 + plain[2:],
        "bad_marker.jpg": plain[:2] + b"\xff\x01" + plain[2:],
        "bad_length.jpg": plain[:2] + b"\xff\xe0\0\1" + plain[2:],
        "bad_many_scans.jpg": plain[:-2] + plain[plain.index(b"\xff\xda"):-2] * 3 + plain[-2:],
        "bad_cut.jpg": plain[:-8],
        "no_end.jpg": plain[:-2],
        "no_end_restart.jpg": _restarts(plain)[:-2],
        "no_end_progressive.jpg": saved(picture(), "JPEG", progressive=True)[:-2],
        "trailer.jpg": plain + b"trailer\xff\xd8\xff",
        "trailer_no_end.jpg": plain[:-2] + b"\0trailer\xff\x01\xff",
        "no_codes.jpg": _without(plain, 0xC4),
        "no_quantisers.jpg": _without(plain, 0xDB),
        "rgb_names.jpg": _renamed(plain, b"RGB"),
        "lossless.jpg": plain[:frame] + b"\xff\xc3" + plain[frame + 2:],
        "jpeg_ls.jpg": plain[:frame] + b"\xff\xf7" + plain[frame + 2:],
        "odd_sampling.jpg": plain[:frame + 11] + b"\x31" + plain[frame + 12:frame + 14] + b"\x21" + plain[frame + 15:],
    }
    return out


def _without(data, marker):
    """Less the segments of this kind ahead of the pixels."""
    out, at = data[:2], 2
    while data[at + 1] != 0xDA:
        size = 2 + int.from_bytes(data[at + 2:at + 4], "big")
        out += data[at:at + size] if data[at + 1] != marker else b""
        at += size
    return out + data[at:]


def _renamed(data, names):
    data, frame, scan = bytearray(data), data.index(b"\xff\xc0"), data.index(b"\xff\xda")
    for i, name in enumerate(names):
        data[frame + 10 + 3 * i] = data[scan + 5 + 2 * i] = name
    return bytes(data)


def _without_adobe(data):
    at = data.index(b"\xff\xee")
    return data[:at] + data[at + 2 + int.from_bytes(data[at + 2:at + 4], "big"):]


def _restarts(data):
    """Says that a marker stands behind every block, which the decoder then looks for."""
    at = data.index(b"\xff\xda")
    return data[:at] + b"\xff\xdd\0\4\0\1" + data[at:]


def gif_seeds():
    image = picture("P", (5, 3))
    frames = [Image.new("P", (4, 4), i) for i in range(3)]
    for frame in frames:
        frame.putpalette(bytes(range(48)))
    plain = saved(image, "GIF")
    return {
        "one.gif": plain,
        "interlaced.gif": saved(picture("P", (3, 17)), "GIF", interlace=1),
        "animated.gif": saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100, loop=0),
        "disposal.gif": saved(frames[0], "GIF", save_all=True, append_images=frames[1:], disposal=2, transparency=1),
        "clear.gif": saved(frames[1], "GIF", transparency=1),
        "comment.gif": saved(frames[1], "GIF", comment=b"x" * 300),
        "two_colours.gif": saved(picture("1", (9, 2)), "GIF"),
        "new.gif": b"GIF89a" + plain[6:],
        "full_table.gif": _gif(64, 64, (0, 0, 64, 64), [i * i % 251 for i in range(4096)], 8),
        "beyond.gif": _gif(3, 2, (2, 1, 4, 4), range(16), 4),
        "one_bit.gif": _gif(4, 4, (0, 0, 4, 4), [0, 1] * 8, 1),
        "large_screen.gif": _gif(7000, 7000, (0, 0, 4, 4), range(16), 4),
        "too_few.gif": _gif(4, 4, (0, 0, 4, 4), range(11), 4),
        "no_palette.gif": plain[:10] + b"\0" + plain[11:13] + plain[13 + 3 * (2 << (plain[10] & 7)):],
        "bad_no_frame.gif": plain[:13 + 3 * (2 << (plain[10] & 7))] + b";",
        "bad_block.gif": plain[:13 + 3 * (2 << (plain[10] & 7))] + b"?;",
        "bad_zero.gif": plain[:6] + bytes(4) + plain[10:],
        "bad_cut.gif": plain[:-6],
    }


def _gif(width, height, box, pixels, bits):
    """Of codes that are pixels alone: the table fills, and is never cleared."""
    out, held, have, size, count = b"", 1 << bits, bits + 1, bits + 1, (1 << bits) + 2
    codes = list(pixels)
    for i, code in enumerate(codes + [(1 << bits) + 1]):
        if i > 0 and count < 4096:
            count += i > 1
        if count == 1 << size and size < 12:
            size += 1
        held |= code << have
        have += size
    data = held.to_bytes((have + 7) // 8, "little")
    blocks = b"".join(bytes([len(data[i:i + 255])]) + data[i:i + 255] for i in range(0, len(data), 255)) + b"\0"
    return (b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(range(6)) + b"," + struct.pack("<HHHHB", *box, 0) +
            bytes([bits]) + blocks + b";")


def bmp(width, height, bits, size=40, compression=0, masks=b"", palette=b"", offset=None, rows=None):
    stride = (width * bits + 31) // 32 * 4
    info = struct.pack("<IHHHH", 12, width & 0xFFFF, height & 0xFFFF, 1, bits) if size == 12 else struct.pack(
        "<IiiHHIIiiII", size, width, height, 1, bits, compression, 0, 0, 0, 0, 0) + masks + bytes(max(0, size - 40 - len(masks)))
    at = 14 + len(info) + len(palette) if offset is None else offset
    body = bytes(i % 256 for i in range(stride * abs(height))) if rows is None else rows
    return b"BM" + struct.pack("<IHHI", at + len(body), 0, 0, at) + info + palette + body


def bmp_seeds():
    sixteen = bytes(range(64))
    return {
        "1.bmp": bmp(9, 3, 1, palette=sixteen[:8]),
        "4.bmp": bmp(5, 3, 4, palette=sixteen),
        "8.bmp": bmp(5, 3, 8, palette=bytes(1024)),
        "16.bmp": bmp(3, 2, 16),
        "16_masks.bmp": bmp(3, 2, 16, compression=3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F)),
        "24.bmp": bmp(3, 2, 24),
        "24_upside.bmp": bmp(3, -2, 24),
        "32.bmp": bmp(2, 2, 32),
        "32_masks.bmp": bmp(2, 2, 32, compression=3, masks=struct.pack("<III", 0xFF, 0xFF00, 0xFF0000)),
        "old.bmp": bmp(3, 2, 24, size=12),
        "v4.bmp": bmp(2, 2, 32, size=108, compression=3, masks=struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
        "v5.bmp": bmp(2, 2, 24, size=124),
        "gap.bmp": bmp(2, 2, 24, offset=54),
        "runs_8.bmp": bmp(5, 4, 8, compression=1, palette=bytes(1024),
                          rows=bytes([3, 7, 2, 9, 0, 0, 0, 3, 4, 5, 6, 0, 2, 8, 0, 0, 1, 1, 0, 2, 1, 1, 3, 2, 0, 1])),
        "runs_4.bmp": bmp(5, 2, 4, compression=2, palette=sixteen, rows=bytes([5, 18, 0, 0, 0, 5, 52, 86, 112, 0, 0, 1])),
        "runs_24.bmp": bmp(3, 2, 24, size=64, compression=4, rows=bytes([2, 1, 2, 3, 0, 0, 0, 3, *range(9), 0, 0, 1])),
        "os2_short.bmp": bmp(3, 2, 4, size=16, palette=sixteen),
        "os2_64.bmp": bmp(3, 2, 8, size=64, palette=bytes(1024)),
        "old_palette.bmp": bmp(3, 2, 4, size=12, palette=bytes(range(30))),
        "2.bmp": bmp(5, 3, 2, palette=sixteen[:16]),
        "v2.bmp": bmp(2, 2, 32, size=52, compression=3, masks=struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)),
        "v3.bmp": bmp(2, 2, 16, size=56, compression=3, masks=struct.pack("<IIII", 0xF00, 0xF0, 0xF, 0xF000)),
        "alpha_masks.bmp": bmp(2, 2, 32, compression=6, masks=struct.pack("<IIII", 0xFFE00000, 0x1FFC00, 0x3FF, 0)),
        "bad_huffman.bmp": bmp(8, 2, 1, size=64, compression=3, palette=sixteen[:8]),
        "bad_png_inside.bmp": bmp(2, 2, 24, compression=5),
        "bad_run_length.bmp": bmp(4, 4, 8, compression=1, palette=bytes(1024)),
        "bad_bits.bmp": bmp(4, 4, 3),
        "bad_masks.bmp": bmp(2, 2, 16, compression=3, masks=bytes(12)),
        "bad_offset.bmp": bmp(2, 2, 24, offset=4000),
        "bad_zero.bmp": bmp(0, 2, 24, rows=b""),
        "bad_size.bmp": bmp(2, 2, 24, size=44),
        "bad_cut.bmp": bmp(8, 8, 24)[:-9],
        "bad_short.bmp": b"BM" + bytes(20),
    }


def others():
    """Named in the sentence that refuses them: the first bytes are enough."""
    out = {"webp_lossy.webp": saved(picture(), "WEBP", quality=10), "webp_lossless.webp": saved(picture(), "WEBP", lossless=True),
           "webp_cut.webp": b"RIFF\x10\0\0\0WEBPVP8X", "tiff_little": b"II*\0" + bytes(12), "tiff_big": b"MM\0*" + bytes(12),
           "jxl_bare": b"\xff\x0a" + bytes(8), "jxl_boxed": b"\0\0\0\x0cJXL \r\n\x87\n", "psd": b"8BPS\0\1" + bytes(20),
           "pdf": b"%PDF-1.7\n", "ico": b"\0\0\1\0\1\0" + bytes(16), "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
           "svg_xml": b'<?xml version="1.0"?><svg/>', "xml": b'<?xml version="1.0"?><html/>', "words": b"no picture", "empty": b""}
    for brand in (b"avif", b"heic", b"mif1", b"mp42"):
        out["box_" + brand.decode()] = b"\0\0\0\x18ftyp" + brand + bytes(12)
    return out


def seeds():
    return png_seeds() | jpeg_seeds() | gif_seeds() | bmp_seeds() | others()
