//! Why a file cannot be read or written, in both languages.

/// Why a file cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// It is not there.
    #[error("the file is not there")]
    Missing,
    /// It is empty.
    #[error("the file is empty")]
    Empty,
    /// The header lacks columns.
    #[error("the header has no {}; it has {}", quoted(.missing), quoted(.found))]
    NoColumns {
        /// Declared names that are not there.
        missing: Vec<String>,
        /// The names that are there.
        found: Vec<String>,
        /// Whether there are bytes that the encoding does not know: it may be another one.
        undecodable: bool,
    },
    /// The header names a declared column more than once.
    #[error("the header has {name:?} more than once")]
    HeaderTwice {
        /// The name.
        name: String,
    },
    /// The byte order mark is that of another encoding.
    #[error("the file's byte order mark is that of {found}")]
    OtherEncoding {
        /// That encoding.
        found: &'static str,
    },
    /// A NUL character, which texts do not hold.
    #[error("the file holds NUL characters")]
    Nul,
    /// The last quotation mark has no partner, so that rows were swallowed.
    #[error("a quotation mark that is opened in line {line} is never closed")]
    OpenQuote {
        /// The line on which that record begins.
        line: u64,
    },
    /// Text behind a closing quotation mark: one before it is missing or one too many, and rows may be in one cell.
    #[error("line {line}: text behind a closing quotation mark")]
    BehindQuote {
        /// The line.
        line: u64,
    },
    /// The file that rows are put behind is not in the encoding of the rows.
    #[error("the file is not in {encoding}")]
    Undecodable {
        /// The encoding of the rows.
        encoding: &'static str,
    },
    /// No row is wide enough for a column that is read by its place.
    #[error("column {place} ({name:?}): no row has more than {width} values")]
    NoPlace {
        /// The column's name.
        name: String,
        /// Its place, from 1.
        place: usize,
        /// Values in the widest row.
        width: usize,
    },
    /// Not a workbook of the kind that is read.
    #[error("not a workbook that can be read: {0}")]
    NotExcel(String),
    /// An old workbook (.xls), or one with a password.
    #[error("an old workbook (.xls), or one with a password")]
    OldExcel,
    /// The workbook unpacks to more than can be read.
    #[error("the workbook unpacks to {bytes} bytes, more than {limit}")]
    TooLarge {
        /// Its size when unpacked.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The workbook has no such sheet.
    #[error("the workbook has no sheet {name:?}; it has {}", quoted(.sheets))]
    NoSheet {
        /// The sheet.
        name: String,
        /// Those that are there.
        sheets: Vec<String>,
    },
    /// The file that rows are put behind has another header.
    #[error("the file's header is {}, that of the rows {}", quoted(.found), quoted(.wanted))]
    OtherHeader {
        /// The file's.
        found: Vec<String>,
        /// The one that the rows have.
        wanted: Vec<String>,
    },
    /// The encoding lacks a character.
    #[error("row {row}, {column:?}: {encoding} has no character {character:?}")]
    Unmappable {
        /// The row, from 1; 0 for the header.
        row: usize,
        /// The column.
        column: String,
        /// The character.
        character: char,
        /// The encoding.
        encoding: &'static str,
    },
    /// A text that is longer than a cell.
    #[error("row {row}, {column:?}: {length} characters, more than a cell of Excel holds (32,767)")]
    LongCell {
        /// The row, from 1.
        row: usize,
        /// The column.
        column: String,
        /// Its length.
        length: usize,
    },
    /// More rows than a sheet has.
    #[error("{rows} rows, more than a sheet of Excel holds (1,048,576 with the header)")]
    ManyRows {
        /// How many.
        rows: usize,
    },
    /// More columns than a sheet has.
    #[error("{columns} columns, more than a sheet of Excel holds (16,384)")]
    ManyColumns {
        /// How many.
        columns: usize,
    },
    /// Something that must be the same everywhere, in strict mode: a row of another width.
    #[error("line {line}: {found} values instead of {wanted}")]
    Ragged {
        /// The line or row of the file, from 1.
        line: u64,
        /// Values in it.
        found: usize,
        /// Values in the header.
        wanted: usize,
    },
    /// The writing fails for another reason.
    #[error("{0}")]
    Other(String),
}

/// Most names that a message lists.
const LISTED: usize = 30;

fn quoted(names: &[String]) -> String {
    let mut list: Vec<String> = names.iter().take(LISTED).map(|n| format!("\"{n}\"")).collect();
    if names.len() > LISTED {
        list.push("…".to_owned());
    }
    if list.is_empty() { "-".to_owned() } else { list.join(", ") }
}

