//! Lists: chosen options, columns of tables, users by code. What a function here returns as a list can be written to a check box
//! or multiple-choice field. An empty list is blank.

use std::collections::HashSet;

use model::value::Value;

use super::super::ErrorValue;
use super::super::compare::compare;
use super::super::convert;
use super::call::list;
use super::text::count_value;
use super::{Call, Function, Return, bool_kind, function, number_kind, text_kind, texts_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("LIST", 1, None, |call| call.texts(0..call.len()).map(list))
        .kind(texts_kind)
        .takes("value: list, …")
        .about(
            "値を並べたリスト。空白は入りません。リストは要素ごとに入ります。",
            "A list of the values. Blanks are left out; lists give their elements.",
        )
        .examples(&[("LIST(\"甲\",\"\",\"乙\")", "甲,乙"), ("LIST(1,LIST(2,3))", "1,2,3"), ("LIST(\"\")", ""), ("LIST(1/0)", "#DIV/0!")]),
    function("TEXTSPLIT", 2, Some(4), split)
        .aliases(&["SPLIT"])
        .kind(texts_kind)
        .takes("text: text, separator: list, [trim: truth], [once: truth]")
        .about(
            "区切り文字で分けたリスト。区切りは複数をリストで指定できます。空の要素は入りません。要素の前後の空白は、3番目が FALSE でなければ除きます。4番目が TRUE なら同じ要素は一つだけ。空白は空白。",
            "A list of the parts between separators (one, or a list of them). Empty parts are left out. Spaces around parts are cut unless the third argument is FALSE; each part is kept once if the fourth is TRUE. Blank stays blank.",
        )
        .examples(&[
            ("TEXTSPLIT(\"甲, 乙,,丙\",\",\")", "甲,乙,丙"),
            ("SPLIT(\"a、b/c\",LIST(\"、\",\"/\"))", "a,b,c"),
            ("COUNTA(SPLIT(\"a;b;a\",\";\",TRUE,TRUE))", "2"),
            ("TEXTSPLIT(\"\",\",\")", ""),
            ("TEXTSPLIT(\"a\",\"\")", "#VALUE!"),
        ]),
    function("INDEX", 2, Some(2), index)
        .kind(|args| args.element(0))
        .takes("list: list, number: number")
        .about(
            "リストやテーブルの列の何番目かの要素。負の番号は後ろから。なければ #REF!。",
            "The element of that number in a list or a column of a table; a negative number counts from the end. #REF! if there is none.",
        )
        .examples(&[
            ("INDEX(LIST(\"甲\",\"乙\"),2)", "乙"),
            ("INDEX(LIST(\"甲\",\"乙\"),-1)", "乙"),
            ("INDEX(LIST(\"甲\"),2)", "#REF!"),
            ("INDEX(\"\",1)", ""),
            ("INDEX(\"a\",0)", "#REF!"),
        ]),
    function("MATCH", 2, Some(2), |call| match position(call)? {
        Some(at) => count_value(at + 1),
        None => Err(ErrorValue::Na),
    })
    .aliases(&["XMATCH"])
    .kind(number_kind)
    .takes("value: any, list: list")
    .about(
        "値と等しい要素がリストやテーブルの列の何番目にあるか。大文字と小文字は区別しません。なければ #N/A。",
        "The number of the first element that equals a value, whatever the case. #N/A if none does.",
    )
    .examples(&[("MATCH(\"乙\",LIST(\"甲\",\"乙\"))", "2"), ("MATCH(\"\",LIST(\"甲\"))", "#N/A"), ("MATCH(\"x\",\"\")", "#N/A")]),
    function("XLOOKUP", 3, Some(4), xlookup)
        .kind(|args| args.element(2).or(args.at(3)))
        .takes("value: any, list: list, results: list, [otherwise: any]")
        .about(
            "2番目の列で値を探し、同じ順番にある3番目の列の値。なければ4番目の値、それもなければ #N/A。",
            "Looks for a value in the second list and gives the element at the same place of the third; the fourth if it is not there, or #N/A without one.",
        )
        .examples(&[
            ("XLOOKUP(\"乙\",LIST(\"甲\",\"乙\"),LIST(100,200))", "200"),
            ("XLOOKUP(\"丙\",LIST(\"甲\",\"乙\"),LIST(100,200),\"なし\")", "なし"),
            ("XLOOKUP(\"丙\",\"\",\"\")", "#N/A"),
            ("XLOOKUP(\"甲\",LIST(\"甲\"),LIST(1,2))", "#VALUE!"),
        ]),
    function("CONTAINS", 2, None, |call| {
        let all: HashSet<String> = call.texts(0..1)?.into_iter().collect();
        Ok(Value::Bool(call.texts(1..call.len())?.iter().all(|wanted| all.contains(wanted))))
    })
    .kind(bool_kind)
    .takes("list: list, value: list, …")
    .about(
        "リスト(チェックボックス、複数選択、テーブルの列)に、続く値がすべて要素として含まれれば TRUE。文字列は一つの要素です。文字列の一部を調べるには FIND か REGEXMATCH を使います。空白の値は含まれるとみなします。",
        "TRUE if all values behind it are elements of a list (check box, multiple choice, column of a table). A text is one element; to look inside of it use FIND or REGEXMATCH. A blank value counts as contained.",
    )
    .examples(&[
        ("CONTAINS(LIST(\"甲\",\"乙\"),\"乙\")", "TRUE"),
        ("CONTAINS(LIST(\"甲\",\"乙\"),\"甲\",\"丙\")", "FALSE"),
        ("CONTAINS(\"甲乙\",\"甲\")", "FALSE"),
        ("CONTAINS(\"\",\"甲\")", "FALSE"),
        ("CONTAINS(LIST(\"甲\"),\"\")", "TRUE"), ("CONTAINS(LIST(\"甲\"),1/0)", "#DIV/0!"),
    ]),
    function("CONTAINSANY", 2, None, |call| {
        let all: HashSet<String> = call.texts(0..1)?.into_iter().collect();
        Ok(Value::Bool(call.texts(1..call.len())?.iter().any(|wanted| all.contains(wanted))))
    })
    .kind(bool_kind)
    .takes("list: list, value: list, …")
    .about(
        "リストに、続く値のどれか一つでも要素として含まれれば TRUE。空白の値は含まれません。",
        "TRUE if at least one of the values behind it is an element of a list. A blank value is none.",
    )
    .examples(&[
        ("CONTAINSANY(LIST(\"甲\",\"乙\"),\"丙\",\"乙\")", "TRUE"),
        ("CONTAINSANY(LIST(\"甲\"),LIST(\"乙\",\"丙\"))", "FALSE"),
        ("CONTAINSANY(LIST(\"甲\"),\"\")", "FALSE"), ("CONTAINSANY(LIST(\"甲\"),1/0)", "#DIV/0!"),
    ]),
    function("UNION", 1, None, |call| Ok(list(unique(call.texts(0..call.len())?))))
        .kind(texts_kind)
        .takes("list: list, …")
        .about(
            "リストや値を合わせたリスト。同じ要素は最初の一つだけ。要素を足すときにも使います。",
            "All lists and values in one list, each element once, in the order in which they first come. Also adds elements.",
        )
        .examples(&[("UNION(LIST(\"甲\",\"乙\"),\"乙\",\"丙\")", "甲,乙,丙"), ("UNION(\"\",\"甲\")", "甲"), ("UNION(\"\")", ""), ("UNION(\"甲\",1/0)", "#DIV/0!")]),
    function("INTERSECT", 2, Some(2), |call| {
        let other: HashSet<String> = call.texts(1..2)?.into_iter().collect();
        Ok(list(unique(call.texts(0..1)?).into_iter().filter(|text| other.contains(text)).collect()))
    })
    .kind(texts_kind)
    .takes("list: list, other: list")
    .about("二つのリストの両方にある要素。順番は1番目のもの。", "The elements that both lists have, in the first one's order.")
    .examples(&[("INTERSECT(LIST(\"甲\",\"乙\",\"丙\"),LIST(\"丙\",\"甲\"))", "甲,丙"), ("INTERSECT(LIST(\"甲\"),\"\")", ""), ("INTERSECT(1/0,\"\")", "#DIV/0!")]),
    function("EXCEPT", 2, None, |call| {
        let gone: HashSet<String> = call.texts(1..call.len())?.into_iter().collect();
        Ok(list(call.texts(0..1)?.into_iter().filter(|text| !gone.contains(text)).collect()))
    })
    .kind(texts_kind)
    .takes("list: list, value: list, …")
    .about("リストから、続く値やリストの要素を除いたもの。", "A list without the values and elements behind it.")
    .examples(&[("EXCEPT(LIST(\"甲\",\"乙\",\"丙\"),\"乙\")", "甲,丙"), ("EXCEPT(LIST(\"甲\"),LIST(\"甲\"))", ""), ("EXCEPT(\"\",\"甲\")", ""), ("EXCEPT(LIST(\"甲\"),1/0)", "#DIV/0!")]),
    function("UNIQUE", 1, Some(1), |call| Ok(list(unique(call.texts(0..1)?))))
        .kind(texts_kind)
        .takes("list: list")
        .about("リストの要素を、同じものは最初の一つだけにします。", "Each element of a list once, in the order in which they first come.")
        .examples(&[("UNIQUE(LIST(\"乙\",\"甲\",\"乙\"))", "乙,甲"), ("UNIQUE(\"\")", ""), ("UNIQUE(1/0)", "#DIV/0!")]),
    function("SORT", 1, Some(2), sort)
        .kind(texts_kind)
        .takes("list: list, [order: number]")
        .about(
            "リストの要素を並べ替えます。数値は数値として、ほかは文字コード順。2番目が -1 なら降順。",
            "The elements of a list in order: numbers by value, then texts by code point. Descending if the second argument is -1.",
        )
        .examples(&[("SORT(LIST(10,9,\"b\",\"a\"))", "9,10,a,b"), ("SORT(LIST(1,3,2),-1)", "3,2,1"), ("SORT(\"\")", ""), ("SORT(LIST(1),0)", "#VALUE!")]),
    function("CODES", 1, Some(1), |call| call.texts(0..1).map(list))
        .kind(texts_kind)
        .takes("users: list")
        .about(
            "ユーザー、組織、グループのコード(ログイン名)のリスト。",
            "The codes (login names) of users, organisations or groups, as a list.",
        )
        .examples(&[("CODES(LIST(\"sato\",\"suzuki\"))", "sato,suzuki"), ("CODES(\"\")", ""), ("CODES(1/0)", "#DIV/0!")]),
    function("NAMES", 1, Some(1), names)
        .kind(texts_kind)
        .takes("users: list")
        .about(
            "ユーザー、組織、グループの表示名のリスト。表示名がなければコード。添付ファイルならファイル名。ほかの値は #VALUE!。",
            "The display names of users, organisations or groups, as a list; the code where there is no name. File names of attached files. #VALUE! for other values.",
        )
        .examples(&[("NAMES(\"\")", ""), ("NAMES(\"sato\")", "#VALUE!"), ("NAMES(1/0)", "#DIV/0!")]),
    function("ROWS", 1, Some(1), |call| match &*call.value(0)? {
        Value::Rows(rows) => count_value(rows.len()),
        Value::Blank => count_value(0),
        _ => Err(ErrorValue::Value),
    })
    .kind(number_kind)
    .takes("table: table")
    .about("テーブルの行数。空なら0。テーブルでなければ #VALUE!。", "How many rows a table has; 0 if blank. #VALUE! for other values.")
    .examples(&[("ROWS(\"\")", "0"), ("ROWS(5)", "#VALUE!"), ("ROWS(1/0)", "#DIV/0!")]),
    function("ARRAYTOTEXT", 1, Some(1), |call| Ok(Value::text(call.texts(0..1)?.join(", "))))
        .kind(text_kind)
        .takes("list: list")
        .about("リストの要素を「, 」でつないだ文字列。", "The elements of a list as one text, with \", \" between them.")
        .examples(&[("ARRAYTOTEXT(LIST(\"甲\",\"乙\"))", "甲, 乙"), ("ARRAYTOTEXT(\"\")", ""), ("ARRAYTOTEXT(1/0)", "#DIV/0!")]),
];

