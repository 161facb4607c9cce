//! Groups and aggregates.

use flow::plan::{Aggregate, AggregateFunction, Group, Op};

use crate::support::{apply, lines, table};

fn grouped(
    header: &str,
    rows: &[&str],
    keys: &[usize],
    aggregates: &[(AggregateFunction, usize)],
    output: &str,
) -> Result<Vec<String>, String> {
    let aggregates =
        aggregates.iter().map(|(function, column)| Aggregate { function: function.clone(), column: *column });
    let op = Op::Group(Group { keys: keys.to_vec(), aggregates: aggregates.collect() });
    apply(op, vec![table(header, rows)], output).map(|t| lines(&t)).map_err(|e| e.to_string())
}

use AggregateFunction as F;

#[test]
fn groups_come_in_order_of_first_appearance_and_blank_is_a_key() {
    let rows = ["b|1", "|2", "a|3", "b|4", "|"];
    let out = grouped(
        "k:text v:number",
        &rows,
        &[0],
        &[(F::Sum, 1), (F::Count, 1), (F::CountAll, 1)],
        "k:text s:number c:number n:number",
    );
    assert_eq!(out.unwrap(), ["b|5|2|2", "|2|1|2", "a|3|1|1"]);
}

#[test]
fn numeric_aggregates_are_exact() {
    let rows = ["a|0.1", "a|0.2", "a|", "b|1", "b|2", "b|2", "c|", "d|-0.05"];
    let functions = [(F::Sum, 1), (F::Average, 1), (F::Median, 1), (F::Min, 1), (F::Max, 1)];
    let out =
        grouped("k:text v:number", &rows, &[0], &functions, "k:text s:number a:number m:number i:number x:number");
    assert_eq!(
        out.unwrap(),
        ["a|0.3|0.15|0.15|0.1|0.2", "b|5|1.66666666666667|2|1|2", "c|0||||", "d|-0.05|-0.05|-0.05|-0.05|-0.05"]
    );
}

#[test]
fn sums_pass_38_digits_on_the_way_and_not_at_the_end() {
    let big = "9".repeat(38);
    let rows = [format!("a|{big}"), format!("a|{big}"), format!("a|-{big}"), "a|-1".into()];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let out = grouped("k:text v:number", &rows, &[0], &[(F::Sum, 1)], "k:text s:number");
    assert_eq!(out.unwrap(), [format!("a|{}8", "9".repeat(37))]);
    let out = grouped("k:text v:number", &rows[..2], &[0], &[(F::Sum, 1)], "k:text 合計:number");
    assert_eq!(
        out.unwrap_err(),
        "step \"試す\", field \"合計\", the group of rows that begins with row 1: more than 38 digits, with the decimals of its column"
    );
}

#[test]
fn a_mean_and_a_median_fit_where_the_sum_does_not() {
    let rows = [format!("a|{}8", "9".repeat(37)), format!("a|{}6", "9".repeat(37))];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let functions = [(F::Average, 1), (F::Median, 1)];
    let out = grouped("k:text v:number", &rows, &[0], &functions, "k:text a:number m:number");
    let mean = format!("{}7", "9".repeat(37));
    assert_eq!(out.unwrap(), [format!("a|{mean}|{mean}")]);
}

#[test]
fn rows_are_picked_by_order_and_by_value() {
    let rows = ["a||2026-05-01|x;y", "a|beta|2026-01-31|", "a|alpha||z", "b|||"];
    let functions = [(F::First, 1), (F::Last, 1), (F::Min, 1), (F::Max, 2), (F::First, 3), (F::Last, 3)];
    let out = grouped(
        "k:text v:text d:date l:texts",
        &rows,
        &[0],
        &functions,
        "k:text f:text l:text i:text x:date lf:texts ll:texts",
    );
    assert_eq!(out.unwrap(), ["a|beta|alpha|alpha|2026-05-01|x;y|z", "b||||||"]);
}

#[test]
fn different_values_are_counted_by_value() {
    let rows = ["a|1|x", "a|1.0|x;y", "a|2|x", "a||", "b|2|x"];
    let out = grouped(
        "k:text v:number l:texts",
        &rows,
        &[0],
        &[(F::CountDistinct, 1), (F::CountDistinct, 2)],
        "k:text c:number d:number",
    );
    assert_eq!(out.unwrap(), ["a|2|2", "b|1|1"]);
}

#[test]
fn without_keys_all_rows_are_one_group() {
    let sum = [(F::Sum, 0), (F::CountAll, 0)];
    assert_eq!(grouped("v:number", &["1", "", "2.5"], &[], &sum, "s:number n:number").unwrap(), ["3.5|3"]);
    assert_eq!(grouped("v:number", &[], &[], &sum, "s:number n:number").unwrap(), Vec::<String>::new());
}

#[test]
fn aggregates_that_mean_nothing_are_refused() {
    for (kind, function) in [("text", F::Sum), ("date", F::Average), ("texts", F::Max), ("entities", F::Min)] {
        let out = grouped(&format!("v:{kind}"), &[], &[], &[(function, 0)], &format!("s:{kind}"));
        assert!(out.unwrap_err().contains("is not defined for"), "{kind}");
    }
    assert!(grouped("v:texts", &[], &[0], &[], "v:texts").unwrap_err().contains("key is not defined for Texts"));
}
