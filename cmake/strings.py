#!/usr/bin/env python3
"""Makes the program's sentences of assets/strings/LANGUAGE.json: constants for C++, and a table for each language.

    strings.py --areas EN.json                         the areas, for CMake: one header each
    strings.py --headers EN.json FOLDER                FOLDER/AREA.h, written only where it has changed
    strings.py --table EN.json LANGUAGE.json OUT       the table of a language, as base/language.h reads it
    strings.py --source EN.json OUT.cpp                the English table as C++
    strings.py --names EN.json OUT.cpp                 the keys' names as C++, for tests and people
    strings.py --shell EN.json LANGUAGE.json           what web/shell.js says, as JSON on the standard output
    strings.py --pseudo EN.json OUT.json               a language that is 40 % longer, in accents and brackets

A key is AREA.NAME of small letters, digits and underscores, its value a sentence with {placeholders}, or an object of
plural forms ("one", "other", ... as CLDR names them) chosen by {n}. Wrong files are refused by a sentence.
"""
import json
import pathlib
import re
import sys

KEY = re.compile(r"^[a-z][a-z0-9_]*\.[a-z0-9_]+$")
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
# How a table marks a form: one character each.
FORMS = {"zero": "0", "one": "1", "two": "2", "few": "f", "many": "m", "other": "o"}
FORM = "\x02"
AREA_END = "\x01"
END = "\0"


class Wrong(Exception):
    pass


def unique(pairs):
    found = {}
    for key, value in pairs:
        if key in found:
            raise Wrong(f'"{key}" stands there twice')
        found[key] = value
    return found


def forms_of(value):
    return value if isinstance(value, dict) else {"other": value}


def placeholders(value):
    return set().union(*(PLACEHOLDER.findall(form) for form in forms_of(value).values()))


def check_value(key, value):
    if isinstance(value, dict):
        if not value or not set(value) <= set(FORMS):
            raise Wrong(f'"{key}" has other plural forms than {", ".join(FORMS)}')
        if "other" not in value:
            raise Wrong(f'"{key}" lacks the plural form "other"')
        if "n" not in placeholders(value):
            raise Wrong(f'"{key}" has plural forms, but no {{n}} to choose by')
    for form in forms_of(value).values():
        if not isinstance(form, str):
            raise Wrong(f'"{key}" is no text')
        if any(ord(sign) < 32 and sign != "\n" for sign in form):
            raise Wrong(f'"{key}" has a control character')
        if re.search(r"[{}]", PLACEHOLDER.sub("", form)):
            raise Wrong(f'"{key}" has a brace that belongs to no placeholder')


