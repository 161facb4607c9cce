//! Named callers: secrets of their own, which expire, overlap and are removed one by one; signatures that are used once.

use std::time::Duration;

use model::keys;
use model::ledger::{Admitted, LedgerError, NewCaller, UnitChange};
use model::limits::{MAX_CALLERS, UnitLimits};
use model::run::{Method, Trigger};
use model::secret_url::{Secret, SecretItem};
use model::signature::Signed;

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
async fn a_signature_starts_runs_once() {
    let scene = scene(UnitLimits::default()).await;
    let until = scene.ledger.clock().now() + Duration::from_secs(301);
    let signed = |signature: &str| {
        let mut request = request(Method::Api, None);
        request.trigger = Trigger { signed: Some(Signed { signature: signature.into(), until }), ..request.trigger };
        vec![request.clone(), request]
    };
    assert!(matches!(scene.admit(&signed("a")).await, Admitted::Queued(runs) if runs.len() == 2));
    assert_eq!(scene.admit(&signed("a")).await, Admitted::SignatureUsed);
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