/// Each text once, in the order in which they first come.
fn unique(texts: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    texts.into_iter().filter(|text| seen.insert(text.clone())).collect()
}

fn split(call: &Call<'_>) -> Return {
    let (text, separators) = (call.text(0)?, call.texts(1..2)?);
    if separators.is_empty() {
        return Err(ErrorValue::Value);
    }
    let (trim, once) = (!call.has(2) || call.truth(2)?, call.truth(3)?);
    let mut parts = vec![text.as_str()];
    for separator in &separators {
        parts = parts.into_iter().flat_map(|part| part.split(separator.as_str())).collect();
    }
    let parts = parts.into_iter().map(|part| if trim { part.trim() } else { part }).filter(|part| !part.is_empty());
    let parts: Vec<String> = parts.map(str::to_owned).collect();
    Ok(list(if once { unique(parts) } else { parts }))
}

fn index(call: &Call<'_>) -> Return {
    let (elements, number) = (call.elements(0)?, call.whole(1)?);
    let count = i64::try_from(elements.len()).map_err(|_| ErrorValue::Num)?;
    let at = if number < 0 { count.checked_add(number) } else { number.checked_sub(1) };
    let at = at.and_then(|at| usize::try_from(at).ok()).ok_or(ErrorValue::Ref)?;
    elements.into_iter().nth(at).ok_or(ErrorValue::Ref)
}