def read(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    try:
        strings = json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise Wrong(f"line {error.lineno} is not JSON: {error.msg}") from None
    for key, value in strings.items():
        if not KEY.match(key):
            raise Wrong(f'"{key}" is not AREA.NAME')
        check_value(key, value)
    if list(strings) != sorted(strings):
        first = next(a for a, b in zip(strings, sorted(strings)) if a != b)
        raise Wrong(f'the keys are not sorted from "{first}" on (scripts/check_strings --sort does it)')
    if text != written(strings):
        raise Wrong("it is not written one key a line (scripts/check_strings --sort does it)")
    return strings


def written(strings):
    def row(key):
        return f"  {json.dumps(key)}: {json.dumps(strings[key], ensure_ascii=False)}"
    return "{\n" + ",\n".join(row(key) for key in sorted(strings)) + "\n}\n"


def read_language(english, path):
    strings = read(path)
    for key, value in strings.items():
        if key not in english:
            raise Wrong(f'"{key}" is not in English')
        if placeholders(value) != placeholders(english[key]):
            raise Wrong(f'"{key}" has other placeholders than in English')
    return strings


def by_area(english):
    """Of the program: what web/shell.js says comes with the page."""
    areas = {}
    for key in english:
        if not key.startswith("shell."):
            areas.setdefault(key.split(".")[0], []).append(key)
    return areas


def constant(key):
    return key.replace(".", "_")


def write_changed(path, text):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def headers(english, folder):
    for number, (area, keys) in enumerate(by_area(english).items()):
        if number > 255 or len(keys) > 255:
            raise Wrong(f'the area "{area}" has more than 255 keys, or is one of more than 255')
        lines = ["// Made by cmake/strings.py of assets/strings/en.json.", "#pragma once", "", '#include "base/text.h"',
                 "", "namespace weightroom::text {", ""]
        for place, key in enumerate(keys):
            said = " / ".join(forms_of(english[key]).values()).replace("\n", " ")
            lines += [f"// {said}", f"inline constexpr Text {constant(key)}{{{number * 256 + place}}};"]
        lines += ["", "}  // namespace weightroom::text", ""]
        write_changed(pathlib.Path(folder) / f"{area}.h", "\n".join(lines))


def entry(value):
    if not isinstance(value, dict):
        return value
    return "".join(FORM + FORMS[form] + text for form, text in value.items())


def table(english, strings):
    """Area by area, each sentence ended by a zero; what a language lacks is empty."""
    return "".join(
        "".join(entry(strings.get(key, "")) + END for key in keys) + AREA_END for keys in by_area(english).values())


def c_bytes(data):
    lines, line = [], ""
    for byte in data:
        line += f"{byte},"
        if len(line) > 110:
            lines.append(line)
            line = ""
    return "\n".join([*lines, line])


def source(english):
    data = table(english, english).encode()
    return f"""// Made by cmake/strings.py of assets/strings/en.json.
#include "base/language.h"

namespace weightroom::base {{
namespace {{

constexpr unsigned char kTable[] = {{
{c_bytes(data)}}};

}}  // namespace

std::span<const unsigned char> english_table() {{ return kTable; }}

}}  // namespace weightroom::base
"""


def names(english):
    rows = "\n".join(f'    {{{number * 256 + place}, "{key}"}},'
                     for number, keys in enumerate(by_area(english).values()) for place, key in enumerate(keys))
    return f"""// Made by cmake/strings.py of assets/strings/en.json.
#include <algorithm>
#include <iterator>

#include "base/language.h"

namespace weightroom::base {{
namespace {{

constexpr KeyName kNames[] = {{
{rows}
}};

}}  // namespace

std::span<const KeyName> key_names() {{ return kNames; }}

}}  // namespace weightroom::base
"""


ACCENTED = str.maketrans("aceginosuyzACEGINOSUYZ", "áçéğîñöšúýžÁÇÉĞÎÑÖŠÚÝŽ")


def pseudo_text(text):
    parts = re.split(r"(\{[a-z0-9_]+\})", text)
    told = "".join(part if part.startswith("{") else part.translate(ACCENTED) for part in parts)
    letters = sum(len(part) for part in parts if not part.startswith("{"))
    # Words rather than one long one, so that lines may be broken as in a language.
    more, missing = "", round(letters * 0.4)
    while len(more) < missing:
        more += " žéň" if missing > 3 else "·"
    return f"[{told}{more[:missing]}]" if letters and text.strip(" ,.") else text


def pseudo(english):
    def said(key, value):
        if key.startswith("language."):
            # Signs of its own, so that a number written past the formatter is seen.
            own = {"code": "pseudo", "name": "Pseudo", "point": ",", "group": "’"}
            return own[key.removeprefix("language.")]
        if not re.search("[A-Za-z]", PLACEHOLDER.sub("", "".join(forms_of(value).values()))):
            return value  # signs alone
        if isinstance(value, dict):
            return {form: pseudo_text(text) for form, text in value.items()}
        return pseudo_text(value)
    return {key: said(key, value) for key, value in english.items()}


def shell(strings):
    return {key.split(".")[1]: value for key, value in strings.items() if key.startswith("shell.")}


def main(arguments):
    what, path, *rest = arguments
    try:
        english = read(path)
        if what == "--areas":
            print(";".join(by_area(english)), end="")
        elif what == "--headers":
            headers(english, rest[0])
        elif what == "--source":
            write_changed(rest[0], source(english))
        elif what == "--names":
            write_changed(rest[0], names(english))
        elif what == "--pseudo":
            write_changed(rest[0], written(pseudo(english)))
        else:
            path = rest[0]
            strings = read_language(english, path)
            if what == "--table":
                pathlib.Path(rest[1]).write_bytes(table(english, strings).encode())
            elif what == "--shell":
                print(json.dumps(shell(strings), ensure_ascii=False))
    except Wrong as error:
        sys.exit(f"{path}: {error}.")


if __name__ == "__main__":
    main(sys.argv[1:])
