//! A button on kintone's screen that calls a URL: what a list's plug-in or a customisation does.

use serde_json::Value;

/// Posts JSON and answers status and body; a body that is no JSON comes as text.
pub async fn press(url: &str, body: &Value) -> Result<(u16, Value), String> {
    let sent = reqwest::Client::new().post(url).json(body).send().await.map_err(|e| e.to_string())?;
    let status = sent.status().as_u16();
    let text = sent.text().await.map_err(|e| e.to_string())?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
}
