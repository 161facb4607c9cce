//! Functions of how values are spread: middle, most frequent, largest of a rank, deviation. Blanks are skipped; lists and
//! columns of tables count element by element.

use std::collections::HashMap;

use model::decimal::arith::Sum;
use model::decimal::{Decimal, MAX_DIGITS};
use model::value::Value;

use super::super::ErrorValue;
use super::super::convert::number;
use super::aggregate::all_numbers;
use super::{Call, Function, Return, function, number_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("MEDIAN", 1, None, median)
        .kind(number_kind)
        .takes("number: list, …")
        .about(
            "中央値。偶数個なら中央の二つの平均。空白は飛ばします。すべて空白なら #NUM!。",
            "The middle value, or the mean of the two in the middle. Blanks are skipped; of blanks alone it is #NUM!.",
        )
        .examples(&[("MEDIAN(5,1,3)", "3"), ("MEDIAN(4,1,\"\",2,3)", "2.5"), ("MEDIAN(99999999999999999999999999999999999999,99999999999999999999999999999999999999)", "99999999999999999999999999999999999999"), ("MEDIAN(\"\")", "#NUM!")]),
    function("MODE.SNGL", 1, None, mode)
        .aliases(&["MODE"])
        .kind(number_kind)
        .takes("number: list, …")
        .about(
            "最も多く現れる数値。同数なら先に現れたもの。空白は飛ばします。くり返しがなければ #N/A。",
            "The number that occurs most often; of several, the one that comes first. Blanks are skipped. #N/A if none occurs twice.",
        )
        .examples(&[("MODE(1,2,2,3,3)", "2"), ("MODE(5,\"\",5)", "5"), ("MODE(1,2)", "#N/A")]),
    function("LARGE", 2, Some(2), |call| ranked(call, true))
        .kind(number_kind)
        .takes("column: list, rank: number")
        .about(
            "リストやテーブルの列の中で、大きい方から何番目かの数値。空白は飛ばします。なければ #NUM!。",
            "The number of that rank from the largest in a list or a column of a table. Blanks are skipped. #NUM! if there is none.",
        )
        .examples(&[("LARGE(LIST(3,10,7),2)", "7"), ("LARGE(LIST(3,10),3)", "#NUM!"), ("LARGE(\"\",1)", "#NUM!")]),
    function("SMALL", 2, Some(2), |call| ranked(call, false))
        .kind(number_kind)
        .takes("column: list, rank: number")
        .about(
            "リストやテーブルの列の中で、小さい方から何番目かの数値。空白は飛ばします。なければ #NUM!。",
            "The number of that rank from the smallest in a list or a column of a table. Blanks are skipped. #NUM! if there is none.",
        )
        .examples(&[("SMALL(LIST(3,10,7),2)", "7"), ("SMALL(LIST(3,10),0)", "#NUM!"), ("SMALL(\"\",1)", "#NUM!")]),
    function("VAR.S", 1, None, |call| variance(call, 1, PLACES).map(Value::Number))
        .aliases(&["VAR"])
        .kind(number_kind)
        .takes("number: list, …")
        .about(
            "標本にもとづく分散。空白は飛ばします。1個以下なら #DIV/0!。小数第20位まで。",
            "The variance of a sample. Blanks are skipped. #DIV/0! of fewer than two. To 20 decimals.",
        )
        .examples(&[("VAR.S(1,2,3,4)", "1.66666666666666666667"), ("VAR(2,\"\",4)", "2"), ("VAR.S(1)", "#DIV/0!")]),
    function("VAR.P", 1, None, |call| variance(call, 0, PLACES).map(Value::Number))
        .aliases(&["VARP"])
        .kind(number_kind)
        .takes("number: list, …")
        .about(
            "母集団全体の分散。空白は飛ばします。すべて空白なら #DIV/0!。小数第20位まで。",
            "The variance of a whole population. Blanks are skipped; of blanks alone it is #DIV/0!. To 20 decimals.",
        )
        .examples(&[("VAR.P(1,2,3,4)", "1.25"), ("VARP(7)", "0"), ("VAR.P(\"\")", "#DIV/0!")]),
    function("STDEV.S", 1, None, |call| deviation(call, 1))
        .aliases(&["STDEV"])
        .kind(number_kind)
        .takes("number: list, …")
        .about(
            "標本にもとづく標準偏差。空白は飛ばします。1個以下なら #DIV/0!。小数第20位まで。",
            "The standard deviation of a sample. Blanks are skipped. #DIV/0! of fewer than two. To 20 decimals.",
        )
        .examples(&[("STDEV.S(1,2,3,4)", "1.29099444873580562839"), ("STDEV(2,\"\",4,6)", "2"), ("STDEV.S(1)", "#DIV/0!")]),
    function("STDEV.P", 1, None, |call| deviation(call, 0))
        .aliases(&["STDEVP"])
        .kind(number_kind)
        .takes("number: list, …")
        .about(
            "母集団全体の標準偏差。空白は飛ばします。すべて空白なら #DIV/0!。小数第20位まで。",
            "The standard deviation of a whole population. Blanks are skipped; of blanks alone it is #DIV/0!. To 20 decimals.",
        )
        .examples(&[("STDEV.P(2,4,4,4,5,5,7,9)", "2"), ("STDEVP(3,\"\")", "0"), ("STDEV.P(\"\")", "#DIV/0!")]),
];

