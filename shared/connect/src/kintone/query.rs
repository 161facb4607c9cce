//! Pieces of kintone's query language: quoting, lists, joining conditions.

/// A text as a string of the query language, quotes included. Line ends and tabs are written as escapes, since kintone
/// refuses them raw; carriage returns are dropped, since kintone keeps line feeds alone.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => {}
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// `code in ("a","b")`.
pub fn one_of<T: AsRef<str>>(code: &str, values: &[T]) -> String {
    let list: Vec<String> = values.iter().map(|v| quote(v.as_ref())).collect();
    format!("{code} in ({})", list.join(","))
}

/// Both conditions, each kept whole by brackets; blank ones are left out. `None` where both are blank.
pub fn and(first: Option<&str>, second: Option<&str>) -> Option<String> {
    let whole = |c: Option<&str>| c.map(str::trim).filter(|c| !c.is_empty()).map(str::to_owned);
    match (whole(first), whole(second)) {
        (Some(a), Some(b)) => Some(format!("({a}) and ({b})")),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped() {
        assert_eq!(quote("a\"b\\c\td\r\ne 佐藤"), r#""a\"b\\c\td\ne 佐藤""#);
        assert_eq!(one_of("コード", &["A", "\""]), r#"コード in ("A","\"")"#);
    }

    #[test]
    fn conditions_stay_whole() {
        assert_eq!(and(Some("a = 1 or b = 2"), Some("c = 3")).as_deref(), Some("(a = 1 or b = 2) and (c = 3)"));
        assert_eq!(and(None, Some("c = 3")).as_deref(), Some("c = 3"));
        assert_eq!(and(Some("  "), None), None);
    }
}
