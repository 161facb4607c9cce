//! The form of a data check's error app: a field for each thing that is told of an error, under the codes that
//! `data_check` writes to where it is given no mapping.

use connect::kintone::Kintone;
use model::field::FieldType;
use serde_json::{Map, Value as Json, json};

use crate::log_app::{self, LogAppError};

/// Codes, types and labels (ja / en), in the form's order. Messages and values may have several lines.
const FIELDS: [(&str, FieldType, &str); 9] = [
    ("app", FieldType::Number, "元アプリ / App"),
    ("step", FieldType::SingleLineText, "ステップ / Step"),
    ("run", FieldType::SingleLineText, "実行ID / Run"),
    ("row", FieldType::Number, "行 / Row"),
    ("record", FieldType::SingleLineText, "元レコード番号 / Record"),
    ("field", FieldType::SingleLineText, "フィールド / Field"),
    ("check", FieldType::SingleLineText, "チェック / Check"),
    ("message", FieldType::MultiLineText, "メッセージ / Message"),
    ("value", FieldType::MultiLineText, "値 / Value"),
];

/// The form, as kintone's properties.
pub fn properties() -> Map<String, Json> {
    let field = |(code, kind, label): &(&str, FieldType, &str)| {
        ((*code).to_owned(), json!({ "type": kind, "code": code, "label": label }))
    };
    FIELDS.iter().map(field).collect()
}

/// Creates an error app and waits until it is live; answers its number. Needs a password: tokens belong to apps.
pub async fn create(kintone: &Kintone, name: &str) -> Result<u64, LogAppError> {
    log_app::create_with(kintone, name, &properties()).await
}

#[cfg(test)]
mod tests {
    use flow::kinds::{Conversion, conversion};
    use flow::plan::violation_columns;
    use model::field::Field;

    use super::*;

    #[test]
    fn every_thing_that_is_told_of_an_error_has_its_field() {
        let columns = violation_columns();
        assert_eq!(columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), FIELDS.map(|(code, ..)| code));
        for (column, (code, field_type, _)) in columns.iter().zip(FIELDS) {
            let kind = Field::new(code, field_type).kind().unwrap();
            assert_eq!(conversion(column.kind, kind), Conversion::Same, "{code}");
        }
    }
}
