//! A peer's answer to a case, and its comparison with Suiro's.

use std::collections::BTreeSet;

use flow::plan::Column;
use model::decimal::Decimal;
use model::value::Value;
use serde::Deserialize;
use serde_json::Value as Json;

use super::case::{Outcome, cell};

/// Relative error that is allowed to a number that a peer computed in double, by the size of what it was computed from.
const DOUBLE: f64 = 1e-12;

/// What a peer says of a case.
#[derive(Clone, Debug, Deserialize)]
pub struct Answer {
    /// The case.
    pub id: usize,
    /// Names of the result's columns.
    #[serde(default)]
    columns: Vec<String>,
    /// Cells: null, text (numbers too), a list, or `{"double": number, "of": size of the inputs}`.
    #[serde(default)]
    rows: Vec<Vec<Json>>,
    /// The peer fails on this case: an entry of [`super::differences`].
    #[serde(default)]
    pub refused: Option<String>,
    /// The peer has no such thing: an entry of [`super::differences`].
    #[serde(default)]
    pub absent: Option<String>,
    /// Its error, or what it lacks.
    #[serde(default)]
    pub text: String,
}

impl Answer {
    fn has_doubles(&self) -> bool {
        self.rows.iter().flatten().any(Json::is_object)
    }
}

/// How an answer stands to Suiro's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All cells are equal; the intended differences that had to be allowed for that.
    Equal(BTreeSet<&'static str>),
    /// There is nothing to compare, for this intended reason.
    Aside(String),
    /// A difference that nothing explains.
    Different(String),
}

/// Compares Suiro's result with the peer's.
pub fn compare(ours: &Outcome, theirs: &Answer) -> Verdict {
    if let Some(reason) = theirs.absent.as_ref() {
        return Verdict::Aside(reason.clone());
    }
    let (columns, rows) = match (ours, &theirs.refused) {
        // Both fail, which is one answer.
        (Err(_), Some(_)) => return Verdict::Equal(BTreeSet::new()),
        (Ok(_), Some(reason)) => return Verdict::Aside(reason.clone()),
        (Err((code, _)), None) if ["Overflow", "Scale"].contains(&code.as_str()) && theirs.has_doubles() => {
            return Verdict::Aside("one scale".into());
        }
        (Err((code, sentence)), None) => return Verdict::Different(format!("Suiro refuses: {code}: {sentence}")),
        (Ok(result), None) => result,
    };
    let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
    if names != theirs.columns {
        return Verdict::Different(format!("columns {names:?} and {:?}", theirs.columns));
    }
    if rows.len() != theirs.rows.len() {
        return Verdict::Different(format!("{} rows and {}", rows.len(), theirs.rows.len()));
    }
    let mut allowed = BTreeSet::new();
    for (at, (ours, theirs)) in rows.iter().zip(&theirs.rows).enumerate() {
        for ((column, ours), theirs) in columns.iter().zip(ours).zip(theirs) {
            if let Err(difference) = same(column, ours, theirs, &mut allowed) {
                return Verdict::Different(format!("row {}, {}: {difference}", at + 1, column.name));
            }
        }
    }
    Verdict::Equal(allowed)
}

fn same(column: &Column, ours: &Value, theirs: &Json, allowed: &mut BTreeSet<&'static str>) -> Result<(), String> {
    let differ = || Err(format!("{} ({:?}) and {theirs}", cell(ours), column.kind));
    match (ours, theirs) {
        (Value::Blank, Json::Null) => Ok(()),
        (Value::Number(number), Json::String(text)) => {
            if text.parse::<Decimal>().is_ok_and(|n| n == *number) {
                Ok(())
            } else {
                differ()
            }
        }
        (Value::Number(number), Json::Object(double)) => {
            let part = |name: &str| double.get(name).and_then(Json::as_f64);
            let (Some(found), Some(of)) = (part("double"), part("of")) else { return differ() };
            let exact: f64 = number.to_string().parse().map_err(|e| format!("{number}: {e}"))?;
            if exact != found {
                allowed.insert("double");
            }
            if (exact - found).abs() <= DOUBLE * of.max(found.abs()) { Ok(()) } else { differ() }
        }
        (Value::Rows(rows), Json::Array(items)) if rows.len() == items.len() => {
            for (row, item) in rows.iter().zip(items) {
                for inner in &column.inner {
                    let ours = row.cells.iter().find(|(name, _)| *name == inner.name).map(|(_, value)| value);
                    let theirs = item.get(&inner.name).unwrap_or(&Json::Null);
                    same(inner, ours.unwrap_or(&Value::Blank), theirs, allowed)?;
                }
            }
            Ok(())
        }
        _ => {
            if cell(ours) == *theirs {
                Ok(())
            } else {
                differ()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::field::Kind;
    use serde_json::json;

    use super::*;

    fn verdict(value: &str, theirs: Json) -> Verdict {
        let value = if value.is_empty() { Value::Blank } else { Value::Number(value.parse().unwrap()) };
        let ours = Ok((vec![Column::new("数", Kind::Number)], vec![vec![value]]));
        compare(&ours, &serde_json::from_value(theirs).unwrap())
    }

    #[test]
    fn numbers_are_compared_by_value_and_doubles_by_size() {
        let answer = |cell: Json| json!({ "id": 0, "columns": ["数"], "rows": [[cell]] });
        let double = |n: f64, of: f64| answer(json!({ "double": n, "of": of }));
        let equal = Verdict::Equal(BTreeSet::new());
        assert_eq!(verdict("1.5", answer(json!("1.500"))), equal);
        assert_eq!(verdict("", answer(Json::Null)), equal);
        assert!(matches!(verdict("1.5", answer(json!("1.51"))), Verdict::Different(_)));
        assert!(matches!(verdict("", answer(json!("0"))), Verdict::Different(_)));
        assert!(matches!(verdict("0", answer(Json::Null)), Verdict::Different(_)));
        assert_eq!(verdict("1.66666666666667", double(1.6666666666666665, 2.0)), Verdict::Equal(["double"].into()));
        assert_eq!(verdict("0.00001", double(0.00002, 1e8)), Verdict::Equal(["double"].into()));
        assert!(matches!(verdict("1.666", double(1.667, 2.0)), Verdict::Different(_)));
    }

    #[test]
    fn columns_rows_and_refusals_count() {
        assert!(matches!(verdict("1", json!({ "id": 0, "columns": ["x"], "rows": [["1"]] })), Verdict::Different(_)));
        assert!(matches!(verdict("1", json!({ "id": 0, "columns": ["数"], "rows": [] })), Verdict::Different(_)));
        assert_eq!(verdict("1", json!({ "id": 0, "refused": "width" })), Verdict::Aside("width".into()));
        let refused = Err(("Scale".into(), "too wide".into()));
        let answer = |json| serde_json::from_value(json).unwrap();
        assert_eq!(compare(&refused, &answer(json!({ "id": 0, "refused": "width" }))), Verdict::Equal(BTreeSet::new()));
        let double = answer(json!({ "id": 0, "columns": ["数"], "rows": [[{ "double": 1.5, "of": 2.0 }]] }));
        assert_eq!(compare(&refused, &double), Verdict::Aside("one scale".into()));
        let rows = answer(json!({ "id": 0, "columns": [], "rows": [] }));
        assert!(matches!(compare(&refused, &rows), Verdict::Different(_)));
    }
}
