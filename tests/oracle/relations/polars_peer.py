"""The commands in Polars' expressions. Numbers are Decimal(38, s) with one scale s per case; `_r` is a row's place in its table."""

from datetime import date, datetime
from decimal import Decimal

import polars as pl

from cases import Absent, Double, Refused, Table, choice, free_name, joined_names, main, order_key, pair, scale_of

PLACE = "_r"


class Case:
    def __init__(self, case):
        self.scale = scale_of(case)
        self.tables = [Table(data) for data in case["tables"]]
        self.frames = [self.frame(table) for table in self.tables]

    def type(self, kind, inner=None):
        if kind == "rows":
            return pl.List(pl.Struct({c[0]: self.type(c[1]) for c in inner}))
        return {
            "text": pl.String,
            "number": pl.Decimal(38, self.scale),
            "date": pl.Date,
            "datetime": pl.Datetime("us"),
            "texts": pl.List(pl.String),
        }[kind]

    def value(self, kind, written, inner=None):
        """A value of a kind; blank is None."""
        if written is None or written == "" or written == []:
            return None
        if kind == "rows":
            return [{c[0]: self.value(c[1], item.get(c[0])) for c in inner} for item in written]
        if kind == "number":
            return Decimal(written)
        if kind == "date":
            return date.fromisoformat(written)
        if kind == "datetime":
            return datetime.fromisoformat(written.removesuffix("Z"))
        return written

    def frame(self, table):
        columns = [pl.Series(PLACE, range(len(table.rows)), dtype=pl.Int64)]
        for at, name in enumerate(table.names):
            kind, inner = table.kinds[name], table.inner.get(name)
            values = [self.value(kind, row[at], inner) for row in table.rows]
            columns.append(pl.Series(name, values, dtype=self.type(kind, inner), strict=True))
        return pl.DataFrame(columns)

    def literal(self, kind, written):
        return pl.lit(self.value(kind, written), dtype=self.type(kind))


def rows_of(frame, names, doubles=None):
    """Names and rows; a double is told with its size, which stands in a column of its own."""
    doubles = doubles or {}
    columns = []
    for name in names:
        values = frame[name].to_list()
        if name in doubles:
            sizes = frame[doubles[name]].to_list()
            values = [None if v is None else Double(v, size) for v, size in zip(values, sizes)]
        columns.append(values)
    return names, list(zip(*columns)) if frame.height else []


def sorted_by(frame, keys, last=PLACE):
    """The frame in the order of settings' keys."""
    keys = [order_key(key) for key in keys]
    columns, descending, blanks_last = ([key[i] for key in keys] for i in range(3))
    return frame.sort(
        *columns, last, descending=[*descending, False], nulls_last=[*blanks_last, False], maintain_order=True
    )


def condition(case, table, written):
    """A condition: a blank equals "" and nothing else, and is never smaller or larger."""
    column, kind, operator = pl.col(written["field"]), table.kinds[written["field"]], written["operator"]
    values = written.get("value", [])
    values = [case.literal(kind, v) for v in (values if isinstance(values, list) else [values])]
    if operator in ("=", "in"):
        return pl.any_horizontal([column.eq_missing(v) for v in values])
    if operator in ("!=", "not in"):
        return ~pl.any_horizontal([column.eq_missing(v) for v in values])
    if operator == "is empty":
        return column.is_null()
    if operator == "is not empty":
        return column.is_not_null()
    if operator in ("like", "not like"):
        contains = column.str.contains(values[0], literal=True).fill_null(False)
        return contains if operator == "like" else ~contains
    compared = {"<": column.lt, "<=": column.le, ">": column.gt, ">=": column.ge}[operator](values[0])
    return compared.fill_null(False)


def filter_(case, settings):
    table, frame = case.tables[0], case.frames[0]
    conditions = [condition(case, table, c) for c in settings["conditions"]]
    join = pl.all_horizontal if settings["match"] == "all" else pl.any_horizontal
    return rows_of(frame.filter(join(conditions)), table.names)


