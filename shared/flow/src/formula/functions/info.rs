//! Questions about a value: is it blank, a number, a text, an error.

use model::decimal::Decimal;
use model::value::Value;

use super::super::ErrorValue;
use super::super::serial;
use super::{Call, Function, Return, Static, bool_kind, function, number_kind, text_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("ISBLANK", 1, Some(1), |call| test(call, Value::is_blank))
        .kind(bool_kind)
        .takes("value: any")
        .about("空白なら TRUE。空の文字列も空白です。", "TRUE if blank. An empty text is blank too.")
        .examples(&[("ISBLANK(\"\")", "TRUE"), ("ISBLANK(0)", "FALSE"), ("ISBLANK(1/0)", "FALSE")]),
    function("ISNUMBER", 1, Some(1), |call| {
        test(call, |v| matches!(v, Value::Number(_) | Value::Date(_) | Value::Time(_) | Value::Datetime(_)))
    })
    .kind(bool_kind)
    .takes("value: any")
    .about(
        "数値、日付、時刻、日時なら TRUE。空白と、数値に見える文字列は FALSE。",
        "TRUE for a number, date, time or date and time; FALSE for blank and for text that looks like a number.",
    )
    .examples(&[
        ("ISNUMBER(1.5)", "TRUE"),
        ("ISNUMBER(\"1\")", "FALSE"),
        ("ISNUMBER(TODAY())", "TRUE"),
        ("ISNUMBER(\"\")", "FALSE"),
    ]),
    function("ISTEXT", 1, Some(1), |call| test(call, |v| matches!(v, Value::Text(_))))
        .kind(bool_kind)
        .takes("value: any")
        .about("文字列なら TRUE。空白は FALSE。", "TRUE for text; FALSE for blank.")
        .examples(&[("ISTEXT(\"a\")", "TRUE"), ("ISTEXT(1)", "FALSE"), ("ISTEXT(\"\")", "FALSE")]),
    function("ISLOGICAL", 1, Some(1), |call| test(call, |v| matches!(v, Value::Bool(_))))
        .kind(bool_kind)
        .takes("value: any")
        .about("真偽値なら TRUE。", "TRUE for a truth value.")
        .examples(&[("ISLOGICAL(1=1)", "TRUE"), ("ISLOGICAL(1)", "FALSE"), ("ISLOGICAL(\"\")", "FALSE")]),
    function("ISERROR", 1, Some(1), |call| Ok(Value::Bool(call.value(0).is_err())))
        .kind(bool_kind)
        .takes("value: any")
        .about("エラーなら TRUE。", "TRUE for an error.")
        .examples(&[("ISERROR(1/0)", "TRUE"), ("ISERROR(\"\")", "FALSE"), ("ISERROR(NA())", "TRUE")]),
    function("ISNA", 1, Some(1), |call| Ok(Value::Bool(matches!(call.value(0), Err(ErrorValue::Na)))))
        .kind(bool_kind)
        .takes("value: any")
        .about("#N/A なら TRUE。", "TRUE for #N/A.")
        .examples(&[("ISNA(NA())", "TRUE"), ("ISNA(1/0)", "FALSE"), ("ISNA(\"\")", "FALSE")]),
    function("ISERR", 1, Some(1), |call| {
        Ok(Value::Bool(matches!(call.value(0), Err(error) if error != ErrorValue::Na)))
    })
    .kind(bool_kind)
    .takes("value: any")
    .about("#N/A 以外のエラーなら TRUE。", "TRUE for an error other than #N/A.")
    .examples(&[("ISERR(1/0)", "TRUE"), ("ISERR(NA())", "FALSE"), ("ISERR(\"\")", "FALSE")]),
    function("ISNONTEXT", 1, Some(1), |call| Ok(Value::Bool(!matches!(call.value(0).as_deref(), Ok(Value::Text(_))))))
        .kind(bool_kind)
        .takes("value: any")
        .about("文字列でなければ TRUE。空白とエラーも TRUE。", "TRUE for all but text; also for blank and for an error.")
        .examples(&[("ISNONTEXT(1)", "TRUE"), ("ISNONTEXT(\"a\")", "FALSE"), ("ISNONTEXT(\"\")", "TRUE"), ("ISNONTEXT(1/0)", "TRUE")]),
    function("ISEVEN", 1, Some(1), |call| is_multiple_of_2(call).map(Value::Bool))
        .kind(bool_kind)
        .takes("number: number")
        .about("偶数なら TRUE。小数は切り捨てます。空白は0なので TRUE。", "TRUE for an even number; a fraction is dropped. Blank is 0, which is even.")
        .examples(&[("ISEVEN(4)", "TRUE"), ("ISEVEN(-3.9)", "FALSE"), ("ISEVEN(\"\")", "TRUE"), ("ISEVEN(\"a\")", "#VALUE!")]),
    function("ISODD", 1, Some(1), |call| is_multiple_of_2(call).map(|even| Value::Bool(!even)))
        .kind(bool_kind)
        .takes("number: number")
        .about("奇数なら TRUE。小数は切り捨てます。空白は0なので FALSE。", "TRUE for an odd number; a fraction is dropped. Blank is 0, which is even.")
        .examples(&[("ISODD(5)", "TRUE"), ("ISODD(2.5)", "FALSE"), ("ISODD(\"\")", "FALSE"), ("ISODD(\"a\")", "#VALUE!")]),
    function("N", 1, Some(1), |call| {
        let value = call.value(0)?;
        let number = match &*value {
            Value::Number(n) => *n,
            Value::Bool(b) => Decimal::from(i64::from(*b)),
            other => serial::of(other, call.zone())?.unwrap_or_default(),
        };
        Ok(Value::Number(number))
    })
    .kind(number_kind)
    .takes("value: any")
    .about(
        "数値はそのまま、日付と時刻は Excel の番号、TRUE は1、ほかの値と空白は0。",
        "A number as it is, Excel's number of a date or time, 1 for TRUE, 0 for all else and for blank.",
    )
    .examples(&[("N(7)", "7"), ("N(DATE(2026,1,31))", "46053"), ("N(TRUE)", "1"), ("N(\"7\")", "0"), ("N(\"\")", "0"), ("N(1/0)", "#DIV/0!")]),
    function("T", 1, Some(1), |call| {
        let value = call.owned(0)?;
        Ok(if matches!(value, Value::Text(_)) { value } else { Value::Blank })
    })
    .kind(text_kind)
    .takes("value: any")
    .about("文字列はそのまま、ほかの値は空白。", "A text as it is; blank for all else.")
    .examples(&[("T(\"a\")", "a"), ("T(1)", ""), ("T(\"\")", ""), ("T(1/0)", "#DIV/0!")]),
    function("TYPE", 1, Some(1), |call| {
        let number = match call.value(0).as_deref() {
            Ok(Value::Text(_)) => 2,
            Ok(Value::Bool(_)) => 4,
            Err(_) => 16,
            Ok(Value::Texts(_) | Value::Entities(_) | Value::Files(_) | Value::Rows(_)) => 64,
            Ok(Value::Blank | Value::Number(_) | Value::Date(_) | Value::Time(_) | Value::Datetime(_)) => 1,
        };
        Ok(Value::Number(Decimal::from(number)))
    })
    .kind(number_kind)
    .takes("value: any")
    .about(
        "値の種類の番号: 数値、日付、時刻、空白は1、文字列は2、真偽値は4、エラーは16、リストとテーブルは64。",
        "The number of the kind: 1 for a number, date, time or blank, 2 for text, 4 for a truth value, 16 for an error, 64 for lists and tables.",
    )
    .examples(&[("TYPE(1)", "1"), ("TYPE(\"a\")", "2"), ("TYPE(1=1)", "4"), ("TYPE(LIST(1,2))", "64"), ("TYPE(\"\")", "1"), ("TYPE(1/0)", "16")]),
    function("ERROR.TYPE", 1, Some(1), |call| {
        let Err(error) = call.value(0) else { return Err(ErrorValue::Na) };
        Ok(Value::Number(Decimal::from(match error {
            ErrorValue::Div0 => 2,
            ErrorValue::Value => 3,
            ErrorValue::Ref => 4,
            ErrorValue::Name => 5,
            ErrorValue::Num => 6,
            ErrorValue::Na => 7,
        })))
    })
    .kind(number_kind)
    .takes("value: any")
    .about(
        "エラーの番号: #DIV/0! は2、#VALUE! は3、#REF! は4、#NAME? は5、#NUM! は6、#N/A は7。エラーでなければ #N/A。",
        "The number of an error: 2 for #DIV/0!, 3 for #VALUE!, 4 for #REF!, 5 for #NAME?, 6 for #NUM!, 7 for #N/A. #N/A for what is no error.",
    )
    .examples(&[("ERROR.TYPE(1/0)", "2"), ("ERROR.TYPE(#REF!)", "4"), ("ERROR.TYPE(\"\")", "#N/A")]),
    function("NA", 0, Some(0), |_| Err(ErrorValue::Na))
        .kind(|_| Static::Blank)
        .about("エラー値 #N/A。", "The error value #N/A.")
        .examples(&[("NA()", "#N/A")]),
];

fn is_multiple_of_2(call: &Call<'_>) -> Result<bool, ErrorValue> {
    Ok(call.number(0)?.trunc().modulo(Decimal::from(2))?.is_zero())
}

/// Tests a value; an error is none of the kinds, so it is FALSE.
fn test(call: &Call<'_>, is: fn(&Value) -> bool) -> Return {
    Ok(Value::Bool(call.value(0).is_ok_and(|value| is(&value))))
}
