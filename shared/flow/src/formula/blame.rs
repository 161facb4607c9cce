//! Which part of a formula is the error that a row makes of it: asked for only when there is something to tell.

use super::ErrorValue;
use super::ast::{Node, Part};
use super::code::{Code, Expr};
use super::convert::truth;
use super::eval::{Context, RowView, Scope};
use super::parser::parse;

/// Functions that look only at the arguments that they need: which one failed cannot be told from outside.
const CHOOSING: [&str; 5] = ["IFS", "SWITCH", "CHOOSE", "IFERROR", "IFNA"];

impl Expr {
    /// The text of the innermost part that yields the formula's error value for this row; all of it where there is none.
    pub fn blame(&self, row: &dyn RowView, ctx: &Context<'_>) -> &str {
        let scope = Scope { row, ctx };
        let whole = self.source.trim().trim_start_matches('=').trim_start();
        let (Err(error), Ok(ast)) = (scope.eval(&self.root), parse(&self.source)) else { return whole };
        let span = innermost(&ast.root, &self.root, scope, error).span.clone();
        self.source.get(span).unwrap_or(whole)
    }
}

/// Follows tree and code side by side, down to where none of the parts below is the error.
fn innermost<'a>(node: &'a Node, code: &Code, scope: Scope<'_>, error: ErrorValue) -> &'a Node {
    let is_error = |code: &Code| matches!(scope.eval(code), Err(found) if found == error);
    match (&node.part, code) {
        (Part::Plus(inner), code) => innermost(inner, code, scope, error),
        (Part::Negate(inner), Code::Negate(below)) | (Part::Percent(inner), Code::Percent(below))
            if is_error(below) =>
        {
            innermost(inner, below, scope, error)
        }
        (Part::Binary(_, left, right), Code::Binary(binary)) => {
            if is_error(&binary.left) {
                innermost(left, &binary.left, scope, error)
            } else if is_error(&binary.right) {
                innermost(right, &binary.right, scope, error)
            } else {
                node
            }
        }
        (Part::Call { args, .. }, Code::Call(function, codes)) => {
            let chosen = match function.name {
                "IF" => condition(codes, scope),
                name if CHOOSING.contains(&name) => None,
                _ => codes.iter().position(is_error),
            };
            match chosen.and_then(|at| Some((args.get(at)?, codes.get(at)?))) {
                Some((argument, code)) if is_error(code) => innermost(argument, code, scope, error),
                _ => node,
            }
        }
        _ => node,
    }
}

/// The argument of an IF that its value, or its error, comes from.
fn condition(codes: &[Code], scope: Scope<'_>) -> Option<usize> {
    let value = match scope.eval(codes.first()?) {
        Ok(value) => value,
        Err(_) => return Some(0),
    };
    Some(if truth(&value).ok()? { 1 } else { 2 })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use model::field::Kind;
    use model::value::Value;

    use crate::formula::{Context, Parameters, compile};
    use crate::plan::Column;

    #[test]
    fn the_innermost_part_that_is_the_error_is_told() {
        let columns = [Column::new("数量", Kind::Number), Column::new("名", Kind::Text)];
        let row = vec![Value::Number(0.into()), Value::text("りんご")];
        let (zone, parameters) = (TimeZone::UTC, Parameters::new());
        let context = Context::new(0, &zone, &parameters);
        for (formula, part) in [
            ("=100/数量", "100/数量"),
            ("ROUND(10 + 100/数量, 0) * 2", "100/数量"),
            ("1 + 名 * 2", "名 * 2"),
            ("-(1/数量)", "(1/数量)"),
            ("SUM(1, LOG(数量), 1/数量)", "LOG(数量)"),
            ("IF(数量=0, 1/数量, 2/数量)", "1/数量"),
            ("IF(数量>0, 1/数量, 2/数量)", "2/数量"),
            ("IF(1/数量>0, 1, 2)", "1/数量"),
            ("SWITCH(数量, 1, 1/数量, 2/数量)", "SWITCH(数量, 1, 1/数量, 2/数量)"),
            ("\"a\" & \"b\" & DATE(\"x\",1,1) & 1/数量", "DATE(\"x\",1,1)"),
            ("+#N/A", "#N/A"),
            ("数量+1", "数量+1"),
        ] {
            let expr = compile(formula, &columns).unwrap();
            assert_eq!(expr.blame(&row, &context), part, "{formula}");
        }
    }
}
