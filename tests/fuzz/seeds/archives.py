"""Tar archives and IDX files (MNIST's format), plain and packed by gzip."""
import gzip
import struct
import zlib

PIXEL = b"BM" + bytes(56)  # only the name makes it a picture of a set


def octal(value, size):
    return f"{value:0{size - 1}o}".encode() + b"\0"


def header(name, size=0, kind=b"0", magic=b"ustar\x0000", prefix=b"", size_field=None, checksum=None, link=b"",
           sparse_goes_on=False, signed=False):
    fields = bytearray(512)
    fields[0:len(name)] = name
    fields[100:108], fields[108:116], fields[116:124] = octal(0o644, 8), octal(0, 8), octal(0, 8)
    fields[124:136] = octal(size, 12) if size_field is None else size_field
    fields[136:148] = octal(0, 12)
    fields[148:156] = b" " * 8
    fields[156:157] = kind
    fields[157:157 + len(link)] = link
    fields[257:257 + len(magic)] = magic
    fields[345:345 + len(prefix)] = prefix
    if sparse_goes_on:
        fields[482] = 1
    total = sum(fields) - (256 * sum(byte > 127 for byte in fields) if signed else 0) if checksum is None else checksum
    fields[148:156] = f"{total:06o}".encode() + b"\0 "
    return bytes(fields)


def entry(name, data=PIXEL, **how):
    return header(name, len(data), **how) + data + bytes(-len(data) % 512)


def pax(**rows):
    text = b""
    for key, value in rows.items():
        row = f" {key}={value}\n".encode()
        length = len(row) + 2
        while len(str(length)) + len(row) != length:
            length = len(str(length)) + len(row)
        text += str(length).encode() + row
    return text


END = bytes(1024)
BMP = b"BM" + struct.pack("<IHHIIiiHHIIiiII", 58, 0, 0, 54, 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0) + b"\1\2\3\0"


