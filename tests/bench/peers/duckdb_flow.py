"""The flow of tests/bench/src/flow/flow.yaml in DuckDB: reads two CSV files, computes, writes two, prints what it took.

    duckdb_flow.py FOLDER OUT REPEATS
"""

import json
import sys
import time
from pathlib import Path

import duckdb

folder, out, repeats = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
db = duckdb.connect()
db.execute("SET threads = 1")


def load(name, columns):
    types = ", ".join(f"'{column}': '{kind}'" for column, kind in columns.items())
    source = f"read_csv('{folder}/{name}.csv', header = true, columns = {{{types}}})"
    db.execute(f"CREATE TABLE {name} AS SELECT * FROM {source}")


FLOW = [
    # Both results come from it, so it is computed once.
    """CREATE TEMP TABLE computed AS
       SELECT o.*, c.顧客名, c.地域,
              round(o.数量 * coalesce(o.単価, 0) * (1 - coalesce(c.値引率, 0)), 2)::DECIMAL(18, 2) AS 金額,
              year(o.受注日) * 100 + month(o.受注日) AS 年月
       FROM orders o LEFT JOIN customers c ON o.顧客コード = c.顧客コード
       WHERE o.状態 IS DISTINCT FROM '取消' AND o.数量 >= 10""",
    """CREATE TEMP TABLE groups AS
       SELECT 地域, 年月, sum(金額) AS 合計, avg(金額) AS 平均, count(*) AS 件数
       FROM computed GROUP BY 地域, 年月 ORDER BY 地域 NULLS FIRST, 年月""",
    """CREATE TEMP TABLE detail AS
       SELECT 受注番号, 受注日, 顧客コード, 顧客名, 地域, 商品, 数量, 金額,
              sum(金額) OVER (PARTITION BY 顧客コード ORDER BY 受注日, 受注番号 ROWS UNBOUNDED PRECEDING) AS 累計
       FROM computed ORDER BY 地域 NULLS FIRST, 受注日 DESC, 受注番号""",
]

load(
    "orders",
    {
        "受注番号": "BIGINT",
        "顧客コード": "VARCHAR",
        "商品": "VARCHAR",
        "状態": "VARCHAR",
        "受注日": "DATE",
        "数量": "DECIMAL(9, 0)",
        "単価": "DECIMAL(9, 2)",
    },
)
load("customers", {"顧客コード": "VARCHAR", "顧客名": "VARCHAR", "地域": "VARCHAR", "値引率": "DECIMAL(4, 2)"})
wall, cpu = [], []
for _ in range(repeats):
    for name in ["computed", "groups", "detail"]:
        db.execute(f"DROP TABLE IF EXISTS {name}")
    began, used = time.perf_counter(), time.process_time()
    for statement in FLOW:
        db.execute(statement)
    wall.append((time.perf_counter() - began) * 1000)
    cpu.append((time.process_time() - used) * 1000)
for name in ["groups", "detail"]:
    db.execute(f"COPY {name} TO '{out}/{name}.csv' (HEADER)")
print(json.dumps({"wall_ms": wall, "cpu_ms": cpu, "version": duckdb.__version__, "threads": 1}))
