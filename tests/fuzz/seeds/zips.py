"""Zip archives, as Python's zipfile writes them and bent by hand."""
import io
import struct
import zipfile

from .archives import BMP

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
END = b"PK\x05\x06"
DIRECTORY = b"PK\x01\x02"


def zipped(files, method=zipfile.ZIP_DEFLATED, comment=b"", unix_mode=None, stream=False, level=9):
    """files: pairs of name and bytes."""
    target = io.BytesIO()

    class Pipe(io.RawIOBase):  # which cannot go back: the sizes then come behind the bytes
        def writable(self):
            return True

        def write(self, data):
            return target.write(data)

    with zipfile.ZipFile(Pipe() if stream else target, "w", method, compresslevel=level) as archive:
        for name, data in files:
            info = zipfile.ZipInfo(name, FIRST_DAY)
            info.compress_type = method
            info.create_system = 3
            if unix_mode is not None:
                info.external_attr = unix_mode << 16
            archive.writestr(info, data)
        archive.comment = comment
    return target.getvalue()


def bent(data, at, new):
    return data[:at] + new + data[at + len(new):]


def in_directory(data, offset, new, which=0):
    """Some bytes of an entry of the central directory changed."""
    at = data.index(DIRECTORY)
    for _ in range(which):
        at = data.index(DIRECTORY, at + 1)
    return bent(data, at + offset, new)


def in_end(data, offset, new):
    return bent(data, data.rindex(END) + offset, new)


def with_name(data, old, new):
    assert len(old) == len(new)
    return data.replace(old, new)


def wide(data):
    """The same with the record of 64 bits, as archives of very many files have it."""
    end = data.rindex(END)
    count, size, at = struct.unpack("<HII", data[end + 10:end + 20])
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, size, at)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, end, 1)
    closing = data[end:end + 8] + struct.pack("<HHII", 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF) + data[end + 20:]
    return data[:end] + record + locator + closing


def seeds():
    cat, dog = ("cat/1.bmp", BMP), ("dog/1.bmp", BMP)
    two = zipped([cat, dog])
    stored = zipped([cat, dog], zipfile.ZIP_STORED)
    long = bytes(range(256)) * 40
    splits = [(f"{s}/{c}/{i}.bmp", BMP) for s in ("train", "test") for c in ("cat", "dog") for i in (1, 2)]
    learnt = [("manifest.json", b'{"application":"machinelearningforkids"}'),
              ("training.json", b'[{"label":"cat","imageurl":"images/1"}]'), ("images/1", BMP)]
    project = [("images/cup/0001-01.jpg", BMP), ("images/bowl/0001-01.jpg", BMP), ("project.json", b'{"format":1}'),
               ("README.txt", b"A project.")]
    out = {
        "two_classes": two,
        "stored": stored,
        "level_1": zipped([cat, dog, ("cat/long.bmp", long)], level=1),
        "long": zipped([("cat/long.bmp", long), dog]),
        "zeros": zipped([("cat/zeros.bmp", BMP + bytes(40000)), dog]),
        "no_blocks": zipped([("cat/empty.bmp", b""), dog]),
        "splits": zipped(splits),
        "below_a_folder": zipped([("set/" + name, data) for name, data in splits]),
        "folders_listed": zipped([("cat/", b""), cat, ("dog/", b""), dog]),
        "streamed": zipped([cat, dog], stream=True),
        "comment": zipped([cat, dog], comment=b"two classes"),
        "comment_with_mark": zipped([cat, dog], comment=b"PK\x05\x06 is no mark here, and some more to fill it up"),
        "behind_a_program": b"#!/bin/sh\nexit\n" + two,
        "wide": wide(two),
        "wide_behind_a_program": b"MZ" + wide(two),
        "learnt": zipped(learnt),
        "project": zipped(project, zipfile.ZIP_STORED),
        "utf8": zipped([("käse/1.bmp", BMP), ("brot/ß.bmp", BMP)]),
        "page_437": with_name(zipped([("k_se/1.bmp", BMP), dog]), b"k_se", b"k\x84se"),
        "unmarked_utf8": with_name(zipped([("k__se/1.bmp", BMP), dog]), b"k__se", "käse".encode()),
        "half_a_pair": with_name(zipped([("k___se/1.bmp", BMP), dog]), b"k___se", b"k\xED\xA0\x80se"),
        "backslashes": with_name(stored, b"cat/1", b"cat\\1"),
        "from_the_top": with_name(stored, b"cat/1", b"/at/1"),
        "climbs": with_name(stored, b"cat/1", b"../t1"),
        "point": with_name(stored, b"cat/1", b"./a/1"),
        "macos": zipped([cat, dog, ("__MACOSX/cat/._1.bmp", b"x"), ("cat/.DS_Store", b"x")]),
        "twice": zipped([cat, dog, ("cat/2.bmp", BMP)]).replace(b"cat/2", b"cat/1"),
        "links": zipped([("cat/1.bmp", b"../dog/1.bmp")], unix_mode=0o120777),
        "modes": zipped([cat, dog], unix_mode=0o100644),
        "bzip2": zipped([cat, dog], zipfile.ZIP_BZIP2),
        "lzma": zipped([cat, dog], zipfile.ZIP_LZMA),
        "encrypted": in_directory(two, 8, b"\x01\x00"),
        "wrong_sum": in_directory(two, 16, b"\0\0\0\0"),
        "claims_more": in_directory(two, 24, struct.pack("<I", 59)),
        "claims_less": in_directory(two, 24, struct.pack("<I", 5)),
        "claims_most": in_directory(two, 24, b"\xFF\xFF\xFF\xFF"),
        "packed_most": in_directory(two, 20, b"\xFF\xFF\xFF\xFF"),
        "stored_claims_more": in_directory(stored, 24, struct.pack("<I", 59)),
        "starts_late": in_directory(two, 42, b"\xFF\xFF\xFF\x7F"),
        "starts_elsewhere": in_directory(two, 42, b"\x01\0\0\0"),
        "over_each_other": in_directory(two, 42, b"\0\0\0\0", which=1),
        "name_most": in_directory(two, 28, b"\xFF\xFF"),
        "extra_most": in_directory(two, 30, b"\xFF\xFF"),
        "no_entry_mark": in_directory(two, 0, b"QK"),
        "no_local_mark": bent(two, 0, b"QK"),
        "many": in_end(two, 8, b"\xFF\xFF\xFF\xFF"),
        "none_counted": in_end(two, 8, b"\0\0\0\0"),
        "directory_late": in_end(two, 16, b"\xFF\xFF\xFF\x7F"),
        "directory_large": in_end(two, 12, b"\xFF\xFF\xFF\x7F"),
        "two_parts": in_end(two, 4, b"\x01\0"),
        "comment_too_long": in_end(two, 20, b"\x09\0"),
        "wide_count": wide(two).replace(struct.pack("<QQ", 2, 2), struct.pack("<QQ", 1 << 60, 1 << 60)),
        "wide_without_record": wide(two).replace(b"PK\x06\x06", b"PK\x06\x05"),
        "empty": zipped([]),
        "end_alone": END + bytes(17),
        "nothing": b"",
        "cut_in_directory": two[:-30],
        "cut_in_file": two[:60],
        "one_byte": zipped([("cat/1.bmp", b"a"), dog]),
        "damaged_block": bent(zipped([("cat/long.bmp", long), dog]), 60, b"\xFF\xFF\xFF\xFF"),
    }
    return out

