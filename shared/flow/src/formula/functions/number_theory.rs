//! Whole numbers: divisors, multiples, factorials, combinations. Fractions are dropped.

use model::decimal::Decimal;
use model::value::Value;

use super::super::ErrorValue;
use super::aggregate::all_numbers;
use super::{Call, Function, Return, function, number_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("GCD", 1, None, |call| {
        let mut divisor = 0;
        for n in whole_numbers(call)? {
            divisor = common_divisor(divisor, n);
        }
        number(divisor)
    })
    .kind(number_kind)
    .takes("number: list, …")
    .about(
        "最大公約数。空白は飛ばします。負の数は #NUM!。",
        "The greatest common divisor. Blanks are skipped. #NUM! below zero.",
    )
    .examples(&[("GCD(24,36)", "12"), ("GCD(5,\"\",0)", "5"), ("GCD(\"\")", "0"), ("GCD(-2,4)", "#NUM!")]),
    function("LCM", 1, None, |call| {
        let mut multiple = 1i128;
        for n in whole_numbers(call)? {
            if n == 0 {
                return number(0);
            }
            multiple = (multiple / common_divisor(multiple, n)).checked_mul(n).ok_or(ErrorValue::Num)?;
        }
        number(multiple)
    })
    .kind(number_kind)
    .takes("number: list, …")
    .about(
        "最小公倍数。空白は飛ばします。0があれば0、負の数は #NUM!。",
        "The least common multiple. Blanks are skipped. 0 if one of them is 0, #NUM! below zero.",
    )
    .examples(&[("LCM(4,6)", "12"), ("LCM(5,\"\")", "5"), ("LCM(3,0)", "0"), ("LCM(-2)", "#NUM!")]),
    function("FACT", 1, Some(1), |call| factorial(call.whole(0)?))
        .kind(number_kind)
        .takes("number: number")
        .about(
            "階乗。33まで(34の階乗は38桁を超えます)。負の数は #NUM!。空白は0なので1。",
            "The factorial, up to 33 (that of 34 has more than 38 digits). #NUM! below zero. Blank is 0 and yields 1.",
        )
        .examples(&[
            ("FACT(5)", "120"),
            ("FACT(33)", "8683317618811886495518194401280000000"),
            ("FACT(\"\")", "1"),
            ("FACT(-1)", "#NUM!"),
            ("FACT(34)", "#NUM!"),
        ]),
    function("COMBIN", 2, Some(2), |call| {
        let (all, chosen) = sizes(call)?;
        // After each factor the product is a number of combinations itself, so every division is exact. What is common is
        // divided out before, so that no product is larger than the result.
        let mut combinations: i128 = 1;
        for step in 1..=chosen.min(all - chosen) {
            let (factor, step) = (i128::from(all - step + 1), i128::from(step));
            let common = common_divisor(combinations, step);
            combinations = (combinations / common).checked_mul(factor / (step / common)).ok_or(ErrorValue::Num)?;
        }
        number(combinations)
    })
    .kind(number_kind)
    .takes("all: number, chosen: number")
    .about(
        "組み合わせの数。空白は0。選ぶ数が多すぎるか負なら #NUM!。",
        "How many combinations there are. Blank is 0. #NUM! for more than there are, or below zero.",
    )
    .examples(&[
        ("COMBIN(5,2)", "10"),
        ("COMBIN(50,25)", "126410606437752"),
        ("COMBIN(128,64)", "23951146041928082866135587776380551750"),
        ("COMBIN(5,\"\")", "1"),
        ("COMBIN(2,5)", "#NUM!"),
    ]),
    function("PERMUT", 2, Some(2), |call| {
        let (all, chosen) = sizes(call)?;
        let mut permutations = Decimal::ONE;
        for taken in 0..chosen {
            permutations = permutations.checked_mul(Decimal::from(all - taken))?;
        }
        Ok(Value::Number(permutations))
    })
    .kind(number_kind)
    .takes("all: number, chosen: number")
    .about(
        "順列の数。空白は0。選ぶ数が多すぎるか負なら #NUM!。",
        "How many permutations there are. Blank is 0. #NUM! for more than there are, or below zero.",
    )
    .examples(&[("PERMUT(5,2)", "20"), ("PERMUT(5,\"\")", "1"), ("PERMUT(2,5)", "#NUM!")]),
];

fn number(n: i128) -> Return {
    Ok(Value::Number(Decimal::from_parts(n, 0)?))
}

fn whole_numbers(call: &Call<'_>) -> Result<Vec<i128>, ErrorValue> {
    let all = all_numbers(call)?;
    if all.iter().any(|n| n.is_negative()) {
        return Err(ErrorValue::Num);
    }
    Ok(all.into_iter().map(|n| n.trunc().mantissa()).collect())
}

fn common_divisor(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn factorial(last: i64) -> Return {
    if last < 0 {
        return Err(ErrorValue::Num);
    }
    let mut product = Decimal::ONE;
    for n in 1..=last {
        product = product.checked_mul(Decimal::from(n))?;
    }
    Ok(Value::Number(product))
}

/// How many there are and how many are chosen.
fn sizes(call: &Call<'_>) -> Result<(i64, i64), ErrorValue> {
    let (all, chosen) = (call.whole(0)?, call.whole(1)?);
    if chosen < 0 || all < chosen { Err(ErrorValue::Num) } else { Ok((all, chosen)) }
}
