//! Tree to code: names are looked up, arguments counted, kinds inferred. Tells every problem at once.

use std::ops::Range;
use std::sync::Arc;

use model::field::Kind;
use model::value::Value;
use unicode_normalization::UnicodeNormalization;

use super::ast::{Ast, BinaryOp, Node, Part};
use super::code::{Binary, Code, Expr, TableColumn};
use super::functions::{self, Function, Known};
use super::kinds::{self, Static};
use super::problem::FormulaProblem;
use crate::plan::Column;

/// Resolves a formula against the columns that it may use.
pub fn check(ast: &Ast, columns: &[Column]) -> Result<Expr, Vec<FormulaProblem>> {
    let mut checker = Checker { source: &ast.source, columns, blind: false, problems: Vec::new() };
    let (root, kind) = checker.node(&ast.root);
    if checker.problems.is_empty() {
        Ok(Expr { source: Arc::clone(&ast.source), root, kind: kind.kind() })
    } else {
        checker.problems.sort_by_key(|p| (p.span.start, p.span.end));
        Err(checker.problems)
    }
}

/// The codes of what [`check_calls`] finds.
pub const OF_CALLS: [&str; 4] =
    ["formula_unknown_function", "formula_argument_count", "formula_argument", "formula_kind"];

/// What is wrong with a formula whatever the columns are: functions that do not exist, or with other arguments. A name in
/// letters that no function has may be a column's, such as 単価（税込）, and is left to [`check`].
pub fn check_calls(ast: &Ast) -> Vec<FormulaProblem> {
    let mut checker = Checker { source: &ast.source, columns: &[], blind: true, problems: Vec::new() };
    checker.node(&ast.root);
    checker.problems.sort_by_key(|p| (p.span.start, p.span.end));
    checker.problems
}

struct Checker<'a> {
    source: &'a str,
    columns: &'a [Column],
    /// The columns are not known.
    blind: bool,
    problems: Vec<FormulaProblem>,
}

/// Stands for a part that has a problem, so that checking goes on without follow-up problems.
const BROKEN: (Code, Static) = (Code::Constant(Value::Blank), Static::Unknown);

/// A name without differences of width and case.
fn folded(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).collect()
}

/// The candidate that is nearest to `name`, if it is near enough to be meant: a third of the letters may differ, at least one.
fn nearest<'c>(name: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let name = folded(name);
    let length = name.chars().count();
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(&name, &folded(candidate)), candidate))
        .filter(|(distance, _)| *distance <= (length / 3).max(1) && *distance < length)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

