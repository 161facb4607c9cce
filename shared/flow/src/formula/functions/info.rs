//! Questions about a value: is it blank, a number, a text, an error.

use model::value::Value;

use super::super::ErrorValue;
use super::{Call, Function, Return, Static, bool_kind, function};

pub(super) static FUNCTIONS: &[Function] = &[
    function("ISBLANK", 1, Some(1), |call| test(call, Value::is_blank))
        .kind(bool_kind)
        .about("空白なら TRUE。空の文字列も空白です。", "TRUE if blank. An empty text is blank too.")
        .examples(&[("ISBLANK(\"\")", "TRUE"), ("ISBLANK(0)", "FALSE"), ("ISBLANK(1/0)", "FALSE")]),
    function("ISNUMBER", 1, Some(1), |call| {
        test(call, |v| matches!(v, Value::Number(_) | Value::Date(_) | Value::Time(_) | Value::Datetime(_)))
    })
    .kind(bool_kind)
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
        .about("文字列なら TRUE。空白は FALSE。", "TRUE for text; FALSE for blank.")
        .examples(&[("ISTEXT(\"a\")", "TRUE"), ("ISTEXT(1)", "FALSE"), ("ISTEXT(\"\")", "FALSE")]),
    function("ISLOGICAL", 1, Some(1), |call| test(call, |v| matches!(v, Value::Bool(_))))
        .kind(bool_kind)
        .about("真偽値なら TRUE。", "TRUE for a truth value.")
        .examples(&[("ISLOGICAL(1=1)", "TRUE"), ("ISLOGICAL(1)", "FALSE")]),
    function("ISERROR", 1, Some(1), |call| Ok(Value::Bool(call.value(0).is_err())))
        .kind(bool_kind)
        .about("エラーなら TRUE。", "TRUE for an error.")
        .examples(&[("ISERROR(1/0)", "TRUE"), ("ISERROR(\"\")", "FALSE")]),
    function("ISNA", 1, Some(1), |call| Ok(Value::Bool(matches!(call.value(0), Err(ErrorValue::Na)))))
        .kind(bool_kind)
        .about("#N/A なら TRUE。", "TRUE for #N/A.")
        .examples(&[("ISNA(NA())", "TRUE"), ("ISNA(1/0)", "FALSE")]),
    function("NA", 0, Some(0), |_| Err(ErrorValue::Na))
        .kind(|_| Static::Blank)
        .about("エラー値 #N/A。", "The error value #N/A.")
        .examples(&[("NA()", "#N/A")]),
];

/// Tests a value; an error is none of the kinds, so it is FALSE.
fn test(call: &Call<'_>, is: fn(&Value) -> bool) -> Return {
    Ok(Value::Bool(call.value(0).is_ok_and(|value| is(&value))))
}
