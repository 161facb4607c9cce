//! kintone's field types by the names that documents use: what a column can be turned into, and what a constant can be.

use model::field::{Field, FieldType, Kind};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::kinds::Conversion;

/// A field type as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TypeName {
    #[serde(rename = "text", alias = "single_line_text")]
    SingleLineText,
    MultiLineText,
    RichText,
    Link,
    Number,
    RadioButton,
    DropDown,
    CheckBox,
    MultiSelect,
    Date,
    Time,
    Datetime,
    UserSelect,
    OrganizationSelect,
    GroupSelect,
}

const ALL: [(TypeName, FieldType, &str); 15] = {
    use FieldType as F;
    use TypeName as T;
    [
        (T::SingleLineText, F::SingleLineText, "text"),
        (T::MultiLineText, F::MultiLineText, "multi_line_text"),
        (T::RichText, F::RichText, "rich_text"),
        (T::Link, F::Link, "link"),
        (T::Number, F::Number, "number"),
        (T::RadioButton, F::RadioButton, "radio_button"),
        (T::DropDown, F::DropDown, "drop_down"),
        (T::CheckBox, F::CheckBox, "check_box"),
        (T::MultiSelect, F::MultiSelect, "multi_select"),
        (T::Date, F::Date, "date"),
        (T::Time, F::Time, "time"),
        (T::Datetime, F::Datetime, "datetime"),
        (T::UserSelect, F::UserSelect, "user_select"),
        (T::OrganizationSelect, F::OrganizationSelect, "organization_select"),
        (T::GroupSelect, F::GroupSelect, "group_select"),
    ]
};

impl TypeName {
    /// A field of this type.
    pub fn field(self, code: &str) -> Field {
        let found = ALL.iter().find(|(name, ..)| *name == self);
        Field::new(code, found.map_or(FieldType::SingleLineText, |(_, field_type, _)| *field_type))
    }

    /// The kind of its values.
    pub fn kind(self) -> Kind {
        self.field("").kind().unwrap_or(Kind::Text)
    }

    /// Whether it has options to choose from.
    pub fn has_options(self) -> bool {
        matches!(self, Self::RadioButton | Self::DropDown | Self::CheckBox | Self::MultiSelect)
    }
}

/// The name of a type in plans; `?` for one that no column can be turned into.
pub(crate) fn name_of(field_type: FieldType) -> &'static str {
    ALL.iter().find(|(_, found, _)| *found == field_type).map_or("?", |(.., name)| name)
}

/// What `set_field_type` makes of values of one kind for a field of another: more than is done on writing, where nobody
/// asked for it.
pub(crate) fn retyping(from: Kind, to: Kind) -> Conversion {
    use Kind as K;
    match (from, to) {
        (a, b) if a == b => Conversion::Same,
        (K::Rows, _) | (_, K::Rows | K::Files | K::Bool) => Conversion::Never,
        (_, K::Text) => Conversion::Always,
        (K::Text, K::Number | K::Date | K::Time | K::Datetime) => Conversion::PerValue,
        (K::Datetime, K::Date | K::Time) | (K::Date, K::Datetime) => Conversion::Always,
        (_, K::Texts) => Conversion::Always,
        (K::Text | K::Texts, K::Entities) => Conversion::Always,
        _ => Conversion::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_type_and_every_type_has_its_name() {
        for (name, field_type, text) in ALL {
            let read: TypeName = serde_json::from_str(&format!("\"{text}\"")).unwrap();
            assert_eq!((read, read.field("x").field_type, name_of(field_type)), (name, field_type, text));
        }
        assert_eq!(name_of(FieldType::Subtable), "?");
    }

    #[test]
    fn tables_become_nothing_and_nothing_becomes_files() {
        for kind in [Kind::Text, Kind::Number, Kind::Texts, Kind::Entities, Kind::Date] {
            assert_eq!(retyping(Kind::Rows, kind), Conversion::Never);
            assert_eq!(retyping(kind, Kind::Files), Conversion::Never);
        }
        assert_eq!(retyping(Kind::Files, Kind::Text), Conversion::Always);
        assert_eq!(retyping(Kind::Number, Kind::Date), Conversion::Never);
    }
}
