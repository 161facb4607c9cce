//! Calculated fields: `CALC`, and one-line texts with an expression, in records and in the rows of tables.
//!
//! Known: the operators of arithmetic, joining (`&`) and comparison, and the functions in [`parse::FUNCTIONS`]. A formula
//! that cannot be computed for a record gives an empty value, as kintone does.

mod decimal;
mod eval;
mod parse;

use std::collections::HashSet;

use serde_json::Value;

use super::catalogue;
use super::error::ApiResult;
use super::settings::Precision;
use crate::form::{FieldDef, FieldType, Form};
use crate::record::Fields;
use eval::{Cells, Scope};
use parse::Expr;

/// Checks all formulas of a form: that they can be read, name fields that exist, and do not go in circles.
pub fn check(form: &Form) -> ApiResult<()> {
    for (table, field) in computed(form) {
        let text = field.expression().unwrap_or_default();
        let refuse = |why: &str| catalogue::bad_formula(&field.code, why);
        let expr = parse::parse(text).map_err(|why| refuse(&why))?;
        for code in expr.fields() {
            let known = table.is_some_and(|table| table.fields.contains_key(code))
                || form.find(code).is_some()
                || form.find_in_tables(code).is_some();
            if !known {
                return Err(refuse(&format!("{code}: no such field")));
            }
        }
        if reaches(form, &expr, &field.code, &mut HashSet::new()) {
            return Err(refuse("it refers to itself"));
        }
    }
    Ok(())
}

/// Computes all calculated fields of a record: those in tables first, since fields outside may sum them up.
pub fn all(form: &Form, fields: &mut Fields, precision: Precision) {
    for table in form.fields.values().filter(|field| field.kind == FieldType::Subtable) {
        let Some(Value::Array(rows)) = fields.get(&table.code) else { continue };
        let mut rows = rows.clone();
        for field in table.fields.values().filter(|field| field.expression().is_some()) {
            for row in &mut rows {
                let scope = Scope { form, cells: Cells { record: fields, row: Some((table, row)) }, precision };
                let value = eval::field(&scope, field);
                row["value"][field.code.as_ref()] = serde_json::json!({ "type": field.kind.name(), "value": value });
            }
        }
        fields.insert(table.code.clone(), Value::Array(rows));
    }
    for field in form.fields.values().filter(|field| field.expression().is_some()) {
        let scope = Scope { form, cells: Cells { record: fields, row: None }, precision };
        let value = eval::field(&scope, field);
        fields.insert(field.code.clone(), value.into());
    }
}

fn computed(form: &Form) -> impl Iterator<Item = (Option<&FieldDef>, &FieldDef)> {
    let inner = |table| -> Box<dyn Iterator<Item = _>> {
        let table: &FieldDef = table;
        Box::new(table.fields.values().map(move |field| (Some(table), field)))
    };
    let own = form.fields.values().map(|field| (None, field));
    own.chain(form.fields.values().flat_map(inner)).filter(|(_, field)| field.expression().is_some())
}

/// Whether following the fields of a formula leads to `goal`.
fn reaches(form: &Form, expr: &Expr, goal: &str, seen: &mut HashSet<String>) -> bool {
    expr.fields().into_iter().any(|code| {
        if code == goal {
            return true;
        }
        let field = form.find(code).or_else(|| form.find_in_tables(code).map(|(_, field)| field));
        let next = field.and_then(FieldDef::expression).and_then(|text| parse::parse(text).ok());
        match next {
            Some(next) if seen.insert(code.to_owned()) => reaches(form, &next, goal, seen),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests;
