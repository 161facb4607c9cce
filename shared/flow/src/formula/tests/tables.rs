//! Columns of tables, aggregates with conditions, and what a flow's holidays do.

use std::collections::BTreeSet;

use model::field::Kind;
use model::value::{Row, Value};

use super::super::{Context, ErrorValue, Parameters, compile};
use super::support::{NOW, all, eval_with, tokyo};
use crate::plan::Column;

#[test]
fn columns_of_a_table_are_lists() {
    all(&[
        ("SUM(内訳[金額])", "350"),
        ("SUM(内訳[金額],内訳[数],1)", "359"),
        ("AVERAGE(内訳[金額])", "175"),
        ("COUNT(内訳[金額])", "2"),
        ("COUNTA(内訳[品目])", "3"),
        ("COUNTBLANK(内訳[金額])", "1"),
        ("ROWS(内訳)", "3"),
        ("ROWS(明細)", "0"),
        ("MAX(内訳[納品日])", "2026-02-06"),
        ("MIN(内訳[納品日],DATE(2026,1,1))", "2026-01-01"),
        ("MAX(内訳[納品日],1)", "#VALUE!"),
        ("MEDIAN(内訳[数])", "2"),
        ("LARGE(内訳[数],1)", "5"),
        ("SUMPRODUCT(内訳[金額],内訳[数])", "450"),
        ("TEXTJOIN(\"、\",TRUE,内訳[品目])", "りんご、みかん、りんご"),
        ("TEXTJOIN(\",\",FALSE,内訳[金額])", "100,,250"),
        ("UNIQUE(内訳[品目])", "りんご,みかん"),
        ("内訳[金額]&\"円\"", "100,250円"),
        ("INDEX(内訳[納品日],2)", "2026-02-06"),
        ("INDEX(内訳[金額],2)", ""),
        ("INDEX(内訳[金額],4)", "#REF!"),
        ("XLOOKUP(\"みかん\",内訳[品目],内訳[数])", "5"),
        ("XLOOKUP(品名,内訳[品目],内訳[納品日])", "2026-01-31"),
        ("MATCH(250,内訳[金額])", "3"),
        ("CONTAINS(内訳[品目],品名)", "TRUE"),
        ("SUM(内訳[印])", "0"),
        ("'内訳'[金額]=[内訳][金額]", "TRUE"),
    ]);
}

#[test]
fn a_blank_table_has_no_elements() {
    all(&[
        ("SUM(空内訳[金額])", "0"),
        ("COUNTA(空内訳[金額])", "0"),
        ("MAX(空内訳[金額])", ""),
        ("AVERAGE(空内訳[金額])", "#DIV/0!"),
        ("空内訳[金額]=\"\"", "TRUE"),
        ("INDEX(空内訳[金額],1)", "#REF!"),
        ("IF(ROWS(空内訳)=0,\"明細なし\",1)", "明細なし"),
    ]);
}

#[test]
fn conditions_choose_rows() {
    all(&[
        ("SUMIF(内訳[品目],\"りんご\",内訳[金額])", "350"),
        ("SUMIF(内訳[品目],\"*ん\",内訳[数])", "5"),
        ("SUMIF(内訳[数],\">=2\")", "7"),
        ("SUMIF(内訳[数],\"<>2\")", "6"),
        ("SUMIFS(内訳[数],内訳[品目],品名,内訳[金額],\">100\")", "1"),
        ("COUNTIF(内訳[金額],\"\")", "1"),
        ("COUNTIF(内訳[金額],\"<>\")", "2"),
        ("COUNTIF(内訳[納品日],\">=2026-01-31\")", "2"),
        ("COUNTIF(内訳[納品日],受注日)", "1"),
        ("COUNTIF(内訳[納品日],\">\"&受注日)", "1"),
        ("COUNTIF(内訳[品目],\">5\")", "0"),
        ("COUNTIF(内訳[品目],\"~*\")", "0"),
        ("COUNTIFS(内訳[品目],品名,内訳[数],1)", "1"),
        ("AVERAGEIF(内訳[品目],\"みかん\",内訳[金額])", "#DIV/0!"),
        ("MINIFS(内訳[納品日],内訳[品目],\"りんご\")", "2026-01-27"),
        ("MAXIFS(内訳[納品日],内訳[数],\">9\")", ""),
        ("SUMIF(内訳[品目],1/0)", "#DIV/0!"),
    ]);
}

#[test]
fn names_in_a_table_of_unknown_columns_show_in_the_run() {
    // 明細 has no rows here, so nothing is wrong yet.
    all(&[("SUM(明細[どれか])", "0")]);
    let columns = [Column::new("表", Kind::Rows)];
    let row = |cells: &[(&str, i64)]| Row {
        id: None,
        cells: cells.iter().map(|(name, n)| ((*name).to_owned(), Value::Number((*n).into()))).collect(),
    };
    let values = vec![Value::Rows(vec![row(&[("数", 1)]), row(&[("数", 2), ("額", 5)])])];
    let (zone, parameters) = (tokyo(), Parameters::new());
    let of = |formula: &str| compile(formula, &columns).unwrap().eval(&values, &Context::new(NOW, &zone, &parameters));
    assert_eq!(of("SUM(表[数])"), Ok(Value::Number(3.into())));
    assert_eq!(of("SUM(表[額])"), Ok(Value::Number(5.into())));
    assert_eq!(of("SUM(表[級])"), Err(ErrorValue::Ref));
}

#[test]
fn the_flows_holidays_count_where_a_call_names_none() {
    // 2026-01-12 and, on a Saturday, 2026-01-10
    let holidays: BTreeSet<i32> = [20_465, 20_463].into_iter().collect();
    for (formula, expected) in [
        ("NETWORKDAYS(\"2026-01-09\",\"2026-01-13\")", "2"),
        ("NETWORKDAYS(\"2026-01-09\",\"2026-01-13\",\"\")", "3"),
        ("NETWORKDAYS(\"2026-01-09\",\"2026-01-13\",\"2026-01-09\")", "2"),
        ("NETWORKDAYS.INTL(\"2026-01-09\",\"2026-01-13\",11)", "2"),
        ("WORKDAY(\"2026-01-09\",1)", "2026-01-13"),
        ("WORKDAY.INTL(\"2026-01-09\",1,\"0000000\")", "2026-01-11"),
        ("ISWORKDAY(\"2026-01-12\")", "FALSE"),
        ("ISWORKDAY(\"2026-01-12\",\"\")", "TRUE"),
    ] {
        assert_eq!(eval_with(formula, &holidays), expected, "{formula}");
    }
}
