"""A workbook that the engine wrote, read by openpyxl: run by hand.

    SUIRO_SAMPLE_XLSX=/tmp/sample.xlsx cargo nextest run -p engine our_workbooks_come_back
    python tests/oracle/files/read_back.py /tmp/sample.xlsx
"""

import datetime as dt
import sys

import openpyxl

HEADER = ("商品", "数", "日", "時", "日時", "印", "担当")
FIRST = (
    "=A1 & <b> 𠮷",
    -123456789012.345,
    dt.datetime(2026, 11, 21),
    dt.time(9, 5),
    dt.datetime(2026, 11, 21, 9, 5, 30),
    "特価\n新着",
    "sato",
)
LAST = ("x", 0.1, dt.datetime(1900, 3, 1), dt.time(23, 59, 59), dt.datetime(2000, 1, 1, 8, 59, 59), None, None)

book = openpyxl.load_workbook(sys.argv[1])
assert book.sheetnames == ["在庫"], book.sheetnames
rows = list(book["在庫"].iter_rows(values_only=True))
assert rows[0] == HEADER, rows[0]
assert rows[1] == FIRST, rows[1]
assert rows[-1] == LAST, rows[-1]
# Text that looks like a formula is text.
assert book["在庫"]["A2"].data_type in ("s", "inlineStr"), book["在庫"]["A2"].data_type
print("as written")
