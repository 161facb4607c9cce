//! Telling owners: the notices of a unit go to every target of its domain.

use model::ids::RunId;
use model::notice::{About, Delivery, Notice, Told};
use model::secret_url::SecretRef;
use model::unit::Unit;

use crate::Deps;

/// Tells a unit's notices, and notes that. Where one target takes them they count as told: a second one that is lost for good
/// must not have them told to the first again and again.
pub async fn tell(deps: &Deps, unit: &Unit, notices: &[Notice]) {
    let targets = match deps.ledger.targets(&unit.domain).await {
        Ok(targets) => targets.targets,
        Err(error) => {
            return tracing::warn!(unit = %unit.id, %error, "notices are not told; the next sweep tries again");
        }
    };
    for notice in notices {
        let (mut delivered, mut deliveries) = (targets.is_empty() || !stands(deps, unit, notice).await, Vec::new());
        if !delivered {
            let link = link(deps, unit, notice).await;
            let told = Told { unit, notice, link: link.as_deref() };
            for target in &targets {
                let sent = deps.senders.send(target, &told).await;
                delivered |= sent.is_ok();
                if let Err(error) = &sent {
                    tracing::warn!(unit = %unit.id, target = target.name, error, "a notice is not delivered");
                }
                deliveries.push((target.name.clone(), Delivery::new(deps.ledger.clock().now(), sent)));
            }
        }
        if let Err(error) = deps.ledger.notice_told(&unit.id, notice, delivered, &deliveries).await {
            tracing::warn!(unit = %unit.id, %error, "a notice that was told may be told again");
        }
    }
}

/// Whether there is still something to tell: what was dropped, made anew or given another date does not die as noted. Where
/// that cannot be looked up it is told.
async fn stands(deps: &Deps, unit: &Unit, notice: &Notice) -> bool {
    match notice.about {
        About::Expiring => {
            let dies = |secret: &SecretRef| Some(&secret.hash) == notice.secret.as_ref();
            unit.secrets.iter().any(|secret| dies(secret) && secret.until == Some(notice.since))
        }
        About::Credential if Some(&unit.connection) != notice.connection.as_ref() => false,
        About::Credential => match deps.ledger.connection(&unit.domain, &unit.connection).await {
            Ok(stored) => stored.and_then(|stored| stored.expires) == Some(notice.since),
            Err(_) => true,
        },
        _ => true,
    }
}

/// Where to look: the run's log record, or the log app where it has none yet. Without a log app: nowhere.
async fn link(deps: &Deps, unit: &Unit, notice: &Notice) -> Option<String> {
    let app = unit.log_app?;
    let connection = deps.ledger.connection(&unit.domain, &unit.connection).await.ok().flatten()?;
    let base = connection.base_url.trim_end_matches('/').to_owned();
    let app = match connection.guest_space {
        Some(space) => format!("{base}/k/guest/{space}/{app}/"),
        None => format!("{base}/k/{app}/"),
    };
    let run = notice.run.map(|seq| RunId { unit: unit.id.clone(), seq });
    let record = match run {
        Some(run) => deps.ledger.run(&run).await.ok().and_then(|run| run.log_record),
        None => None,
    };
    Some(record.map_or(app.clone(), |record| format!("{app}show#record={record}")))
}