def tar_seeds():
    cat, dog = entry(b"cat/1.png"), entry(b"dog/1.png")
    long_name = b"a" * 90 + b"/" + b"b" * 60 + b".png"
    splits = [entry(b"%s/%s/%d.jpg" % (s, c, i)) for s in (b"train", b"test") for c in (b"cat", b"dog") for i in (1, 2)]
    return {
        "two_classes": cat + dog + END,
        "splits": b"".join(splits) + END,
        "below_a_folder": entry(b"set/train/cat/1.png") + entry(b"set/test/cat/1.png") + END,
        "endings": b"".join(entry(b"cat/a." + e) for e in (b"JPG", b"jpeg", b"Png", b"bmp", b"GIF", b"txt")) + END,
        "hidden": entry(b"cat/._1.png") + entry(b".git/1.png") + cat + END,
        "dotted": entry(b"./cat/1.png") + entry(b"././dog/./2.png") + entry(b"cat//3.png") + END,
        "folders": header(b"cat/", kind=b"5") + cat + header(b"dog/", kind=b"0") + dog + END,
        "links": header(b"cat/2.png", kind=b"2") + header(b"cat/3.png", kind=b"1") + cat + END,
        "links_to_files": header(b"dog/2.png", kind=b"2", link=b"../cat/1.png") + header(b"dog/3.png", kind=b"1", link=b"cat/1.png") + cat + END,
        "links_to_folders": header(b"dog", kind=b"2", link=b"cat") + header(b"all/x", kind=b"2", link=b"../dog") + cat + END,
        "links_in_turn": header(b"a", kind=b"2", link=b"b") + header(b"b", kind=b"2", link=b"a") + header(b"cat/c", kind=b"2", link=b"..") + cat + END,
        "links_out": header(b"cat/2.png", kind=b"2", link=b"../../1.png") + header(b"cat/3.png", kind=b"2", link=b"/1.png") + cat + END,
        "link_with_size": header(b"cat/2.png", 58, kind=b"1", link=b"cat/1.png") + cat + END,
        "gnu_long_target": cat + entry(b"././@LongLink", b"cat/1.png\0", kind=b"K") + header(b"dog/1.png", kind=b"1") + END,
        "pax_target": cat + entry(b"pax", pax(linkpath="cat/1.png"), kind=b"x") + header(b"dog/1.png", kind=b"1") + END,
        "pax_solaris": entry(b"pax", pax(path="cat/7.png"), kind=b"X") + entry(b"x") + END,
        "sparse_old": header(b"cat/2.png", 512, kind=b"S", sparse_goes_on=True) + bytes(1024) + cat + END,
        "sparse_old_cut": header(b"cat/2.png", 512, kind=b"S", sparse_goes_on=True),
        "sparse_pax": entry(b"pax", pax(**{"GNU.sparse.major": "1", "GNU.sparse.name": "cat/2.png"}), kind=b"x") + entry(b"GNUSparseFile.0/2.png") + cat + END,
        "kind_of_a_vendor": entry(b"cat/1.png", kind=b"Z") + header(b"label", kind=b"V") + END,
        "checksum_signed": header(b"cat/\xe9.png", 58, signed=True) + PIXEL + bytes(454) + END,
        "apart": entry("cafe\u0301/1.png".encode()) + entry("caf\u00e9/2.png".encode()) + entry("\u1ec7/3.png".encode()) + END,
        "no_text": entry(b"\xff\xc3/1.png") + entry(b"\xe1\xbb/2.png") + END,
        "nested": cat + entry(b"dog/1.png") + entry(b"dog/more/2.png") + END,
        "stray": cat + dog + entry(b"cover.png") + END,
        "lone_level": entry(b"n1/images/1.png") + entry(b"n2/images/2.png") + END,
        "numbers": b"".join(entry(b"%d/1.png" % k) for k in (0, 1, 10, 2)) + END,
        "unread": entry(b"cat/1.webp") + entry(b"cat/2.tif") + entry(b"dog/3.png", b"") + END,
        "read": entry(b"cat/1.bmp", BMP) + entry(b"dog/1.jfif") + END,
        "macos": entry(b"__MACOSX/cat/._1.png") + cat + entry(b"cat/.DS_Store") + END,
        "idx_inside": entry(b"raw/t10k-images.idx3-ubyte", idx((2, 2, 2))) + entry(b"raw/t10k-labels.idx1-ubyte", idx((2,), b"\1\2")) + END,
        "idx_emnist": entry(b"emnist-letters-test-images-idx3-ubyte.gz", packed(idx((1, 3, 2)))) + entry(b"emnist-letters-test-labels-idx1-ubyte.gz", packed(idx((1,), b"\1"))) + END,
        "idx_families": b"".join(entry(b"emnist-%s-%s" % (f, k), d) for f in (b"a", b"b") for k, d in ((b"images-idx3", idx((1, 1, 1))), (b"labels-idx1", idx((1,))))) + END,
        "idx_by_content": entry(b"a.bin", idx((2, 2, 2))) + entry(b"b.bin", idx((2,), b"\0\1")) + END,
        "idx_alone": entry(b"raw/t10k-images.idx3-ubyte", idx((2, 2, 2))) + END,
        "idx_damaged": entry(b"a-images.idx3", b"none") + entry(b"a-labels.idx1", b"none") + END,
        "devices": header(b"cat/t", kind=b"3") + header(b"cat/b", kind=b"4") + header(b"cat/f", kind=b"6") + cat + END,
        "contiguous": entry(b"cat/1.png", kind=b"7") + END,
        "old_kind": entry(b"cat/1.png", kind=b"\0", magic=b"") + END,
        "gnu": entry(b"cat/1.png", magic=b"ustar  \0", prefix=b"12345670123") + END,
        "prefix": entry(b"1.png", prefix=b"set/cat") + END,
        "name_of_100": entry(b"cat/" + b"x" * 92 + b".png") + END,
        "prefix_of_155": entry(b"c/1.png", prefix=b"p" * 155) + END,
        "gnu_long": entry(b"././@LongLink", long_name + b"\0", kind=b"L") + entry(b"short.png") + END,
        "gnu_long_link": entry(b"././@LongLink", b"elsewhere\0", kind=b"K") + header(b"a", kind=b"2") + cat + END,
        "gnu_long_unused": entry(b"././@LongLink", b"cat/9.png\0", kind=b"L") + END,
        "pax_path": entry(b"pax", pax(path="cat/ä.png"), kind=b"x") + entry(b"x") + END,
        "pax_size": entry(b"pax", pax(size=58), kind=b"x") + header(b"cat/1.png", 0) + PIXEL + bytes(454) + END,
        "pax_others": entry(b"pax", pax(mtime="1.5", uid=7, comment="a=b"), kind=b"x") + cat + END,
        "pax_global": entry(b"pax", pax(path="dog/7.png"), kind=b"g") + cat + END,
        "pax_then_long": entry(b"p", pax(path="cat/p.png"), kind=b"x") + entry(b"l", b"cat/l.png\0", kind=b"L") + cat + END,
        "pax_empty": entry(b"pax", b"", kind=b"x") + cat + END,
        "pax_zeros": entry(b"pax", pax(path="cat/z.png") + bytes(30), kind=b"x") + entry(b"x") + END,
        "pax_no_space": entry(b"pax", b"17path=cat/1.png\n", kind=b"x") + cat + END,
        "pax_no_line": entry(b"pax", b"18 path=cat/1.png ", kind=b"x") + cat + END,
        "pax_no_equals": entry(b"pax", b"8 path \n", kind=b"x") + cat + END,
        "pax_too_long": entry(b"pax", b"999 path=a\n", kind=b"x") + cat + END,
        "pax_length_word": entry(b"pax", b"xx path=a\n", kind=b"x") + cat + END,
        "pax_size_word": entry(b"pax", pax(size="many"), kind=b"x") + cat + END,
        "pax_size_huge": entry(b"pax", pax(size=10**17), kind=b"x") + cat + END,
        "size_binary": header(b"cat/1.png", size_field=b"\x80" + bytes(10) + b"\x3a") + PIXEL + bytes(454) + END,
        "size_binary_huge": header(b"cat/1.png", size_field=b"\x80" + b"\xff" * 11) + END,
        "size_spaces": header(b"cat/1.png", size_field=b"       72 \0 ") + PIXEL + bytes(454) + END,
        "size_word": header(b"cat/1.png", size_field=b"twelve bytes") + END,
        "size_nine": header(b"cat/1.png", size_field=b"00000000099\0") + END,
        "size_past_end": header(b"cat/1.png", 4096) + PIXEL,
        "empty_file": header(b"cat/1.png") + dog + END,
        "block_long": entry(b"cat/1.png", bytes(512)) + entry(b"dog/1.png", bytes(513)) + END,
        "climbs": entry(b"../cat/1.png") + END,
        "climbs_inside": entry(b"cat/../../1.png") + END,
        "climbs_at_end": entry(b"cat/..") + END,
        "absolute": entry(b"/etc/cat/1.png") + END,
        "path_too_long": entry(b"l", b"c/" + b"x" * 4200 + b".png\0", kind=b"L") + entry(b"x") + END,
        "path_empty": entry(b"") + cat + END,
        "uneven": cat + entry(b"a/b/2.png") + END,
        "no_folder": entry(b"1.png") + END,
        "too_deep": entry(b"a/b/c/1.png") + entry(b"d/b/c/1.png") + END,
        "twice": cat + cat + END,
        "no_pictures": entry(b"cat/1.txt", b"words") + END,
        "checksum_wrong": header(b"cat/1.png", checksum=1) + END,
        "checksum_wrong_later": cat + header(b"dog/1.png", checksum=1) + END,
        "checksum_word": header(b"cat/1.png")[:148] + b"checksum" + header(b"cat/1.png")[156:],
        "no_end": cat + dog,
        "one_empty_block": cat + bytes(512),
        "cut_in_header": cat + dog[:100],
        "zeros_only": bytes(512),
        "too_short": cat[:511],
        "after_the_end": cat + END + dog,
    }


