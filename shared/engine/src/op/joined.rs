//! All values of a group as one text.

use arrow_array::ArrayRef;
use arrow_array::builder::StringViewBuilder;
use flow::plan::Joined;
use hashbrown::HashSet;
use jiff::tz::TimeZone;
use model::field::Kind;
use std::sync::Arc;

use crate::column::Column;
use crate::error::EngineError;
use crate::ids::Groups;
use crate::order::codes;
use crate::table::Table;
use crate::text::value_text;

/// One text per group, of its values in the asked order; blank where there is none. Items of lists count one by one.
pub(super) fn joined(
    input: &Table,
    column: &Column,
    spec: &Joined,
    groups: &Groups,
    zone: &TimeZone,
) -> Result<ArrayRef, EngineError> {
    let mut texts: Vec<Option<String>> = vec![None; groups.len()];
    let mut seen: HashSet<(u32, String)> = HashSet::new();
    let mut add = |group: u32, text: &str| {
        if spec.distinct && !seen.insert((group, text.to_owned())) {
            return;
        }
        match &mut texts[group as usize] {
            Some(all) => {
                all.push_str(&spec.separator);
                all.push_str(text);
            }
            empty => *empty = Some(text.to_owned()),
        }
    };
    for row in codes(input, &spec.order, None)?.sorted() {
        let (group, row) = (groups.of[row as usize], row as usize);
        match column.kind() {
            _ if column.is_blank(row) => {}
            Kind::Text => add(group, column.text(row).unwrap_or_default()),
            Kind::Texts | Kind::Entities | Kind::Files => column.labels(row).iter().for_each(|label| add(group, label)),
            _ => add(group, &value_text(&column.value(row), zone)),
        }
    }
    let mut builder = StringViewBuilder::with_capacity(texts.len());
    for text in texts {
        let text = text.filter(|text| !text.is_empty());
        match text {
            Some(text) => builder.try_append_value(text)?,
            None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}
