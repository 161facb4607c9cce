//! Aggregates of the elements that fulfil conditions: over columns of a table or lists, element by element.

use std::cmp::Ordering;

use model::decimal::Decimal;
use model::decimal::arith::Sum;
use model::value::Value;

use super::super::ErrorValue;
use super::super::convert::number;
use super::super::criteria::Criterion;
use super::aggregate::{extreme_of, take_extreme};
use super::text::count_value;
use super::{Call, Function, Return, function, number_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("COUNTIF", 2, Some(2), |call| count_value(chosen(call, 0)?.into_iter().filter(|c| *c).count()))
        .kind(number_kind)
        .takes("column: list, condition: any")
        .about(
            "条件に合う要素の個数。条件は値、または \">=10\" \"<>甲\" \"東京*\" のような文字列。空白の条件は空白の要素に合います。",
            "How many elements fulfil a condition: a value, or a text such as \">=10\", \"<>甲\" or \"東京*\". A blank condition asks for blank ones.",
        )
        .examples(&[
            ("COUNTIF(LIST(\"甲\",\"乙\",\"甲\"),\"甲\")", "2"),
            ("COUNTIF(LIST(5,10,15),\">=10\")", "2"),
            ("COUNTIF(LIST(\"東京都\",\"京都府\"),\"*京都*\")", "2"),
            ("COUNTIF(\"\",\"\")", "1"),
            ("COUNTIF(LIST(1),1/0)", "#DIV/0!"),
        ]),
    function("COUNTIFS", 2, None, |call| count_value(chosen(call, 0)?.into_iter().filter(|c| *c).count()))
        .pairs(0)
        .kind(number_kind)
        .takes("column: list, condition: any, …")
        .about(
            "列と条件の組のすべてに合う要素の個数。列の長さが違えば #VALUE!。",
            "How many elements fulfil all pairs of column and condition. #VALUE! for columns of different length.",
        )
        .examples(&[
            ("COUNTIFS(LIST(\"甲\",\"乙\",\"甲\"),\"甲\",LIST(1,2,3),\">1\")", "1"),
            ("COUNTIFS(\"\",\"<>\")", "0"),
            ("COUNTIFS(LIST(1,2),1,LIST(1),1)", "#VALUE!"),
        ]),
    function("SUMIF", 2, Some(3), |call| sum(&values_if(call)?))
        .kind(number_kind)
        .takes("column: list, condition: any, [values: list]")
        .about(
            "条件に合う要素の合計。3番目に列を指定すると、合った行のその列を合計します。空白は飛ばします。",
            "The sum of the elements that fulfil a condition, or of another column (third) in their rows. Blanks are skipped.",
        )
        .examples(&[
            ("SUMIF(LIST(5,10,15),\">=10\")", "25"),
            ("SUMIF(LIST(\"甲\",\"乙\",\"甲\"),\"甲\",LIST(1,2,3))", "4"),
            ("SUMIF(\"\",\">0\")", "0"),
            ("SUMIF(LIST(\"甲\",\"乙\"),\"甲\",LIST(1,2,3))", "#VALUE!"),
        ]),
    function("SUMIFS", 3, None, |call| sum(&values_ifs(call)?))
        .pairs(1)
        .kind(number_kind)
        .takes("values: list, column: list, condition: any, …")
        .about(
            "1番目の列のうち、続く列と条件の組のすべてに合う行の合計。空白は飛ばします。",
            "The sum of the first column over the rows that fulfil all pairs of column and condition behind it. Blanks are skipped.",
        )
        .examples(&[
            ("SUMIFS(LIST(1,2,3),LIST(\"甲\",\"乙\",\"甲\"),\"甲\",LIST(1,2,3),\">1\")", "3"),
            ("SUMIFS(\"\",\"\",\"\")", "0"),
            ("SUMIFS(LIST(1,2),LIST(\"甲\"),\"甲\")", "#VALUE!"),
        ]),
    function("AVERAGEIF", 2, Some(3), |call| average(&values_if(call)?))
        .kind(number_kind)
        .takes("column: list, condition: any, [values: list]")
        .about(
            "条件に合う要素の平均。3番目に列を指定すると、合った行のその列の平均。空白は飛ばし、なければ #DIV/0!。",
            "The mean of the elements that fulfil a condition, or of another column (third) in their rows. Blanks are skipped; #DIV/0! of none.",
        )
        .examples(&[
            ("AVERAGEIF(LIST(5,10,20),\">=10\")", "15"),
            ("AVERAGEIF(LIST(\"甲\",\"乙\",\"甲\"),\"甲\",LIST(1,2,3))", "2"),
            ("AVERAGEIF(\"\",\">0\")", "#DIV/0!"),
        ]),
    function("AVERAGEIFS", 3, None, |call| average(&values_ifs(call)?))
        .pairs(1)
        .kind(number_kind)
        .takes("values: list, column: list, condition: any, …")
        .about(
            "1番目の列のうち、続く列と条件の組のすべてに合う行の平均。空白は飛ばし、なければ #DIV/0!。",
            "The mean of the first column over the rows that fulfil all pairs of column and condition behind it. Blanks are skipped; #DIV/0! of none.",
        )
        .examples(&[
            ("AVERAGEIFS(LIST(1,2,3),LIST(\"甲\",\"乙\",\"甲\"),\"甲\")", "2"),
            ("AVERAGEIFS(\"\",\"\",\"a\")", "#DIV/0!"),
            ("AVERAGEIFS(LIST(1,2),LIST(\"甲\"),\"甲\")", "#VALUE!"),
        ]),
    function("MAXIFS", 3, None, |call| extreme(call, Ordering::Greater))
        .pairs(1)
        .kind(|args| extreme_of(args.element(0)))
        .takes("values: list, column: list, condition: any, …")
        .about(
            "1番目の列のうち、続く列と条件の組のすべてに合う行の最大。日付にも使えます。なければ空白。",
            "The largest of the first column over the rows that fulfil all pairs of column and condition behind it, also of dates. Blank of none.",
        )
        .examples(&[
            ("MAXIFS(LIST(1,2,3),LIST(\"甲\",\"乙\",\"乙\"),\"乙\")", "3"),
            ("MAXIFS(LIST(1,2),LIST(1,2),\">5\")", ""),
            ("MAXIFS(LIST(1,2),LIST(1),1)", "#VALUE!"), ("MAXIFS(\"\",\"\",\">0\")", ""),
        ]),
    function("MINIFS", 3, None, |call| extreme(call, Ordering::Less))
        .pairs(1)
        .kind(|args| extreme_of(args.element(0)))
        .takes("values: list, column: list, condition: any, …")
        .about(
            "1番目の列のうち、続く列と条件の組のすべてに合う行の最小。日付にも使えます。なければ空白。",
            "The smallest of the first column over the rows that fulfil all pairs of column and condition behind it, also of dates. Blank of none.",
        )
        .examples(&[
            ("MINIFS(LIST(1,2,3),LIST(\"甲\",\"乙\",\"乙\"),\"乙\")", "2"),
            ("MINIFS(LIST(1,2),LIST(1,2),\">5\")", ""),
            ("MINIFS(LIST(1,2),LIST(1),1)", "#VALUE!"), ("MINIFS(\"\",\"\",\">0\")", ""),
        ]),
];

