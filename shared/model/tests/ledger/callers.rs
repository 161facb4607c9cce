//! Named callers: secrets of their own, which expire, overlap and are removed one by one; signatures that are used once.

use std::time::Duration;

use model::keys;
use model::ledger::{Admitted, LedgerError, NewCaller, UnitChange};
use model::limits::{MAX_CALLERS, UnitLimits};
use model::run::{Method, Trigger};
use model::secret_url::{Secret, SecretItem};
use model::signature::Signed;
use model::store::{Expect, Write};

use crate::scene::{Scene, request, scene};

fn new(name: &str) -> NewCaller {
    NewCaller { name: name.into(), expires: None, signs: false }
}

async fn item(scene: &Scene, secret: &Secret) -> SecretItem {
    let item = scene.ledger.store().get(&[keys::secret(&secret.hash())]).await.unwrap().remove(0);
    item.expect("a secret").decode().unwrap()
}

#[tokio::test]
async fn callers_have_secrets_of_their_own() {
    let scene = scene(UnitLimits::default()).await;
    let (ledger, unit) = (&scene.ledger, &scene.unit.id);
    let shop = ledger.add_caller(unit, &new("shop")).await.unwrap();
    let bank = ledger.add_caller(unit, &NewCaller { signs: true, ..new("bank") }).await.unwrap();
    assert!(shop.key.is_none() && bank.key.is_some());
    assert_eq!(item(&scene, &shop.secret).await.caller.as_deref(), Some("shop"));
    let held = item(&scene, &bank.secret).await;
    assert_eq!(held.key.as_ref().map(|k| k.0.as_str()), bank.key.as_ref().map(Secret::reveal));
    assert!(!format!("{held:?}").contains(&held.key.as_ref().unwrap().0), "it prints as ***");
    let exists = ledger.add_caller(unit, &new("shop")).await;
    assert_eq!(exists, Err(LedgerError::CallerExists(unit.clone(), "shop".into())));

    let url = ledger.regenerate_url(unit, None).await.unwrap();
    assert!(!scene.opens(&scene.secret).await && scene.opens(&url).await);
    assert!(scene.opens(&shop.secret).await && scene.opens(&bank.secret).await, "each keeps its own");
    ledger.remove_caller(unit, "shop").await.unwrap();
    assert!(!scene.opens(&shop.secret).await && scene.opens(&bank.secret).await && scene.opens(&url).await);
    let gone = ledger.remove_caller(unit, "shop").await;
    assert_eq!(gone, Err(LedgerError::NoCaller(unit.clone(), "shop".into())));
    assert_eq!(ledger.unit(unit).await.unwrap().secrets.len(), 2);
}

#[tokio::test]
async fn secrets_expire_and_overlap() {
    let scene = scene(UnitLimits::default()).await;
    let (ledger, unit) = (&scene.ledger, &scene.unit.id);
    let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3_600));
    let old = ledger.add_caller(unit, &NewCaller { signs: true, ..new("bank") }).await.unwrap();
    let brief = NewCaller { expires: Some(hour), signs: true, ..new("bank") };
    let young = ledger.renew_caller(unit, &brief, Some(minute)).await.unwrap();
    assert!(scene.opens(&old.secret).await && scene.opens(&young.secret).await);
    assert!(item(&scene, &old.secret).await.key.is_some(), "the old one is still signed with the old key");
    let url = ledger.regenerate_url_until(unit, None, Some(hour)).await.unwrap();
    scene.clock.advance(minute);
    assert!(!scene.opens(&old.secret).await && scene.opens(&young.secret).await);
    scene.clock.advance(hour - minute);
    assert!(!scene.opens(&young.secret).await && !scene.opens(&url).await);
    let nobody = ledger.renew_caller(unit, &new("nobody"), None).await;
    assert_eq!(nobody, Err(LedgerError::NoCaller(unit.clone(), "nobody".into())));
}

#[tokio::test]
async fn a_unit_has_so_many_callers_and_no_more() {
    let scene = scene(UnitLimits::default()).await;
    for n in 0..MAX_CALLERS {
        scene.ledger.add_caller(&scene.unit.id, &new(&format!("c{n}"))).await.unwrap();
    }
    let more = scene.ledger.add_caller(&scene.unit.id, &new("more")).await;
    assert_eq!(more, Err(LedgerError::TooManyCallers(scene.unit.id.clone())));
}