def idx(extents, values=None, kind=8, claimed=None):
    count = 1
    for extent in extents:
        count *= extent
    values = bytes((7 * i) % 256 for i in range(count)) if values is None else values
    rank = len(extents) if claimed is None else claimed
    return bytes([0, 0, kind, rank]) + b"".join(struct.pack(">I", e) for e in extents) + values


def packed(data, level=9, name=b"", extra=b"", comment=b"", check=False, tail=None, flags=0):
    flags |= (8 if name else 0) | (4 if extra else 0) | (16 if comment else 0) | (2 if check else 0)
    head = b"\x1f\x8b\x08" + bytes([flags]) + bytes(6)
    head += struct.pack("<H", len(extra)) + extra if extra else b""
    head += name + b"\0" if name else b""
    head += comment + b"\0" if comment else b""
    head += struct.pack("<H", zlib.crc32(head) & 0xFFFF) if check else b""
    engine = zlib.compressobj(level, zlib.DEFLATED, -15)
    body = engine.compress(data) + engine.flush()
    return head + body + (struct.pack("<II", zlib.crc32(data), len(data)) if tail is None else tail)


def both(images, labels):
    """One input of the target: its first byte says where the labels begin."""
    whole = images + labels
    for first in range(256):
        if len(whole) * first // 255 == len(images):
            return bytes([first]) + whole
    # No byte cuts there: zeros between, which the labels do not mind less than the pictures.
    return both(images, labels + b"\0")