impl FileProblem {
    /// What to do, in English.
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::Missing | Self::Empty => "Put the file there, or write \"missing: ok\".",
            Self::NoColumns { undecodable: true, .. } => "Check the encoding of the step first, then the header.",
            Self::NoColumns { .. } => "Correct the header, the delimiter or the step's columns.",
            Self::HeaderTwice { .. } => "Give each column a name of its own, or read it by its place.",
            Self::OtherEncoding { .. } | Self::Nul => "Choose the file's encoding in the step.",
            Self::OpenQuote { .. } => "Close it, or double a quotation mark that belongs to the text.",
            Self::BehindQuote { .. } => {
                "Put a value with quotation marks in it between marks, and double those that belong to the text."
            }
            Self::Undecodable { .. } => "Choose the file's encoding in the step, or write to another file.",
            Self::NoPlace { .. } => "Correct \"column\" or the delimiter of the step.",
            Self::NotExcel(_) | Self::OldExcel => "Save it as .xlsx without a password.",
            Self::TooLarge { .. } => "Split the workbook.",
            Self::NoSheet { .. } => "Correct the sheet's name in the step.",
            Self::OtherHeader { .. } => "Write to another file, or write the same columns.",
            Self::Unmappable { .. } => "Choose another encoding, or write \"unmappable: replace\".",
            Self::LongCell { .. } => "Shorten the text, or write CSV.",
            Self::ManyColumns { .. } => "Choose fewer columns, or write CSV.",
            Self::ManyRows { .. } => "Filter the rows, split them over several files, or write CSV.",
            Self::Ragged { .. } => "Correct the row, or switch strict off.",
            Self::Other(_) => "Please report this: it is a fault of Suiro.",
        }
    }

    /// The sentence and the remedy in Japanese.
    pub(crate) fn ja(&self) -> String {
        match self {
            Self::Missing => "ファイルがありません。置くか、missing: ok にしてください。".to_owned(),
            Self::Empty => "ファイルが空です。中身を入れるか、missing: ok にしてください。".to_owned(),
            Self::NoColumns { missing, found, undecodable } => {
                let first = if *undecodable {
                    "読めない文字があります。まず文字コードの設定を確かめてください。"
                } else {
                    ""
                };
                format!(
                    "見出しに {} がありません（ある見出し: {}）。{first}見出し、区切り文字、列の設定を確かめてください。",
                    quoted(missing),
                    quoted(found)
                )
            }
            Self::HeaderTwice { name } => {
                format!("見出し「{name}」が二つ以上あります。別の名前にするか、列の番号で読んでください。")
            }
            Self::OtherEncoding { found } => {
                format!("ファイルの BOM は {found} のものです。ステップの文字コードを直してください。")
            }
            Self::Nul => {
                "NUL 文字があります。ステップの文字コードを確かめてください（UTF-16 かもしれません）。".to_owned()
            }
            Self::OpenQuote { line } => {
                format!("{line}行目からの「\"」が閉じていません。閉じるか、文字としての「\"」は二つ重ねてください。")
            }
            Self::BehindQuote { line } => format!(
                "{line}行目で、閉じた「\"」の後ろに文字があります。「\"」を含む値は全体を「\"」で囲み、中の「\"」は二つ重ねてください。"
            ),
            Self::Undecodable { encoding } => format!(
                "追記するファイルは {encoding} ではありません。ステップの文字コードを合わせるか、別のファイルにしてください。"
            ),
            Self::NoPlace { name, place, width } => format!(
                "列「{name}」は左から{place}番目ですが、いちばん長い行でも値は{width}個です。column か区切り文字の設定を直してください。"
            ),
            Self::NotExcel(detail) => {
                format!("Excel のブックとして読めません（{detail}）。.xlsx で保存し直してください。")
            }
            Self::OldExcel => {
                "古い形式（.xls）か、パスワード付きのブックです。パスワードなしの .xlsx で保存し直してください。"
                    .to_owned()
            }
            Self::TooLarge { bytes, limit } => {
                format!("ブックを開くと {bytes} バイトになり、上限の {limit} バイトを超えます。分けてください。")
            }
            Self::NoSheet { name, sheets } => {
                format!("シート「{name}」がありません（あるシート: {}）。設定を直してください。", quoted(sheets))
            }
            Self::OtherHeader { found, wanted } => format!(
                "追記するファイルの見出し（{}）が、書く列（{}）と違います。別のファイルにするか、列をそろえてください。",
                quoted(found),
                quoted(wanted)
            ),
            Self::Unmappable { row, column, character, encoding } => format!(
                "{row}行目「{column}」の文字「{character}」は {encoding} にありません。別の文字コードにするか、unmappable: replace にしてください。"
            ),
            Self::LongCell { row, column, length } => {
                format!(
                    "{row}行目「{column}」は{length}文字で、Excel のセルの上限（32,767文字）を超えます。短くするか、CSV にしてください。"
                )
            }
            Self::ManyRows { rows } => {
                format!(
                    "{rows}行は Excel のシートの上限（見出しを含め1,048,576行）を超えます。絞り込むか、分けるか、CSV にしてください。"
                )
            }
            Self::ManyColumns { columns } => {
                format!("{columns}列は Excel のシートの上限（16,384列）を超えます。列を選ぶか、CSV にしてください。")
            }
            Self::Ragged { line, found, wanted } => {
                format!(
                    "{line}行目の値が{found}個です（見出しは{wanted}個）。行を直すか、厳密モードを解除してください。"
                )
            }
            Self::Other(detail) => format!("Suiroの不具合です（{detail}）。お手数ですが報告してください。"),
        }
    }
}
