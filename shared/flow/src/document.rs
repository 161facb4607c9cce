//! The document of a flow: its header and its steps, before any command looks at its settings.

mod holidays;
mod step;

use serde::Deserialize;

use crate::located::{At, Located, Node};
use crate::problem::{Problem, proposal};

pub use holidays::Holidays;
pub use step::Step;

/// The version of the document's shape that this code reads.
pub const VERSION: u64 = 1;

/// The version of a command that a step without one is written in: so a document that is stored keeps its meaning when a
/// command gets a newer version.
pub const FIRST_VERSION: u32 = 1;

/// The time zone of a flow that names none.
pub const DEFAULT_ZONE: &str = "Asia/Tokyo";

/// A flow as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Its name.
    pub name: String,
    /// IANA time zone.
    pub zone: String,
    /// See [`crate::plan::Plan::strict`].
    pub strict: bool,
    /// Days that business-day functions take as holidays.
    pub holidays: Option<At<Holidays>>,
    /// Its steps, in the order of the document.
    pub steps: Vec<Step>,
    /// What is wrong with its header and the heads of its steps; the check tells it with everything else.
    pub problems: Vec<Problem>,
    /// Steps whose heads could not be read, by their names as far as they have one: `steps` lacks them.
    pub unread: Vec<Option<String>>,
}

#[derive(Deserialize)]
struct Header {
    suiro: At<u64>,
    name: At<String>,
    #[serde(default)]
    time_zone: Option<At<String>>,
    #[serde(default)]
    strict: bool,
    #[serde(default)]
    holidays: Option<At<Holidays>>,
}

impl Document {
    /// Reads a document (YAML or JSON) and reports everything that is wrong with its header and the heads of its steps.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let document = Self::read(text)?;
        if document.problems.is_empty() { Ok(document) } else { Err(document.problems) }
    }

    /// Reads a document as far as it can be read, so that one mistake does not hide those of other steps: what is wrong
    /// with its header and the heads of its steps stands in `problems`. An error where there is nothing to go on with.
    pub fn read(text: &str) -> Result<Self, Vec<Problem>> {
        let tree = Located::parse(text)?;
        let Some(entries) = tree.entries() else {
            return Err(vec![
                Problem::new(
                    "not_a_flow",
                    "フローの文書ではありません。「suiro: 1」、「name」、「steps」を書いてください。",
                    "This is not a flow: write \"suiro: 1\", \"name\" and \"steps\".",
                )
                .at(tree.position),
            ]);
        };
        let mut problems = Vec::new();
        refuse_unknown(entries, &["suiro", "name", "time_zone", "strict", "holidays", "steps"], &mut problems);
        let header = entries.iter().filter(|(key, _)| key.text() != Some("steps")).cloned().collect();
        let header = Located { position: tree.position, node: Node::Map(header) }
            .read::<Header>()
            .map_err(|e| problems.push(e.into()))
            .ok();
        if let Some(header) = &header {
            if let Some(problem) = other_version(header) {
                // What another version means by the rest is not known.
                return Err(vec![problem]);
            }
            check_header(header, &mut problems);
        }
        let mut unread = Vec::new();
        let steps = match entries.iter().find(|(key, _)| key.text() == Some("steps")).map(|(_, value)| value) {
            Some(Located { node: Node::List(items), .. }) if !items.is_empty() => {
                let mut steps = Vec::with_capacity(items.len());
                for item in items {
                    match Step::read(item, &mut problems) {
                        Some(step) => steps.push(step),
                        None => unread.push(Step::name_of(item)),
                    }
                }
                steps
            }
            other => {
                let p = Problem::new(
                    "no_steps",
                    "ステップがありません。「steps」に一つ以上のステップを並べてください。",
                    "There are no steps: list at least one under \"steps\".",
                );
                problems.push(p.at(other.map_or(tree.position, |o| o.position)));
                Vec::new()
            }
        };
        if steps.is_empty() {
            return Err(problems);
        }
        let (name, zone, strict, holidays) = match header {
            Some(header) => (header.name.value, header.time_zone, header.strict, header.holidays),
            None => (String::new(), None, false, None),
        };
        let zone = zone.map_or_else(|| DEFAULT_ZONE.to_owned(), |z| z.value);
        Ok(Self { name, zone, strict, holidays, steps, problems, unread })
    }
}

