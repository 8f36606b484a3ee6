"""Writes the hand-written inputs from which the corpus began: one for each kind of bad input, and plain ones.

Usage: python3 fuzz/seeds.py; existing files of the corpus stay. Only the standard library is used.
"""

import gzip
import pathlib

FOLDER = pathlib.Path(__file__).parent
HEADER = b"customer,time,amount\n"
GOOD = b"A,2024-01-02,10\n"
KEEP, DROP, NULLS, NO_CUSTOMER, GERMAN_TIME, DAYS = 0x18, 0x08, 0x04, 0x20, 0x40, 0x80


def first(delimiter=0, encoding=0, header=True, skip=0):
    return delimiter | encoding << 3 | (0 if header else 0x20) | skip << 6


def row(text):
    return HEADER + GOOD + b'"two\nlines",2024-01-02,20\n' + text + b"\nB,2024-01-02,30\n"


# zstd of HEADER and GOOD in one raw block: magic, descriptor with a single segment, size, block header, bytes.
RAW = HEADER + GOOD
ZSTD = b"\x28\xb5\x2f\xfd\x20" + bytes([len(RAW)]) + (len(RAW) << 3 | 1).to_bytes(3, "little") + RAW
ZIPPED = gzip.compress(HEADER + GOOD, mtime=0)

