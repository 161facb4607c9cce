//! Functions over any number of values. Blanks are skipped; lists and columns of tables count element by element.

use std::cmp::Ordering;

use model::decimal::Decimal;
use model::decimal::arith::Sum;
use model::field::Kind;
use model::value::Value;

use super::super::ErrorValue;
use super::super::compare::compare;
use super::super::convert::number;
use super::text::count_value;
use super::{Call, Function, Known, Return, Static, function, number_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("SUM", 1, None, |call| {
        let mut sum = Sum::new();
        numbers(call, |n| sum.add(n))?;
        Ok(Value::Number(sum.finish()?))
    })
    .kind(number_kind)
    .takes("number: list, …")
    .about(
        "合計。空白は飛ばします。数値に見える文字列は数値、それ以外の文字列は #VALUE!。テーブルの列は SUM(明細[金額]) のように書きます。",
        "The sum. Blanks are skipped, text that reads as a number is one, other text is #VALUE!. A column of a table is written SUM(明細[金額]).",
    )
    .examples(&[("SUM(0.1,0.2,\"\")", "0.3"), ("SUM(\"１２\",3)", "15"), ("SUM(LIST(1,2),3)", "6"), ("SUM(\"\")", "0"), ("SUM(1,\"a\")", "#VALUE!")]),
    function("SUMSQ", 1, None, |call| {
        let mut total = Ok(Decimal::ZERO);
        numbers(call, |n| total = total.and_then(|t: Decimal| t.checked_add(n.checked_mul(n)?)))?;
        Ok(Value::Number(total?))
    })
    .kind(number_kind)
    .takes("number: list, …")
    .about("2乗の合計。空白は飛ばします。", "The sum of the squares. Blanks are skipped.")
    .examples(&[("SUMSQ(3,4)", "25"), ("SUMSQ(\"\",0.5)", "0.25"), ("SUMSQ(\"a\")", "#VALUE!")]),
    function("PRODUCT", 1, None, |call| {
        let mut product = Ok(Decimal::ONE);
        let count = numbers(call, |n| product = product.and_then(|p| p.checked_mul(n)))?;
        Ok(Value::Number(if count == 0 { Decimal::ZERO } else { product? }))
    })
    .kind(number_kind)
    .takes("number: list, …")
    .about("積。空白は飛ばします。すべて空白なら0。", "The product. Blanks are skipped; of blanks alone it is 0.")
    .examples(&[("PRODUCT(2,\"\",3.5)", "7"), ("PRODUCT(\"\")", "0"), ("PRODUCT(2,\"a\")", "#VALUE!")]),
    function("SUMPRODUCT", 1, None, sum_product)
        .kind(number_kind)
        .takes("column: list, …")
        .about(
            "テーブルの列やリストを同じ順番どうし掛けて合計します。空白と、数値でない文字列は0。長さが違えば #VALUE!。",
            "Columns of a table or lists, multiplied element by element, and added up. Blank, and text that is no number, is 0. #VALUE! for different lengths.",
        )
        .examples(&[
            ("SUMPRODUCT(LIST(2,3),LIST(10,20))", "80"),
            ("SUMPRODUCT(3,4)", "12"),
            ("SUMPRODUCT(\"\")", "0"),
            ("SUMPRODUCT(LIST(1,2),LIST(1,2,3))", "#VALUE!"),
        ]),
    function("AVERAGE", 1, None, |call| {
        let mut sum = Sum::new();
        let count = numbers(call, |n| sum.add(n))?;
        Ok(Value::Number(sum.mean(count)?))
    })
    .kind(number_kind)
    .takes("number: list, …")
    .about("平均。空白は飛ばします。すべて空白なら #DIV/0!。", "The mean. Blanks are skipped; of blanks alone it is #DIV/0!.")
    .examples(&[("AVERAGE(1,2,2)", "1.66666666666667"), ("AVERAGE(1,\"\",3)", "2"), ("AVERAGE(99999999999999999999999999999999999998,99999999999999999999999999999999999996)", "99999999999999999999999999999999999997"), ("AVERAGE(\"\")", "#DIV/0!")]),
    function("MIN", 1, None, |call| extreme(call, Ordering::Less))
        .kind(extreme_kind)
        .takes("value: list, …")
        .about(
            "最小の値。日付や時刻にも使えます。空白は飛ばし、すべて空白なら空白。",
            "The smallest value, also of dates and times. Blanks are skipped; of blanks alone it is blank.",
        )
        .examples(&[("MIN(3,\"\",1.5)", "1.5"), ("MIN(DATE(2026,2,1),TODAY())", "2026-01-31"), ("MIN(\"\")", ""), ("MIN(1,TODAY())", "#VALUE!")]),
    function("MAX", 1, None, |call| extreme(call, Ordering::Greater))
        .kind(extreme_kind)
        .takes("value: list, …")
        .about(
            "最大の値。日付や時刻にも使えます。空白は飛ばし、すべて空白なら空白。",
            "The largest value, also of dates and times. Blanks are skipped; of blanks alone it is blank.",
        )
        .examples(&[("MAX(3,\"\",1.5)", "3"), ("MAX(-1,\"\")", "-1"), ("MAX(DATE(2026,2,1),TODAY())", "2026-02-01"), ("MAX(\"10\",9)", "10"), ("MAX(\"a\",9)", "#VALUE!")]),
    function("COUNT", 1, None, |call| {
        count(call, |value| {
            matches!(value, Ok(Value::Number(_) | Value::Date(_) | Value::Time(_) | Value::Datetime(_)))
        })
    })
    .kind(number_kind)
    .takes("value: list, …")
    .about(
        "数値、日付、時刻の個数。文字列、空白、エラーは数えません。",
        "How many numbers, dates and times. Texts, blanks and errors do not count.",
    )
    .examples(&[("COUNT(1,\"\",\"a\",TODAY(),1/0)", "2"), ("COUNT(\"\")", "0"), ("COUNT(LIST(1,2))", "0")]),
    function("COUNTA", 1, None, |call| count(call, |value| !matches!(value, Ok(Value::Blank))))
        .kind(number_kind)
        .takes("value: list, …")
        .about(
            "空白でないものの個数。エラーも数えます。複数選択なら選ばれた数。",
            "How many are not blank. Errors count. Of a list of options: how many are chosen.",
        )
        .examples(&[("COUNTA(1,\"\",\"a\",1/0)", "3"), ("COUNTA(LIST(\"甲\",\"乙\"))", "2"), ("COUNTA(\"\")", "0")]),
    function("COUNTBLANK", 1, None, |call| count(call, |value| matches!(value, Ok(Value::Blank))))
        .kind(number_kind)
        .takes("value: list, …")
        .about("空白の個数。エラーは数えません。", "How many are blank. Errors do not count.")
        .examples(&[("COUNTBLANK(1,\"\",\"a\")", "1"), ("COUNTBLANK(\"\",\"\")", "2"), ("COUNTBLANK(1/0)", "0")]),
];