def join(case, settings):
    (left, right), (frame, other) = case.tables, case.frames
    names, taken = joined_names(left, right, settings)
    # The right side under numbers, so that no name meets another.
    other = other.rename({name: f"_{at}" for at, name in enumerate([PLACE, *right.names])})
    number = {name: f"_{at + 1}" for at, name in enumerate(right.names)}
    keys = [pair(key) for key in settings["keys"]]
    how = {"inner": "inner", "left": "left", "right": "right", "full": "full"}[settings["kind"]]
    joined = frame.join(
        other, left_on=[a for a, _ in keys], right_on=[number[b] for _, b in keys], how=how, coalesce=False
    )
    joined = joined.sort(PLACE, "_0", nulls_last=True)
    columns = [*left.names, *(number[column] for column, _ in taken)]
    _, rows = rows_of(joined, columns)
    return names, rows


def aggregate(written, where=None):
    """An aggregate over the rows for which a condition holds, and the size of its inputs where it is computed in double."""
    x, function = written["field"], written["function"]
    column = pl.col(x) if where is None else pl.col(x).filter(where)
    if function == "join":
        order = [order_key(key) for key in written.get("order", [])]
        if order:
            by = [pl.col(key[0]) if where is None else pl.col(key[0]).filter(where) for key in order]
            place = pl.col(PLACE) if where is None else pl.col(PLACE).filter(where)
            flags = [[key[i] for key in order] + [False] for i in (1, 2)]
            column = column.sort_by([*by, place], descending=flags[0], nulls_last=flags[1], maintain_order=True)
        texts = column.cast(pl.String).drop_nulls()
        if written.get("distinct"):
            texts = texts.unique(maintain_order=True)
        joined = texts.str.join(written.get("separator", ", "))
        return pl.when(joined != "").then(joined), None
    double = column.cast(pl.Float64)
    expression = {
        "sum": column.sum,
        "average": double.mean,
        "median": double.median,
        "stdev_sample": double.std,
        "stdev_population": lambda: double.std(ddof=0),
        "variance_sample": double.var,
        "variance_population": lambda: double.var(ddof=0),
        "min": column.min,
        "max": column.max,
        "count": column.count,
        "count_all": column.len,
        "count_distinct": lambda: column.drop_nulls().n_unique(),
        "first": lambda: column.drop_nulls().first(),
        "last": lambda: column.drop_nulls().last(),
    }[function]()
    size = double.abs().max() if function in DOUBLES else None
    if size is not None:
        # Of no value at all, a variance under a filter is 0 there.
        expression = pl.when(size.is_not_null()).then(expression)
    return expression, size**2 if function.startswith("variance") else size


DOUBLES = {"average", "median", "stdev_sample", "stdev_population", "variance_sample", "variance_population"}


def grouped(frame, keys, aggregates):
    """One row per key by first appearance, of named aggregates with their sizes; without keys no row of no rows."""
    columns, doubles = [], {}
    for name, (expression, size) in aggregates:
        columns.append(expression.alias(name))
        if size is not None:
            doubles[name] = f"_size {name}"
            columns.append(size.alias(doubles[name]))
    if keys:
        result = frame.group_by([pl.col(c).alias(n) for c, n in keys], maintain_order=True).agg(columns)
    else:
        result = frame.select(columns).head(frame.height)
    return rows_of(result, [name for _, name in keys] + [name for name, _ in aggregates], doubles)


def group_by(case, settings):
    aggregates = [(written["as"], aggregate(written)) for written in settings["aggregates"]]
    return grouped(case.frames[0], [choice(key) for key in settings["keys"]], aggregates)