impl Checker<'_> {
    fn problem(&mut self, span: Range<usize>, code: &'static str, ja: String, en: String) -> (Code, Static) {
        self.problems.push(FormulaProblem::new(span, code, ja, en));
        BROKEN
    }

    fn node(&mut self, node: &Node) -> (Code, Static) {
        match &node.part {
            Part::Number(n) => constant(Value::Number(*n)),
            Part::Text(text) => constant(Value::text(text.as_str())),
            Part::Bool(b) => constant(Value::Bool(*b)),
            Part::Error(error) => (Code::Error(*error), Static::Blank),
            Part::TableColumn { table, field, field_span } => self.table_column(table, field, field_span),
            Part::Missing => constant(Value::Blank),
            Part::Parameter(name) => (Code::Parameter(Arc::from(name.as_str())), Static::Unknown),
            Part::Name { name, quoted } => self.name(name, *quoted, &node.span),
            Part::Plus(inner) => self.node(inner),
            Part::Negate(inner) => self.scaled(inner, &node.span, Code::Negate, "-"),
            Part::Percent(inner) => self.scaled(inner, &node.span, Code::Percent, "%"),
            Part::Binary(op, left, right) => self.binary(*op, left, right, &node.span),
            Part::Call { name, name_span, args } => self.call(name, name_span, args, node),
        }
    }

    fn scaled(&mut self, inner: &Node, span: &Range<usize>, make: fn(Box<Code>) -> Code, sign: &str) -> (Code, Static) {
        let (code, kind) = self.node(inner);
        match (kinds::scaled(kind), code) {
            (Some(_), Code::Constant(Value::Number(n))) if sign == "-" => constant(Value::Number(-n)),
            (Some(kind), code) => (make(Box::new(code)), kind),
            (None, _) => {
                let (ja, en) = kind.title();
                self.problem(
                    span.clone(),
                    "formula_kind",
                    format!("「{sign}」は{ja}には使えません。"),
                    format!("'{sign}' cannot be used on {en}."),
                )
            }
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &Node, right: &Node, span: &Range<usize>) -> (Code, Static) {
        let ((left, left_kind), (right, right_kind)) = (self.node(left), self.node(right));
        let Some(kind) = kinds::binary(op, left_kind, right_kind) else {
            let (sign, left, right) = (op.symbol(), left_kind.title(), right_kind.title());
            return self.problem(
                span.clone(),
                "formula_kind",
                format!("「{sign}」は{}と{}には使えません。", left.0, right.0),
                format!("'{sign}' cannot be used between {} and {}.", left.1, right.1),
            );
        };
        let (left_moment, right_moment) = (left_kind.is_moment(), right_kind.is_moment());
        (Code::Binary(Box::new(Binary { op, left, right, left_moment, right_moment })), kind)
    }

    fn name(&mut self, name: &str, quoted: bool, span: &Range<usize>) -> (Code, Static) {
        if self.blind {
            return BROKEN;
        }
        if let Some(at) = self.columns.iter().position(|c| c.name == name) {
            return (Code::Column(at), Static::Is(self.columns[at].kind));
        }
        if !quoted {
            let wanted = folded(name);
            let mut alike = self.columns.iter().enumerate().filter(|(_, c)| folded(&c.name) == wanted);
            if let Some((at, column)) = alike.next() {
                if alike.next().is_none() {
                    return (Code::Column(at), Static::Is(column.kind));
                }
                return self.problem(
                    span.clone(),
                    "formula_ambiguous_name",
                    format!("「{name}」に当てはまるフィールドが複数あります。[ ] で囲んで正確に書いてください。"),
                    format!("Several fields match '{name}'. Write the exact name in [ ]."),
                );
            }
        }
        let (mut ja, mut en) =
            (format!("「{name}」というフィールドはありません。"), format!("There is no field '{name}'."));
        if let Some(near) = nearest(name, self.columns.iter().map(|c| c.name.as_str())) {
            ja.push_str(&format!("「{near}」ではありませんか。"));
            en.push_str(&format!(" Did you mean '{near}'?"));
        } else if let Some(function) = functions::find(name) {
            ja.push_str(&format!("関数なら {}( ) と書いてください。", function.name));
            en.push_str(&format!(" The function is written {}( ).", function.name));
        }
        self.problem(span.clone(), "formula_unknown_name", ja, en)
    }

    /// `明細[金額]`: the table by its name as everywhere, its column letter by letter.
    fn table_column(&mut self, table: &Node, field: &str, span: &Range<usize>) -> (Code, Static) {
        let (code, kind) = self.node(table);
        let Code::Column(column) = code else { return BROKEN };
        if kind != Static::Is(Kind::Rows) {
            let (ja, en) = kind.title();
            return self.problem(
                table.span.clone(),
                "formula_kind",
                format!("これは{ja}です。「名前[列]」と書けるのはテーブルだけです。"),
                format!("This is {en}. Only a table can be followed by a column in [ ]."),
            );
        }
        let inner = &self.columns[column].inner;
        let found = inner.iter().find(|c| c.name == field).map(|c| c.kind);
        if found.is_none() && !inner.is_empty() {
            let (mut ja, mut en) = (
                format!("このテーブルに「{field}」という列はありません。"),
                format!("The table has no column '{field}'."),
            );
            if let Some(near) = nearest(field, inner.iter().map(|c| c.name.as_str())) {
                ja.push_str(&format!("「{near}」ではありませんか。"));
                en.push_str(&format!(" Did you mean '{near}'?"));
            }
            return self.problem(span.clone(), "formula_unknown_name", ja, en);
        }
        (Code::TableColumn(TableColumn { column, field: Arc::from(field), kind: found }), Static::Is(Kind::Texts))
    }

    fn call(&mut self, name: &str, name_span: &Range<usize>, args: &[Node], node: &Node) -> (Code, Static) {
        // Arguments first: their problems are told even where the function is unknown.
        let (codes, kinds): (Vec<Code>, Vec<Static>) = args.iter().map(|arg| self.node(arg)).unzip();
        let Some(function) = functions::find(name) else {
            return self.unknown_function(name, name_span, &node.span);
        };
        if !function.accepts(args.len()) {
            return self.arity(function, args.len(), &node.span);
        }
        if let Some(at) = (0..kinds.len()).find(|at| kinds[*at] == Static::Is(Kind::Rows) && !function.takes_table(*at))
        {
            return self.bare_table(function, &args[at]);
        }
        let known = Known { kinds: &kinds, codes: &codes };
        let kind = (function.kind)(&known);
        if let Some(problem) = function.verify.and_then(|verify| verify(&known)) {
            let span = args.get(problem.argument).map_or(node.span.clone(), |arg| arg.span.clone());
            return self.problem(span, "formula_argument", problem.ja, problem.en);
        }
        (Code::Call(function, codes.into_boxed_slice()), kind)
    }

    /// A whole table where a function wants values.
    fn bare_table(&mut self, function: &Function, table: &Node) -> (Code, Static) {
        let (name, written) = (function.name, &self.source[table.span.clone()]);
        self.problem(
            table.span.clone(),
            "formula_kind",
            format!("{name} にはテーブルをそのまま渡せません。{written}[列] のように列を書いてください。"),
            format!("{name} takes no whole table. Write one of its columns: {written}[column]."),
        )
    }

    fn unknown_function(&mut self, name: &str, name_span: &Range<usize>, whole: &Range<usize>) -> (Code, Static) {
        if self.blind && !name.is_ascii() {
            return BROKEN;
        }
        let (mut ja, mut en) =
            (format!("「{name}」という関数はありません。"), format!("There is no function '{name}'."));
        // 単価（税込） is a column's name that looks like a call.
        let written = folded(&self.source[whole.clone()]);
        if let Some(column) = self.columns.iter().find(|c| folded(&c.name) == written) {
            ja = format!("かっこを含む名前は [{}] のように囲んでください。", column.name);
            en = format!("A name with parentheses is written in brackets: [{}].", column.name);
            return self.problem(whole.clone(), "formula_unknown_function", ja, en);
        }
        if let Some((_, reason_ja, reason_en)) = functions::left_out(name) {
            ja.push_str(reason_ja);
            en.push(' ');
            en.push_str(reason_en);
        } else if let Some(near) = nearest(name, functions::names()) {
            ja.push_str(&format!("「{near}」ではありませんか。"));
            en.push_str(&format!(" Did you mean '{near}'?"));
        }
        self.problem(name_span.clone(), "formula_unknown_function", ja, en)
    }

    fn arity(&mut self, function: &Function, count: usize, span: &Range<usize>) -> (Code, Static) {
        let (min, name) = (function.min, function.name);
        let (ja, en) = match function.max {
            _ if function.pairs == Some(0) => ("2個ずつの組".to_owned(), "pairs of arguments".to_owned()),
            _ if function.pairs.is_some() => {
                ("1個と、その後に2個ずつの組".to_owned(), "one argument and pairs behind it".to_owned())
            }
            Some(max) if max == min => {
                (format!("{min}個"), format!("{min} argument{}", if min == 1 { "" } else { "s" }))
            }
            Some(max) => (format!("{min}〜{max}個"), format!("{min} to {max} arguments")),
            None => (format!("{min}個以上"), format!("{min} or more arguments")),
        };
        self.problem(
            span.clone(),
            "formula_argument_count",
            format!("{name} の引数は{ja}ですが、{count}個あります。"),
            format!("{name} takes {en}, but there {} {count}.", if count == 1 { "is" } else { "are" }),
        )
    }
}

fn constant(value: Value) -> (Code, Static) {
    let kind = value.kind().map_or(Static::Blank, Static::Is);
    (Code::Constant(value), kind)
}
