//! Notices as records: found by their key when they are told again, and only what the form has.

use std::collections::BTreeMap;

use connect::kintone::Connector;
use connect::records::Records;
use model::catalogue;
use model::clock::Timestamp;
use model::notice::{About, Notice, Part, RecordPlace, Told, note};
use model::ports::{Credential, MessageError, Recorder as _};
use model::unit::Unit;
use serde_json::json;
use sim::{AppSpec, Fault, FaultKind, Right, Sim};

use crate::support::{settings, sim};

fn place(sim: &Sim, app: u64, guest_space: Option<u64>) -> RecordPlace {
    RecordPlace {
        base_url: sim.base_url(),
        guest_space,
        app,
        credential: "notify/d/a".into(),
        fields: BTreeMap::from([(Part::Title, Some("件名".to_owned()))]),
    }
}

fn notice(at: Timestamp) -> Notice {
    let mut notices = Vec::new();
    note(at, &mut notices, About::Failed, Some(catalogue::CONFLICT), Some(7));
    notices.remove(0)
}

async fn record(place: &RecordPlace, token: &str, notice: &Notice) -> Result<(), MessageError> {
    let unit = Unit::new("example.cybozu.com", "受注", 1, "c");
    let told = Told { unit: &unit, notice, link: Some("https://example.cybozu.com/k/9/") };
    let credential = Credential::Tokens { tokens: vec![token.to_owned()], basic: None };
    Records::new(Connector::new(settings()).unwrap()).record(place, &credential, &told).await
}

const WRITER: [Right; 3] = [Right::View, Right::Add, Right::Edit];

#[tokio::test]
async fn a_notice_whose_answer_was_lost_is_one_record_when_it_is_told_again() {
    let sim = sim().await;
    let control = sim.control();
    let key = json!({ "type": "SINGLE_LINE_TEXT", "unique": true });
    let spec = AppSpec { guest_space: Some(7), ..AppSpec::new("通知") };
    let spec = spec.field("notice_key", key).field("件名", json!({ "type": "MULTI_LINE_TEXT" }));
    let spec = spec.field("occurred_time", json!({ "type": "DATETIME" })).field("count", json!({ "type": "NUMBER" }));
    let app = control.create_app(spec.field("link", json!({ "type": "LINK" }))).unwrap();
    let token = control.add_token(app, &WRITER).unwrap();
    let place = place(&sim, app, Some(7));
    let first = notice(Timestamp(1_800_000_000_000));
    control.add_fault(Fault::new("*/records.json", FaultKind::ResetAfter).method("PUT").times(1));
    assert!(record(&place, &token, &first).await.is_err(), "nobody knows");
    assert_eq!(control.count(app), 1, "but it is there");
    assert_eq!(record(&place, &token, &first).await, Ok(()));
    assert_eq!(control.count(app), 1, "and is not doubled");
    assert_eq!(record(&place, &token, &notice(Timestamp(1_800_000_060_000))).await, Ok(()));
    assert_eq!(control.count(app), 2, "another notice is another record");
    let written = &control.records(app)[0];
    assert!(written.text("件名").unwrap().contains("受注"), "{written:?}");
    let told = [written.text("occurred_time"), written.text("count"), written.text("link")];
    assert_eq!(told, [Some("2027-01-15T08:00:00Z"), Some("1"), Some("https://example.cybozu.com/k/9/")]);
}

#[tokio::test]
async fn what_a_form_lacks_by_now_is_left_out_and_a_form_without_any_is_an_error() {
    let sim = sim().await;
    let control = sim.control();
    let text = || json!({ "type": "SINGLE_LINE_TEXT" });
    let app = control.create_app(AppSpec::new("通知").field("notice_key", text()).field("件名", text())).unwrap();
    // Adding asks for less than finding by a key does.
    let token = control.add_token(app, &[Right::View, Right::Add]).unwrap();
    let first = notice(Timestamp(1_800_000_000_000));
    for written in 1..=2 {
        assert_eq!(record(&place(&sim, app, None), &token, &first).await, Ok(()));
        assert_eq!(control.count(app), written, "without a key that prohibits duplicates each is a record");
    }
    let other = control.create_app(AppSpec::new("別").field("数", text())).unwrap();
    let token = control.add_token(other, &WRITER).unwrap();
    let none = record(&place(&sim, other, None), &token, &first).await.unwrap_err();
    assert!(none.0.contains("none of the fields"), "{none}");
    let wrong = record(&place(&sim, other, None), "wrong", &first).await.unwrap_err();
    assert!(wrong.0.contains("GAIA_IA02") && !wrong.0.contains("wrong"), "{wrong}");
}
