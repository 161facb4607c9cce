//! The app of the measurement, its records, and one form of their values in which all sides are compared.

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};
use sim::{AppSpec, Control, Generate, IdPattern, Record};

use crate::Outcome;

/// The fields that people fill in: code, kintone's type, and the template of the simulator's generator.
pub const FIELDS: [(&str, &str, &str); 10] = [
    ("管理番号", "SINGLE_LINE_TEXT", "C-{n}"),
    ("顧客名", "SINGLE_LINE_TEXT", "株式会社水路第{n%997}支店"),
    ("品名", "SINGLE_LINE_TEXT", "商品 {n%313}, \"型番\" {r100}"),
    ("数量", "NUMBER", "{r1000}"),
    ("単価", "NUMBER", "{r100000}.{n%9}5"),
    ("受注日", "DATE", "2026-1{n%3}-1{n%10}"),
    ("納期", "DATETIME", "2026-1{n%3}-1{n%10}T0{n%10}:3{n%7}:00Z"),
    ("状況", "DROP_DOWN", "状態{n%5}"),
    ("区分", "CHECK_BOX", "区分{n%3}"),
    ("備考", "MULTI_LINE_TEXT", "受付 {n}\n担当 {n%41}"),
];

/// An app of these fields; kintone adds record number, creator, modifier and the two times.
pub fn app(name: &str) -> AppSpec {
    FIELDS.iter().fold(AppSpec::new(name), |app, (code, kind, _)| {
        let mut properties = json!({ "type": kind });
        let choices = match *kind {
            "DROP_DOWN" => (0..5).map(|n| format!("状態{n}")).collect(),
            "CHECK_BOX" => (0..3).map(|n| format!("区分{n}")).chain(["全".to_owned()]).collect(),
            _ => Vec::new(),
        };
        if !choices.is_empty() {
            let options = choices.iter().enumerate().map(|(at, choice): (usize, &String)| {
                (choice.clone(), json!({ "label": choice, "index": at.to_string() }))
            });
            properties["options"] = Json::Object(options.collect());
        }
        app.field(code, properties)
    })
}

/// Fills an app with generated records.
pub fn fill(control: &Control, app: u64, count: u64, ids: IdPattern) -> Outcome<()> {
    let template = FIELDS.iter().map(|(code, kind, template)| {
        let value = if *kind == "CHECK_BOX" { json!([template, "全"]) } else { json!(template) };
        ((*code).to_owned(), json!({ "value": value }))
    });
    let template: Map<String, Json> = template.collect();
    control.generate(&Generate { app, count, ids, id_step: 0, seed: 7, template })?;
    Ok(())
}

/// Writes what people filled in as the CSV file that both sides import.
pub fn write_csv(records: &[Record], path: &Path) -> Outcome<()> {
    let mut out = csv::Writer::from_path(path)?;
    out.write_record(FIELDS.iter().map(|(code, ..)| code))?;
    for record in records {
        out.write_record(FIELDS.iter().map(|(code, ..)| text(record.value(code).unwrap_or(&Json::Null))))?;
    }
    Ok(out.flush()?)
}

/// Records and a checksum over their values, in order: two sides with the same seal hold the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// How many records.
    pub records: u64,
    /// SHA-256 over all values, in hexadecimal digits.
    pub checksum: String,
}

/// Builds a [`Seal`], value by value in the order of the columns that both sides agree on.
#[derive(Default)]
struct Sealing {
    records: u64,
    hash: Sha256,
}

impl Sealing {
    fn record<'a>(&mut self, cells: impl Iterator<Item = (&'a str, String)>) {
        for (code, value) in cells {
            let value = plain(code, value);
            self.hash.update((value.len() as u64).to_le_bytes());
            self.hash.update(value.as_bytes());
        }
        self.records += 1;
    }

    fn finish(self) -> Seal {
        let checksum = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Seal { records: self.records, checksum }
    }
}

/// The seal of these columns of records that the simulator holds.
pub fn seal_of_records(records: &[Record], columns: &[String]) -> Seal {
    let mut sealing = Sealing::default();
    for record in records {
        let value = |code: &String| text(record.value(code).unwrap_or(&Json::Null));
        sealing.record(columns.iter().map(|code| (code.as_str(), value(code))));
    }
    sealing.finish()
}

/// The seal of these columns of a CSV file; further columns are an error unless they are in `spare`.
pub fn seal_of_csv(path: &Path, columns: &[String], spare: &[&str]) -> Outcome<Seal> {
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    if let Some(more) = header.iter().find(|name| !columns.iter().any(|c| c == name) && !spare.contains(name)) {
        return Err(format!("a column too many: {more}").into());
    }
    let place = |code: &String| header.iter().position(|name| name == code).ok_or(format!("no column {code}"));
    let places: Vec<usize> = columns.iter().map(place).collect::<Result<_, _>>()?;
    let mut sealing = Sealing::default();
    let mut row = csv::StringRecord::new();
    while reader.read_record(&mut row)? {
        let cells = columns.iter().zip(&places);
        sealing.record(cells.map(|(code, at)| (code.as_str(), row.get(*at).unwrap_or_default().to_owned())));
    }
    Ok(sealing.finish())
}

/// A value as a CSV cell: lists have one item per line, people are told by their code.
fn text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(text).collect::<Vec<_>>().join("\n"),
        Json::Object(entity) => entity.get("code").map(text).unwrap_or_default(),
        other => other.to_string(),
    }
}

/// One form of numbers and instants, which each side writes in its own way (`1.50` or `1.5`, `Z` or `+00:00`).
fn plain(code: &str, value: String) -> String {
    let kind = FIELDS.iter().find(|(name, ..)| *name == code).map_or("", |(_, kind, _)| kind);
    if kind == "NUMBER" && value.contains('.') {
        return value.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    if (kind == "DATETIME" || ["作成日時", "更新日時"].contains(&code))
        && let Ok(instant) = value.parse::<Timestamp>()
    {
        return instant.to_string();
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_value_are_one() {
        assert_eq!(plain("単価", "1.50".into()), plain("単価", "1.5".into()));
        assert_eq!(plain("単価", "10.00".into()), "10");
        assert_eq!(plain("数量", "100".into()), "100");
        assert_eq!(plain("納期", "2026-10-10T09:00:00+09:00".into()), plain("納期", "2026-10-10T00:00:00Z".into()));
        assert_ne!(plain("管理番号", "1.50".into()), plain("管理番号", "1.5".into()));
    }

    #[tokio::test]
    async fn a_seal_knows_order_and_values() {
        let sim = sim::Sim::start(sim::Options::default()).await.unwrap();
        let (control, folder) = (sim.control(), tempfile::tempdir().unwrap());
        let id = control.create_app(app("封")).unwrap();
        fill(&control, id, 50, IdPattern::Sparse).unwrap();
        let columns: Vec<String> = FIELDS.iter().map(|(code, ..)| (*code).to_owned()).collect();
        let mut records = control.records(id);
        let file = folder.path().join("all.csv");
        write_csv(&records, &file).unwrap();
        let seal = seal_of_records(&records, &columns);
        assert_eq!(seal.records, 50);
        assert_eq!(seal_of_csv(&file, &columns, &[]).unwrap(), seal);
        assert!(seal_of_csv(&file, &columns[1..], &[]).is_err(), "a column too many");
        records.swap(3, 4);
        assert_ne!(seal_of_records(&records, &columns), seal);
    }
}
