//! Holidays as a document has them.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

/// Holidays as written: a list of dates, or a date field of an app.
#[derive(Clone, Debug, PartialEq)]
pub enum Holidays {
    /// Days since 1970-01-01 are found when the flow is checked.
    Days(Vec<String>),
    /// All records of an app.
    App {
        /// The app's number.
        app: u64,
        /// Code of a date field.
        field: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HolidaysApp {
    app: u64,
    field: String,
}

impl<'de> Deserialize<'de> for Holidays {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl<'de> Visitor<'de> for Written {
            type Value = Holidays;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of dates, or an app and its field")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Holidays, A::Error> {
                let mut days = Vec::new();
                while let Some(day) = seq.next_element()? {
                    days.push(day);
                }
                Ok(Holidays::Days(days))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Holidays, A::Error> {
                let HolidaysApp { app, field } = HolidaysApp::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Holidays::App { app, field })
            }
        }
        deserializer.deserialize_any(Written)
    }
}