READER = {
    # bytes
    "empty": (0, KEEP, b""),
    "header-only": (0, KEEP, HEADER),
    "byte-order-mark": (0, KEEP, b"\xef\xbb\xbf" + HEADER + GOOD),
    "utf-16": (0, KEEP, "customer,time,amount\n".encode("utf-16")),
    "utf-32": (0, KEEP, b"\x00\x00\xfe\xff" + HEADER),
    "invalid-utf-8": (0, KEEP, row(b"M\xfcller,2024-01-02,1")),
    "windows-1252": (first(encoding=1), KEEP, row(b"M\xfc\x80\x93ller,2024-01-02,1")),
    "latin-1": (first(encoding=2), KEEP, row(b"M\xfcller,2024-01-02,1")),
    "nul": (0, KEEP, row(b"A\0,2024-01-02,1")),
    "control-z": (0, KEEP, HEADER + GOOD + b"\x1a"),
    "gzip": (0, KEEP, ZIPPED),
    "gzip-members": (0, KEEP, gzip.compress(b"\xef", mtime=0) + gzip.compress(b"\xbb\xbf" + HEADER + GOOD, mtime=0)),
    "gzip-truncated": (0, KEEP, ZIPPED[:-9]),
    "gzip-trailing": (0, KEEP, ZIPPED + b"\0\0more"),
    "gzip-expanding": (0, KEEP, gzip.compress(HEADER + b"A,2024-01-02,10\n" * 20_000, mtime=0)),
    "gzip-long-row": (0, KEEP, gzip.compress(HEADER + b"x" * 600_000 + b"," + b"y" * 600_000, mtime=0)),
    "zstd": (0, KEEP, ZSTD),
    "zstd-truncated": (0, KEEP, ZSTD[:-4]),
    "zstd-window": (0, KEEP, b"\x28\xb5\x2f\xfd\x00\x88" + (len(RAW) << 3 | 1).to_bytes(3, "little") + RAW),
    "page-instead": (0, KEEP, b"<!DOCTYPE html>\n<html><body>404</body></html>\n"),
    "pointer-instead": (0, KEEP, b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"),
    # structure
    "mixed-ends": (0, KEEP, b"customer,time,amount\r\nA,2024-01-02,1\nB,2024-01-02,2\r\r\nC,2024-01-02,3"),
    "return-only": (0, KEEP, RAW.replace(b"\n", b"\r")),
    "no-last-end": (0, KEEP, RAW[:-1]),
    "quoted": (0, KEEP, row(b'"a ""b"", c","2024-01-02","3"')),
    "unclosed": (0, KEEP, row(b'A,"2024-01-02,1')),
    "stray": (0, KEEP, row(b'"A"B,2024-01-02,1')),
    "stray-unclosed": (0, KEEP, row(b'"A"B,"2024-01-02,1')),
    "short": (0, KEEP, row(b"A,2024-01-02")),
    "long": (0, KEEP, row(b"A,2024-01-02,1,2")),
    "wide": (0, KEEP, row(b"," * 1500)),
    "duplicate-name": (0, KEEP, b"customer,time,time\n" + GOOD),
    "empty-name": (0, KEEP, b"customer,,amount\n" + GOOD),
    "missing-column": (0, KEEP, b"custoner,date,amount\n" + GOOD),
    "no-header": (first(header=False), KEEP, GOOD),
    "preamble": (first(skip=2), KEEP, b'Export of "2024\n\n' + RAW),
    "preamble-longer": (first(skip=3), KEEP, HEADER),
    "header-again": (0, KEEP, row(b"customer,time,amount")),
    "other-order": (0, KEEP, b"amount,extra,customer,time\n1,x,A,2024-01-02\n"),
    "blank-lines": (0, KEEP, b"\n\r\n" + HEADER + b"\n" + GOOD + b"\n\n"),
    # delimiters
    "semicolon": (first(1), KEEP | 1, b"customer;time;amount\nA;2024-01-02;1.234,5\n"),
    "tab": (first(2), KEEP | 2, b"customer\ttime\tamount\nA\t2024-01-02\t1 234,5\n"),
    "bar": (first(3), KEEP | 3, b"customer|time|amount\nA|2024-01-02|1,234.5\n"),
    "colon": (first(4), KEEP, b"customer:time:amount\nA:2024-01-02:1\n"),
    "blanks": (first(5, header=False), KEEP, b" 00001  2024-01-02\t1 \n\t\n00002 2024-01-03 2"),
    # values
    "decimal-comma": (0, KEEP, row(b'A,2024-01-02,"1.234,56"')),
    "currency": (0, KEEP, row("A,2024-01-02,€5".encode())),
    "parentheses": (0, KEEP, row(b"A,2024-01-02,(12.50)")),
    "not-a-number": (0, KEEP, row(b"A,2024-01-02,nan")),
    "infinite": (0, KEEP, row(b"A,2024-01-02,1e400")),
    "tiny": (0, KEEP, row(b"A,2024-01-02,1e-400")),
    "many-digits": (0, KEEP, row(b"A,2024-01-02,0.1234567890123456789012345678901e-5")),
    "overflow": (0, KEEP, row(b"A,2024-01-02,99999999999999999999999999")),
    "nulls": (0, KEEP | NULLS, row(b"A,2024-01-02,NA\nB,2024-01-02,")),
    "negative": (0, KEEP, row(b"A,2024-01-02,-5")),
    "leading-zeros": (0, KEEP, row(b"00012,2024-01-02,5\n12,2024-01-02,5")),
    "equal-but-form": (0, KEEP, row("é,2024-01-02,5\ne\u0301,2024-01-02,5".encode())),
    "no-customer": (0, KEEP, row(b",2024-01-02,5")),
    "no-customer-dropped": (0, KEEP | NO_CUSTOMER, row(b'" ",2024-01-02,5')),
    "scientific-id": (0, KEEP, row(b"1.23E+11,2024-01-02,5")),
    "repeated": (0, 0, HEADER + GOOD + GOOD),
    "repeated-dropped": (0, DROP, HEADER + GOOD + GOOD),
    # time
    "doubtful-day": (0, KEEP, row(b"A,03/04/2024,1")),
    "named-format": (0, KEEP | GERMAN_TIME, HEADER + b"A,31.03.2024 02:30,1\nA,27.10.2024 02:30,1\n"),
    "skipped-hour": (0, KEEP, row(b"A,2024-03-31 02:30,1")),
    "repeated-hour": (0, KEEP, row(b"A,2024-10-27 02:30,1")),
    "offset": (0, KEEP, row(b"A,2024-10-27T02:30:00.123456+01:00,1\nB,2024-10-27T02:30Z,1")),
    "epoch-seconds": (0, KEEP, row(b"A,1709510400,1")),
    "serial-day": (0, KEEP, row(b"A,45352,1")),
    "first-day": (0, KEEP, row(b"A,1970-01-01,1")),
    "last-day": (0, KEEP, row(b"A,9999-12-31 23:59:59,1")),
    "leap-days": (0, KEEP, row(b"A,2024-02-29,1\nA,2023-02-29,1\nA,1900-02-29,1")),
    "out-of-order": (0, KEEP | DAYS, HEADER + b"B,2024-02-01,1\nA,2024-01-01,2\nB,2024-01-01,3\nB,2024-02-01,-4\n"),
}

SOURCE = "{file: a.csv, customer: id, time: date, type: {always: purchase}}"
REST = """churn: {definition: inactivity, of: [purchase], horizon: 90d}
observations: {first: 2024-01-01, last: 2024-09-01, every: 1mo}
"""
START = "study: a\ntimezone: Europe/Berlin\n"

STUDIES = {
    "plain": f"{START}events: [{SOURCE}]\n{REST}",
    "every-key": """study: all
timezone: America/New_York
observedUntil: 2024-12-31
maxRejected: 3
events:
  - file: [a.csv, "b c.csv"]
    format: {delimiter: ";", decimal: ",", thousands: ".", encoding: windows-1252, header: false, columns: [a, b], skipLines: 2, null: ["", NA], currency: [EUR, "€"], negative: [trailing, parentheses], skipFooter: 1}
    customer: a
    emptyCustomer: drop
    duplicates: keep
    time: {column: b, format: "dd.MM.yyyy 'at' HH:mm:ss.SSSXXX", zone: UTC}
    type: {column: a, startsWith: {C: return, "-": return}, otherwise: purchase}
    amount: {multiply: [a, b]}
    currency: {column: a, base: EUR, rates: {USD: 0.92}, others: drop}
    id: a
    quantity: a
    group: b
    mergeSameDay: true
    attributes: {product: a, country: b}
churn: {definition: event, of: [cancel], active: [purchase], horizon: 3mo, lead: 7d, activeWithin: 1y}
observations: {first: 2024-01-31, last: 2024-09-01, every: 2w}
features: {windows: [7d, 12w, 3mo, 1y, all]}
validation: {scheme: rollingOrigin, folds: 3, embargo: 0d, primaryMetric: logLoss}
registry: models
""",
    "other-sources": f"""{START}events:
  - {{file: a.csv, customer: a, time: {{column: b, format: epochSeconds}}, type: c, amount: {{plus: d, minus: e}}}}
  - {{file: b.csv, customer: a, time: {{column: b, format: excelDays}}, type: c, amount: {{column: d, sign: {{column: e, negative: [H], positive: [S]}}}}}}
customers: [{{file: c.csv, customer: a, validFrom: {{column: b, format: dd.MM.yyyy}}, attributes: {{industry: c}}}}, {{file: d.csv, customer: a, attributes: [b, c]}}]
contracts: {{file: e.csv, customer: a, start: b, plannedEnd: c, end: d, endKnown: e, value: f}}
{REST}""",
    "empty": "",
    "comment": "# nothing\n",
    "scalar": "study",
    "unknown-key": "studi: a\n",
    "missing-key": "study: a\n",
    "wrong-kind": "study: [a]\ntimezone: {a: 1}\n",
    "wrong-zone": "study: a\ntimezone: Europe/Berlim\n",
    "wrong-number": "study: a\ntimezone: UTC\nmaxRejected: 1e3\n",
    "negative-number": "study: a\ntimezone: UTC\nmaxRejected: -1\n",
    "huge-number": "study: a\ntimezone: UTC\nmaxRejected: 9223372036854775808\n",
    "column-definition": f"{START}events: [{SOURCE}]\nchurn: {{definition: column}}\n",
    "long-periods": f"{START}events: [{SOURCE}]\n{REST}".replace("90d", "100y").replace("1mo", "1d"),
    "late-cutoffs": f"{START}events: [{SOURCE}]\n{REST}".replace("2024", "9999"),
    "early-cutoffs": f"{START}events: [{SOURCE}]\n{REST}".replace("2024", "0001"),
    "two-documents": f"{START}---\nstudy: b\n",
    "anchors": f"{START}events: [&s {SOURCE}, *s]\n{REST}",
    "merge": "a: &a {study: b}\n<<: *a\n",
    "tags": "study: !!binary aGVsbG8=\ntimezone: !!int 3\n",
    "block-texts": "study: |\n  two\n  lines\ntimezone: >-\n  UTC\n",
    "escapes": 'study: "\\0\\x41\\u00e9\\U0001F600"\ntimezone: "\\ud800"\n',
    "complex-key": "? [a, b]\n: 1\n? {c: d}\n: 2\n",
    "repeated-key": "study: a\nstudy: b\n",
    # Aliases of aliases as a key: its hash would be that of a hundred million words.
    "aliases-as-key": "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9))
    + "? *a8\n: 1\n",
    "deep": "study: " + "[" * 200 + "]" * 200 + "\n",
    "environment": f"{START}events: [{{file: '${{NO_SUCH_NAME:-a.csv}}', customer: a, time: b, type: c}}]\n{REST}",
    "environment-open": f"{START}events: [{{file: '${{NO', customer: a, time: b, type: c}}]\n{REST}",
    "not-yaml": "a: b: c\n\td: {\n",
}


def main():
    for name in ("reader", "study"):
        (FOLDER / "corpus" / name).mkdir(parents=True, exist_ok=True)
    for name, (one, two, content) in READER.items():
        (FOLDER / "corpus/reader" / name).write_bytes(bytes([one, two, 0]) + content)
    for name, text in STUDIES.items():
        (FOLDER / "corpus/study" / name).write_text(text, encoding="utf-8")
    for study in sorted(FOLDER.parent.glob("datasets/*/study.yaml")):
        (FOLDER / "corpus/study" / f"dataset-{study.parent.name}").write_bytes(study.read_bytes())


if __name__ == "__main__":
    main()
