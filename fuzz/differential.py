"""Compares the reader of delimited text with Python's csv module, text by text.

Every text is random, small and decided: `Expectation` says which rows there are, on which lines, or what is wrong and
where. The cells come from csv in strict mode; what csv does not know, the rules of docs/robustness.md say, and each is
one function here. Only the standard library is used.
"""

import argparse
import csv
import gzip
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import unicodedata

MARKS = {",": ",", ";": ";", "|": "|", ":": ":", "tab": "\t"}
BYTE_ORDER_MARKS = [b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"]
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")

EMPTY, HEADER_ONLY, WIDE = "CSV-002", "CSV-003", "CSV-004"
UNCLOSED, STRAY, COUNT, HEADER, TEXT = "CSV-008", "CSV-009", "CSV-010", "CSV-011", "CSV-013"
REPEATED = "CSV-029"


class Case:
    """A text and how it is said to be written."""

    def __init__(self, content, delimiter=",", encoding="utf-8", skip=0, columns=None, members=None):
        self.content = content
        self.delimiter = delimiter
        self.encoding = encoding
        self.skip = skip
        self.columns = columns
        # Where the text is cut into gzip members; None for a plain file.
        self.members = members

    def replacing(self, **changes):
        return Case(**{**self.__dict__, **changes})

    def stored(self):
        if self.members is None:
            return self.content
        cuts = [0, *sorted(min(cut, len(self.content)) for cut in self.members), len(self.content)]
        parts = [self.content[start:end] for start, end in zip(cuts, cuts[1:])]
        return b"".join(gzip.compress(part, mtime=0) for part in parts)

    def question(self, path):
        return {
            "path": path,
            "delimiter": self.delimiter,
            "encoding": self.encoding,
            "skipLines": self.skip,
            "columns": self.columns,
        }


class Fault(Exception):
    """What must be wrong, and where: lines and fields count from 1."""

    def __init__(self, code, line=None, field=None):
        self.place = {"code": code, "line": line, "field": field}


# --- the expectation -------------------------------------------------------------------------------------------------


def as_latin(text):
    """The bytes of a UTF-8 text as scalars U+0000 to U+00FF, which is how cells are exchanged."""
    return text.encode("utf-8").decode("latin-1")


def decode(content, encoding):
    """The text as the bytes of its UTF-8, one scalar a byte. No rule of csv: encodings are the reader's own matter.

    UTF-8 is not decoded, so that a bad byte is found in its row and not before. The five bytes that Windows-1252 does not
    assign stay control characters, as in the WHATWG's encoding standard.
    """
    if encoding == "utf-8":
        return content.decode("latin-1")
    if encoding == "iso-8859-1":
        return as_latin(content.decode("latin-1"))
    characters = [bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in content]
    return as_latin("".join(characters))


def strip_marks(case):
    """A UTF-8 mark at the start is no content, and refuses a file that is said to be of another encoding; marks of UTF-16
    and UTF-32 refuse it; one ^Z at the very end is no content."""
    content = case.content
    if any(content.startswith(mark) for mark in BYTE_ORDER_MARKS):
        raise Fault(WIDE)
    if content.startswith(b"\xef\xbb\xbf"):
        if case.encoding != "utf-8":
            raise Fault(WIDE, 1)
        content = content[3:]
    if content.endswith(b"\x1a"):
        content = content[:-1]
    return decode(content, case.encoding)


def skip_preamble(lines, skip):
    """Lines before the header are lines of the file, whatever quotes they hold; each must end with a line end."""
    for line in lines[:skip]:
        if not line.endswith(("\r", "\n")):
            raise Fault(HEADER_ONLY)
    if len(lines) < skip:
        raise Fault(HEADER_ONLY)
    return lines[skip:]


def place_of_fault(lines, mark, first):
    """Walks through the row that begins at `lines[0]`: the first stray text's field, and how many lines the row takes.

    csv says that a row is wrong but not where. A quoted field is `"`, anything or doubled quotes, `"`; after its end may
    come a delimiter or the end of the line, and anything else up to there is stray. Quotes pair from the left, so the
    expression must not give one back.
    """
    text = "".join(lines)
    quoted = re.compile(r'"(?:[^"]|"")*+"')
    plain = re.compile(f"[^{re.escape(mark)}\r\n]*")
    position, field, stray = 0, 1, None
    while True:
        if text.startswith('"', position):
            match = quoted.match(text, position)
            if not match:
                before = "".join(lines)[:position]
                raise Fault(UNCLOSED, first + len(re.findall(r"\r\n|\r|\n", before)), field)
            position = match.end()
            end = plain.match(text, position).end()
            if end > position and stray is None:
                stray = field
            position = end
        else:
            position = plain.match(text, position).end()
        if position < len(text) and text[position] == mark:
            position += 1
            field += 1
            continue
        return stray, max(1, len(LINE.findall(text[:position] + "\n")))


def rows_of(lines, case):
    """Rows as (line, stray field or None, cells, the row as it stands), and at last a `Fault` where a quote never closes.

    csv is fed with our lines: LF, CR and CRLF all end one, so a CR alone ends a row too. Blank lines, which csv gives as
    rows without cells, are skipped and counted.
    """
    first = case.skip + 1
    if case.delimiter == "blanks":
        # No csv here: runs of blanks and tabs separate, and there are no quotes.
        for number, line in enumerate(lines):
            cells = [cell for cell in re.split(r"[ \t]+", line.rstrip("\r\n")) if cell]
            if cells:
                yield first + number, None, cells, without_end(line)
        return
    mark = MARKS[case.delimiter]
    start = 0
    while start < len(lines):
        reader = csv.reader(iter(lines[start:]), delimiter=mark, strict=True)
        read = 0
        try:
            for cells in reader:
                if cells:
                    raw = without_end("".join(lines[start + read : start + reader.line_num]))
                    yield first + start + read, None, cells, raw
                read = reader.line_num
            return
        except csv.Error:
            # The row at which csv stopped: we say where its fault lies, and go on behind it as the reader does.
            begin = start + read
            stray, count = place_of_fault(lines[begin:], mark, first + begin)
            if stray is None:
                raise AssertionError("csv refuses a row in which we find no fault")
            yield first + begin, stray, None, None
            start = begin + count


def without_end(line):
    return re.sub(r"(?:\r\n|\r|\n)\Z", "", line)


def is_text(joined):
    """Rows with a NUL, or with bytes that are no UTF-8, are refused; csv takes both."""
    if "\0" in joined:
        return False
    try:
        joined.encode("latin-1").decode("utf-8")
        return True
    except UnicodeDecodeError:
        return False


def check_header(line, stray, cells):
    """Names are texts, there and different; Unicode's equivalent forms of a name are one name."""
    if stray is not None:
        raise Fault(STRAY, line, stray)
    if not is_text("\n".join(cells)):
        raise Fault(TEXT, line)
    seen = set()
    for number, cell in enumerate(cells, 1):
        name = unicodedata.normalize("NFC", cell.encode("latin-1").decode("utf-8"))
        if not name or name in seen:
            raise Fault(HEADER, line, number)
        seen.add(name)


class Expectation:
    """What the reader must answer: the fields of `ReadCells.Answer`."""

    def __init__(self, case):
        self.names, self.rows, self.reader_fault, self.table_fault = [], [], None, None
        self.header = None
        try:
            self.read(case)
        except Fault as fault:
            self.reader_fault = fault.place
            self.table_fault = self.table_fault or fault.place

    def read(self, case):
        text = strip_marks(case)
        if not text:
            raise Fault(EMPTY)
        lines = skip_preamble(LINE.findall(text), case.skip)
        rows = rows_of(lines, case)
        if case.columns is None:
            header = next(rows, None)
            if header is None:
                raise Fault(EMPTY)
            check_header(*header[:3])
            self.names, self.header = header[2:]
        else:
            self.names = [as_latin(name) for name in case.columns]
        for line, stray, cells, raw in rows:
            self.rows.append({"line": line, "stray": stray, "cells": cells})
            self.table_fault = self.table_fault or self.row_fault(line, stray, cells, raw)
        if not self.rows:
            self.table_fault = Fault(HEADER_ONLY).place

    def row_fault(self, line, stray, cells, raw):
        """A row with several faults is refused for the first of these: stray text, the header again, number of fields, text."""
        if stray is not None:
            return Fault(STRAY, line, stray).place
        if raw == self.header:
            return Fault(REPEATED, line).place
        if len(cells) != len(self.names):
            return Fault(COUNT, line).place
        if not is_text("\n".join(cells)):
            return Fault(TEXT, line).place
        return None

    def answer(self):
        return {
            "names": self.names,
            "rows": self.rows,
            "readerFault": self.reader_fault,
            "tableFault": self.table_fault,
        }


# --- the texts -------------------------------------------------------------------------------------------------------


def random_case(source):
    """A text with one or several things that real files do, mixed with others that no file should."""
    delimiter = source.choice([*MARKS, *MARKS, ",", ",", "blanks"])
    mark = MARKS.get(delimiter, " ")
    encoding = source.choice(["utf-8", "utf-8", "utf-8", "windows-1252", "iso-8859-1"])
    wild = source.random() < 0.4
    ends = source.choice([["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"], ["\n", "\r\n", "\r"]])
    width = source.randint(1, 4)
    columns = None
    rows = []
    if source.random() < 0.85:
        names = source.sample(["a", "b", "id", "né", '"q"', f'"x{mark}y"', '"l\nm"', "ne\u0301", " "], width)
        if source.random() < 0.08:
            names[source.randrange(width)] = source.choice(["", "a", '""', '"a"b', '"a', "nul\0"])
        rows.append(names)
    else:
        columns = ["one", "two", "drei", "vier"][:width]
    for _ in range(source.choice([0, 1, 2, 3, 5])):
        count = width if source.random() < 0.93 else source.randint(1, 5)
        rows.append([random_cell(source, mark, ends, wild) for _ in range(count)])
        if source.random() < 0.1:
            rows.append([""])
    skip = source.choice([0, 0, 0, 0, 0, 1, 2])
    for _ in range(skip):
        rows.insert(0, [source.choice(["", "Export", 'of "2024', '"'])])
    text = "".join(mark.join(row) + source.choice(ends) for row in rows)
    if source.random() < 0.3:
        text = text.rstrip("\r\n")
    content = bytearray(text.encode({"windows-1252": "cp1252"}.get(encoding, encoding), "replace"))
    if wild:
        for _ in range(source.choice([0, 0, 1, 2])):
            noise = [b'"', b'""', b"\n", b"\r", b"\r\n", mark.encode(), b" ", b"\0", b"\x1a", b"\x80", b"\xc3", b"\xff", b"\x81"]
            place = source.randint(0, len(content))
            content[place:place] = source.choice(noise)
        if content and source.random() < 0.2:
            del content[source.randrange(len(content))]
    if source.random() < 0.08:
        content += source.choice([b"\x1a", b"\n\x1a", b"\x1a\n", b"\x1a\x1a"])
    if source.random() < 0.12:
        content[0:0] = b"\xef\xbb\xbf"
    if source.random() < 0.01:
        content[0:0] = source.choice(BYTE_ORDER_MARKS)
    members = None
    if source.random() < 0.1:
        members = [source.randint(0, len(content)) for _ in range(source.choice([0, 1, 3]))]
    content = bytes(content)
    if source.random() < 0.005:
        content = source.choice([b"", b"\xef\xbb\xbf", b"\x1a", b"\n", b"\r\n\r\n", b'"', b'""', b"\0"])
    return Case(content, delimiter, encoding, skip, columns, members)


def random_cell(source, mark, ends, wild):
    plain = source.choice(["", "1", "x y", " ", "é", "€", "ß", "2,5", "1;2", "a|b", "-3", "=1+1", "NA", 'in"ch', " x "])
    kind = source.random()
    if kind < 0.55:
        return plain.replace(mark, "").replace("\t", "")
    inner = source.choice([plain, f"{plain}{mark}", f'{plain}""', f'""{plain}', f"a{source.choice(ends)}b", '""', mark, ""])
    if kind < 0.97 or not wild:
        return f'"{inner}"'
    return source.choice([f'"{inner}"x', f'"{inner}" ', f'"{inner}', f' "{inner}"', f'x"{inner}"', f'"{inner}"""', '"""'])


# --- asking, comparing, shrinking ------------------------------------------------------------------------------------


class Reader:
    """The program that reads; it stays open and answers line by line."""

    def __init__(self, program, folder):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.folder = folder
        self.asked = 0

    def answers(self, cases):
        paths = []
        for case in cases:
            self.asked += 1
            path = os.path.join(self.folder, f"{self.asked}.csv")
            with open(path, "wb") as file:
                file.write(case.stored())
            paths.append(path)
            self.process.stdin.write(json.dumps(case.question(path)).encode() + b"\n")
        self.process.stdin.flush()
        for path in paths:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit(f"differential: the reader ended with status {self.process.wait()} at {path}")
            os.unlink(path)
            yield complete(json.loads(line))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def complete(answer):
    """Puts null where the encoder left a key out."""
    for row in answer["rows"]:
        row.setdefault("stray", None)
        row.setdefault("cells", None)
    for key in ("readerFault", "tableFault"):
        fault = answer.setdefault(key, None)
        if fault:
            fault.setdefault("line", None)
            fault.setdefault("field", None)
    return answer


def differs(reader, case):
    return next(reader.answers([case])) != Expectation(case).answer()


def shrunk(reader, case):
    """The smallest case that we come to by leaving out bytes and settings, one after the other, while it still differs."""
    simpler = [{"members": None}, {"encoding": "utf-8"}, {"skip": 0}, {"columns": None}, {"delimiter": ","}]
    changed = True
    while changed:
        changed = False
        size = max(1, len(case.content) // 2)
        candidates = [case.replacing(**change) for change in simpler]
        for number in range(len(case.members or [])):
            candidates.append(case.replacing(members=case.members[:number] + case.members[number + 1 :]))
        while size:
            for start in range(0, len(case.content), size):
                candidates.append(case.replacing(content=case.content[:start] + case.content[start + size :]))
            size //= 2
        for candidate in candidates:
            if candidate.__dict__ != case.__dict__ and differs(reader, candidate):
                case, changed = candidate, True
                break
    return case


def kind_of(answer):
    for key in ("tableFault", "readerFault"):
        if answer[key]:
            return answer[key]["code"]
    return "read"


def stored_case(case, expectation):
    return {**case.question(""), "stored": case.stored().decode("latin-1"), "expected": expectation}


def main():
    parser = argparse.ArgumentParser(prog="script/differential")
    parser.add_argument("program", help=argparse.SUPPRESS)
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", metavar="FILE", help="write the texts and what is expected of them as JSON")
    options = parser.parse_args()
    if sys.version_info < (3, 11):
        raise SystemExit("differential: Python 3.11 or newer is needed: older ones refuse NUL in csv")

    source = random.Random(options.seed)
    cases = [random_case(source) for _ in range(options.texts)]
    kinds, failures = {}, []
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(options.program, folder)
        for start in range(0, len(cases), 50):
            block = cases[start : start + 50]
            for case, answer in zip(block, reader.answers(block)):
                expected = Expectation(case).answer()
                kinds[kind_of(expected)] = kinds.get(kind_of(expected), 0) + 1
                if answer != expected:
                    failures.append(case)
        for case in failures[:10]:
            small = shrunk(reader, case)
            print(f"differs: {json.dumps({k: v for k, v in small.__dict__.items() if k != 'content'})}")
            print(f"  text      {small.content!r}")
            print(f"  expected  {json.dumps(Expectation(small).answer())}")
            print(f"  read      {json.dumps(next(reader.answers([small])))}")
        reader.close()
    print(f"{options.texts} texts (seed {options.seed}), {len(failures)} differ")
    print("expected: " + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    if options.store:
        lines = ",\n".join(json.dumps(stored_case(case, Expectation(case).answer())) for case in cases)
        with open(options.store, "w", encoding="ascii") as file:
            file.write(f"[\n{lines}\n]\n")
    if failures:
        sys.exit(1)


if __name__ == "__main__":
    main()
