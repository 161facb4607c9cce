"""The commands in SQL, on DuckDB. Numbers are DECIMAL(38, s) with one scale s per case; `_r` is a row's place in its table."""

import duckdb

from cases import Absent, Double, Refused, Table, choice, free_name, joined_names, main, order_key, pair, scale_of

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
    "stdev_sample": "stddev_samp({x}::DOUBLE)",
    "stdev_population": "stddev_pop({x}::DOUBLE)",
    "variance_sample": "var_samp({x}::DOUBLE)",
    "variance_population": "var_pop({x}::DOUBLE)",
    "min": "min({x})",
    "max": "max({x})",
    "count": "count({x})",
    "count_all": "count(*)",
    "count_distinct": "count(DISTINCT {x})",
    "first": "first({x} ORDER BY _r) FILTER ({x} IS NOT NULL)",
    "last": "last({x} ORDER BY _r) FILTER ({x} IS NOT NULL)",
}
DOUBLES = {"average", "median", "stdev_sample", "stdev_population", "variance_sample", "variance_population"}


def aggregate(written, where="true"):
    """An aggregate over the rows for which a condition holds, and the size of its inputs where it is computed in double."""
    function, x = written["function"], q(written["field"])
    if function == "join":
        order = order_by(written.get("order", []))
        values = f"list({x}::VARCHAR ORDER BY {order}) FILTER ({x} IS NOT NULL AND {where})"
        if written.get("distinct"):
            values = f"list_filter({values}, lambda v, i: list_position({values}, v) = i)"
        return f"nullif(array_to_string({values}, {text(written.get('separator', ', '))}), '')", None
    sql = AGGREGATES[function].format(x=x)
    if "FILTER" in sql:
        sql = sql.replace("FILTER (", f"FILTER ({where} AND ")
    elif function == "sum":
        sql = f"coalesce(sum({x}) FILTER ({where}), 0)"
    else:
        sql = f"{sql} FILTER ({where})"
    if function not in DOUBLES:
        return sql, None
    size = f"max(abs({x}::DOUBLE)) FILTER ({where})"
    return sql, f"({size}) ** 2" if function.startswith("variance") else size


def with_doubles(columns, tail):
    """The rows of a query; a column that has a size is a double."""
    sizes = [(at, size) for at, (_, size) in enumerate(columns) if size]
    selected = [sql for sql, _ in columns] + [size for _, size in sizes]
    rows = []
    for row in db.execute(f"SELECT {', '.join(selected)} {tail}").fetchall():
        cells = list(row[: len(columns)])
        for (at, _), size in zip(sizes, row[len(columns) :]):
            cells[at] = None if cells[at] is None else Double(cells[at], size)
        rows.append(cells)
    return rows


def grouped(keys):
    """The end of a query that groups: by first appearance; without keys no row of no rows."""
    group = f"GROUP BY {', '.join(map(q, keys))}" if keys else "HAVING count(*) > 0"
    return f"FROM t0 {group} ORDER BY min(_r)"


def group_by(case, settings):
    keys = [choice(key) for key in settings["keys"]]
    columns = [(q(column), None) for column, _ in keys] + [aggregate(written) for written in settings["aggregates"]]
    names = [name for _, name in keys] + [written["as"] for written in settings["aggregates"]]
    return names, with_doubles(columns, grouped([column for column, _ in keys]))


def spread_names(settings, label, shown):
    return settings["names"].replace("{value}", label).replace("{name}", shown)


def pivot(case, settings):
    table, x = case.tables[0], q(settings["spread"])
    columns, names = [(q(key), None) for key in settings["keys"]], list(settings["keys"])
    literals = [case.literal(table.kinds[settings["spread"]], value["value"]) for value in settings["values"]]
    same = [f"{x} IS NOT DISTINCT FROM {literal}" for literal in literals]
    parts = [(value["as"], where, True) for value, where in zip(settings["values"], same)]
    if "others" in settings:
        parts.append((settings["others"], f"NOT ({' OR '.join(same)})", False))
    several = len(settings["aggregates"]) > 1
    for label, where, listed in parts:
        for written in settings["aggregates"]:
            columns.append(aggregate(written, f"({where})"))
            other = f"{label}_{written['as']}" if several else label
            names.append(spread_names(settings, label, written["as"]) if listed else other)
    return names, with_doubles(columns, grouped(settings["keys"]))


