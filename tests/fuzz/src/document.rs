//! The flow document: parse, check against apps, print, bind.

use flow::document::Document;
use flow::formula::Parameters;
use flow::problem::Problem;
use model::field::{AppSchema, Field, FieldType};
use model::value::Value;

/// Every refusal has a reason in both languages; what is sound has a plan that can be printed and bound.
pub fn document(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(problems) => return explain(&problems),
    };
    flow::check::apps(&document);
    if let Err(problems) = flow::check::check_structure(&document) {
        explain(&problems);
    }
    let app = app();
    match flow::check::checked(&document, &|number| (1..=40).contains(&number).then_some(&app)) {
        Ok(checked) => {
            let plan = checked.plan;
            assert!(plan.nodes.iter().enumerate().all(|(id, node)| node.inputs.iter().all(|i| *i < id)));
            assert!(!plan.to_string().is_empty());
            let mut set = Parameters::new();
            for name in flow::bind::parameters(&plan) {
                set.insert(name, Value::text("1"));
            }
            for sets in [vec![], vec![set.clone()], vec![set.clone(), set]] {
                if let Err(problem) = flow::bind::bind(&plan, &sets) {
                    explain(&[*problem]);
                }
            }
        }
        Err(problems) => explain(&problems),
    }
}

fn explain(problems: &[Problem]) {
    assert!(!problems.is_empty(), "refused without a reason");
    for problem in problems {
        assert!(!problem.ja.is_empty() && !problem.en.is_empty());
        assert!(!problem.render(true).is_empty() && !problem.render(false).is_empty());
    }
}

/// An app with a field of each sort that flows ask about.
fn app() -> AppSchema {
    use FieldType as T;
    let mut fields: Vec<Field> = [
        ("$id", T::Id),
        ("$revision", T::Revision),
        ("レコード番号", T::RecordNumber),
        ("文字", T::SingleLineText),
        ("数", T::Number),
        ("日", T::Date),
        ("時", T::Time),
        ("日時", T::Datetime),
        ("印", T::CheckBox),
        ("担当", T::UserSelect),
        ("添付", T::File),
        ("状態", T::Status),
    ]
    .into_iter()
    .map(|(code, of)| Field::new(code, of))
    .collect();
    fields[3].unique = true;
    let mut table = Field::new("明細", T::Subtable);
    table.fields = vec![Field::new("品", T::SingleLineText), Field::new("個", T::Number)];
    fields.push(table);
    AppSchema { app: 1, name: "試験".into(), precision: Default::default(), fields }
}
