//! Pages of kintone's JSON into columns, beside `serde_json::Value` of the same bytes, in turn in one process; CPU time,
//! which other work on the machine leaves alone.
//!
//! The way is the product's: what a read does with each page that arrived, into the table that a flow computes on. The
//! peer only parses: a tree per page, dropped when the next one is made. Before any figure counts, every cell of a page is
//! compared with the tree's.

use std::hint::black_box;
use std::time::Duration;

use clap::Args;
use connect::kintone::{PAGE, ReadField, records_into};
use engine::{Table, TableBuilder, value_text};
use flow::plan::Column;
use jiff::tz::TimeZone;
use model::field::Kind;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value as Json, json};

use crate::Outcome;
use crate::measure::{self, median, own_cpu};
use crate::report::{Table as Printed, millis, ratio, say};

/// How `bench decode` measures.
#[derive(Debug, Args)]
pub struct Options {
    /// Records, in pages of 500
    #[arg(long, default_value_t = 200_000)]
    records: u64,
    /// How often each side reads all pages, in turn
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Leaves the peer out: for profiling
    #[arg(long)]
    alone: bool,
}

/// The twenty fields: code, kintone's type, kind.
const FIELDS: [(&str, &str, Kind); 20] = [
    ("$id", "__ID__", Kind::Number),
    ("$revision", "__REVISION__", Kind::Number),
    ("レコード番号", "RECORD_NUMBER", Kind::Text),
    ("作成者", "CREATOR", Kind::Entities),
    ("作成日時", "CREATED_TIME", Kind::Datetime),
    ("更新日時", "UPDATED_TIME", Kind::Datetime),
    ("管理番号", "SINGLE_LINE_TEXT", Kind::Text),
    ("顧客名", "SINGLE_LINE_TEXT", Kind::Text),
    ("住所", "SINGLE_LINE_TEXT", Kind::Text),
    ("品名", "SINGLE_LINE_TEXT", Kind::Text),
    ("数量", "NUMBER", Kind::Number),
    ("単価", "NUMBER", Kind::Number),
    ("金額", "CALC", Kind::Number),
    ("受注日", "DATE", Kind::Date),
    ("納期", "DATE", Kind::Date),
    ("時刻", "TIME", Kind::Time),
    ("状況", "DROP_DOWN", Kind::Text),
    ("区分", "CHECK_BOX", Kind::Texts),
    ("担当", "USER_SELECT", Kind::Entities),
    ("備考", "MULTI_LINE_TEXT", Kind::Text),
];