def pivot(case, settings):
    x, kind = pl.col(settings["spread"]), case.tables[0].kinds[settings["spread"]]
    same = [x.eq_missing(case.literal(kind, value["value"])) for value in settings["values"]]
    several, aggregates = len(settings["aggregates"]) > 1, []
    for value, where in zip(settings["values"], same):
        for written in settings["aggregates"]:
            name = settings["names"].replace("{value}", value["as"]).replace("{name}", written["as"])
            aggregates.append((name, aggregate(written, where)))
    if "others" in settings:
        for written in settings["aggregates"]:
            name = f"{settings['others']}_{written['as']}" if several else settings["others"]
            aggregates.append((name, aggregate(written, ~pl.any_horizontal(same))))
    return grouped(case.frames[0], [(key, key) for key in settings["keys"]], aggregates)


def transpose_rows_to_columns(case, settings):
    firsts = [{"function": "first", "field": field, "as": field} for field in settings["fields"]]
    return pivot(case, {**settings, "spread": settings["label"], "aggregates": firsts})


def transpose_columns_to_rows(case, settings):
    table, frame = case.tables[0], case.frames[0]
    lines = [(row, [row]) if isinstance(row, str) else (row["label"], row["fields"]) for row in settings["rows"]]
    used = {field for _, fields in lines for field in fields}
    keep = settings.get("keep", [name for name in table.names if name not in used])
    names = [*keep, settings["label_as"], *settings["values_as"]]
    parts = []
    for number, (label, fields) in enumerate(lines):
        part = frame
        if settings.get("skip_blanks"):
            part = part.filter(pl.any_horizontal([pl.col(field).is_not_null() for field in fields]))
        columns = [*map(pl.col, keep), pl.lit(label), *map(pl.col, fields)]
        columns = [column.alias(f"c{at}") for at, column in enumerate(columns)]
        parts.append(part.select(PLACE, pl.lit(number).alias("_line"), *columns))
    rows = pl.concat(parts).sort(PLACE, "_line")
    return names, rows_of(rows, [f"c{at}" for at in range(len(names))])[1]


def append_records(case, settings):
    frames = [frame.drop(PLACE) for frame in case.frames]
    if settings.get("fields") == "common":
        common = [name for name in frames[0].columns if all(name in frame.columns for frame in frames)]
        frames = [frame.select(common) for frame in frames]
    for name in {name for frame in frames for name in frame.columns}:
        # Days beside instants are their midnights, days beside texts are written out.
        types = {frame.schema[name] for frame in frames if name in frame.columns}
        if len(types) > 1:
            wanted = pl.String if pl.String in types else pl.Datetime("us")
            frames = [f.with_columns(pl.col(name).cast(wanted)) if name in f.columns else f for f in frames]
    rows = pl.concat(frames, how="diagonal")
    like = settings.get("like")
    names = case.tables[int(like.removeprefix("入力")) - 1].names if like else rows.columns
    return rows_of(rows, names)


def remove_duplicates(case, settings):
    ordered = sorted_by(case.frames[0], settings.get("order", []))
    rows = ordered.unique(subset=settings["keys"], keep=settings.get("keep", "first"), maintain_order=True)
    return rows_of(rows.sort(PLACE), case.tables[0].names)


def fill_blanks(case, settings):
    table = case.tables[0]
    ordered = sorted_by(case.frames[0], settings.get("order", []))
    filled = []
    for written in settings["fields"]:
        column = pl.col(written["field"])
        if "value" in written:
            filled.append(column.fill_null(case.literal(table.kinds[written["field"]], written["value"])))
        else:
            way = column.forward_fill() if written["from"] == "previous" else column.backward_fill()
            filled.append(way.over(settings["keys"]) if settings.get("keys") else way)
    return rows_of(ordered.with_columns(filled).sort(PLACE), table.names)