/// For each element whether it fulfils all pairs of column and condition from argument `first` on.
fn chosen(call: &Call<'_>, first: usize) -> Result<Vec<bool>, ErrorValue> {
    let mut chosen: Option<Vec<bool>> = None;
    for at in (first..call.len()).step_by(2) {
        let elements = call.elements(at)?;
        let criterion = Criterion::new(&*call.value(at + 1)?);
        let mut chosen_so_far = chosen.unwrap_or_else(|| vec![true; elements.len()]);
        if chosen_so_far.len() != elements.len() {
            return Err(ErrorValue::Value);
        }
        for (chosen, element) in chosen_so_far.iter_mut().zip(&elements) {
            *chosen = *chosen && criterion.holds(element, call.zone())?;
        }
        chosen = Some(chosen_so_far);
    }
    Ok(chosen.unwrap_or_default())
}

/// The values at the chosen places.
fn at_chosen(chosen: &[bool], values: Vec<Value>) -> Result<Vec<Value>, ErrorValue> {
    if chosen.len() != values.len() {
        return Err(ErrorValue::Value);
    }
    Ok(values.into_iter().zip(chosen).filter(|(value, chosen)| **chosen && !value.is_blank()).map(|(v, _)| v).collect())
}

/// Column, condition and maybe another column.
fn values_if(call: &Call<'_>) -> Result<Vec<Value>, ErrorValue> {
    let elements = call.elements(0)?;
    let criterion = Criterion::new(&*call.value(1)?);
    let mut chosen = Vec::with_capacity(elements.len());
    for element in &elements {
        chosen.push(criterion.holds(element, call.zone())?);
    }
    at_chosen(&chosen, if call.has(2) { call.elements(2)? } else { elements })
}

/// A column and pairs of column and condition.
fn values_ifs(call: &Call<'_>) -> Result<Vec<Value>, ErrorValue> {
    at_chosen(&chosen(call, 1)?, call.elements(0)?)
}

fn total(values: &[Value]) -> Result<Decimal, ErrorValue> {
    let mut sum = Sum::new();
    for value in values {
        sum.add(number(value)?);
    }
    Ok(sum.finish()?)
}

fn sum(values: &[Value]) -> Return {
    total(values).map(Value::Number)
}

fn average(values: &[Value]) -> Return {
    let count = i64::try_from(values.len()).map_err(|_| ErrorValue::Num)?;
    Ok(Value::Number(total(values)?.checked_div(Decimal::from(count))?))
}

fn extreme(call: &Call<'_>, wanted: Ordering) -> Return {
    let mut best = Value::Blank;
    for value in values_ifs(call)? {
        take_extreme(call, &mut best, &value, wanted)?;
    }
    Ok(best)
}
