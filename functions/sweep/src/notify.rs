//! Telling owners: the notices of a unit go to every target of its domain.

use model::ids::RunId;
use model::notice::{About, Notice, Target, Told};
use model::ports::Credential;
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
    for notice in notices.iter() {
        let mut delivered = targets.is_empty() || !stands(unit, notice);
        if !delivered {
            let link = link(deps, unit, notice).await;
            let told = Told { unit, notice, link: link.as_deref() };
            for target in &targets {
                match send(deps, target, &told).await {
                    Ok(()) => delivered = true,
                    Err(error) => {
                        tracing::warn!(unit = %unit.id, target = target.name, error, "a notice is not delivered")
                    }
                }
            }
        }
        if let Err(error) = deps.ledger.notices_told(&unit.id, std::slice::from_ref(notice), delivered).await {
            tracing::warn!(unit = %unit.id, %error, "a notice that was told may be told again");
        }
    }
}

/// Whether there is still something to tell: a secret that was dropped or made anew does not die any more.
fn stands(unit: &Unit, notice: &Notice) -> bool {
    notice.about != About::Expiring || unit.secrets.iter().any(|secret| Some(&secret.hash) == notice.secret.as_ref())
}

async fn send(deps: &Deps, target: &Target, told: &Told<'_>) -> Result<(), String> {
    let credential = deps.vault.credential(&target.credential).await.map_err(|e| e.to_string())?;
    let Credential::Webhook { url } = credential else { return Err("the vault holds no URL of a webhook".into()) };
    deps.messenger.post(&url, &told.body(target.shape)).await.map_err(|e| e.to_string())
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
