//! Functions of Excel that are left out on purpose, and what to use instead. Told where a formula calls one, and in the
//! documentation.

/// Name, and what to do instead: Japanese, English.
pub type LeftOut = (&'static str, &'static str, &'static str);

const LOOKUP: (&str, &str) = (
    "別のアプリの値は join か lookup コマンドで取り出し、テーブルやリストの中では XLOOKUP を使ってください。",
    "Bring values of another app in with the join or lookup command; inside tables and lists use XLOOKUP.",
);
const CELL: (&str, &str) =
    ("式は1件のレコードを見ます。セル番地はありません。", "A formula sees one record; there are no cell addresses.");
const ARRAY: (&str, &str) = (
    "式の結果は一つの値です。行の絞り込みは filter、並べ替えは sort コマンドを使ってください。",
    "A formula yields one value. Use the commands filter and sort for rows.",
);
const FLOAT: (&str, &str) = (
    "値は正確な10進数で計算されるため、三角関数はありません。",
    "Values are exact decimals; trigonometry is not part of the language.",
);
const SECRET: (&str, &str) = ("外部への通信は式ではできません。", "A formula cannot reach the outside.");

/// All that are left out, by name.
pub static LEFT_OUT: &[LeftOut] = &[
    ("VLOOKUP", LOOKUP.0, LOOKUP.1),
    ("HLOOKUP", LOOKUP.0, LOOKUP.1),
    ("LOOKUP", LOOKUP.0, LOOKUP.1),
    ("INDIRECT", CELL.0, CELL.1),
    ("OFFSET", CELL.0, CELL.1),
    ("ROW", CELL.0, CELL.1),
    ("COLUMN", CELL.0, CELL.1),
    ("CELL", CELL.0, CELL.1),
    ("FILTER", ARRAY.0, ARRAY.1),
    ("SORTBY", ARRAY.0, ARRAY.1),
    ("SEQUENCE", ARRAY.0, ARRAY.1),
    ("SUBTOTAL", ARRAY.0, ARRAY.1),
    ("SIN", FLOAT.0, FLOAT.1),
    ("COS", FLOAT.0, FLOAT.1),
    ("TAN", FLOAT.0, FLOAT.1),
    (
        "RANK",
        "ほかのレコードとの順位は式では計算できません。window コマンドを使ってください。",
        "A rank among other records is not a formula's work; use the command window.",
    ),
    (
        "PHONETIC",
        "kintone の値にはふりがなが含まれないため計算できません。",
        "Values of kintone carry no furigana, so it cannot be known.",
    ),
    (
        "LOGINUSER",
        "フローは人ではなく実行単位として動くため、ログインユーザーはありません。",
        "A flow runs as a unit, not as a person; there is no login user.",
    ),
    ("WEBSERVICE", SECRET.0, SECRET.1),
    ("IMPORTRANGE", SECRET.0, SECRET.1),
];

/// The entry of this name, in any case and width.
pub fn left_out(name: &str) -> Option<LeftOut> {
    let name = super::capitals(name);
    LEFT_OUT.iter().find(|(left, _, _)| *left == name).copied()
}
