//! What is told of a wrong formula, and where: the source line with carets.

use super::super::compile;
use super::support::columns;

/// All problems of a formula: caret print and English sentence of each.
fn problems(formula: &str) -> String {
    let problems = compile(formula, &columns()).map(|_| ()).unwrap_err();
    let lines: Vec<String> =
        problems.iter().map(|p| format!("{}\n{}: {}\n{}", p.caret(formula), p.code, p.en, p.ja)).collect();
    lines.join("\n")
}

#[test]
fn names_that_are_not_there() {
    insta::assert_snapshot!(problems("数糧 * 単価 + 品番"));
    insta::assert_snapshot!(problems("SUMM(1) & TODAY & ABC(1/x)"));
    insta::assert_snapshot!(problems("単価（税込）*2"));
}

#[test]
fn arguments_that_do_not_fit() {
    insta::assert_snapshot!(problems("IF(TRUE) + LEN(\"a\", 1) + IFS(1,2,3) + TODAY(1) + SUMIFS(1,2,3,4)"));
}

#[test]
fn kinds_that_cannot_work() {
    insta::assert_snapshot!(problems("IF(受注日*2 > 1, 受注日+受注日, -開始) & 明細"));
    insta::assert_snapshot!(problems("区分 + 1"));
    insta::assert_snapshot!(problems("SUM(内訳) & LEN(明細) & IF(内訳,1,2)"));
}

#[test]
fn columns_of_tables_that_are_not_there() {
    insta::assert_snapshot!(problems("SUM(内訳[金学]) + SUM(数量[金額]) + SUM(内約[金額]) + 内訳[数] * 2"));
}

#[test]
fn functions_that_are_left_out() {
    insta::assert_snapshot!(problems("VLOOKUP(品名,1,2) & ｐｈｏｎｅｔｉｃ(品名) & RANK(1,2)"));
}

#[test]
fn patterns_that_are_none() {
    insta::assert_snapshot!(problems("REGEXMATCH(品名, \"(あ\") & REGEXREPLACE(品名, \"a{99999}\", \"\")"));
}

#[test]
fn syntax() {
    let formulas = [
        "",
        "=",
        "1 +",
        "1 2",
        "(1",
        "1)",
        "IF(1,2",
        "* 3",
        "1 + * 2",
        "在庫 数量",
        "\"abc",
        "[abc",
        "[]",
        "'abc",
        "%abc",
        "%%",
        "1 # 2 ; 3",
        "IF(数量 単価)",
        "1e99",
        "1..2",
        "数量 >\n 単価 * @",
    ];
    let all: Vec<String> = formulas.iter().map(|formula| problems(formula)).collect();
    insta::assert_snapshot!(all.join("\n\n"));
}
