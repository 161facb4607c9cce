//! Conditions: IF and its kin, AND, OR, NOT, XOR, and catching of errors.

use model::field::Kind;
use model::value::Value;

use super::super::ErrorValue;
use super::super::compare::compare;
use super::{Call, Function, Return, Static, bool_kind, function};

pub(super) static FUNCTIONS: &[Function] = &[
    function("IF", 2, Some(3), if_)
        .kind(|args| {
            let otherwise = if args.len() > 2 { args.at(2) } else { Static::Is(Kind::Bool) };
            args.at(1).or(otherwise)
        })
        .takes("condition: truth, then: any, [else: any]")
        .about(
            "条件が真なら2番目、偽なら3番目の値(省略時は FALSE)。使わない方は計算されません。",
            "The second value if the condition is true, else the third (FALSE if left out). The other one is not computed.",
        )
        .examples(&[
            ("IF(1<2,\"はい\",\"いいえ\")", "はい"),
            ("IF(0,1/0,5)", "5"),
            ("IF(FALSE,1)", "FALSE"),
            ("IF(\"\",1,2)", "2"),
            ("IF(TRUE,,2)", ""),
            ("IF(\"abc\",1,2)", "#VALUE!"),
        ]),
    function("IFS", 2, None, ifs)
        .pairs(0)
        .kind(|args| Static::common(args.iter().skip(1).step_by(2)))
        .takes("condition: truth, value: any, …")
        .about(
            "条件と値の組を順に調べ、最初に真になった条件の値。どれも真でなければ #N/A。",
            "Pairs of condition and value: the value of the first condition that is true; #N/A if none is.",
        )
        .examples(&[
            ("IFS(5>10,\"大\",5>3,\"中\",TRUE,\"小\")", "中"),
            ("IFS(TRUE,1,1/0,2)", "1"),
            ("IFS(FALSE,1)", "#N/A"), ("IFS(\"\",1,TRUE,2)", "2"),
        ]),
    function("SWITCH", 3, None, switch)
        .kind(|args| {
            let results = args.iter().skip(2).step_by(2);
            let default = if args.len() % 2 == 0 { args.iter().last() } else { None };
            Static::common(results.chain(default))
        })
        .takes("value: any, candidate: any, result: any, …, [default: any]")
        .about(
            "最初の値と等しい候補の結果。なければ最後の既定値、既定値もなければ #N/A。",
            "The result beside the candidate that equals the first value; else the default at the end, or #N/A without one.",
        )
        .examples(&[
            ("SWITCH(2,1,\"月\",2,\"火\",\"他\")", "火"),
            ("SWITCH(9,1,\"月\",2,\"火\",\"他\")", "他"),
            ("SWITCH(9,1,\"月\")", "#N/A"),
            ("SWITCH(\"a\",\"A\",1,1/0,2)", "1"), ("SWITCH(\"\",1,\"月\",\"\",\"空\")", "空"),
        ]),
    function("CHOOSE", 2, None, choose)
        .kind(|args| Static::common(args.iter().skip(1)))
        .takes("index: number, value: any, …")
        .about(
            "番号(1から)で選んだ値。選ばれない値は計算されません。番号がなければ #VALUE!。空白は0。",
            "The value of that number (the first is 1). The others are not computed. #VALUE! where there is none. Blank is 0.",
        )
        .examples(&[
            ("CHOOSE(2,\"月\",\"火\",\"水\")", "火"),
            ("CHOOSE(1,5,1/0)", "5"),
            ("CHOOSE(\"\",1,2)", "#VALUE!"),
            ("CHOOSE(3,1,2)", "#VALUE!"),
        ]),
    function("AND", 1, None, |call| fold(call, true, |a, b| a && b))
        .kind(bool_kind)
        .takes("condition: truth, …")
        .about(
            "すべて真なら TRUE。空白は偽。すべての引数が計算されます。",
            "TRUE if all are true. Blank is false. All arguments are computed.",
        )
        .examples(&[("AND(1<2,2<3)", "TRUE"), ("AND(TRUE,\"\")", "FALSE"), ("AND(FALSE,1/0)", "#DIV/0!")]),
    function("OR", 1, None, |call| fold(call, false, |a, b| a || b))
        .kind(bool_kind)
        .takes("condition: truth, …")
        .about(
            "一つでも真なら TRUE。空白は偽。すべての引数が計算されます。",
            "TRUE if at least one is true. Blank is false. All arguments are computed.",
        )
        .examples(&[("OR(1>2,2<3)", "TRUE"), ("OR(\"\",0)", "FALSE"), ("OR(TRUE,1/0)", "#DIV/0!")]),
    function("XOR", 1, None, |call| fold(call, false, |a, b| a != b))
        .kind(bool_kind)
        .takes("condition: truth, …")
        .about("真の個数が奇数なら TRUE。空白は偽。", "TRUE if an odd number of them is true. Blank is false.")
        .examples(&[("XOR(TRUE,FALSE)", "TRUE"), ("XOR(TRUE,TRUE)", "FALSE"), ("XOR(TRUE,TRUE,TRUE)", "TRUE"), ("XOR(\"\",TRUE)", "TRUE"), ("XOR(TRUE,\"a\")", "#VALUE!")]),
    function("NOT", 1, Some(1), |call| Ok(Value::Bool(!call.truth(0)?)))
        .kind(bool_kind)
        .takes("condition: truth")
        .about("真偽を逆にします。空白は偽なので TRUE。", "The opposite. Blank is false, so it yields TRUE.")
        .examples(&[("NOT(1=2)", "TRUE"), ("NOT(\"\")", "TRUE"), ("NOT(5)", "FALSE"), ("NOT(\"a\")", "#VALUE!")]),
    function("TRUE", 0, Some(0), |_| Ok(Value::Bool(true)))
        .kind(bool_kind)
        .about("真。", "True.")
        .examples(&[("TRUE()", "TRUE")]),
    function("FALSE", 0, Some(0), |_| Ok(Value::Bool(false)))
        .kind(bool_kind)
        .about("偽。", "False.")
        .examples(&[("FALSE()", "FALSE")]),
    function("IFERROR", 2, Some(2), |call| call.owned(0).or_else(|_| call.owned(1)))
        .kind(|args| Static::common(args.iter()))
        .takes("value: any, otherwise: any")
        .about(
            "最初の値。エラーなら2番目の値。",
            "The first value, or the second where the first is an error.",
        )
        .examples(&[("IFERROR(1/0,0)", "0"), ("IFERROR(4/2,1/0)", "2"), ("IFERROR(\"\",1)", ""), ("IFERROR(1/0,NA())", "#N/A")]),
    function("IFNA", 2, Some(2), if_na)
        .kind(|args| Static::common(args.iter()))
        .takes("value: any, otherwise: any")
        .about(
            "最初の値。#N/A なら2番目の値。ほかのエラーはそのまま。",
            "The first value, or the second where the first is #N/A. Other errors stay.",
        )
        .examples(&[("IFNA(NA(),\"なし\")", "なし"), ("IFNA(1/0,0)", "#DIV/0!"), ("IFNA(3,0)", "3"), ("IFNA(\"\",1)", "")]),
];

