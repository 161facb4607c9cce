//! Good flows: their plans, notes, apps and parameters.

use super::{check, files, snapshot};
use flow::document::Document;

#[test]
fn plans_of_good_flows() {
    for (name, text) in files("good") {
        let checked = check(&text).unwrap_or_else(|p| panic!("{name}: {p:#?}"));
        super::sound::assert_sound(&name, &checked.plan);
        let mut out = checked.plan.to_string();
        for note in &checked.notes {
            out.push_str(&format!("note: {note}\n"));
        }
        let document = Document::parse(&text).unwrap();
        out.push_str(&format!("apps: {:?}\n", flow::check::apps(&document)));
        out.push_str(&format!("parameters: {:?}\n", flow::bind::parameters(&checked.plan)));
        snapshot(&format!("good__{name}"), &out);
    }
}
