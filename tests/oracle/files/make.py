"""Workbooks that programs of others wrote, for shared/engine/tests/it/files: run by hand, the results are committed.

    pip install openpyxl==3.1.5
    python tests/oracle/files/make.py shared/engine/tests/data

openpyxl writes the first two; LibreOffice (Debian package, headless) opens the first, computes its formulas, and saves
it in its own way as the third.
"""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904


def workbook():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "受注"
    sheet["B2"] = "一覧"  # above the list, as people do
    header = ["商品コード", "数量", "日付", "時刻", "日時", "済", "文字の数値", "合計", "備考"]
    rows = [
        ["A-1", 3, dt.date(2026, 11, 21), dt.time(9, 5), dt.datetime(2026, 11, 21, 9, 5, 30), True, "0012", "=C5*2", "一行目\n二行目"],
        ["B-2", 0.1, dt.date(1900, 3, 1), dt.time(23, 59, 59), dt.datetime(2026, 2, 28, 23, 59), False, "1,234", "=C6/0", None],
        [None] * 9,
        ["C-3", 1234567890.12345, None, None, None, None, "", "=NA()", "𠮷野家 & <b>"],
    ]
    for c, value in enumerate(header):
        sheet.cell(row=4, column=2 + c, value=value)
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            sheet.cell(row=5 + r, column=2 + c, value=value)
    for row in (5, 6):
        sheet.cell(row=row, column=8).number_format = "@"
    sheet["J5"].alignment = openpyxl.styles.Alignment(wrap_text=True)
    sheet.merge_cells("B10:C10")
    sheet["B10"] = "結合"
    form = book.create_sheet("見積書")
    form["A1"], form["B2"], form["D3"], form["F20"] = "見積書", "Q-100", dt.date(2026, 12, 1), 98765
    book.create_sheet("空")
    return book


def main(folder):
    first = folder / "openpyxl.xlsx"
    workbook().save(first)
    mac = openpyxl.Workbook()
    mac.epoch = CALENDAR_MAC_1904
    mac.active.append(["日付"])
    mac.active.append([dt.date(2026, 11, 21)])
    mac.save(folder / "system-1904.xlsx")
    made = folder / "made"
    subprocess.run(["soffice", "--headless", "--convert-to", "xlsx", "--outdir", made, first], check=True)
    (made / "openpyxl.xlsx").replace(folder / "libreoffice.xlsx")
    made.rmdir()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