def transpose_rows_to_columns(case, settings):
    firsts = [{"function": "first", "field": field, "as": field} for field in settings["fields"]]
    return pivot(case, {**settings, "spread": settings["label"], "aggregates": firsts})


def transpose_columns_to_rows(case, settings):
    table = case.tables[0]
    lines = [(row, [row]) if isinstance(row, str) else (row["label"], row["fields"]) for row in settings["rows"]]
    used = {field for _, fields in lines for field in fields}
    keep = settings.get("keep", [name for name in table.names if name not in used])
    parts = []
    for number, (label, fields) in enumerate(lines):
        columns = [q(name) for name in keep] + [text(label)] + [q(field) for field in fields]
        some = " OR ".join(f"{q(field)} IS NOT NULL" for field in fields)
        where = f"WHERE {some}" if settings.get("skip_blanks") else ""
        named = ", ".join(f"{column} AS c{at}" for at, column in enumerate(columns))
        parts.append(f"SELECT _r, {number} AS _line, {named} FROM t0 {where}")
    sql = f"SELECT * EXCLUDE (_r, _line) FROM ({' UNION ALL '.join(parts)}) ORDER BY _r, _line"
    return case.ask([*keep, settings["label_as"], *settings["values_as"]], sql)


def append_records(case, settings):
    names = []
    for table in case.tables:
        names += [name for name in table.names if name not in names]
    if settings.get("fields") == "common":
        names = [name for name in names if all(name in table.names for table in case.tables)]
    if "like" in settings:
        names = case.tables[int(settings["like"].removeprefix("入力")) - 1].names
    parts = (f"SELECT *, {number} AS _side FROM t{number}" for number in range(len(case.tables)))
    columns = ", ".join(map(q, names))
    return case.ask(names, f"SELECT {columns} FROM ({' UNION ALL BY NAME '.join(parts)}) ORDER BY _side, _r")


def remove_duplicates(case, settings):
    partition = f"PARTITION BY {', '.join(map(q, settings['keys']))}"
    place = f"row_number() OVER ({partition} ORDER BY {order_by(settings.get('order', []))})"
    wanted = f"count(*) OVER ({partition})" if settings.get("keep") == "last" else "1"
    return case.ask(case.tables[0].names, f"SELECT * EXCLUDE (_r) FROM t0 QUALIFY {place} = {wanted} ORDER BY _r")


def fill_blanks(case, settings):
    table = case.tables[0]
    keys = settings.get("keys", [])
    partition = f"PARTITION BY {', '.join(map(q, keys))}" if keys else ""
    over = f"{partition} ORDER BY {order_by(settings.get('order', []))}"
    filled = {}
    for written in settings["fields"]:
        name = written["field"]
        if "value" in written:
            filled[name] = f"coalesce({q(name)}, {case.literal(table.kinds[name], written['value'])})"
        elif written["from"] == "previous":
            frame = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
            filled[name] = f"last_value({q(name)} IGNORE NULLS) OVER ({over} {frame})"
        else:
            frame = "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING"
            filled[name] = f"first_value({q(name)} IGNORE NULLS) OVER ({over} {frame})"
    columns = ", ".join(filled.get(name, q(name)) for name in table.names)
    return case.ask(table.names, f"SELECT {columns} FROM t0 ORDER BY _r")


def expand_table(case, settings):
    table, nested = case.tables[0], settings["table"]
    keep = settings.get("fields", [name for name in table.names if name != nested])
    names, columns = list(keep), [f"t.{q(name)}" for name in keep]
    if "row_number" in settings:
        names.append(settings["row_number"])
        columns.append("i")
    for written in settings.get("table_fields", [inner[0] for inner in table.inner[nested]]):
        column, name = choice(written)
        names.append(free_name(name, names) if isinstance(written, str) else name)
        columns.append(f"item.{q(column)}")
    how = "LEFT JOIN" if settings.get("empty", "keep") == "keep" else "JOIN"
    items = f"SELECT unnest(t.{q(nested)}) AS item, generate_subscripts(t.{q(nested)}, 1) AS i"
    return case.ask(names, f"SELECT {', '.join(columns)} FROM t0 t {how} LATERAL ({items}) ON true ORDER BY t._r, i")