/// See [`Options`].
pub fn run(options: &Options) -> Outcome<()> {
    let pages = pages(options.records)?;
    let bytes: usize = pages.iter().map(Vec::len).sum();
    say(&format!(
        "{} records of {} fields in {} pages, {:.0} MB of JSON; {}\n",
        options.records,
        FIELDS.len(),
        pages.len(),
        bytes as f64 / 1e6,
        measure::machine()
    ))?;
    for page in pages.first().into_iter().chain(pages.last()) {
        same(page)?;
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        ours.push(timed(|| Ok(black_box(columns(&pages)?.rows() as u64)), options.records)?);
        if !options.alone {
            theirs.push(timed(|| tree(&pages), options.records)?);
        }
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let mut table = Printed::new(["side", "CPU time", "MB of JSON per second"]);
    let speed = |time: Duration| format!("{:.0}", bytes as f64 / 1e6 / time.as_secs_f64());
    table.row(["Suiro: columns".to_owned(), millis(ours), speed(ours)]);
    if !options.alone {
        table.row(["serde_json::Value".to_owned(), millis(theirs), speed(theirs)]);
    }
    say(&table.markdown())?;
    if options.alone {
        return Ok(());
    }
    let found = ours.as_secs_f64() / theirs.as_secs_f64();
    let mut promises = Printed::new(["promise", "found", "kept"]);
    let kept = found <= 1.0 / 3.0;
    let found = ratio(ours.as_secs_f64(), theirs.as_secs_f64());
    let kept_text = if kept { "yes" } else { "NO" };
    promises.row(["at most a third of the time of `serde_json::Value`".to_owned(), found, kept_text.to_owned()]);
    say(&promises.markdown())?;
    if kept { Ok(()) } else { Err("the promise is not kept".into()) }
}

fn timed(work: impl FnOnce() -> Outcome<u64>, records: u64) -> Outcome<Duration> {
    let before = own_cpu();
    let read = work()?;
    let time = own_cpu() - before;
    if read == records { Ok(time) } else { Err(format!("{read} records instead of {records}").into()) }
}

/// All pages into one table.
fn columns(pages: &[Vec<u8>]) -> Outcome<Table> {
    let fields: Vec<ReadField> = FIELDS.iter().map(|(code, _, kind)| ReadField::new(*code, *kind)).collect();
    let shape: Vec<Column> = FIELDS.iter().map(|(code, _, kind)| Column::new(*code, *kind)).collect();
    let mut builder = TableBuilder::new(&shape);
    for page in pages {
        records_into(&fields, page, &mut builder)?;
    }
    Ok(builder.finish().map_err(|e| e.en())?)
}

/// All pages as trees, one after the other.
fn tree(pages: &[Vec<u8>]) -> Outcome<u64> {
    let mut records = 0;
    for page in pages {
        let tree: Json = serde_json::from_slice(page)?;
        records += black_box(&tree)["records"].as_array().map_or(0, Vec::len) as u64;
    }
    Ok(records)
}

/// Compares every cell of a page with the tree's.
fn same(page: &Vec<u8>) -> Outcome<()> {
    let table = columns(std::slice::from_ref(page))?;
    let tree: Json = serde_json::from_slice(page)?;
    let records = tree["records"].as_array().ok_or("no records")?;
    if table.rows() != records.len() {
        return Err(format!("{} rows of {} records", table.rows(), records.len()).into());
    }
    for (row, record) in records.iter().enumerate() {
        for (column, (code, ..)) in FIELDS.iter().enumerate() {
            let ours = value_text(&table.value(row, column), &TimeZone::UTC).replace("+00:00", "Z");
            let theirs = text(&record[*code]["value"]);
            if ours != theirs {
                return Err(format!("record {row}, {code}: {ours} and {theirs}").into());
            }
        }
    }
    Ok(())
}

/// A value of the tree in the form in which both sides are compared.
fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(text).collect::<Vec<_>>().join("\n"),
        Json::Object(entity) => entity.get("code").and_then(Json::as_str).unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

/// The pages, as kintone answers: fields in one order, every value as text, blanks now and then.
fn pages(records: u64) -> Outcome<Vec<Vec<u8>>> {
    let mut random = StdRng::seed_from_u64(1);
    let mut below = move |limit: u64| random.random_range(0..limit);
    let mut pages = Vec::new();
    let mut done = 0;
    while done < records {
        let count = PAGE.min(records - done);
        // Records are written by hand, so that the fields keep kintone's order: a map of the tree would sort them.
        let mut page = String::from("{\"records\":[");
        for id in done + 1..=done + count {
            page.push_str(if id == done + 1 { "{" } else { ",{" });
            for (at, (code, of, _)) in FIELDS.iter().enumerate() {
                let value = value(code, id, &mut below);
                let comma = if at == 0 { "" } else { "," };
                page.push_str(&format!("{comma}{}:{{\"type\":\"{of}\",\"value\":{value}}}", json!(code)));
            }
            page.push('}');
        }
        page.push_str("],\"totalCount\":null}");
        pages.push(page.into_bytes());
        done += count;
    }
    Ok(pages)
}

fn value(code: &str, id: u64, below: &mut impl FnMut(u64) -> u64) -> Json {
    if !code.starts_with('$') && code != "レコード番号" && below(20) == 0 {
        return match code {
            "区分" | "担当" => json!([]),
            "作成者" => json!({ "code": "sato", "name": "佐藤 昇" }),
            "作成日時" | "更新日時" => json!("2026-01-01T00:00:00Z"),
            "受注日" | "納期" | "時刻" => Json::Null,
            _ => json!(""),
        };
    }
    let user = |n: u64| json!({ "code": format!("user{n}"), "name": format!("利用者 第{n}") });
    match code {
        "$id" | "レコード番号" => json!(id.to_string()),
        "$revision" => json!((1 + below(30)).to_string()),
        "作成者" => user(below(50)),
        "作成日時" | "更新日時" => {
            json!(format!("2026-{:02}-{:02}T{:02}:{:02}:00Z", 1 + below(12), 1 + below(28), below(24), below(60)))
        }
        "管理番号" => json!(format!("C-{id:07}")),
        "顧客名" => json!(format!("株式会社水路第{}支店", below(997))),
        "住所" => {
            json!(format!("東京都中央区日本橋{}丁目{}番{}号 水路ビル{}階", below(9), below(40), below(20), below(12)))
        }
        "品名" => json!(format!("商品 {}, \"型番\" {}", below(313), below(100))),
        "数量" => json!((below(1000)).to_string()),
        "単価" => json!(format!("{}.{}5", below(100_000), below(10))),
        "金額" => json!(format!("{}", below(100_000_000))),
        "受注日" | "納期" => json!(format!("2026-{:02}-{:02}", 1 + below(12), 1 + below(28))),
        "時刻" => json!(format!("{:02}:{:02}", below(24), below(60))),
        "状況" => json!(["受付", "手配中", "出荷済", "請求済"][below(4) as usize]),
        "区分" => json!((0..1 + below(3)).map(|n| format!("区分{n}")).collect::<Vec<_>>()),
        "担当" => json!((0..1 + below(2)).map(user).collect::<Vec<_>>()),
        _ => json!(format!("受付 {id}\n担当 {}\n至急の連絡は内線まで", below(41))),
    }
}