/// Hands every element that is not blank on as a number, and tells how many there were.
pub(super) fn numbers(call: &Call<'_>, mut each: impl FnMut(Decimal)) -> Result<i64, ErrorValue> {
    let mut count = 0;
    for at in 0..call.len() {
        call.each(at, &mut |value| {
            if !value.is_blank() {
                each(number(value)?);
                count += 1;
            }
            Ok(())
        })?;
    }
    Ok(count)
}

/// The elements that are not blank as numbers.
pub(super) fn all_numbers(call: &Call<'_>) -> Result<Vec<Decimal>, ErrorValue> {
    let mut all = Vec::with_capacity(call.len());
    numbers(call, |n| all.push(n))?;
    Ok(all)
}

/// How many elements this holds for; an argument that is an error is one element.
fn count(call: &Call<'_>, counts: impl Fn(Result<&Value, ErrorValue>) -> bool) -> Return {
    let mut found = 0;
    for at in 0..call.len() {
        let seen = call.each(at, &mut |value| {
            found += usize::from(counts(Ok(value)));
            Ok(())
        });
        if let Err(error) = seen {
            found += usize::from(counts(Err(error)));
        }
    }
    count_value(found)
}

/// A value for MIN and MAX: dates and times stay what they are, all else is a number.
fn comparable(value: &Value) -> Return {
    Ok(match value {
        Value::Date(_) | Value::Time(_) | Value::Datetime(_) => value.clone(),
        other => Value::Number(number(other)?),
    })
}

/// Values that have a common order: numbers; times; dates and instants.
fn same_order(a: &Value, b: &Value) -> bool {
    let order = |value: &Value| match value {
        Value::Date(_) | Value::Datetime(_) => 2,
        Value::Time(_) => 1,
        _ => 0,
    };
    order(a) == order(b)
}

/// Takes `value` in where it is further in the wanted direction than `best`.
pub(super) fn take_extreme(
    call: &Call<'_>,
    best: &mut Value,
    value: &Value,
    wanted: Ordering,
) -> Result<(), ErrorValue> {
    if value.is_blank() {
        return Ok(());
    }
    let value = comparable(value)?;
    if best.is_blank() {
        *best = value;
    } else if !same_order(&value, best) {
        return Err(ErrorValue::Value);
    } else if compare(&value, best, call.zone())? == wanted {
        *best = value;
    }
    Ok(())
}

fn extreme(call: &Call<'_>, wanted: Ordering) -> Return {
    let mut best = Value::Blank;
    for at in 0..call.len() {
        call.each(at, &mut |value| take_extreme(call, &mut best, value, wanted))?;
    }
    Ok(best)
}

/// What an element becomes in MIN and MAX: texts and truth values are numbers there.
pub(super) fn extreme_of(element: Static) -> Static {
    match element {
        Static::Is(Kind::Text | Kind::Bool) => Static::Is(Kind::Number),
        other => other,
    }
}

fn extreme_kind(args: &Known<'_>) -> Static {
    Static::common((0..args.len()).map(|at| extreme_of(args.element(at))))
}

fn sum_product(call: &Call<'_>) -> Return {
    let lists = (0..call.len()).map(|at| call.elements(at)).collect::<Result<Vec<_>, _>>()?;
    let length = lists.first().map_or(0, Vec::len);
    if lists.iter().any(|list| list.len() != length) {
        return Err(ErrorValue::Value);
    }
    let mut total = Sum::new();
    for row in 0..length {
        let mut product = Decimal::ONE;
        for list in &lists {
            product = product.checked_mul(number(&list[row]).unwrap_or_default())?;
        }
        total.add(product);
    }
    Ok(Value::Number(total.finish()?))
}