def create_table(case, settings):
    table, keys = case.tables[0], [choice(key) for key in settings["keys"]]
    parents = [column for column, _ in keys]
    cells = [choice(field) for field in settings.get("fields", [n for n in table.names if n not in parents])]
    item = ", ".join(f"{q(name)}: {q(column)}" for column, name in cells)
    some = " OR ".join(f"{q(column)} IS NOT NULL" for column, _ in cells)
    where = "" if settings.get("blank_rows") == "keep" else f"FILTER ({some})"
    column = f"list({{{item}}} ORDER BY {order_by(settings.get('order', []))}) {where}"
    names = [name for _, name in keys] + [settings["table"]]
    return names, with_doubles([(q(key), None) for key in parents] + [(column, None)], grouped(parents))


def lookup(case, settings):
    rows, master = case.tables
    keys = [pair(key) for key in settings["keys"]]
    on = " AND ".join(f"l.{q(a)} = m.{q(b)}" for a, b in keys)
    complete = " AND ".join(f"l.{q(a)} IS NOT NULL" for a, _ in keys)
    counted = db.execute(
        f"SELECT count(m._r), bool_and({complete}) FROM t0 l LEFT JOIN t1 m ON {on} GROUP BY l._r"
    ).fetchall()
    if settings.get("duplicates", "error") == "error" and any(count > 1 for count, _ in counted):
        raise Refused("duplicates", "a key has several rows")
    if settings.get("missing") == "error" and any(count == 0 and whole for count, whole in counted):
        raise Refused("missing", "a key has no row")
    columns, names = [f"l.{q(name)}" for name in rows.names], list(rows.names)
    for written in settings["fields"]:
        column, name = choice(written)
        default = case.literal(master.kinds[column], written.get("default"))
        columns.append(f"CASE WHEN m._r IS NOT NULL THEN m.{q(column)} WHEN {complete} THEN {default} END")
        names.append(name)
    by = ", ".join(q(b) for _, b in keys)
    which = "DESC" if settings.get("duplicates") == "last" else "ASC"
    one = f"SELECT * FROM t1 QUALIFY row_number() OVER (PARTITION BY {by} ORDER BY _r {which}) = 1"
    return case.ask(names, f"SELECT {', '.join(columns)} FROM t0 l LEFT JOIN ({one}) m ON {on} ORDER BY l._r")


def select_fields(case, settings):
    fields = [choice(field) for field in settings["fields"]]
    return case.ask([name for _, name in fields], f"SELECT {', '.join(q(c) for c, _ in fields)} FROM t0 ORDER BY _r")


def sort(case, settings):
    limit = f"LIMIT {settings['limit']}" if "limit" in settings else ""
    sql = f"SELECT * EXCLUDE (_r) FROM t0 ORDER BY {order_by(settings['keys'])} {limit}"
    return case.ask(case.tables[0].names, sql)


def window(case, settings):
    table = case.tables[0]
    names, columns = list(table.names), [(q(name), None) for name in table.names]
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
        size = None
        if measure == "average":
            size = f"max(abs({x}::DOUBLE)) OVER ({rows} {frame})"
        elif function == "share":
            size = "1.0"
        columns.append((sql.replace("OVER w", f"OVER ({rows} {frame})"), size))
        names.append(written["as"])
    sorted_ = f"min(_r) OVER ({partition}), {order_by(settings['order'])}"
    order = sorted_ if settings["result_order"] == "sorted" else "_r"
    return names, with_doubles(columns, f"FROM t0 ORDER BY {order}")


COMMANDS = {
    "filter": filter_,
    "join": join,
    "append_records": append_records,
    "group_by": group_by,
    "remove_duplicates": remove_duplicates,
    "select_fields": select_fields,
    "sort": sort,
    "window": window,
    "pivot": pivot,
    "transpose_columns_to_rows": transpose_columns_to_rows,
    "transpose_rows_to_columns": transpose_rows_to_columns,
    "fill_blanks": fill_blanks,
    "expand_table": expand_table,
    "create_table": create_table,
    "lookup": lookup,
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
