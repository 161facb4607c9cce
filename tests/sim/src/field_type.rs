//! The types of kintone's fields, and what each type means for storing, reading and writing.

use serde_json::{Value, json};

macro_rules! field_types {
    ($($variant:ident $name:literal,)*) => {
        /// kintone's field types, by the names that its API gives them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum FieldType { $($variant,)* }

        impl FieldType {
            /// The type of that name, `None` for a name that kintone does not know.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }

            /// The name that the API uses.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

field_types! {
    RecordNumber "RECORD_NUMBER",
    Creator "CREATOR",
    CreatedTime "CREATED_TIME",
    Modifier "MODIFIER",
    UpdatedTime "UPDATED_TIME",
    Status "STATUS",
    StatusAssignee "STATUS_ASSIGNEE",
    Category "CATEGORY",
    SingleLineText "SINGLE_LINE_TEXT",
    MultiLineText "MULTI_LINE_TEXT",
    RichText "RICH_TEXT",
    Number "NUMBER",
    Calc "CALC",
    CheckBox "CHECK_BOX",
    RadioButton "RADIO_BUTTON",
    DropDown "DROP_DOWN",
    MultiSelect "MULTI_SELECT",
    File "FILE",
    Date "DATE",
    Time "TIME",
    DateTime "DATETIME",
    Link "LINK",
    UserSelect "USER_SELECT",
    OrganizationSelect "ORGANIZATION_SELECT",
    GroupSelect "GROUP_SELECT",
    Subtable "SUBTABLE",
    ReferenceTable "REFERENCE_TABLE",
    Group "GROUP",
    Label "LABEL",
    Spacer "SPACER",
    Hr "HR",
}

impl FieldType {
    /// Whether records hold a value for a field of this type (else it is decoration or a view on another app).
    pub fn is_stored(self) -> bool {
        !matches!(self, Self::ReferenceTable | Self::Group | Self::Label | Self::Spacer | Self::Hr)
    }

    /// Whether kintone itself keeps the value, so that every app has the field and no ordinary write changes it.
    pub fn is_system(self) -> bool {
        matches!(
            self,
            Self::RecordNumber
                | Self::Creator
                | Self::CreatedTime
                | Self::Modifier
                | Self::UpdatedTime
                | Self::Status
                | Self::StatusAssignee
                | Self::Category
        )
    }

    /// Whether a field of this type can prohibit duplicate values.
    pub fn can_be_unique(self) -> bool {
        matches!(self, Self::SingleLineText | Self::Number | Self::Link | Self::Date | Self::DateTime)
    }

    /// Whether the value is one or several of the field's options.
    pub fn has_options(self) -> bool {
        matches!(self, Self::CheckBox | Self::RadioButton | Self::DropDown | Self::MultiSelect)
    }

    /// Whether the value is a list of users, organizations or groups.
    pub fn is_selection_of_entities(self) -> bool {
        matches!(self, Self::UserSelect | Self::OrganizationSelect | Self::GroupSelect)
    }

    /// Whether the value is a list.
    pub fn is_list(self) -> bool {
        self.is_selection_of_entities()
            || matches!(
                self,
                Self::CheckBox
                    | Self::MultiSelect
                    | Self::File
                    | Self::Subtable
                    | Self::Category
                    | Self::StatusAssignee
            )
    }

    /// What an empty field of this type reads as.
    pub fn empty(self) -> Value {
        match self {
            kind if kind.is_list() => json!([]),
            Self::DropDown | Self::RadioButton | Self::Date | Self::Time => Value::Null,
            _ => Value::String(String::new()),
        }
    }
}
