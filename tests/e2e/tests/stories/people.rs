//! Two people and a flow change the same five hundred stock records at random moments: nobody's change is lost.
//!
//! Seeded; `SUIRO_HISTORIES` sets how many histories are played.

use std::collections::BTreeMap;
use std::time::Duration;

use connect::kintone::{Connection, Connector, Credential, HostPolicy, Kintone, ReadField, Settings, Target};
use model::clock::{Clock, SystemClock};
use model::field::{Field, FieldType, Kind};
use model::run::RunState;
use model::unit::Undo;
use model::value::Value;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sim::Control;
use suiro::demo::company::ADMINISTRATOR;

use crate::bare::Scene;
use crate::book::{Apps, counting_app, counts_up};
use crate::histories::number;

const RECORDS: u64 = 500;

/// What a person adds to a record; the flow adds one.
const BY_HAND: i64 = 1_000;

fn flow(control: &Control, apps: &mut Apps) -> Vec<String> {
    let app = counting_app(control, "在庫", RECORDS as usize, |_| 0);
    apps.more.push(app);
    vec![counts_up(app, "")]
}

/// A person: looks at a record, thinks, and saves it, which kintone refuses where somebody was faster. What was saved.
async fn person(kintone: Kintone, app: u64, seed: u64, acts: usize) -> BTreeMap<u64, i64> {
    let mut random = StdRng::seed_from_u64(seed);
    let field = Field::new("数", FieldType::Number);
    let read = [ReadField::new("数", Kind::Number)];
    let target = Target { app, fields: vec![field] };
    let mut saved: BTreeMap<u64, i64> = BTreeMap::new();
    for _ in 0..acts {
        let id = random.random_range(1..=RECORDS);
        let record = kintone.read_one(app, id, &read).await.unwrap().unwrap();
        SystemClock.pause(Duration::from_millis(random.random_range(0..12))).await;
        let Value::Number(now) = &record.values[0] else { panic!("{record:?}") };
        let wanted = Value::Number((now.to_i64().unwrap() + BY_HAND).into());
        if kintone.update_record(&target, id, Some(record.revision), &[wanted]).await.is_ok() {
            *saved.entry(id).or_default() += BY_HAND;
        }
        SystemClock.pause(Duration::from_millis(random.random_range(0..25))).await;
    }
    saved
}

async fn history(seed: u64) {
    let scene = Scene::new(&flow, Undo::Off).await;
    let app = scene.apps.more[0];
    let hosts = HostPolicy { allow_local: true, ..HostPolicy::default() };
    let connector = Connector::new(Settings { hosts, ..Settings::default() }).unwrap();
    let credential = Credential::password(ADMINISTRATOR.0, ADMINISTRATOR.1);
    let kintone = connector.open(Connection::new(scene.sim.base_url(), credential)).unwrap();
    let people = [1, 2].map(|who| tokio::spawn(person(kintone.clone(), app, seed * 10 + who, 12)));
    let (mut done, mut conflicts) = (0, 0);
    while done + conflicts < 4 {
        let id = scene.ask().await;
        scene.works().await.unwrap();
        let run = scene.run(&id).await;
        match run.state {
            RunState::Succeeded => done += 1,
            // Three times in a row somebody was faster: nothing is written, and it is said.
            RunState::Failed => {
                assert_eq!(run.code, Some(model::catalogue::CONFLICT), "seed {seed}: {run:#?}");
                conflicts += 1;
            }
            other => panic!("seed {seed}: {other:?}: {run:#?}"),
        }
    }
    let mut by_hand: BTreeMap<u64, i64> = BTreeMap::new();
    for person in people {
        for (id, count) in person.await.unwrap() {
            *by_hand.entry(id).or_default() += count;
        }
    }
    // Whoever got in its way is gone.
    let id = scene.ask().await;
    scene.works().await.unwrap();
    let last = scene.run(&id).await;
    assert_eq!(last.state, RunState::Succeeded, "seed {seed}: {last:#?}");
    done += 1;
    for record in scene.sim.control().records(app) {
        let wanted = done + by_hand.get(&record.id).copied().unwrap_or(0);
        assert_eq!(record.text("数"), Some(&*wanted.to_string()), "seed {seed}, record {}", record.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobodys_change_is_lost() {
    let histories = number("SUIRO_HISTORIES").unwrap_or(10);
    for seed in 1..=histories {
        history(seed).await;
    }
}
