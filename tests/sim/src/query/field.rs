//! What a name in a query stands for in an app, and which operators go with it.

use super::ast::{FieldName, Op};
use super::error::QueryError;
use crate::form::{FieldDef, FieldType, Form};

/// A field that a query may name, found in the form.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Target<'a> {
    /// `$id`.
    Id,
    /// A field of the record.
    Field(&'a FieldDef),
    /// A field of a table's rows.
    Cell { table: &'a FieldDef, field: &'a FieldDef },
}

impl<'a> Target<'a> {
    /// Finds the field, or says why it cannot be named so.
    pub fn find(name: &FieldName, form: &'a Form) -> Result<Self, QueryError> {
        let unknown = || QueryError::unknown_field(&name.to_string());
        if name.inner.is_some() {
            // A related-records field shows records of another app, which this form does not know.
            return Err(form.find(&name.code).map_or_else(unknown, |field| QueryError::dotted(label(field))));
        }
        if name.code == "$id" {
            return Ok(Target::Id);
        }
        let cell = || form.find_in_tables(&name.code).map(|(table, field)| Target::Cell { table, field });
        form.find(&name.code).map(Target::Field).or_else(cell).ok_or_else(unknown)
    }

    /// The field's definition; `$id` has none.
    pub fn definition(self) -> Option<&'a FieldDef> {
        match self {
            Target::Id => None,
            Target::Field(field) | Target::Cell { field, .. } => Some(field),
        }
    }

    /// How its values compare.
    pub fn kind(self) -> Kind {
        self.definition().map_or(Kind::Id, Kind::of)
    }
}

/// What error messages call a field where they use its label.
pub(super) fn label(field: &FieldDef) -> &str {
    field.setting("label").unwrap_or(&field.code)
}

/// Field types that compare alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `$id` and the record number.
    Id,
    /// Numbers; calculated ones too.
    Number,
    /// Calculated dates and times: operators as numbers, values as their format says.
    Calc(Scale),
    /// One line of text.
    Line,
    /// Several lines.
    Lines,
    /// Text with markup.
    Rich,
    /// One or several options.
    Choice,
    /// Attached files.
    File,
    /// A day, a time of the day, or an instant.
    Moment(Scale),
    /// Users.
    User,
    /// Organizations.
    Organization,
    /// Groups.
    Group,
    /// The status.
    Status,
    /// Nothing that a query can test.
    Other,
}

/// What a date or time is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// Days, without time zone.
    Day,
    /// Minutes of a day.
    Time,
    /// Instants, to the minute.
    Instant,
    /// Lengths of time in hours and minutes, which may pass 24 hours.
    Length,
}

impl Kind {
    fn of(field: &FieldDef) -> Kind {
        use FieldType as T;
        match field.kind {
            T::RecordNumber => Kind::Id,
            T::Number => Kind::Number,
            T::Calc => match field.setting("format") {
                Some("DATE") => Kind::Calc(Scale::Day),
                Some("TIME") => Kind::Calc(Scale::Time),
                Some("DATETIME") => Kind::Calc(Scale::Instant),
                Some("HOUR_MINUTE" | "DAY_HOUR_MINUTE") => Kind::Calc(Scale::Length),
                _ => Kind::Number,
            },
            T::SingleLineText | T::Link => Kind::Line,
            T::MultiLineText => Kind::Lines,
            T::RichText => Kind::Rich,
            T::CheckBox | T::RadioButton | T::DropDown | T::MultiSelect => Kind::Choice,
            T::File => Kind::File,
            T::Date => Kind::Moment(Scale::Day),
            T::Time => Kind::Moment(Scale::Time),
            T::DateTime | T::CreatedTime | T::UpdatedTime => Kind::Moment(Scale::Instant),
            T::Creator | T::Modifier | T::UserSelect | T::StatusAssignee => Kind::User,
            T::OrganizationSelect => Kind::Organization,
            T::GroupSelect => Kind::Group,
            T::Status => Kind::Status,
            T::Category | T::Subtable | T::ReferenceTable | T::Group | T::Label | T::Spacer | T::Hr => Kind::Other,
        }
    }

    /// Whether the operator goes with fields of this kind outside tables.
    pub fn allows(self, op: Op) -> bool {
        use Op::{Empty, Eq, Ge, Gt, In, Le, Like, Lt, Ne, NotEmpty, NotIn, NotLike};
        let operators: &[Op] = match self {
            Kind::Id | Kind::Number | Kind::Calc(_) => &[Eq, Ne, Gt, Lt, Ge, Le, In, NotIn],
            Kind::Line => &[Eq, Ne, In, NotIn, Like, NotLike],
            Kind::Lines | Kind::File => &[Like, NotLike, Empty, NotEmpty],
            Kind::Rich => &[Like, NotLike],
            Kind::Choice | Kind::User | Kind::Organization | Kind::Group => &[In, NotIn],
            Kind::Moment(_) => &[Eq, Ne, Gt, Lt, Ge, Le],
            Kind::Status => &[Eq, Ne, In, NotIn],
            Kind::Other => &[],
        };
        operators.contains(&op)
    }
}
