//! `suiro flow create-error-app`: the app that a data_check writes its errors to.

use serde_json::json;

use super::super::place;
use super::{Failure, output};
use crate::args::CreateErrorApp;
use crate::units;

/// Creates the app.
pub async fn create(args: &CreateErrorApp) -> Result<(), Failure> {
    let usage = |message: &str| Failure { exit: 2, message: message.to_owned() };
    let base_url = args.kintone.base_url.as_deref().ok_or_else(|| {
        usage("--base-url に kintone の URL を指定してください / give the URL of kintone as --base-url")
    })?;
    let connection = units::new_connection(base_url, args.kintone.guest_space_id);
    let credential = place::credential(&args.kintone)?;
    let kintone = place::connector()?.open(worker::outside::connection(&connection, &credential));
    let app = worker::error_app::create(&kintone.map_err(Failure::new)?, &args.name).await;
    let app =
        app.map_err(|e| Failure::kintone(format!("エラーアプリを作成できません / cannot create the error app: {e}")))?;
    if args.json {
        return output::json(&json!({ "app": app }));
    }
    output::line(app.to_string());
    eprintln!(
        "エラーアプリを作成しました。data_check に errors: {{ app: {app} }} と書いてください / created; write it in data_check"
    );
    Ok(())
}
