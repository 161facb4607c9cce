//! The formula language: parse, check, evaluate.

use flow::formula::{self, Context, Expr, FormulaProblem, Parameters};
use flow::plan::Column;
use jiff::tz::TimeZone;
use model::field::Kind;
use model::value::{Entity, FileRef, Row, Value};

/// Every problem points into the text; whatever is sound can be evaluated over rows of all kinds and of blanks.
pub fn formula(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let columns = columns();
    match formula::compile(text, &columns) {
        Ok(expr) => evaluate(&expr, &columns),
        Err(problems) => explain(&problems, text),
    }
}

fn explain(problems: &[FormulaProblem], text: &str) {
    assert!(!problems.is_empty(), "refused without a reason");
    for problem in problems {
        assert!(problem.span.start <= problem.span.end && problem.span.end <= text.len(), "a place outside the text");
        assert!(!problem.ja.is_empty() && !problem.en.is_empty());
        problem.caret(text);
    }
}

fn evaluate(expr: &Expr, columns: &[Column]) {
    assert!(expr.columns().iter().all(|c| *c < columns.len()));
    let (zone, parameters) = (TimeZone::get("Asia/Tokyo").expect("bundled"), Parameters::new());
    let context = Context::new(1_769_839_445, &zone, &parameters);
    for row in [row(), vec![Value::Blank; columns.len()]] {
        if let (Ok(value), Some(kind)) = (expr.eval(&row, &context), expr.kind()) {
            assert!(value.kind().is_none_or(|k| k == kind), "{value:?} where {kind:?} was promised");
        }
    }
}

fn columns() -> Vec<Column> {
    let mut columns = vec![
        Column::new("文字", Kind::Text),
        Column::new("数", Kind::Number),
        Column::new("日", Kind::Date),
        Column::new("時", Kind::Time),
        Column::new("日時", Kind::Datetime),
        Column::new("印", Kind::Texts),
        Column::new("担当", Kind::Entities),
        Column::new("添付", Kind::Files),
    ];
    columns.push(Column::table("明細", vec![Column::new("品", Kind::Text), Column::new("個", Kind::Number)]));
    columns
}

fn row() -> Vec<Value> {
    let number = |n: i64| Value::Number(n.into());
    let entity = Entity { code: "sato".into(), name: "佐藤".into() };
    let file = FileRef {
        file_key: "k".into(),
        name: "図.pdf".into(),
        content_type: "application/pdf".into(),
        size: "9".into(),
    };
    let cells = |text: &str, n: i64| vec![("品".to_owned(), Value::text(text)), ("個".to_owned(), number(n))];
    vec![
        Value::text("りんご 12"),
        number(-7),
        Value::Date(20_483),
        Value::Time(32_700),
        Value::Datetime(1_769_839_445),
        Value::Texts(vec!["特価".into(), "新着".into()]),
        Value::Entities(vec![entity]),
        Value::Files(vec![file]),
        Value::Rows(vec![Row { id: Some("1".into()), cells: cells("A", 3) }, Row { id: None, cells: cells("", 4) }]),
    ]
}
