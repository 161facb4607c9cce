//! From an answer (or the lack of one) to an error with its class.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::{Class, Failure, KintoneError, Right};

/// What a call does, as far as repeating it is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Changes nothing.
    Read,
    /// May change something.
    Write,
}

/// What is known of the call itself when it fails.
#[derive(Clone, Debug)]
pub(crate) struct CallInfo {
    pub(crate) call: String,
    pub(crate) apps: Vec<u64>,
    pub(crate) effect: Effect,
    pub(crate) right: Right,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    code: String,
    id: String,
    message: String,
    errors: Option<BTreeMap<String, Messages>>,
    results: Option<Vec<Part>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Part {
    code: Option<String>,
    id: Option<serde_json::Value>,
    message: Option<String>,
    errors: Option<BTreeMap<String, Messages>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Messages {
    messages: Vec<String>,
}

impl CallInfo {
    fn failure(&self, class: Class, message: impl Into<String>) -> Failure {
        Failure {
            class,
            status: None,
            code: String::new(),
            id: String::new(),
            message: message.into(),
            errors: BTreeMap::new(),
            bulk_index: None,
            call: self.call.clone(),
            apps: self.apps.clone(),
            right: (class == Class::Permission).then_some(self.right),
        }
    }

    /// An error of this call that is not an answer of kintone's.
    pub(crate) fn error(&self, class: Class, message: impl Into<String>) -> KintoneError {
        self.failure(class, message).into()
    }

    /// Adds what is known of the call to an error that was made without it.
    pub(crate) fn name(&self, error: KintoneError) -> KintoneError {
        error.change(|failure| {
            failure.call.clone_from(&self.call);
            failure.apps.clone_from(&self.apps);
            if failure.class == Class::Permission {
                failure.right = Some(self.right);
            }
        })
    }

    /// The error of an answer that is not a success. `code_header` is `X-Cybozu-Error`.
    pub(crate) fn answer(&self, status: u16, code_header: Option<&str>, body: &[u8]) -> KintoneError {
        let parsed: Option<Body> = serde_json::from_slice(body).ok();
        let mut failure = self.failure(Class::Invalid, String::new());
        failure.status = Some(status);
        if let Some(body) = parsed {
            let part = body.results.unwrap_or_default().into_iter().enumerate().find(|(_, part)| part.code.is_some());
            let errors = if let Some((index, part)) = part {
                failure.bulk_index = Some(index);
                failure.code = part.code.unwrap_or_default();
                failure.id = part.id.and_then(|id| id.as_str().map(str::to_owned)).unwrap_or_default();
                failure.message = part.message.unwrap_or_default();
                part.errors
            } else {
                failure.code = body.code;
                failure.id = body.id;
                failure.message = body.message;
                body.errors
            };
            failure.errors = errors.unwrap_or_default().into_iter().map(|(path, m)| (path, m.messages)).collect();
        }
        if failure.code.is_empty() {
            failure.code = code_header.unwrap_or_default().to_owned();
        }
        if failure.message.is_empty() {
            failure.message = if (300..400).contains(&status) {
                "redirected; redirects are not followed".to_owned()
            } else {
                format!("an answer without a reason ({} bytes, not kintone's JSON)", body.len())
            };
        }
        failure.class = class_of(status, &failure.code, self.effect);
        failure.right = (failure.class == Class::Permission).then_some(self.right);
        failure.into()
    }

    /// The error of a call that got no answer.
    pub(crate) fn transport(&self, error: &reqwest::Error) -> KintoneError {
        let class = if error.is_builder() {
            Class::Local
        } else if error.is_connect() {
            // Nothing was sent.
            Class::Refused
        } else {
            match self.effect {
                Effect::Read => Class::Unavailable,
                Effect::Write => Class::Unknown,
            }
        };
        self.error(class, technical(error))
    }
}

/// The error and its causes in one line, without the URL (it may hold a query).
fn technical(error: &reqwest::Error) -> String {
    let kind = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "cannot connect"
    } else {
        "no answer"
    };
    let mut text = kind.to_owned();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// kintone's code decides where there is one; the status alone is what gateways speak.
fn class_of(status: u16, code: &str, effect: Effect) -> Class {
    match code {
        "GAIA_TO04" | "GAIA_TM12" | "GAIA_DA02" | "GAIA_RE18" => return Class::Refused,
        "GAIA_CO02" | "GAIA_UN03" => return Class::Conflict,
        "GAIA_AP01" | "GAIA_RE01" | "GAIA_RE02" | "GAIA_RE20" | "GAIA_BL01" | "GAIA_CN01" => return Class::NotFound,
        "GAIA_NO01" | "CB_NO02" | "CB_AU01" | "CB_WA01" | "GAIA_IA02" | "GAIA_DA03" => return Class::Permission,
        // The app is in maintenance: said before anything is done.
        "GAIA_NO02" => return Class::Refused,
        _ => {}
    }
    let coded = code.starts_with("GAIA_") || code.starts_with("CB_");
    match status {
        429 => Class::Refused,
        409 => Class::Conflict,
        404 => Class::NotFound,
        401 | 403 => Class::Permission,
        // kintone once used 520 for many refusals of the client's doing; gateways use it for anything.
        520 if coded => Class::Invalid,
        408 | 500.. => match effect {
            Effect::Read => Class::Unavailable,
            Effect::Write => Class::Unknown,
        },
        _ => Class::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(effect: Effect) -> CallInfo {
        CallInfo { call: "GET records.json".into(), apps: vec![5], effect, right: Right::ViewRecords }
    }

    #[test]
    fn codes_and_statuses_have_their_class() {
        use Class::{Conflict, Invalid, NotFound, Permission, Refused, Unavailable, Unknown};
        let table: [(u16, &str, Class, Class); 17] = [
            (429, "GAIA_TO04", Refused, Refused),
            (429, "", Refused, Refused),
            (400, "GAIA_DA02", Refused, Refused),
            (400, "GAIA_RE18", Refused, Refused),
            (403, "GAIA_NO02", Refused, Refused),
            (409, "GAIA_CO02", Conflict, Conflict),
            (404, "GAIA_RE01", NotFound, NotFound),
            (400, "GAIA_RE20", NotFound, NotFound),
            (403, "GAIA_NO01", Permission, Permission),
            (520, "GAIA_IA02", Permission, Permission),
            (401, "CB_WA01", Permission, Permission),
            (400, "CB_VA01", Invalid, Invalid),
            (520, "GAIA_SI01", Invalid, Invalid),
            (520, "", Unavailable, Unknown),
            (503, "", Unavailable, Unknown),
            (502, "", Unavailable, Unknown),
            (302, "", Invalid, Invalid),
        ];
        for (status, code, read, write) in table {
            assert_eq!(class_of(status, code, Effect::Read), read, "{status} {code}");
            assert_eq!(class_of(status, code, Effect::Write), write, "{status} {code}");
        }
    }

    #[test]
    fn an_answer_is_read_whole() {
        let body = r#"{"code":"CB_VA01","id":"aBc8","message":"入力内容が正しくありません。",
            "errors":{"records[1].数量.value":{"messages":["必須です。","数字でなければなりません。"]}}}"#;
        let error = info(Effect::Write).answer(400, None, body.as_bytes());
        assert_eq!((error.class, error.code.as_str(), error.id.as_str()), (Class::Invalid, "CB_VA01", "aBc8"));
        assert_eq!(error.errors["records[1].数量.value"].len(), 2);
        let text = "GET records.json (app 5): 400 CB_VA01 入力内容が正しくありません。; \
                    records[1].数量.value: 必須です。 数字でなければなりません。";
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn a_bulk_names_the_part() {
        let body = r#"{"results":[{},{"ids":["1"],"revisions":["1"]},{"id":"x","code":"GAIA_CO02","message":"m"},{}]}"#;
        let error = info(Effect::Write).answer(409, None, body.as_bytes());
        assert_eq!((error.class, error.bulk_index), (Class::Conflict, Some(2)));
    }

    #[test]
    fn rights_are_named_and_html_is_tolerated() {
        let error = info(Effect::Read).answer(403, None, br#"{"code":"GAIA_NO01","id":"x","message":"no"}"#);
        assert_eq!(error.to_string(), "GET records.json (app 5): 403 GAIA_NO01 no (needs the right to view records)");
        let error = info(Effect::Read).answer(502, None, b"<html>Bad gateway</html>");
        assert_eq!((error.class, error.status), (Class::Unavailable, Some(502)));
        let error = info(Effect::Write).answer(429, Some("GAIA_TO04"), b"busy");
        assert_eq!((error.class, error.code.as_str()), (Class::Refused, "GAIA_TO04"));
    }
}