fn if_(call: &Call<'_>) -> Return {
    if call.truth(0)? {
        call.owned(1)
    } else if call.len() > 2 {
        call.owned(2)
    } else {
        Ok(Value::Bool(false))
    }
}

fn ifs(call: &Call<'_>) -> Return {
    for at in (0..call.len()).step_by(2) {
        if call.truth(at)? {
            return call.owned(at + 1);
        }
    }
    Err(ErrorValue::Na)
}

fn switch(call: &Call<'_>) -> Return {
    let value = call.value(0)?;
    let mut at = 1;
    while at + 1 < call.len() {
        if compare(&value, &*call.value(at)?, call.zone())?.is_eq() {
            return call.owned(at + 1);
        }
        at += 2;
    }
    if at < call.len() { call.owned(at) } else { Err(ErrorValue::Na) }
}

fn choose(call: &Call<'_>) -> Return {
    let at = usize::try_from(call.whole(0)?).map_err(|_| ErrorValue::Value)?;
    if at == 0 || !call.has(at) { Err(ErrorValue::Value) } else { call.owned(at) }
}

fn fold(call: &Call<'_>, start: bool, step: fn(bool, bool) -> bool) -> Return {
    let mut result = start;
    for at in 0..call.len() {
        result = step(result, call.truth(at)?);
    }
    Ok(Value::Bool(result))
}

fn if_na(call: &Call<'_>) -> Return {
    match call.owned(0) {
        Err(ErrorValue::Na) => call.owned(1),
        other => other,
    }
}
