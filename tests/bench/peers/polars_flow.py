"""The flow of tests/bench/src/flow/flow.yaml in Polars: reads two CSV files, computes, writes two, prints what it took.

    polars_flow.py FOLDER OUT REPEATS      (POLARS_MAX_THREADS=1 in the environment)
"""

import json
import sys
import time
from pathlib import Path

import polars as pl

folder, out, repeats = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])

ORDERS = {
    "受注番号": pl.Int64,
    "顧客コード": pl.String,
    "商品": pl.String,
    "状態": pl.String,
    "受注日": pl.Date,
    "数量": pl.Decimal(38, 0),
    "単価": pl.Decimal(38, 2),
}
CUSTOMERS = {"顧客コード": pl.String, "顧客名": pl.String, "地域": pl.String, "値引率": pl.Decimal(38, 2)}


def flow(orders, customers):
    # A product keeps the larger scale of its factors, so one factor has the scale at which the product is exact.
    amount = pl.col("数量") * pl.col("単価").fill_null(0) * (1 - pl.col("値引率").fill_null(0)).cast(pl.Decimal(38, 4))
    computed = (
        orders.lazy()
        .filter(pl.col("状態").ne_missing("取消") & (pl.col("数量") >= 10))
        .join(customers.lazy(), on="顧客コード", how="left", maintain_order="left_right")
        .with_columns(
            amount.round(2, mode="half_away_from_zero").cast(pl.Decimal(38, 2)).alias("金額"),
            (pl.col("受注日").dt.year() * 100 + pl.col("受注日").dt.month().cast(pl.Int32)).alias("年月"),
        )
    )
    groups = (
        computed.group_by("地域", "年月")
        .agg(pl.col("金額").sum().alias("合計"), pl.col("金額").mean().alias("平均"), pl.len().alias("件数"))
        .sort("地域", "年月")
    )
    detail = (
        computed.with_columns(pl.col("金額").cum_sum().over("顧客コード", order_by=["受注日", "受注番号"]).alias("累計"))
        .sort("地域", "受注日", "受注番号", descending=[False, True, False], maintain_order=True)
        .select("受注番号", "受注日", "顧客コード", "顧客名", "地域", "商品", "数量", "金額", "累計")
    )
    return pl.collect_all([groups, detail])


orders = pl.read_csv(folder / "orders.csv", schema=ORDERS)
customers = pl.read_csv(folder / "customers.csv", schema=CUSTOMERS)
wall, cpu = [], []
for _ in range(repeats):
    began, used = time.perf_counter(), time.process_time()
    groups, detail = flow(orders, customers)
    wall.append((time.perf_counter() - began) * 1000)
    cpu.append((time.process_time() - used) * 1000)
groups.write_csv(out / "groups.csv")
detail.write_csv(out / "detail.csv")
print(json.dumps({"wall_ms": wall, "cpu_ms": cpu, "version": pl.__version__, "threads": pl.thread_pool_size()}))