fn refuse_unknown(entries: &[(Located, Located)], known: &[&str], problems: &mut Vec<Problem>) {
    for (key, _) in entries {
        let name = key.text().unwrap_or_default();
        if !known.contains(&name) {
            let (ja, en) = proposal(name, known.iter().copied());
            problems.push(
                Problem::new(
                    "unknown_key",
                    format!("「{name}」という項目はありません。{ja}"),
                    format!("There is no entry \"{name}\" here.{en}"),
                )
                .at(key.position),
            );
        }
    }
}

fn other_version(header: &Header) -> Option<Problem> {
    let At { value: version, position } = header.suiro;
    (version != VERSION).then(|| {
        Problem::new(
            "unknown_version",
            format!("文書の版 {version} は読めません。この Suiro が読むのは 1 です。"),
            format!("Version {version} of the document is not known; this Suiro reads 1."),
        )
        .in_setting("suiro")
        .at(position)
    })
}

fn check_header(header: &Header, problems: &mut Vec<Problem>) {
    if header.name.trim().is_empty() {
        problems.push(
            Problem::new("no_name", "フローの名前が空です。", "The flow's name is empty.")
                .in_setting("name")
                .at(header.name.position),
        );
    }
    if let Some(zone) = &header.time_zone
        && jiff::tz::TimeZone::get(zone).is_err()
    {
        problems.push(
            Problem::new(
                "unknown_time_zone",
                format!(
                    "タイムゾーン「{}」はありません。Asia/Tokyo のような IANA の名前を書いてください。",
                    zone.value
                ),
                format!("There is no time zone \"{}\"; write an IANA name such as Asia/Tokyo.", zone.value),
            )
            .in_setting("time_zone")
            .at(zone.position),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Position;

    #[test]
    fn yaml_and_json_are_one_schema() {
        let yaml = "suiro: 1\nname: 引当\nstrict: true\nsteps:\n  - name: 受注\n    command: input_app\n    app: 1\n  - { name: 出力, command: output_app, from: 受注 }\n";
        let json = r#"{"suiro":1,"name":"引当","strict":true,"steps":[
            {"name":"受注","command":"input_app","app":1},{"name":"出力","command":"output_app","from":["受注"]}]}"#;
        let (a, b) = (Document::parse(yaml).unwrap(), Document::parse(json).unwrap());
        assert_eq!((a.name.as_str(), a.zone.as_str(), a.strict), ("引当", "Asia/Tokyo", true));
        for d in [&a, &b] {
            assert_eq!(d.steps[0].settings.entries().unwrap().len(), 1);
            assert_eq!(d.steps[1].from[0].value, "受注");
        }
        assert_eq!(a.steps[0].position_of("app"), Position { line: 7, column: 10 });
    }

    #[test]
    fn all_problems_of_the_head_come_at_once() {
        let text = "suiro: 1\nname: ''\ntime_zone: Asia/Tokio\nsteps:\n  - command: filter\n  - 3\n";
        let codes: Vec<_> = Document::parse(text).unwrap_err().iter().map(|p| p.code).collect();
        assert_eq!(codes, ["no_name", "unknown_time_zone", "missing_key", "not_a_step"]);
        let newer = Document::parse(&text.replace("suiro: 1", "suiro: 2")).unwrap_err();
        assert_eq!(newer.iter().map(|p| p.code).collect::<Vec<_>>(), ["unknown_version"]);
        let read =
            Document::read("suiro: 1\nname: x\nsteps:\n  - { name: a, comand: b }\n  - { name: c, command: d }\n");
        let read = read.unwrap();
        assert_eq!((read.steps.len(), read.problems.len()), (1, 2), "the other step is read: {:?}", read.problems);
        assert_eq!(Document::parse("- 1").unwrap_err()[0].code, "not_a_flow");
        assert_eq!(Document::parse("suiro: 1\nname: x\n").unwrap_err()[0].code, "no_steps");
    }
}
