//! The document of a flow: its header and its steps, before any command looks at its settings.

use serde::Deserialize;

use crate::located::{At, Located, Node, OneOrMany};
use crate::problem::{Position, Problem, proposal};

/// The version of the document's shape that this code reads.
pub const VERSION: u64 = 1;

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
}

/// Holidays as written: a list of dates, or a date field of an app.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
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

/// A step as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name, unique in the flow.
    pub name: At<String>,
    /// Stored name of its command.
    pub command: At<String>,
    /// The steps whose rows it takes.
    pub from: Vec<At<String>>,
    /// Everything else: the command's settings, a map.
    pub settings: Located,
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

#[derive(Deserialize)]
struct StepHead {
    name: At<String>,
    command: At<String>,
    #[serde(default)]
    from: OneOrMany,
}

impl Document {
    /// Reads a document (YAML or JSON) and reports everything that is wrong with its header and the heads of its steps.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
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
            check_header(header, &mut problems);
        }
        let steps = match entries.iter().find(|(key, _)| key.text() == Some("steps")).map(|(_, value)| value) {
            Some(Located { node: Node::List(items), .. }) if !items.is_empty() => {
                items.iter().filter_map(|item| Step::read(item, &mut problems)).collect()
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
        match header {
            Some(header) if problems.is_empty() => Ok(Self {
                name: header.name.value,
                zone: header.time_zone.map_or_else(|| DEFAULT_ZONE.to_owned(), |z| z.value),
                strict: header.strict,
                holidays: header.holidays,
                steps,
            }),
            _ => Err(problems),
        }
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

fn check_header(header: &Header, problems: &mut Vec<Problem>) {
    if header.suiro.value != VERSION {
        problems.push(
            Problem::new(
                "unknown_version",
                format!("文書の版 {} は読めません。この Suiro が読むのは 1 です。", header.suiro.value),
                format!("Version {} of the document is not known; this Suiro reads 1.", header.suiro.value),
            )
            .in_setting("suiro")
            .at(header.suiro.position),
        );
    }
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

impl Step {
    /// Reads the head of a step and keeps the rest as settings.
    pub(crate) fn read(item: &Located, problems: &mut Vec<Problem>) -> Option<Self> {
        const HEAD: [&str; 3] = ["name", "command", "from"];
        let Some(entries) = item.entries() else {
            problems.push(
                Problem::new(
                    "not_a_step",
                    "ステップの形ではありません。「name」と「command」を書いてください。",
                    "This is not a step: write \"name\" and \"command\".",
                )
                .at(item.position),
            );
            return None;
        };
        let (head, settings): (Vec<_>, Vec<_>) =
            entries.iter().cloned().partition(|(key, _)| key.text().is_some_and(|k| HEAD.contains(&k)));
        let head = Located { position: item.position, node: Node::Map(head) };
        match head.read::<StepHead>() {
            Ok(StepHead { name, command, from }) => {
                let settings = Located { position: item.position, node: Node::Map(settings) };
                Some(Self { name, command, from: from.0, settings })
            }
            Err(e) => {
                let name = entries.iter().find(|(k, _)| k.text() == Some("name")).and_then(|(_, v)| v.text());
                let mut found = vec![Problem::from(e)];
                // The head is wrong; a key that looks like one of its own is probably why.
                let near = settings
                    .iter()
                    .filter(|(k, _)| crate::problem::nearest(k.text().unwrap_or_default(), HEAD).is_some());
                refuse_unknown(&near.cloned().collect::<Vec<_>>(), &HEAD, &mut found);
                problems.extend(found.into_iter().map(|p| Problem { step: name.map(str::to_owned), ..p }));
                None
            }
        }
    }

    /// Where a setting was written, or the step where it was not.
    pub fn position_of(&self, setting: &str) -> Position {
        let entries = self.settings.entries().unwrap_or_default();
        entries.iter().find(|(k, _)| k.text() == Some(setting)).map_or(self.name.position, |(_, v)| v.position)
    }

    /// Reports every key that is no setting of the command.
    pub(crate) fn refuse_unknown_keys(&self, known: &[&str], problems: &mut Vec<Problem>) -> bool {
        let before = problems.len();
        for (key, _) in self.settings.entries().unwrap_or_default() {
            let name = key.text().unwrap_or_default();
            if !known.contains(&name) {
                let (ja, en) = proposal(name, known.iter().copied());
                problems.push(
                    Problem::new(
                        "unknown_key",
                        format!("コマンド {} に「{name}」という設定はありません。{ja}", self.command.value),
                        format!("The command {} has no setting \"{name}\".{en}", self.command.value),
                    )
                    .in_step(&self.name.value)
                    .in_setting(name)
                    .at(key.position),
                );
            }
        }
        problems.len() > before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let text = "suiro: 2\nname: ''\ntime_zone: Asia/Tokio\nsteps:\n  - command: filter\n  - 3\n";
        let codes: Vec<_> = Document::parse(text).unwrap_err().iter().map(|p| p.code).collect();
        assert_eq!(codes, ["unknown_version", "no_name", "unknown_time_zone", "missing_key", "not_a_step"]);
        assert_eq!(Document::parse("- 1").unwrap_err()[0].code, "not_a_flow");
        assert_eq!(Document::parse("suiro: 1\nname: x\n").unwrap_err()[0].code, "no_steps");
    }
}
