//! `suiro flow graph`.

use flow::document::Document;

use super::{Failure, invalid, read, write};
use crate::args::{Graph, Lang};

/// Stands in for the number of an app that the document calls by name; a picture shows what was written.
const STAND_IN: u64 = 900_000_000;

/// Draws a flow. It need not be sound: a picture helps to see what is wrong.
pub fn run(args: &Graph) -> Result<(), Failure> {
    let text = read(&args.file)?;
    let names = flow::apps::names(&text);
    let number = |name: &str| names.iter().position(|n| *n == name).map(|n| STAND_IN + n as u64);
    let (filled, _) = flow::apps::fill(&text, &number);
    let document = Document::parse(&filled).map_err(|problems| invalid(&problems))?;
    let mut picture = flow::picture::svg(&document, args.lang == Lang::Ja);
    for (n, name) in names.iter().enumerate() {
        picture = picture.replace(&(STAND_IN + n as u64).to_string(), name);
    }
    write(args.out.as_deref(), &picture)
}
