//! The picture of a flow: its steps as boxes, its rows as arrows from top to bottom, as SVG.
//!
//! The same document always gives the same picture, so it can be kept beside the document and compared.

mod layout;
mod svg;
mod text;

use crate::commands::{Role, definition};
use crate::document::{Document, Step};
use crate::located::Node;

/// The picture of a document. Steps whose command is not known are drawn too; a circle is cut where it closes.
pub fn svg(document: &Document, japanese: bool) -> String {
    let boxes: Vec<StepBox> = document.steps.iter().map(|step| StepBox::of(step, japanese)).collect();
    let edges: Vec<layout::Edge> = document
        .steps
        .iter()
        .enumerate()
        .flat_map(|(to, step)| step.from.iter().enumerate().map(move |(port, from)| (to, port, from, step.from.len())))
        .filter_map(|(to, port, from, ports)| {
            let from = document.steps.iter().position(|s| s.name.value == from.value)?;
            Some(layout::Edge { from, to, port, ports })
        })
        .collect();
    let placed = layout::layout(&boxes.iter().map(StepBox::size).collect::<Vec<_>>(), &edges);
    svg::draw(&document.name, &boxes, &placed)
}

/// What a box shows.
pub(super) struct StepBox {
    /// The step's name, in lines.
    pub name: Vec<String>,
    /// The command's title.
    pub command: String,
    /// The app and the method, where there are any.
    pub detail: Vec<String>,
    /// Where in a flow it stands; `None` for an unknown command.
    pub role: Option<Role>,
}

impl StepBox {
    fn of(step: &Step, japanese: bool) -> Self {
        let known = definition(&step.command, step.version.value);
        let title = known.map(|d| if japanese { d.title.ja } else { d.title.en });
        let command = match title {
            Some(title) => format!("{title} ({})", step.command.value),
            None => step.command.value.clone(),
        };
        let mut detail = Vec::new();
        for (key, value) in step.settings.entries().unwrap_or_default() {
            let shown = match (key.text(), &value.node) {
                (Some("app"), Node::Integer(app)) if japanese => format!("アプリ {app}"),
                (Some("app"), Node::Integer(app)) => format!("app {app}"),
                (Some("app" | "method" | "kind" | "formula" | "path" | "file"), Node::Text(text)) => text.clone(),
                (Some("keys" | "key" | "fields" | "edits" | "aggregates"), Node::List(items)) => {
                    let names: Vec<&str> = items.iter().filter_map(named).collect();
                    let dots = if names.len() < items.len() { "…" } else { "" };
                    format!("{}: {}{dots}", key.text().unwrap_or_default(), names.join(", "))
                }
                (Some("key"), Node::Text(text)) => format!("key: {text}"),
                _ => continue,
            };
            detail.push(text::cut(&shown.replace('\n', " "), text::DETAIL));
        }
        detail.truncate(MOST_DETAILS);
        Self {
            name: text::lines(&step.name, text::NAME, MOST_LINES),
            command: text::cut(&command, text::DETAIL),
            detail,
            role: known.map(|d| d.role),
        }
    }

    fn size(&self) -> layout::Size {
        let lines = self.name.iter().map(|l| text::width(l) * svg::NAME_UNIT);
        let small = std::iter::once(&self.command).chain(&self.detail).map(|l| text::width(l) * svg::SMALL_UNIT);
        let widest = lines.chain(small).max().unwrap_or(0);
        layout::Size {
            width: (widest + 2 * svg::PADDING).max(svg::NARROWEST),
            height: self.name.len() * svg::NAME_LINE + (1 + self.detail.len()) * svg::SMALL_LINE + 2 * svg::PADDING,
        }
    }
}

/// Details shown of a step: a picture is no listing.
const MOST_DETAILS: usize = 3;
/// Lines of a name.
const MOST_LINES: usize = 3;

/// The name that an item of a list is about.
fn named(item: &crate::located::Located) -> Option<&str> {
    match &item.node {
        Node::Text(text) => Some(text),
        Node::Map(entries) => {
            let of = |key: &str| entries.iter().find(|(k, _)| k.text() == Some(key)).and_then(|(_, v)| v.text());
            of("as").or_else(|| of("field")).or_else(|| of("left"))
        }
        _ => None,
    }
}
