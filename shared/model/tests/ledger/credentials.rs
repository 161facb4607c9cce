//! When the credential of a connection dies: told to all units that use it, however many.

use std::time::Duration;

use model::clock::{Clock as _, Timestamp};
use model::ids::UnitId;
use model::ledger::LedgerError;
use model::limits::UnitLimits;
use model::notice::About;
use model::unit::{Connection, Unit};

use crate::scene::{DOMAIN, Scene, scene};

/// More than a commit of a write each holds.
const UNITS: usize = 130;

async fn connected() -> (Scene, Vec<Unit>) {
    let scene = scene(UnitLimits::default()).await;
    let connection = Connection {
        name: "c".into(),
        base_url: "https://example.cybozu.com".into(),
        guest_space: None,
        credential: "c".into(),
        expires: None,
    };
    scene.ledger.put_connection(DOMAIN, &connection).await.unwrap();
    scene.ledger.put_connection(DOMAIN, &Connection { name: "other".into(), ..connection }).await.unwrap();
    let mut units = vec![scene.unit.clone()];
    for n in 1..UNITS {
        units.push(scene.add(&n.to_string()).await);
    }
    (scene, units)
}

/// The dates that a unit is told of.
async fn told(scene: &Scene, id: &UnitId) -> Vec<Timestamp> {
    let state = scene.ledger.state(id).await.unwrap();
    state.notices.iter().filter(|notice| notice.about == About::Credential).map(|notice| notice.since).collect()
}

#[tokio::test]
async fn a_date_is_told_to_more_units_than_a_commit_holds() {
    let (scene, units) = connected().await;
    let other = scene.ledger.add_unit(model::ledger::NewUnit {
        unit: Unit { connection: "other".into(), ..Unit::new(DOMAIN, "他", 1, "other") },
        flows: Vec::new(),
    });
    let (other, _) = other.await.unwrap();
    let ledger = &scene.ledger;
    let (first, second) =
        (scene.clock.now() + Duration::from_secs(30 * 86_400), scene.clock.now() + Duration::from_secs(9));
    for (at, expected) in [(Some(first), vec![first; 2]), (Some(second), vec![second; 2]), (None, vec![])] {
        ledger.set_credential_expiry(DOMAIN, "c", at).await.unwrap();
        assert_eq!(ledger.connection(DOMAIN, "c").await.unwrap().unwrap().expires, at);
        for unit in &units {
            assert_eq!(told(&scene, &unit.id).await, expected, "{}", unit.name);
        }
    }
    assert!(told(&scene, &other).await.is_empty());
    let unknown = ledger.set_credential_expiry(DOMAIN, "c9", None).await;
    assert_eq!(unknown, Err(LedgerError::NoConnection("c9".into())));
}

#[tokio::test]
async fn what_broke_off_in_between_is_repeated() {
    let (scene, units) = connected().await;
    let at = scene.clock.now() + Duration::from_secs(30 * 86_400);
    // As if it had come no further than the connection.
    let stored = scene.ledger.connection(DOMAIN, "c").await.unwrap().unwrap();
    scene.ledger.put_connection(DOMAIN, &Connection { expires: Some(at), ..stored }).await.unwrap();
    scene.ledger.set_credential_expiry(DOMAIN, "c", Some(at)).await.unwrap();
    let once = scene.ledger.state(&units[UNITS - 1].id).await.unwrap();
    scene.ledger.set_credential_expiry(DOMAIN, "c", Some(at)).await.unwrap();
    for unit in &units {
        assert_eq!(told(&scene, &unit.id).await, [at, at], "a week before, and on the day");
    }
    assert_eq!(scene.ledger.state(&units[UNITS - 1].id).await.unwrap(), once, "it leaves the same");
}
