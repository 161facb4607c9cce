//! How much memory a large table takes while it is built. Linux only: the figure comes from the kernel.
#![cfg(target_os = "linux")]

use engine::{Table, TableBuilder};
use flow::plan::Column;
use model::decimal::Decimal;
use model::field::Kind;
use model::value::{Cell, RecordSink};

/// The process's peak of resident memory, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// 100,000 records of 20 fields, read in four ranges as the kintone client does: below 80 MB in all. Nextest gives the test
/// a process of its own, so nothing else is counted.
#[test]
fn a_hundred_thousand_records_of_twenty_fields() {
    let kinds = [Kind::Text, Kind::Number, Kind::Text, Kind::Date, Kind::Datetime];
    let columns: Vec<Column> = (0..20).map(|i| Column::new(format!("f{i}"), kinds[i % 5])).collect();
    let before = peak();
    let mut parts = Vec::new();
    for part in 0..4i64 {
        let mut builder = TableBuilder::new(&columns);
        for record in 0..25_000i64 {
            let id = part * 25_000 + record;
            let text = format!("受注番号-{id:08}");
            for column in 0..20 {
                let cell = match kinds[column % 5] {
                    Kind::Number => Cell::Number(Decimal::from(id)),
                    Kind::Date => Cell::Date(20_000),
                    Kind::Datetime => Cell::Datetime(id),
                    _ => Cell::Text(&text),
                };
                builder.push(column, cell).unwrap();
            }
            builder.end_row().unwrap();
        }
        parts.push(builder.finish().unwrap());
    }
    let table = Table::concat(parts).unwrap();
    let used = peak() - before;
    assert_eq!(table.rows(), 100_000);
    assert!(used < 80 * 1_024, "{used} KiB");
}
