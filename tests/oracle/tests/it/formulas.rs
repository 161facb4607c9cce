//! Every committed answer of LibreOffice, through Suiro's parser and evaluator.

use oracle::formulas::generate::Generator;
use oracle::formulas::report::Report;

use crate::support::data;

#[test]
fn formulas_equal_libreoffice_or_the_table_of_differences_says_why() {
    let report = Report::of(&data("formulas.tsv")).unwrap_or_else(|line| panic!("line {line} cannot be read"));
    let text = report.text(20, None);
    eprintln!("{text}");
    assert!(report.unexplained.is_empty(), "{text}");
    assert!(report.cases >= 20_000, "{} cases", report.cases);
    assert!(report.share() >= 0.99, "{text}");
    let idle: Vec<&str> = report.intended.iter().filter(|(_, cases)| cases.is_empty()).map(|(d, _)| d.name).collect();
    assert!(idle.is_empty(), "entries that explain nothing: {idle:?}");
    assert_eq!(report.table(), data("differences.tsv"), "the committed table; see the README for how it is written");
}

#[test]
fn the_committed_formulas_are_those_of_the_generator() {
    let file = data("formulas.tsv");
    // "…; seed 9, count 34000"
    let number = |name: &str| -> u64 {
        let rest = file.lines().next().unwrap().split(&format!("{name} ")).nth(1).unwrap();
        rest.split(',').next().unwrap().parse().unwrap()
    };
    let (seed, count) = (number("seed"), usize::try_from(number("count")).unwrap());
    let committed: Vec<&str> = file.lines().skip(1).filter_map(|line| Some(line.split_once('\t')?.0)).collect();
    assert_eq!(Generator::new(seed).formulas(count), committed);
}