#[tokio::test]
async fn a_unit_that_comes_back_has_its_callers_but_for_those_that_sign() {
    let scene = scene(UnitLimits::default()).await;
    let (ledger, unit) = (&scene.ledger, &scene.unit.id);
    let shop = ledger.add_caller(unit, &new("shop")).await.unwrap();
    let bank = ledger.add_caller(unit, &NewCaller { signs: true, ..new("bank") }).await.unwrap();
    let exported = ledger.unit(unit).await.unwrap();
    ledger.change_units(&[UnitChange::Remove(unit.clone())]).await.unwrap();
    assert!(!scene.opens(&shop.secret).await);
    let back = UnitChange::Add { unit: Box::new(exported), flows: vec!["A".into()], enabled: true };
    assert_eq!(ledger.change_units(&[back]).await.unwrap()[0].secret, None);
    assert!(scene.opens(&scene.secret).await && scene.opens(&shop.secret).await);
    assert_eq!(item(&scene, &shop.secret).await.caller.as_deref(), Some("shop"));
    assert!(!scene.opens(&bank.secret).await, "its key is in no export");
    assert_eq!(ledger.unit(unit).await.unwrap().secrets.len(), 2);
}

#[tokio::test]
async fn what_is_run_again_is_told_of_to_who_asked_for_it_first() {
    let scene = scene(UnitLimits::default()).await;
    let callers = [None, Some("shop"), Some("bank")];
    for (method, client, told) in [
        (Method::Api, Some("shop"), [false, true, false]),
        (Method::Sheet, None, [true, false, false]),
        (Method::Call, None, [false, false, false]),
    ] {
        let mut one = request(method, None);
        one.trigger.client = client.map(str::to_owned);
        let mut admitted = scene.admit(&[one]).await;
        for times in 0..3 {
            let Admitted::Queued(runs) = admitted else { panic!("{admitted:?}") };
            let trigger = scene.ledger.run(&runs[0]).await.unwrap().trigger;
            assert_eq!(callers.map(|caller| trigger.told_to(caller)), told, "{method:?}, run again {times} times");
            scene.ledger.cancel(&runs[0]).await.unwrap();
            admitted = scene.ledger.run_again(&runs[0]).await.unwrap();
        }
        let Admitted::Queued(last) = admitted else { panic!("{admitted:?}") };
        scene.ledger.cancel(&last[0]).await.unwrap();
    }
}

#[tokio::test]
async fn a_signature_that_an_earlier_version_stored_still_starts_nothing() {
    let scene = scene(UnitLimits::default()).await;
    let until = scene.ledger.clock().now() + Duration::from_secs(301);
    let stored = Write::put(keys::signature(&scene.unit.id, "a"), &serde_json::json!({}), Expect::Absent).unwrap();
    scene.ledger.store().commit(vec![stored.expiring(until)]).await.unwrap();
    let mut request = request(Method::Api, None);
    request.trigger.signed = Some(Signed { signature: "a".into(), until });
    assert_eq!(scene.admit(&[request]).await, Admitted::SignatureUsed(Vec::new()));
    assert_eq!(scene.ledger.state(&scene.unit.id).await.unwrap().last, 0);
}

#[tokio::test]
async fn a_signature_starts_runs_once() {
    let scene = scene(UnitLimits::default()).await;
    let until = scene.ledger.clock().now() + Duration::from_secs(301);
    let signed = |signature: &str| {
        let mut request = request(Method::Api, None);
        request.trigger = Trigger { signed: Some(Signed { signature: signature.into(), until }), ..request.trigger };
        vec![request.clone(), request]
    };
    let Admitted::Queued(runs) = scene.admit(&signed("a")).await else { panic!("queued") };
    assert_eq!(runs.len(), 2);
    assert_eq!(scene.admit(&signed("a")).await, Admitted::SignatureUsed(runs), "it is told what it has started");
    assert!(matches!(scene.admit(&signed("b")).await, Admitted::Queued(_)));
    assert_eq!(scene.ledger.state(&scene.unit.id).await.unwrap().last, 4, "the second try took no place");
    // Whoever runs it again has not signed it.
    let first = model::ids::RunId { unit: scene.unit.id.clone(), seq: 1 };
    scene.ledger.cancel(&first).await.unwrap();
    assert!(matches!(scene.ledger.run_again(&first).await.unwrap(), Admitted::Queued(_)));
    scene.clock.advance(Duration::from_secs(302));
    let gone = scene.ledger.store().get(&[keys::signature(&scene.unit.id, "a")]).await.unwrap();
    assert_eq!(gone, [None], "forgotten when it would be refused for its age");
}
