//! How an error is told: its stable code, and its sentences in English and Japanese.

use std::fmt;

use model::field::Kind;

use super::{EngineError, Limited, Place};
use crate::report::Reason;

impl EngineError {
    /// The stable code, as the catalogue of errors knows it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Formula { .. } => "engine.formula",
            Self::Overflow { .. } | Self::Scale { .. } => "engine.overflow",
            Self::Kind { .. } => "engine.kind",
            Self::Operand { .. } => "engine.operand",
            Self::Unsupported { .. } => "engine.unsupported",
            Self::TooManyRows { .. } => "engine.too_many_rows",
            Self::Limit { .. } => "engine.limit",
            Self::NotFound { .. } => "engine.not_found",
            Self::DuplicateMaster { .. } => "engine.duplicate_master",
            Self::Conversion { .. } => "engine.conversion",
            Self::NumberTooLong { .. } => "engine.number_too_long",
            Self::DuplicateKey { .. } => "engine.duplicate_key",
            Self::DuplicateRecord { .. } => "engine.duplicate_record",
            Self::BlankKey { .. } => "engine.blank_key",
            Self::EmptyResult { .. } => "engine.empty_result",
            Self::Field { .. } => "engine.field",
            Self::File { .. } => "engine.file",
            Self::Plan { .. } => "engine.plan",
        }
    }

    /// The sentence in English: what happened where, and what to do.
    pub fn en(&self) -> String {
        let told = self.to_string();
        let remedy = match self {
            Self::Formula { .. } => "Correct the formula or the data, or say with IFERROR() what an error becomes.",
            Self::Overflow { .. } | Self::Scale { .. } => "Round the numbers, or split the calculation.",
            Self::Kind { .. } => "Let the formula yield one kind of value, with VALUE() or TEXT().",
            Self::Operand { .. } => "Correct the condition's value.",
            Self::Unsupported { .. } => "Choose another comparison, key or aggregate for this field.",
            Self::TooManyRows { .. } => "Add a key to the join, or group one side first.",
            Self::Limit { .. } => {
                "Narrow the range, filter the rows before this step, or choose keys with fewer groups."
            }
            Self::NotFound { .. } => "Add the key there, or let the step leave a blank or a default.",
            Self::DuplicateMaster { .. } => {
                "Correct the data there, look up by more keys, or choose the first or last row."
            }
            Self::Conversion { reason, .. } if reason.shortens() => {
                "Round or convert the value in a step, or switch strict off to let it be rounded or cut."
            }
            Self::Conversion { reason, .. } => otherwise(*reason).1,
            Self::NumberTooLong { .. } => "Raise the digits of numbers in the app's settings, or correct the data.",
            Self::DuplicateKey { .. } => "Group the rows by the key, or choose a key that is unique.",
            Self::DuplicateRecord { .. } => "Make the key field unique in the app, or correct the records.",
            Self::BlankKey { .. } => "Fill the key, filter such rows out, or switch strict off.",
            Self::EmptyResult { .. } => "If the app shall be emptied, allow an empty result in the step.",
            Self::Field { .. } => "Choose another field in the step's mapping.",
            Self::File { problem, .. } => problem.remedy(),
            Self::Plan { .. } => "Please report this: it is a fault of Suiro.",
        };
        format!("{told}. {remedy}")
    }

    /// The sentence in Japanese.
    pub fn ja(&self) -> String {
        let at = |place: &Place| place.japanese();
        match self {
            Self::Formula { place, error, part } => format!(
                "{}: 計算式の結果が{error}になりました{}。計算式かデータを直すか、エラーのときの値を IFERROR() で決めてください。",
                at(place),
                part.japanese()
            ),
            Self::Overflow { place } => {
                format!(
                    "{}: 列の小数の桁も合わせると、数値が38桁を超えます。数値を丸めるか、計算を分けてください。",
                    at(place)
                )
            }
            Self::Scale { place, long, fine } => format!(
                "{}: 一つの列の数値は小数桁がそろいます。{}行目の{}の小数桁に合わせると、{}行目の{}が38桁を超えます。\
                 数値を丸めるか、列を分けてください。",
                at(place),
                fine.0,
                fine.1,
                long.0,
                long.1
            ),
            Self::Kind { place, expected, found } => format!(
                "{}: {}の列に{}の値が現れました。VALUE() や TEXT() で、計算式の結果を一つの型にそろえてください。",
                at(place),
                kind_ja(*expected),
                kind_ja(*found)
            ),
            Self::Operand { place, operand } => {
                format!("{}: 「{operand}」とは比較できません。条件の値を直してください。", at(place))
            }
            Self::Unsupported { place, what, kind } => format!(
                "{}: {}の列では「{what}」を使えません。別の比較、キー、集計方法を選んでください。",
                at(place),
                kind_ja(*kind)
            ),
            Self::TooManyRows { step, rows, limit, key } => format!(
                "ステップ「{step}」: 結合結果が{rows}行になり、上限の{limit}行を超えます（最も多く一致するキー: 「{key}」）。\
                 結合キーを増やすか、先に片方をグループ化してください。"
            ),
            Self::Limit { step, what: Limited::Rows, limit } => {
                format!(
                    "ステップ「{step}」: 結果が上限の{limit}行を超えます。範囲を狭くするか、前のステップで行を絞ってください。"
                )
            }
            Self::Limit { step, what: Limited::Cells, limit } => format!(
                "ステップ「{step}」: 表のセルが上限の{limit}個を超えます。キーか列にする値を減らすか、前のステップで行を絞ってください。"
            ),
            Self::Limit { step, what: Limited::Groups, limit } => format!(
                "ステップ「{step}」: グループが上限の{limit}個を超えます。キーを減らすか、前のステップで行を絞ってください。"
            ),
            Self::NotFound { place, key } => format!(
                "{}: キー「{key}」が参照先にありません。参照先に加えるか、見つからないときの設定を変えてください。",
                at(place)
            ),
            Self::DuplicateMaster { step, key, rows } => format!(
                "ステップ「{step}」: 参照先にキー「{key}」の行が複数あります（{}行目）。参照先を直すか、キーを増やすか、最初か最後の行を使う設定にしてください。",
                list(rows)
            ),
            Self::Conversion { place, value, reason } if reason.shortens() => format!(
                "{}: 「{value}」: {}。ステップで丸めるか変換するか、厳密モードを解除してください（解除すると丸めるか切り捨てます）。",
                at(place),
                reason.japanese()
            ),
            Self::Conversion { place, value, reason } => format!(
                "{}: 「{value}」は{}。データを直すか、厳密モードを解除してください（解除すると{}）。",
                at(place),
                reason.japanese(),
                otherwise(*reason).0
            ),
            Self::NumberTooLong { place, value, whole } => format!(
                "{}: {value}の整数部がアプリの上限（{whole}桁）を超えています。アプリの数値の桁数設定を増やすか、データを直してください。",
                at(place)
            ),
            Self::DuplicateKey { step, key, rows } => format!(
                "ステップ「{step}」: キー「{key}」の行が複数あります（{}行目）。キーでグループ化するか、一意になるキーを選んでください。",
                list(rows)
            ),
            Self::DuplicateRecord { step, key, ids } => format!(
                "ステップ「{step}」: キー「{key}」のレコードが出力先に複数あります（レコード番号{}）。\
                 キーのフィールドを重複禁止にするか、レコードを直してください。",
                list(ids)
            ),
            Self::BlankKey { step, row } => format!(
                "ステップ「{step}」: {row}行目のキーが空です。キーを入力するか、フィルタで除くか、厳密モードを解除してください。"
            ),
            Self::EmptyResult { step } => format!(
                "ステップ「{step}」: 結果が0件のため、アプリを空にしません。空にしてよい場合は、空の結果を許可してください。"
            ),
            Self::Field { place } => {
                format!("{}: 書き込めるフィールドではありません。割り当てを直してください。", at(place))
            }
            Self::File { step, file, problem } => {
                format!("ステップ「{step}」、ファイル「{file}」: {}", problem.ja())
            }
            Self::Plan { step, reason } => {
                format!("ステップ「{step}」: Suiroの不具合です（{reason}）。お手数ですが報告してください。")
            }
        }
    }
}