fn median(call: &Call<'_>) -> Return {
    let mut all = all_numbers(call)?;
    all.sort_unstable();
    let middle = all.len() / 2;
    let upper = *all.get(middle).ok_or(ErrorValue::Num)?;
    if all.len() % 2 == 1 {
        return Ok(Value::Number(upper));
    }
    let lower = *all.get(middle - 1).ok_or(ErrorValue::Num)?;
    let mut both = Sum::new();
    both.add(lower);
    both.add(upper);
    Ok(Value::Number(both.mean(2)?))
}

fn mode(call: &Call<'_>) -> Return {
    let all = all_numbers(call)?;
    let mut times = HashMap::new();
    for n in &all {
        *times.entry(*n).or_insert(0) += 1;
    }
    let most = times.values().copied().max().filter(|most| *most > 1).ok_or(ErrorValue::Na)?;
    all.into_iter().find(|n| times.get(n) == Some(&most)).map(Value::Number).ok_or(ErrorValue::Na)
}

fn ranked(call: &Call<'_>, largest_first: bool) -> Return {
    let mut all = Vec::new();
    call.each(0, &mut |value| {
        if !value.is_blank() {
            all.push(number(value)?);
        }
        Ok(())
    })?;
    all.sort_unstable();
    if largest_first {
        all.reverse();
    }
    let rank = usize::try_from(call.whole(1)?).ok().and_then(|rank| rank.checked_sub(1)).ok_or(ErrorValue::Num)?;
    all.get(rank).copied().map(Value::Number).ok_or(ErrorValue::Num)
}

/// Decimals of a variance.
const PLACES: u32 = 20;

/// The mean square of the distances from the mean, over the count less `fewer`, to so many decimals.
fn variance(call: &Call<'_>, fewer: i64, places: u32) -> Result<Decimal, ErrorValue> {
    let all = all_numbers(call)?;
    let count = i64::try_from(all.len()).map_err(|_| ErrorValue::Num)?;
    if count <= fewer {
        return Err(ErrorValue::Div0);
    }
    let n = Decimal::from(count);
    // Σ(n·x - Σx)² = n²·Σ(x - mean)²: no mean is rounded on the way.
    let mut sum = Decimal::ZERO;
    for x in &all {
        sum = sum.checked_add(*x)?;
    }
    let mut squares = Decimal::ZERO;
    for x in &all {
        let distance = x.checked_mul(n)?.checked_sub(sum)?;
        squares = squares.checked_add(distance.checked_mul(distance)?)?;
    }
    Ok(squares.div_to(n.checked_mul(n)?.checked_mul(Decimal::from(count - fewer))?, places)?)
}

fn deviation(call: &Call<'_>, fewer: i64) -> Return {
    // Rounded once: the root of a variance of 20 decimals could be wrong in its last one.
    variance(call, fewer, MAX_DIGITS)?.sqrt().map(Value::Number).ok_or(ErrorValue::Num)
}