def idx_seeds():
    three, two = idx((2, 3, 3)), idx((2,), b"\1\0")
    pairs = {
        "plain": (three, two),
        "one_pixel": (idx((1, 1, 1)), idx((1,))),
        "wide": (idx((1, 1, 40)), idx((1,))),
        "tall": (idx((1, 40, 1)), idx((1,))),
        "many": (idx((30, 2, 2)), idx((30,))),
        "label_255": (three, idx((2,), b"\xff\0")),
        "labels_equal": (three, idx((2,), b"\3\3")),
        "packed": (packed(three), packed(two)),
        "packed_pictures": (packed(three), two),
        "packed_labels": (three, packed(two)),
        "packed_stored": (packed(three, level=0), packed(two, level=0)),
        "packed_fast": (packed(idx((4, 8, 8)), level=1), packed(idx((4,)), level=1)),
        "packed_dynamic": (packed(idx((6, 16, 16), bytes(i * i % 251 for i in range(1536)))), packed(idx((6,)))),
        "packed_run": (packed(idx((1, 64, 64), bytes(4096))), packed(idx((1,)))),
        "packed_named": (packed(three, name=b"train-images"), packed(two, name=b"x", comment=b"y")),
        "packed_extra": (packed(three, extra=b"AB\2\0xy"), packed(two, extra=b"AB\0\0", name=b"n", comment=b"c", check=True)),
        "packed_checked": (packed(three, check=True), packed(two)),
        "packed_twice": (packed(packed(three)), packed(two)),
        "packed_members": (packed(three) + packed(three), two),
        "packed_in_turn": (packed(three[:9]) + packed(three[9:]) + bytes(9), packed(two[:4]) + packed(b"") + packed(two[4:])),
        "packed_then_words": (packed(three) + b"words", two),
        "packed_second_cut": (packed(three[:9]) + packed(three[9:])[:-3], two),
        "packed_stored_in_turn": (packed(three[:9], level=0) + packed(three[9:], level=0), two),
        "labels_from_1": (three, idx((2,), b"\1\2")),
        "packed_text_flag": (packed(three, flags=1), two),
        "bad_flags": (packed(three, flags=0x40), two),
        "bad_checksum": (packed(three, tail=struct.pack("<II", 1, len(three))), two),
        "bad_length": (packed(three, tail=struct.pack("<II", zlib.crc32(three), len(three) + 1)), two),
        "bad_length_short": (packed(three, tail=struct.pack("<II", zlib.crc32(three), 3)), two),
        "bad_length_huge": (packed(three, tail=b"\xff" * 8), two),
        "bad_method": (b"\x1f\x8b\x07" + packed(three)[3:], two),
        "bad_name_open": (b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * 20, two),
        "bad_extra_long": (b"\x1f\x8b\x08\x04" + bytes(6) + b"\xff\xff" + bytes(12), two),
        "bad_packed_cut": (packed(three)[:-12], two),
        "bad_packed_short": (b"\x1f\x8b\x08" + bytes(9), two),
        "bad_block_kind": (packed(three)[:10] + b"\x07" + packed(three)[11:], two),
        "bad_magic": (b"\1" + three[1:], two),
        "bad_short": (b"\0\0\x08", two),
        "bad_type_int": (idx((1, 1, 1), bytes(4), kind=0x0C), idx((1,))),
        "bad_type_float": (idx((1, 1, 1), bytes(4), kind=0x0D), idx((1,))),
        "rank_0": (idx((), b"\1"), two),
        "rank_1_for_3": (two, two),
        "rank_2": (idx((2, 9)), two),
        "rank_4": (idx((2, 3, 3, 1)), two),
        "rank_5": (idx((2, 3, 3, 1, 1)), two),
        "labels_rank_3": (three, three),
        "labels_too_few": (three, idx((1,))),
        "labels_too_many": (three, idx((3,))),
        "header_cut": (three[:10], two),
        "values_cut": (three[:-1], two),
        "values_go_on": (three + b"\0", two),
        "extent_zero": (idx((2, 0, 3)), two),
        "none": (idx((0, 3, 3)), idx((0,))),
        "extent_past_4096": (idx((0, 5000, 1)), idx((0,))),
        "extents_overflow": (idx((2**32 - 1, 2**16, 2**16), b""), two),
        "extents_of_4_gb": (idx((2**16, 2**8, 2**8), b""), two),
        "labels_not_idx": (three, b"labels, one a line"),
        "labels_empty": (three, b""),
        "pictures_empty": (b"", two),
    }
    out = {name: both(*pair) for name, pair in pairs.items()}
    out["by_gzip"] = both(gzip.compress(three, mtime=0), gzip.compress(two, mtime=0))
    out["one_byte"] = b"\x80"
    return out
