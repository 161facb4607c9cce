//! Calls of other units beside those that a case expects.

use flow::examples::ParsedTable;
use flow::plan::{Column, Op, Plan};
use jiff::tz::TimeZone;
use model::field::Kind;
use model::run::ParameterSet;
use model::value::Value;

use super::compare::compare;

/// The units that a plan may call.
pub fn units(plan: &Plan) -> impl Iterator<Item = &str> {
    plan.nodes.iter().filter_map(|node| if let Op::Call(call) = &node.op { Some(call.unit.as_str()) } else { None })
}

/// The kind of a parameter that a plan passes to a unit.
fn kind(plan: &Plan, unit: &str, parameter: &str) -> Option<Kind> {
    plan.nodes.iter().find_map(|node| match &node.op {
        Op::Call(call) if call.unit == unit => {
            let (_, column) = call.parameters.iter().find(|(name, _)| name == parameter)?;
            node.columns.get(*column).map(|column| column.kind)
        }
        _ => None,
    })
}

/// What differs between the calls that were made of a unit and those that were expected, each in lines.
pub fn differences(
    plan: &Plan,
    unit: &str,
    expected: &[ParsedTable],
    found: &[Vec<ParameterSet>],
    zone: &TimeZone,
) -> Vec<Vec<String>> {
    let what = format!("実行単位「{unit}」の呼び出し / calls of the unit {unit:?}");
    let mut all: Vec<Vec<String>> = Vec::new();
    if expected.len() != found.len() {
        let (wanted, there) = (expected.len(), found.len());
        all.push(vec![
            what.clone(),
            format!("{wanted}回のはずが{there}回です（calls に書きます） / {there} instead of {wanted} (write them under calls)"),
        ]);
    }
    for (table, sets) in expected.iter().zip(found) {
        if table.columns.is_empty() != sets.is_empty() {
            let rows = sets.len();
            all.push(vec![what.clone(), format!("{rows}行を渡しています / it passes {rows} rows")]);
            continue;
        }
        let column = |column: &Column| Column::new(&column.name, kind(plan, unit, &column.name).unwrap_or(column.kind));
        let columns: Vec<Column> = table.columns.iter().map(column).collect();
        let row = |set: &ParameterSet| {
            columns.iter().map(|column| set.get(&column.name).cloned().unwrap_or_default()).collect::<Vec<Value>>()
        };
        let rows: Vec<Vec<Value>> = sets.iter().map(row).collect();
        all.push(compare(&what, (&table.columns, &table.rows), (&columns, &rows), zone));
    }
    all.retain(|lines| !lines.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use flow::examples::parse_table;

    use super::*;

    fn set(text: &str) -> ParameterSet {
        [("番号".to_owned(), Value::text(text))].into()
    }

    fn told(expected: &[&str], found: &[Vec<ParameterSet>]) -> String {
        let plan = Plan {
            name: String::new(),
            zone: "UTC".into(),
            strict: false,
            nodes: Vec::new(),
            holidays: Default::default(),
        };
        let expected: Vec<ParsedTable> = expected.iter().map(|text| parse_table(text).unwrap()).collect();
        differences(&plan, "乙", &expected, found, &TimeZone::UTC).concat().join("\n")
    }

    #[test]
    fn calls_are_compared_one_by_one() {
        let table = "| 番号: text |\n| A |";
        assert_eq!(told(&[table], &[vec![set("A")]]), "");
        assert_eq!(told(&[""], &[Vec::new()]), "");
        assert!(told(&[], &[vec![set("A")]]).contains("0回のはずが1回"));
        assert!(told(&[table], &[]).contains("1回のはずが0回"));
        assert!(told(&[table], &[vec![set("B")]]).contains("«B»"));
        assert!(told(&[""], &[vec![set("A")]]).contains("1行を渡しています"));
        assert!(told(&[table], &[Vec::new()]).contains("0行を渡しています"));
    }
}