/// What becomes of a value where the flow is not strict.
fn otherwise(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::WrittenAsText => {
            ("文字列として書きます", "Correct the data, or switch strict off to let it be written as text.")
        }
        Reason::NameUnknown => {
            ("コードを書きます", "Correct the data, or switch strict off to let the code be written.")
        }
        Reason::Unmappable => ("? を書きます", "Correct the data, or switch strict off to let a ? be written."),
        _ => ("空になります", "Correct the data, or switch strict off to let the value become blank."),
    }
}

fn list<T: fmt::Display>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join("、")
}

fn kind_ja(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "文字列",
        Kind::Number => "数値",
        Kind::Bool => "真偽値",
        Kind::Date => "日付",
        Kind::Time => "時刻",
        Kind::Datetime => "日時",
        Kind::Texts => "複数選択",
        Kind::Entities => "ユーザー・組織・グループ",
        Kind::Files => "添付ファイル",
        Kind::Rows => "テーブル",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strict_prevents_is_told_as_it_would_be() {
        for (reason, ja, en) in [
            (Reason::NotANumber, "解除すると空になります", "let the value become blank"),
            (Reason::WrittenAsText, "解除すると文字列として書きます", "let it be written as text"),
            (Reason::Unmappable, "解除すると? を書きます", "let a ? be written"),
            (Reason::NameUnknown, "解除するとコードを書きます", "let the code be written"),
        ] {
            let error = EngineError::Conversion { place: Box::new(Place::field("x")), value: "y".into(), reason };
            assert!(error.ja().contains(ja) && error.en().contains(en), "{}\n{}", error.ja(), error.en());
        }
    }
}
