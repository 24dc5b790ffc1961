"""Names of classes in every form in which they are read, and in forms that are refused."""
import json

NAMES = ["cat", "dog", "jack-o'-lantern", 'say "x"', "tench, Tinca tinca", "K\u00e4se"]
PAIRS = list(enumerate(NAMES))


def lines(form, names=PAIRS, end="\n"):
    return "".join(form.format(i=i, one=i + 1, name=name) + end for i, name in names)


def seeds():
    wnids = {str(i): [f"n0{i}", name] for i, name in PAIRS}
    texts = {
        "lines.txt": lines("{name}"), "lines_windows.txt": lines("{name}", end="\r\n"), "lines_mac.txt": lines("{name}", end="\r"),
        "mark.txt": "\ufeff" + lines("{name}"), "blank.txt": "\n\n" + lines(" {name} \t") + "\n\n", "no_end.txt": "cat\ndog",
        "tabs.txt": "a\tb\nc\td\n", "one.txt": "cat", "none.txt": "", "blanks.txt": " \n\t\r\n",
        "list.json": json.dumps(NAMES), "list_wide.json": json.dumps(NAMES, indent=1, ensure_ascii=False),
        "dict.json": json.dumps(dict(PAIRS)), "dict_turned.json": json.dumps({name: i for i, name in PAIRS}),
        "wnids.json": json.dumps(wnids), "wnid_list.json": json.dumps(list(wnids.values())),
        "config.json": json.dumps({"a": 1.5, "b": [True, None], "id2label": dict(PAIRS)}), "names.json": json.dumps({"names": NAMES}),
        "nested.json": json.dumps({"labels": {"classes": {"names": NAMES}}}), "backwards.json": json.dumps(dict(reversed(PAIRS))),
        "emoji.json": json.dumps(["\U0001f600", "\u20ac"]), "escapes.json": r'["\n\t\"\\\/\u0041\x42"]',
        "dict.py": repr(dict(PAIRS)), "dict_lines.py": "{" + ",\n ".join(f"{i}: {name!r}" for i, name in PAIRS) + "}",
        "list.py": repr(NAMES), "comma.py": "['a', 'b',]", "tuples.py": repr({i: ("n", name) for i, name in PAIRS}),
        "bare_dict.py": lines("{i}: '{name}',", PAIRS[:2]), "empty.py": "{}", "empty_list.json": "[]",
        "space.txt": lines("{i} {name}"), "colon.txt": lines("{i}: {name}"), "point.txt": lines("{one}. {name}"), "bracket.txt": lines("{one}) {name}"),
        "equals.txt": lines("{i}={name}"), "tab.txt": lines("{i}\t{name}"), "padded.txt": lines("{i:03} {name}"),
        "first.csv": lines('{i},"{name}"', PAIRS[:2]), "last.csv": lines("{name},{i}", PAIRS[:2]), "head.csv": "index,name\n" + lines("{i},{name}"),
        "semicolon.csv": lines("{i};{name}"), "mixed.csv": lines("{i},{name}", PAIRS[::-1]), "doubled.csv": '0,"a ""b"""\n1,"c"\n',
        "bad_gap.json": '{"0": "a", "2": "b"}', "bad_from_one.json": '{"1": "a", "2": "b"}', "bad_twice.json": '{"0": "a", "0": "b"}',
        "bad_numbers.json": "[1, 2, 3]", "bad_open.json": '["a", "b"', "bad_deep.json": "[" * 50 + '"a"' + "]" * 50, "bad_surrogate.json": r'["\ud83d"]',
        "bad_hex.json": r'["\uXY00"]', "bad_escape.json": '["\\', "bad_control.json": r'["\u0001"]', "bad_empty_name.json": '["", "b"]',
        "bad_huge_number.txt": "0 a\n99999999999999999999999 b\n", "bad_half.txt": "0 a\ndog\n", "bracket_name.txt": "[unknown]\ncat\n",
        "long.txt": "x" * 201, "html.txt": "<!DOCTYPE html>\n<html></html>",
    }
    return {name: text.encode() for name, text in texts.items()} | {"bad_utf8.txt": b"a\xff", "bad_zero.txt": b"a\0b", "utf16.txt": "cat".encode("utf-16")}
