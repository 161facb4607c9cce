"""Cases in, answers out: what both peers share. Nothing here says what a command means.

A case is a line of JSON: tables of named and typed columns (numbers, dates and instants as text, blank as null), a command
and its settings as the flow document has them. An answer is a line with the result's columns and rows, or a reason why
there is none, which must be an entry of src/relations/differences.rs.
"""

import datetime
import json
import sys
from decimal import Decimal


class Refused(Exception):
    """The peer fails where Suiro need not."""

    def __init__(self, reason, text):
        super().__init__(text)
        self.reason = reason


class Absent(Exception):
    """The peer has no such operation."""


class Double:
    """A number that the peer computed in double, and the size of what it was computed from."""

    def __init__(self, value, of):
        self.value, self.of = float(value), float(of)


class Table:
    """A table of a case, with the kinds that its columns have."""

    def __init__(self, data):
        self.names = [column[0] for column in data["columns"]]
        self.kinds = {column[0]: column[1] for column in data["columns"]}
        self.inner = {column[0]: column[2] for column in data["columns"] if column[1] == "rows"}
        self.rows = data["rows"]


def numbers(case):
    """All numbers of a case as text: of its tables, and those that may be meant in its settings."""

    def of_cells(columns, rows):
        for column, *cells in zip(columns, *rows):
            if column[1] == "number":
                yield from (cell for cell in cells if cell is not None)
            elif column[1] == "rows":
                for cell in cells:
                    items = [[item.get(inner[0]) for inner in column[2]] for item in cell or []]
                    yield from of_cells(column[2], items)

    def of_settings(value):
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            for item in value:
                yield from of_settings(item)
        elif isinstance(value, str) and value[-1:].isdigit():
            try:
                Decimal(value)
                yield value
            except ArithmeticError:
                pass

    for table in case["tables"]:
        yield from of_cells(table["columns"], table["rows"])
    yield from of_settings(case["settings"])


def scale_of(case):
    """The scale at which every number of the case is exact."""
    return max((max(0, -Decimal(text).as_tuple().exponent) for text in numbers(case)), default=0)


def choice(written):
    """`name` or `{field, as}`: the column and its new name."""
    if isinstance(written, str):
        return written, written
    return written["field"], written.get("as") or written["field"]


def pair(written):
    """`name` or `{left, right}`."""
    return (written, written) if isinstance(written, str) else (written["left"], written["right"])


def order_key(written):
    """`name` or `{field, order, blanks}`: column, descending, blanks last. Blank is the smallest value."""
    if isinstance(written, str):
        return written, False, False
    descending = written.get("order") == "desc"
    blanks = written.get("blanks")
    return written["field"], descending, descending if blanks is None else blanks == "last"


def free_name(name, taken):
    """The name, or the name with _1, _2, … where it is taken."""
    if name not in taken:
        return name
    number = 1
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def joined_names(left, right, settings):
    """The columns of a join: those of the left, and those taken from the right with their names in the result."""
    names, taken = list(left.names), []
    for written in settings.get("fields") or right.names:
        column, name = choice(written)
        if name == column and not isinstance(written, dict):
            name = free_name(name, names)
        names.append(name)
        taken.append((column, name))
    return names, taken


def cell(value):
    """A value as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Double):
        return {"double": value.value, "of": value.of}
    if isinstance(value, dict):
        return {name: cell(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [cell(item) for item in value]
    raise TypeError(f"{value!r} of {type(value)}")


def main(answer):
    """Answers the cases of the first argument into the file of the second; `answer(case)` gives columns and rows."""
    with open(sys.argv[1], encoding="utf-8") as questions, open(sys.argv[2], "w", encoding="utf-8") as answers:
        for line in questions:
            case = json.loads(line)
            told = {"id": case["id"]}
            try:
                columns, rows = answer(case)
                told["columns"], told["rows"] = columns, [[cell(value) for value in row] for row in rows]
            except Refused as refusal:
                told["refused"], told["text"] = refusal.reason, str(refusal)
            except Absent as absence:
                told["absent"], told["text"] = "absent", str(absence)
            except Exception as error:  # a fault of the script or of the peer: told with its case
                told["refused"], told["text"] = "error", f"{type(error).__name__}: {error}"
            print(json.dumps(told, ensure_ascii=False), file=answers)
