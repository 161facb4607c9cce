"""The commands in SQL, on DuckDB. Numbers are DECIMAL(38, s) with one scale s per case; `_r` is a row's place in its table."""

import duckdb

from cases import Absent, Double, Refused, Table, choice, joined_names, main, order_key, pair, scale_of

db = duckdb.connect()
db.execute("SET threads = 1")
db.execute("SET TimeZone = 'UTC'")


def q(name):
    """A name in quotation marks."""
    return '"' + name.replace('"', '""') + '"'


def text(value):
    """A text in quotation marks."""
    return "'" + value.replace("'", "''") + "'"


class Case:
    def __init__(self, case):
        self.scale = scale_of(case)
        self.tables = [Table(data) for data in case["tables"]]
        for number, table in enumerate(self.tables):
            self.load(f"t{number}", table)

    def type(self, kind, inner=None):
        if kind == "rows":
            fields = ", ".join(f"{q(c[0])} {self.type(c[1])}" for c in inner)
            return f"STRUCT({fields})[]"
        return {
            "text": "VARCHAR",
            "number": f"DECIMAL(38, {self.scale})",
            "date": "DATE",
            "datetime": "TIMESTAMP",
            "texts": "VARCHAR[]",
        }[kind]

    def literal(self, kind, value, inner=None):
        """A value of a kind; blank is NULL."""
        if value is None or value == "" or value == []:
            return "NULL"
        if kind == "rows":
            items = (", ".join(f"{q(c[0])}: {self.literal(c[1], item.get(c[0]))}" for c in inner) for item in value)
            return f"[{', '.join('{' + item + '}' for item in items)}]::{self.type(kind, inner)}"
        if kind == "texts":
            return f"[{', '.join(text(item) for item in value)}]"
        if kind == "datetime":
            value = value.replace("T", " ").removesuffix("Z")
        return f"{text(value)}::{self.type(kind)}"

    def load(self, name, table):
        kinds = [(column, table.kinds[column], table.inner.get(column)) for column in table.names]
        columns = ", ".join(f"{q(column)} {self.type(kind, inner)}" for column, kind, inner in kinds)
        db.execute(f"CREATE OR REPLACE TEMP TABLE {name} (_r INTEGER, {columns})")
        if table.rows:
            rows = (
                f"({number}, {', '.join(self.literal(kind, value, inner) for (_, kind, inner), value in zip(kinds, row))})"
                for number, row in enumerate(table.rows)
            )
            db.execute(f"INSERT INTO {name} VALUES {', '.join(rows)}")

    def ask(self, names, sql):
        return names, db.execute(sql).fetchall()


def order_by(keys, last="_r"):
    """ORDER BY's list of settings' keys."""
    parts = []
    for written in keys:
        column, descending, blanks_last = order_key(written)
        parts.append(f"{q(column)} {'DESC' if descending else 'ASC'} NULLS {'LAST' if blanks_last else 'FIRST'}")
    return ", ".join(parts + ([last] if last else []))


def condition(case, table, written):
    """A condition: a blank equals "" and nothing else, and is never smaller or larger."""
    column, kind = q(written["field"]), table.kinds[written["field"]]
    operator = written["operator"]
    values = written.get("value", [])
    values = [case.literal(kind, v) for v in (values if isinstance(values, list) else [values])]
    first = values[0] if values else None
    one_of = " OR ".join(f"{column} IS NOT DISTINCT FROM {v}" for v in values)
    if operator in ("=", "in"):
        return f"({one_of})"
    if operator in ("!=", "not in"):
        return f"NOT ({one_of})"
    if operator == "is empty":
        return f"{column} IS NULL"
    if operator == "is not empty":
        return f"{column} IS NOT NULL"
    if operator in ("like", "not like"):
        contains = f"coalesce(contains({column}, {first}), false)"
        return contains if operator == "like" else f"NOT {contains}"
    return f"coalesce({column} {operator} {first}, false)"


def filter_(case, settings):
    table = case.tables[0]
    join = " AND " if settings["match"] == "all" else " OR "
    where = join.join(condition(case, table, c) for c in settings["conditions"])
    return case.ask(table.names, f"SELECT * EXCLUDE (_r) FROM t0 WHERE {where} ORDER BY _r")


def join(case, settings):
    left, right = case.tables
    names, taken = joined_names(left, right, settings)
    on = " AND ".join(f"l.{q(a)} = r.{q(b)}" for a, b in map(pair, settings["keys"]))
    columns = [f"l.{q(name)}" for name in left.names] + [f"r.{q(column)}" for column, _ in taken]
    sql = f"""SELECT {', '.join(columns)} FROM t0 l {settings['kind']} JOIN t1 r ON {on}
              ORDER BY l._r NULLS LAST, r._r"""
    return case.ask(names, sql)


AGGREGATES = {
    "sum": "coalesce(sum({x}), 0)",
    "average": "avg({x}::DOUBLE)",
    "median": "median({x}::DOUBLE)",
    "stddev_sample": "stddev_samp({x}::DOUBLE)",
    "stddev_population": "stddev_pop({x}::DOUBLE)",
    "min": "min({x})",
    "max": "max({x})",
    "count": "count({x})",
    "count_all": "count(*)",
    "count_distinct": "count(DISTINCT {x})",
    "first": "first({x} ORDER BY _r) FILTER ({x} IS NOT NULL)",
    "last": "last({x} ORDER BY _r) FILTER ({x} IS NOT NULL)",
}
DOUBLES = {"average", "median", "stddev_sample", "stddev_population"}


