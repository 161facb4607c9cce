//! Authentication by the headers of a call.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::catalogue;
use super::error::ApiResult;
use super::scope::Caller;
use super::world::World;

/// The most API tokens of a request.
const TOKENS_AT_MOST: usize = 9;

/// What Basic authentication in front of kintone says.
pub fn passes_basic(world: &World, headers: &HeaderMap) -> bool {
    let Some((user, password)) = &world.basic else { return true };
    let sent = headers.get("authorization").and_then(|value| value.to_str().ok());
    let pair = sent.and_then(|value| value.strip_prefix("Basic ")).and_then(decode_pair);
    pair.is_some_and(|(sent_user, sent_password)| sent_user == *user && sent_password == *password)
}

/// Who calls. A password goes before tokens.
pub fn authenticate(world: &World, headers: &HeaderMap) -> ApiResult<Caller> {
    if let Some(value) = headers.get("x-cybozu-authorization") {
        let pair = value.to_str().ok().and_then(decode_pair).ok_or(catalogue::WRONG_PASSWORD)?;
        let user = world.users.get(&pair.0).ok_or(catalogue::WRONG_PASSWORD)?;
        if user.password.as_deref() != Some(pair.1.as_str()) {
            return Err(catalogue::WRONG_PASSWORD);
        }
        return Ok(Caller::User(pair.0));
    }
    let mut tokens = Vec::new();
    for value in headers.get_all("x-cybozu-api-token") {
        let value = value.to_str().map_err(|_| catalogue::BAD_TOKEN)?;
        tokens.extend(value.split(',').map(str::trim).filter(|token| !token.is_empty()).map(str::to_owned));
    }
    if tokens.is_empty() {
        return Err(catalogue::NOT_LOGGED_IN);
    }
    if tokens.len() > TOKENS_AT_MOST {
        return Err(catalogue::ILLEGAL);
    }
    let mut apps = std::collections::HashSet::new();
    for token in &tokens {
        let known = world.tokens.get(token).ok_or(catalogue::BAD_TOKEN)?;
        if !apps.insert(known.app) {
            return Err(catalogue::DUPLICATE_TOKEN);
        }
    }
    Ok(Caller::Tokens(tokens))
}

fn decode_pair(text: &str) -> Option<(String, String)> {
    let bytes = STANDARD.decode(text.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
