"""The commands in Polars' expressions. Numbers are Decimal(38, s) with one scale s per case; `_r` is a row's place in its table."""

from datetime import date, datetime
from decimal import Decimal

import polars as pl

from cases import Absent, Double, Refused, Table, choice, joined_names, main, order_key, pair, scale_of

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


def size(x):
    return pl.col(x).cast(pl.Float64).abs().max()


def aggregate(function, x):
    column = pl.col(x)
    double = column.cast(pl.Float64)
    return {
        "sum": column.sum,
        "average": double.mean,
        "median": double.median,
        "stddev_sample": double.std,
        "stddev_population": lambda: double.std(ddof=0),
        "min": column.min,
        "max": column.max,
        "count": column.count,
        "count_all": pl.len,
        "count_distinct": lambda: column.drop_nulls().n_unique(),
        "first": lambda: column.drop_nulls().first(),
        "last": lambda: column.drop_nulls().last(),
    }[function]()


DOUBLES = {"average", "median", "stddev_sample", "stddev_population"}


def group_by(case, settings):
    frame = case.frames[0]
    keys = [choice(key) for key in settings["keys"]]
    names, columns, doubles = [name for _, name in keys], [], {}
    for written in settings["aggregates"]:
        function, name = written["function"], written["as"]
        columns.append(aggregate(function, written["field"]).alias(name))
        names.append(name)
        if function in DOUBLES:
            doubles[name] = f"_size {name}"
            columns.append(size(written["field"]).alias(doubles[name]))
    if keys:
        grouped = frame.group_by([pl.col(c).alias(n) for c, n in keys], maintain_order=True).agg(columns)
    else:
        grouped = frame.select(columns).head(frame.height)
    return rows_of(grouped, names, doubles)


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
    except (pl.exceptions.ComputeError, pl.exceptions.InvalidOperationError, OverflowError) as error:
        if "overflow" in str(error) or "precision" in str(error) or "fit" in str(error):
            raise Refused("width", str(error)) from error
        raise


if __name__ == "__main__":
    main(answer)