def expand_table(case, settings):
    table, nested = case.tables[0], settings["table"]
    frame = case.frames[0]
    if settings.get("empty", "keep") == "drop":
        frame = frame.filter(pl.col(nested).is_not_null())
    some = pl.col(nested).is_not_null()
    rows = frame.with_columns(some.alias("_some")).explode(nested)
    rows = rows.with_columns(pl.when("_some").then(pl.int_range(1, pl.len() + 1).over(PLACE)).alias("_i"))
    keep = settings.get("fields", [name for name in table.names if name != nested])
    names, columns = list(keep), [pl.col(name) for name in keep]
    if "row_number" in settings:
        names.append(settings["row_number"])
        columns.append(pl.col("_i"))
    for written in settings.get("table_fields", [inner[0] for inner in table.inner[nested]]):
        column, name = choice(written)
        names.append(free_name(name, names) if isinstance(written, str) else name)
        columns.append(pl.col(nested).struct.field(column))
    return rows_of(rows.select(c.alias(n) for c, n in zip(columns, names)), names)


def create_table(case, settings):
    table, keys = case.tables[0], [choice(key) for key in settings["keys"]]
    parents = [column for column, _ in keys]
    cells = [choice(field) for field in settings.get("fields", [n for n in table.names if n not in parents])]
    frame = case.frames[0].with_columns(pl.col(PLACE).min().over(parents).alias("_first"))
    ordered = sorted_by(frame, settings.get("order", [])).sort("_first", maintain_order=True)
    item = pl.struct([pl.col(column).alias(name) for column, name in cells])
    if settings.get("blank_rows") != "keep":
        item = item.filter(pl.any_horizontal([pl.col(column).is_not_null() for column, _ in cells]))
    rows = ordered.group_by([pl.col(c).alias(n) for c, n in keys], maintain_order=True).agg(item.alias("_items"))
    names = [name for _, name in keys]
    _, found = rows_of(rows, [*names, "_items"])
    return [*names, settings["table"]], [[*row[:-1], row[-1] or None] for row in found]


def lookup(case, settings):
    (rows, master), (frame, other) = case.tables, case.frames
    keys = [pair(key) for key in settings["keys"]]
    number = {name: f"_{at + 1}" for at, name in enumerate(master.names)}
    other = other.rename({PLACE: "_0", **number})
    left_on, right_on = [a for a, _ in keys], [number[b] for _, b in keys]
    complete = pl.all_horizontal([pl.col(a).is_not_null() for a in left_on])
    met = frame.join(other, left_on=left_on, right_on=right_on, how="inner", coalesce=False)
    if settings.get("duplicates", "error") == "error" and met[PLACE].is_duplicated().any():
        raise Refused("duplicates", "a key has several rows")
    alone = frame.filter(complete).join(met.select(PLACE), on=PLACE, how="anti")
    if settings.get("missing") == "error" and alone.height:
        raise Refused("missing", "a key has no row")
    keep = "last" if settings.get("duplicates") == "last" else "first"
    met = met.sort("_0").unique(subset=PLACE, keep=keep, maintain_order=True).select(PLACE, "_0", *number.values())
    found = frame.join(met, on=PLACE, how="left", maintain_order="left")
    names, columns = list(rows.names), [pl.col(name) for name in rows.names]
    for written in settings["fields"]:
        column, name = choice(written)
        default = case.literal(master.kinds[column], written.get("default"))
        value = pl.when(pl.col("_0").is_not_null()).then(pl.col(number[column]))
        columns.append(value.otherwise(pl.when(complete).then(default)).alias(name))
        names.append(name)
    return rows_of(found.select(columns), names)


def select_fields(case, settings):
    fields = [choice(field) for field in settings["fields"]]
    return rows_of(case.frames[0].select(pl.col(c).alias(n) for c, n in fields), [name for _, name in fields])


def sort(case, settings):
    frame = sorted_by(case.frames[0], settings["keys"])
    return rows_of(frame.head(settings.get("limit", frame.height)), case.tables[0].names)


