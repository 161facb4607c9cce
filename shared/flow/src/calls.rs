//! The units that a document calls, where it names them, and the same text with other names: flows move between domains.
//!
//! Texts, not trees, are changed, so that comments and layout stay.

use std::collections::BTreeMap;

use crate::located::{Located, Node};
use crate::problem::{Position, Problem};

/// A unit in a document, by id or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitPlace {
    /// Its id or name, as written.
    pub unit: String,
    /// Where it stands.
    pub position: Position,
}

/// The places where a document names units: the `unit` of its `call_unit` steps.
pub fn places(text: &str) -> Result<Vec<UnitPlace>, Vec<Problem>> {
    let tree = Located::parse(text)?;
    let Some(Node::List(steps)) = entry(&tree, "steps").map(|steps| &steps.node) else { return Ok(Vec::new()) };
    let calls = steps.iter().filter(|step| entry(step, "command").and_then(Located::text) == Some("call_unit"));
    let place = |unit: &Located| Some(UnitPlace { unit: unit.text()?.to_owned(), position: unit.position });
    Ok(calls.filter_map(|step| entry(step, "unit").and_then(place)).collect())
}

fn entry<'t>(tree: &'t Located, wanted: &str) -> Option<&'t Located> {
    let Node::Map(entries) = &tree.node else { return None };
    entries.iter().find(|(key, _)| key.text() == Some(wanted)).map(|(_, value)| value)
}

/// The document with other names of units. Those that `map` does not name keep theirs.
pub fn replace(text: &str, map: &BTreeMap<String, String>) -> Result<String, Vec<Problem>> {
    let mut places = places(text)?;
    // From the end, so that positions in front stay right.
    places.sort_by_key(|p| std::cmp::Reverse(p.position));
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for UnitPlace { unit, position } in places {
        let Some(new) = map.get(&unit) else { continue };
        let line = usize::try_from(position.line).ok().and_then(|line| lines.get_mut(line.checked_sub(1)?));
        if line.and_then(|line| put(line, position, &unit, new)).is_none() {
            return Err(vec![
                Problem::new(
                    "unit_not_plain",
                    format!("実行単位「{unit}」を書き換えられません。別名（*名前）や複数行の書き方ではなく、そのまま書いてください。"),
                    format!("The unit \"{unit}\" cannot be replaced; write it as it is, not as an alias or over several lines."),
                )
                .at(position),
            ]);
        }
    }
    Ok(lines.concat())
}

/// Puts a text in place of another, as a text in quotation marks, which YAML and JSON read alike.
fn put(line: &mut String, position: Position, old: &str, new: &str) -> Option<()> {
    let at = line.char_indices().nth(usize::try_from(position.column).ok()?.checked_sub(1)?)?.0;
    let quote = line[at..].chars().next().filter(|c| matches!(c, '"' | '\'')).map(String::from).unwrap_or_default();
    let written = format!("{quote}{old}{quote}");
    let rest = line[at..].strip_prefix(&written)?;
    // A plain text that only begins like the unit is another one.
    if quote.is_empty() && !rest.starts_with([',', '}', ']', ' ', '\r', '\n']) && !rest.is_empty() {
        return None;
    }
    line.replace_range(at..at + written.len(), &serde_json::to_string(new).ok()?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOW: &str = "suiro: 1\nname: u1\nsteps:\n  - { name: 受注, command: input_app, app: 12 }\n  - { name: 呼ぶ, command: call_unit, from: 受注, unit: u1, parameters: { u1: u1 } }\n  - name: 呼ぶ2\n    command: call_unit\n    from: 受注\n    unit: 'u1' # u1\n  - { name: 呼ぶ3, command: call_unit, from: 受注, unit: 在庫 }\n";

    fn units(text: &str) -> Vec<String> {
        places(text).unwrap().into_iter().map(|p| p.unit).collect()
    }

    #[test]
    fn only_the_names_of_called_units_change() {
        assert_eq!(units(FLOW), ["u1", "u1", "在庫"]);
        let map = BTreeMap::from([("u1".to_owned(), "請求 \"A\": 1".to_owned())]);
        let moved = replace(FLOW, &map).unwrap();
        let quoted = "\"請求 \\\"A\\\": 1\"";
        let expected = FLOW
            .replace("unit: u1,", &format!("unit: {quoted},"))
            .replace("unit: 'u1' #", &format!("unit: {quoted} #"));
        assert_eq!(moved, expected);
        assert_eq!(units(&moved), ["請求 \"A\": 1", "請求 \"A\": 1", "在庫"]);
        assert_eq!(replace(FLOW, &BTreeMap::new()).unwrap(), FLOW);
        let json = "{\"suiro\":1,\"steps\":[{\"name\":\"a\",\"command\":\"call_unit\",\"unit\":\"u1\"}]}";
        assert_eq!(units(&replace(json, &map).unwrap()), ["請求 \"A\": 1"]);
    }

    #[test]
    fn what_is_not_written_as_it_is_is_refused() {
        let alias = FLOW.replace("unit: u1,", "unit: &a u1,").replace("unit: 'u1'", "unit: *a");
        let told = replace(&alias, &BTreeMap::from([("u1".to_owned(), "x".to_owned())])).unwrap_err();
        assert_eq!(told[0].code, "unit_not_plain");
    }
}