def group_by(case, settings):
    keys = [choice(key) for key in settings["keys"]]
    names, columns, sizes = [name for _, name in keys], [q(column) for column, _ in keys], {}
    for written in settings["aggregates"]:
        function, x = written["function"], q(written["field"])
        sizes[len(columns)] = f"max(abs({x}::DOUBLE))" if function in DOUBLES else None
        columns.append(AGGREGATES[function].format(x=x))
        names.append(written["as"])
    doubles = [(at, size) for at, size in sizes.items() if size]
    group = f"GROUP BY {', '.join(q(column) for column, _ in keys)}" if keys else "HAVING count(*) > 0"
    sql = f"SELECT {', '.join(columns + [size for _, size in doubles])} FROM t0 {group} ORDER BY min(_r)"
    rows = []
    for row in db.execute(sql).fetchall():
        cells = list(row[: len(columns)])
        for (at, _), size in zip(doubles, row[len(columns) :]):
            cells[at] = None if cells[at] is None else Double(cells[at], size)
        rows.append(cells)
    return names, rows


def select_fields(case, settings):
    fields = [choice(field) for field in settings["fields"]]
    return case.ask([name for _, name in fields], f"SELECT {', '.join(q(c) for c, _ in fields)} FROM t0 ORDER BY _r")


def sort(case, settings):
    limit = f"LIMIT {settings['limit']}" if "limit" in settings else ""
    sql = f"SELECT * EXCLUDE (_r) FROM t0 ORDER BY {order_by(settings['keys'])} {limit}"
    return case.ask(case.tables[0].names, sql)


def window(case, settings):
    table = case.tables[0]
    names, columns, doubles = list(table.names), [q(name) for name in table.names], []
    partition = f"PARTITION BY {', '.join(map(q, settings['keys']))}" if settings["keys"] else ""
    rows = f"{partition} ORDER BY {order_by(settings['order'])}"
    peers = f"{partition} ORDER BY {order_by(settings['order'], last=None)}"
    running = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    whole = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
    measures = {"sum": "coalesce(sum({x}) OVER w, 0)", "average": "avg({x}::DOUBLE) OVER w", "count": "count({x}) OVER w"}
    for written in settings["columns"]:
        function, offset = written["function"], written.get("offset", 1)
        x = q(written["field"]) if "field" in written else None
        frame, measure = whole, None
        if "_" in function and function.split("_")[0] in ("running", "moving"):
            way, measure = function.split("_")
            frame = running if way == "running" else f"ROWS BETWEEN {written['rows'] - 1} PRECEDING AND CURRENT ROW"
            sql = measures.get(measure, f"{measure}({{x}}) OVER w").format(x=x)
        else:
            sql = {
                "previous": f"lag({x}, {offset}) OVER ({rows})",
                "next": f"lead({x}, {offset}) OVER ({rows})",
                "difference": f"{x} - lag({x}, {offset}) OVER ({rows})",
                "first": f"first_value({x} IGNORE NULLS) OVER w",
                "last": f"last_value({x} IGNORE NULLS) OVER w",
                "carry": f"last_value({x} IGNORE NULLS) OVER ({rows} {running})",
                "row_number": f"row_number() OVER ({rows})",
                "rank": f"rank() OVER ({peers})",
                "dense_rank": f"dense_rank() OVER ({peers})",
                "total": f"coalesce(sum({x}) OVER w, 0)",
                "share": f"{x}::DOUBLE / nullif(sum({x}) OVER w, 0)::DOUBLE",
            }[function]
        columns.append(sql.replace("OVER w", f"OVER ({rows} {frame})"))
        names.append(written["as"])
        if measure == "average":
            doubles.append((len(columns) - 1, f"max(abs({x}::DOUBLE)) OVER ({rows} {frame})"))
        elif function == "share":
            doubles.append((len(columns) - 1, "1.0"))
    sizes = [size for _, size in doubles]
    order = f"{', '.join(f'min(_r) OVER ({partition})' for _ in [0])}, {order_by(settings['order'])}"
    order = order if settings["result_order"] == "sorted" else "_r"
    found = []
    for row in db.execute(f"SELECT {', '.join(columns + sizes)} FROM t0 ORDER BY {order}").fetchall():
        cells = list(row[: len(columns)])
        for (at, _), size in zip(doubles, row[len(columns) :]):
            cells[at] = None if cells[at] is None else Double(cells[at], size)
        found.append(cells)
    return names, found


COMMANDS = {
    "filter": filter_,
    "join": join,
    "group_by": group_by,
    "select_fields": select_fields,
    "sort": sort,
    "window": window,
}


def answer(case):
    if case["command"] not in COMMANDS:
        raise Absent(case["command"])
    try:
        return COMMANDS[case["command"]](Case(case), case["settings"])
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
        raise Refused("width", str(error)) from error


if __name__ == "__main__":
    main(answer)