def measured(measure, x, frame_of):
    """A measure over a frame that ends at the row: all rows before, or the last few."""
    column = pl.col(x)
    if frame_of is None:
        return {
            "sum": lambda: column.fill_null(0).cum_sum(),
            "count": lambda: column.cum_count(),
            "min": lambda: column.cum_min().forward_fill(),
            "max": lambda: column.cum_max().forward_fill(),
            "average": lambda: column.cast(pl.Float64).fill_null(0).cum_sum() / nonzero(column.cum_count()),
        }[measure]()
    shifted = [column.shift(n) for n in range(frame_of)]
    filled = [c.fill_null(0) for c in shifted]
    count = pl.sum_horizontal([c.is_not_null().cast(pl.Int64) for c in shifted])
    if measure == "sum":
        return sum(filled[1:], filled[0])
    if measure == "count":
        return count
    if measure == "average":
        return pl.sum_horizontal([c.cast(pl.Float64) for c in filled]) / nonzero(count)
    return (pl.min_horizontal if measure == "min" else pl.max_horizontal)(shifted)


def nonzero(count):
    return pl.when(count > 0).then(count)


def sizes(x, frame_of):
    absolute = pl.col(x).cast(pl.Float64).abs()
    if frame_of is None:
        return absolute.cum_max().forward_fill()
    return pl.max_horizontal([absolute.shift(n) for n in range(frame_of)])


def window(case, settings):
    table, frame = case.tables[0], case.frames[0]
    names, doubles = list(table.names), {}
    # A group's rows in their order; groups by their first row.
    group = settings["keys"] or [pl.lit(0)]
    frame = frame.with_columns(pl.col(PLACE).min().over(group).alias("_first"))
    ordered = sorted_by(frame, settings["order"]).sort("_first", maintain_order=True)
    peers = [key[0] for key in map(order_key, settings["order"])]
    for written in settings["columns"]:
        function, name, offset = written["function"], written["as"], written.get("offset", 1)
        x = written.get("field")
        column = pl.col(x) if x else None
        if function.split("_")[0] in ("running", "moving"):
            measure = function.split("_")[1]
            expression = measured(measure, x, written.get("rows"))
            if measure == "average":
                doubles[name] = f"_size {name}"
                ordered = ordered.with_columns(sizes(x, written.get("rows")).over("_first").alias(doubles[name]))
        elif function in ("rank", "dense_rank"):
            # A key begins where any of its columns differs from the row before.
            begins = pl.any_horizontal([pl.col(c).ne_missing(pl.col(c).shift(1)) for c in peers])
            place = pl.int_range(1, pl.len() + 1)
            begins = begins | (place == 1)
            dense = begins.cast(pl.Int64).cum_sum()
            expression = dense if function == "dense_rank" else pl.when(begins).then(place).forward_fill()
        elif function == "share":
            total = column.cast(pl.Decimal(38, case.scale)).sum()
            expression = column.cast(pl.Float64) / pl.when(total != 0).then(total.cast(pl.Float64))
            doubles[name] = "_one"
            ordered = ordered.with_columns(pl.lit(1.0).alias("_one"))
        else:
            expression = {
                "previous": lambda: column.shift(offset),
                "next": lambda: column.shift(-offset),
                "difference": lambda: column - column.shift(offset),
                "first": lambda: column.drop_nulls().first(),
                "last": lambda: column.drop_nulls().last(),
                "carry": lambda: column.forward_fill(),
                "row_number": lambda: pl.int_range(1, pl.len() + 1),
                "total": lambda: column.sum(),
            }[function]()
            if function == "difference" and table.kinds[x] == "date":
                expression = expression.dt.total_days()
        ordered = ordered.with_columns(expression.over("_first").alias(name))
        names.append(name)
    if settings["result_order"] == "input":
        ordered = ordered.sort(PLACE)
    return rows_of(ordered, names, doubles)


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
    except (pl.exceptions.ComputeError, pl.exceptions.InvalidOperationError, OverflowError) as error:
        if "overflow" in str(error) or "precision" in str(error) or "fit" in str(error):
            raise Refused("width", str(error)) from error
        raise


if __name__ == "__main__":
    main(answer)
