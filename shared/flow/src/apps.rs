//! The apps that a document names, where it names them, and the same text with other numbers: flows move between domains.
//!
//! Texts, not trees, are changed, so that comments and layout stay. `${name}` in a document stands for the number of an app.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::Document;
use crate::located::{Located, Node};
use crate::problem::{Position, Problem};

/// A number of an app in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppPlace {
    /// The app's number.
    pub app: u64,
    /// Where its first digit stands.
    pub position: Position,
}

/// The places where a document names apps: every whole number under a key `app` or one that ends in `_app`.
///
/// What the commands themselves say that they name must be the same apps; else the document cannot be moved safely.
pub fn places(text: &str) -> Result<Vec<AppPlace>, Vec<Problem>> {
    let document = Document::parse(text)?;
    let mut places = Vec::new();
    collect(&Located::parse(text)?, &mut places);
    let found: BTreeSet<u64> = places.iter().map(|p| p.app).collect();
    let named = crate::check::apps(&document);
    if let Some(app) = named.symmetric_difference(&found).next() {
        return Err(vec![Problem::new(
            "app_not_located",
            format!("アプリ {app} の書かれている場所が分からないため、番号を置き換えられません。"),
            format!("Where app {app} is named cannot be told, so its number cannot be replaced."),
        )]);
    }
    Ok(places)
}

fn collect(tree: &Located, places: &mut Vec<AppPlace>) {
    match &tree.node {
        Node::Map(entries) => {
            for (key, value) in entries {
                let is_app = key.text().is_some_and(|k| k == "app" || k.ends_with("_app"));
                match &value.node {
                    Node::Integer(number) if is_app => {
                        places
                            .extend(u64::try_from(*number).ok().map(|app| AppPlace { app, position: value.position }));
                    }
                    _ => collect(value, places),
                }
            }
        }
        Node::List(items) => items.iter().for_each(|item| collect(item, places)),
        _ => {}
    }
}

/// The document with other app numbers. Apps that `map` does not name keep theirs.
pub fn replace(text: &str, map: &BTreeMap<u64, u64>) -> Result<String, Vec<Problem>> {
    let mut places = places(text)?;
    // From the end, so that positions in front stay right.
    places.sort_by_key(|p| std::cmp::Reverse(p.position));
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for AppPlace { app, position } in places {
        let Some(new) = map.get(&app) else { continue };
        let replaced = usize::try_from(position.line).ok().and_then(|line| {
            let line = lines.get_mut(line.checked_sub(1)?)?;
            let at = line.char_indices().nth(usize::try_from(position.column).ok()?.checked_sub(1)?)?.0;
            let digits = line[at..].find(|c: char| !c.is_ascii_digit()).unwrap_or(line.len() - at);
            (line[at..at + digits] == app.to_string()).then(|| line.replace_range(at..at + digits, &new.to_string()))
        });
        if replaced.is_none() {
            return Err(vec![
                Problem::new(
                    "app_not_plain",
                    format!(
                        "アプリ {app} の番号を置き換えられません。別名（*名前）ではなく、数字だけを書いてください。"
                    ),
                    format!("The number of app {app} cannot be replaced; write plain digits, not an alias."),
                )
                .at(position),
            ]);
        }
    }
    Ok(lines.concat())
}

/// The names in `${name}` of a text, in order of first appearance.
pub fn names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once("${") {
        let Some((name, after)) = behind.split_once('}') else { break };
        if !name.is_empty() && !name.contains('\n') && !names.contains(&name) {
            names.push(name);
        }
        rest = after;
    }
    names
}

/// The text with numbers for `${name}`; the names that have none.
pub fn fill<'t>(text: &'t str, number: &dyn Fn(&str) -> Option<u64>) -> (String, Vec<&'t str>) {
    let (mut filled, mut missing) = (text.to_owned(), Vec::new());
    for name in names(text) {
        match number(name) {
            Some(app) => filled = filled.replace(&format!("${{{name}}}"), &app.to_string()),
            None => missing.push(name),
        }
    }
    (filled, missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOW: &str = "suiro: 1 # 12 stays\nname: 移す 12\nholidays: { app: 7, field: 日 }\nsteps:\n  - { name: 受注, command: input_app, app: 12, conditions: [{ field: 数, operator: \"=\", value: 12 }] }\n  - { name: 出力, command: output_app, from: 受注, app: 3, method: append }\n";

    #[test]
    fn only_numbers_of_apps_change() {
        let found: Vec<u64> = places(FLOW).unwrap().iter().map(|p| p.app).collect();
        assert_eq!(found, [7, 12, 3]);
        let moved = replace(FLOW, &[(12, 3), (3, 12), (7, 70)].into()).unwrap();
        assert_eq!(
            moved,
            FLOW.replace("app: 3,", "app: X,")
                .replace("app: 12,", "app: 3,")
                .replace("app: X,", "app: 12,")
                .replace("app: 7,", "app: 70,")
        );
        assert_eq!(replace(FLOW, &BTreeMap::new()).unwrap(), FLOW);
        let json = "{\"suiro\":1,\"name\":\"a\",\"steps\":[{\"name\":\"受注\",\"command\":\"input_app\",\"app\":12},\n{\"name\":\"b\",\"command\":\"output_app\",\"from\":\"受注\",\"method\":\"append\",\"app\":12}]}";
        assert_eq!(replace(json, &[(12, 5)].into()).unwrap(), json.replace("12", "5"));
    }

    #[test]
    fn what_is_no_plain_number_is_refused() {
        let alias = FLOW.replace("app: 12", "app: &a 12").replace("app: 3", "app: *a");
        assert_eq!(replace(&alias, &[(12, 5)].into()).unwrap_err()[0].code, "app_not_plain");
    }

    #[test]
    fn names_of_apps_are_filled_in() {
        let text = "app: ${受注}\napp: ${在庫}\napp: ${受注} ${";
        assert_eq!(names(text), ["受注", "在庫"]);
        let (filled, missing) = fill(text, &|name| (name == "受注").then_some(4));
        assert_eq!((filled.as_str(), missing), ("app: 4\napp: ${在庫}\napp: 4 ${", vec!["在庫"]));
    }
}
