//! The commands' own examples: each is a sound document, and the queries that they state are those that are sent.
//! That the rows come out as stated is tested by the engine's crate.

use flow::bind::bind;
use flow::commands::{Kintone, definitions};
use flow::formula::Parameters;
use flow::plan::Column;
use model::value::Value;

/// Columns without what only a plan knows of them; examples do not say it.
fn plain(columns: &[Column]) -> Vec<Column> {
    let one = |c: &Column| Column { inner: plain(&c.inner), ..Column::new(&c.name, c.kind) };
    columns.iter().map(one).collect()
}

#[test]
fn every_example_is_a_sound_flow() {
    for definition in definitions() {
        for example in definition.reference().examples {
            let what = format!("{}: {}", definition.name, example.title.en);
            let case = example.case(definition).unwrap_or_else(|e| panic!("{what}: {e}"));
            super::sound::assert_sound(&what, &case.plan);
            assert!(case.result < case.plan.nodes.len(), "{what}");
            for (id, (columns, rows)) in &case.sources {
                assert_eq!(plain(&case.plan.nodes[*id].columns), plain(columns), "{what}");
                assert!(rows.iter().all(|row| row.len() == columns.len()), "{what}");
            }
            if case.engine {
                let mut stated = plain(&case.expected.0);
                let mut made = plain(&case.plan.nodes[case.result].columns);
                stated.sort_by(|a, b| a.name.cmp(&b.name));
                made.sort_by(|a, b| a.name.cmp(&b.name));
                assert_eq!(made, stated, "{what}");
            }
        }
    }
}

#[test]
fn stated_queries_are_sent() {
    let set: Parameters = [("レコード番号", Value::text("1"))].into_iter().collect();
    let mut seen = 0;
    for definition in definitions() {
        for example in definition.reference().examples {
            if let Some(Kintone::Query(query)) = example.kintone {
                let case = example.case(definition).unwrap();
                let bound = bind(&case.plan, std::slice::from_ref(&set)).unwrap();
                assert_eq!(bound.reads[&case.result].condition, query);
                seen += 1;
            }
        }
    }
    assert!(seen > 0);
}
