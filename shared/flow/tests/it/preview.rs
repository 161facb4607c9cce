//! Plans that end at a step, estimates, and the picture.

use super::{check, company, files, snapshot};
use flow::check::{UpTo, up_to};
use flow::document::Document;
use flow::estimate::{Held, Strategy, estimate};
use flow::plan::Op;
use flow::problem::Problem;

const HOW: Strategy = Strategy {
    page: 500,
    keys_per_call: 250,
    most_keys: 500,
    records_per_part: 100,
    parts_per_bulk: 19,
    calls_per_schema: 3,
};

fn good(name: &str) -> String {
    files("good").into_iter().find(|(n, _)| n == name).unwrap().1
}

fn to(text: &str, step: &str) -> Result<UpTo, Vec<Problem>> {
    let apps = company::apps();
    up_to(&Document::parse(text)?, step, &|app| apps.iter().find(|a| a.app == app))
}

#[test]
fn every_step_can_be_looked_at_with_all_its_columns() {
    for (name, text) in files("good") {
        for step in Document::parse(&text).unwrap().steps {
            let what = format!("{name}: {}", step.name.value);
            let UpTo { plan, node } = to(&text, &step.name).unwrap_or_else(|p| panic!("{what}: {p:#?}"));
            super::sound::assert_sound(&what, &plan);
            assert_eq!(node, plan.nodes.len() - 1, "{what}: nothing stands behind");
            assert!(!matches!(plan.nodes[node].op, Op::Write(_)), "{what}");
        }
    }
    let whole = to(&good("allocation"), "受注").unwrap();
    assert!(whole.plan.nodes[0].columns.len() >= check(&good("allocation")).unwrap().plan.nodes[0].columns.len());
    assert_eq!(whole.plan.nodes.len(), 1, "other inputs are not read");
}

#[test]
fn what_stands_behind_a_step_may_be_unfinished() {
    let half = "suiro: 1\nname: 途中\nsteps:\n  - { name: 受注, command: input_app, app: 1 }\n  - { name: 抽出, command: filter, from: 受注, formula: '受注数 > 0' }\n  - { name: 次, command: filter, from: 抽出, formula: '受注数 >' }\n";
    assert_eq!(to(half, "抽出").unwrap().node, 1);
    let codes = |step: &str| to(half, step).unwrap_err().into_iter().map(|p| p.code).collect::<Vec<_>>();
    assert!(codes("次").contains(&"formula_syntax"), "{:?}", codes("次"));
    let unknown = to(half, "抽").unwrap_err();
    assert_eq!(unknown[0].code, "unknown_step");
    assert!(unknown[0].en.contains("Did you mean \"抽出\"?"), "{}", unknown[0]);
}

/// Which days are holidays decides what any step yields, so a wrong one is told here as everywhere.
#[test]
fn a_wrong_holiday_hides_every_step() {
    let text = good("allocation").replacen("steps:", "holidays: [2026-02-30]\nsteps:", 1);
    let told: Vec<_> = to(&text, "受注").unwrap_err().into_iter().map(|p| (p.code, p.setting)).collect();
    assert_eq!(told, [("no_date", Some("holidays".to_owned()))]);
}

/// Steps behind a broken one are checked as far as they can be, but never run without it.
#[test]
fn what_stands_behind_a_broken_step_cannot_be_looked_at() {
    let broken = "suiro: 1\nname: 途中\nsteps:\n  - { name: 受注, command: input_app, app: 1 }\n  - { name: 並べる, command: sort, from: 受注, keys: [ない列] }\n  - { name: 次, command: filter, from: 並べる, formula: '受注数 > 0' }\n";
    assert_eq!(to(broken, "次").unwrap_err()[0].code, "unknown_column");
}

#[test]
fn calls_are_those_of_the_clients_way() {
    let plan = check(&good("allocation")).unwrap().plan;
    let reads: Vec<usize> = (0..plan.nodes.len()).filter(|id| matches!(plan.nodes[*id].op, Op::Read(_))).collect();
    let among = |orders: u64, stock: u64, all: u64| {
        let held = Held { reads: [(reads[0], orders), (reads[1], stock)].into(), apps: [(1, 7_000), (2, all)].into() };
        estimate(&plan, &held, &HOW)
    };
    let of = |orders: u64, stock: u64| among(orders, stock, stock);
    let small = of(1, 3);
    // Three calls that describe each of two apps, a page of each, both compared by key, one bulk.
    assert_eq!(small.total.schema_calls, 6);
    assert_eq!((small.total.read_calls, small.total.records_read), (2, 4));
    assert_eq!(small.total.write_calls, Some(1));
    let large = of(1_200, 20_000);
    assert_eq!((large.apps[&1].read_calls, large.apps[&2].read_calls), (3, 40));
    assert_eq!(large.total.records_read, 21_200);
    // Too many keys: the whole app is read.
    assert_eq!(large.apps[&2].compare_calls, Some(40));
    // But not where it is so large that even many keys take fewer calls: those, and the page that told it.
    assert_eq!(among(1, 1_200, 1_000_000).apps[&2].compare_calls, Some(6));
    let shares = large.apps.values();
    assert!(large.total.calls() <= shares.map(|s| s.calls()).sum(), "a bulk for two apps is one call");
    let none = of(0, 0);
    assert_eq!((none.total.read_calls, none.total.write_calls, none.total.compare_calls), (2, Some(0), Some(0)));
}

#[test]
fn a_picture_is_the_same_every_time() {
    let text = good("branches");
    let document = Document::parse(&text).unwrap();
    let picture = flow::picture::svg(&document, true);
    assert_eq!(picture, flow::picture::svg(&document, true));
    for step in &document.steps {
        assert!(picture.contains(&step.name.value), "{}", step.name.value);
    }
    assert_eq!(picture.matches("marker-end").count(), document.steps.iter().map(|s| s.from.len()).sum::<usize>());
    snapshot("picture__branches", &picture);
    let odd = "suiro: 1\nname: <輪> & \"\\u0007\"\nsteps: [{ name: a<b, command: nothing, from: [b, c] }, { name: b, command: filter, from: a<b }]";
    let picture = flow::picture::svg(&Document::parse(odd).unwrap(), false);
    assert!(picture.contains("a&lt;b") && !picture.contains("a<b"), "{picture}");
}