/// Where in the second argument the first one is. Beside a number, texts of numbers count as numbers.
fn position(call: &Call<'_>) -> Result<Option<usize>, ErrorValue> {
    let wanted = call.value(0)?;
    let number = convert::number(&wanted).ok().filter(|_| matches!(*wanted, Value::Number(_)));
    for (at, element) in call.elements(1)?.iter().enumerate() {
        let same = match (&number, element) {
            (_, Value::Blank) => wanted.is_blank(),
            (Some(number), Value::Text(text)) => convert::text_number(text) == Some(*number),
            _ => !wanted.is_blank() && compare(&wanted, element, call.zone())?.is_eq(),
        };
        if same {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn xlookup(call: &Call<'_>) -> Return {
    let results = call.elements(2)?;
    if results.len() != call.elements(1)?.len() {
        return Err(ErrorValue::Value);
    }
    match position(call)?.and_then(|at| results.into_iter().nth(at)) {
        Some(found) => Ok(found),
        None if call.has(3) => call.owned(3),
        None => Err(ErrorValue::Na),
    }
}

fn sort(call: &Call<'_>) -> Return {
    let mut texts = call.texts(0..1)?;
    let descending = match call.whole_or(1, 1)? {
        1 => false,
        -1 => true,
        _ => return Err(ErrorValue::Value),
    };
    let key = |text: &String| (convert::text_number(text), text.clone());
    texts.sort_by(|a, b| match (key(a), key(b)) {
        ((Some(a), _), (Some(b), _)) => a.cmp(&b),
        ((Some(_), _), (None, _)) => std::cmp::Ordering::Less,
        ((None, _), (Some(_), _)) => std::cmp::Ordering::Greater,
        ((None, a), (None, b)) => a.cmp(&b),
    });
    if descending {
        texts.reverse();
    }
    Ok(list(texts))
}

fn names(call: &Call<'_>) -> Return {
    Ok(list(match &*call.value(0)? {
        Value::Blank => Vec::new(),
        Value::Entities(entities) => {
            entities.iter().map(|e| if e.name.is_empty() { e.code.clone() } else { e.name.clone() }).collect()
        }
        Value::Files(files) => files.iter().map(|file| file.name.clone()).collect(),
        _ => return Err(ErrorValue::Value),
    }))
}
