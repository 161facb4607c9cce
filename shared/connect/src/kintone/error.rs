//! What can go wrong between here and kintone, and what may be done about it. How an answer is read into these types
//! stands in `classify`.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

/// What may be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// kintone did not take the request on (too many at once, a lock, no connection): safe to repeat, also a write.
    Refused,
    /// A write was sent and nobody knows whether it took effect: never to be repeated without looking.
    Unknown,
    /// The record changed since it was read, or a value must be unique.
    Conflict,
    /// App, record or file does not exist.
    NotFound,
    /// The credential is wrong or lacks a right.
    Permission,
    /// kintone understood and said no; repeating changes nothing.
    Invalid,
    /// kintone is away for now: maintenance, gateway, time-out of a read.
    Unavailable,
    /// kintone answered, with a part of the result only.
    Incomplete,
    /// The answer is not what kintone documents.
    Malformed,
    /// The request cannot be made: a value that the field cannot take, a sink that refuses.
    Local,
}

impl Class {
    /// True where a read may be repeated.
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::Refused | Self::Unavailable)
    }

    /// True where a write certainly left nothing behind.
    pub fn wrote_nothing(self) -> bool {
        !matches!(self, Self::Unknown)
    }
}

/// The right that a call needs, as the settings of an API token name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// レコード閲覧
    ViewRecords,
    /// レコード追加
    AddRecords,
    /// レコード編集
    EditRecords,
    /// レコード削除
    DeleteRecords,
    /// アプリ管理
    ManageApp,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ViewRecords => "view records",
            Self::AddRecords => "add records",
            Self::EditRecords => "edit records",
            Self::DeleteRecords => "delete records",
            Self::ManageApp => "manage the app",
        })
    }
}

/// All that is known of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What may be done about it.
    pub class: Class,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// kintone's code (`GAIA_RE01`), or empty.
    pub code: String,
    /// kintone's id of the failure, for its support; or empty.
    pub id: String,
    /// kintone's sentence in the language asked for, or technical words.
    pub message: String,
    /// Path in the request and what is wrong there.
    pub errors: BTreeMap<String, Vec<String>>,
    /// Which part of a bulk failed, from 0; the fence is a part too.
    pub bulk_index: Option<usize>,
    /// The call: method and resource, never a query or a value.
    pub call: String,
    /// The apps that the call touched.
    pub apps: Vec<u64>,
    /// The right that the call needs, where the class is [`Class::Permission`].
    pub right: Option<Right>,
}

/// A failed call. Reads like a [`Failure`]; boxed, since results are passed up through many hands.
#[derive(Clone, PartialEq, Eq)]
pub struct KintoneError(Box<Failure>);

impl KintoneError {
    pub(crate) fn new(class: Class, message: impl Into<String>) -> Self {
        Self(Box::new(Failure {
            class,
            status: None,
            code: String::new(),
            id: String::new(),
            message: message.into(),
            errors: BTreeMap::new(),
            bulk_index: None,
            call: String::new(),
            apps: Vec::new(),
            right: None,
        }))
    }

    pub(crate) fn local(message: impl Into<String>) -> Self {
        Self::new(Class::Local, message)
    }

    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(Class::Malformed, message)
    }

    pub(crate) fn change(mut self, edit: impl FnOnce(&mut Failure)) -> Self {
        edit(&mut self.0);
        self
    }
}

impl From<Failure> for KintoneError {
    fn from(failure: Failure) -> Self {
        Self(Box::new(failure))
    }
}

impl Deref for KintoneError {
    type Target = Failure;

    fn deref(&self) -> &Failure {
        &self.0
    }
}

impl fmt::Debug for KintoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl KintoneError {
    /// Whether kintone does not know who asks (a wrong or deleted token, a wrong password), rather than who asks lacking a right.
    pub fn credential_refused(&self) -> bool {
        let unknown = matches!(self.code.as_str(), "CB_AU01" | "CB_WA01" | "GAIA_IA02" | "GAIA_DA03");
        unknown || (self.class == Class::Permission && self.status == Some(401))
    }

    /// The error without what is wrong with each field of each record.
    pub fn brief(&self) -> String {
        Self(Box::new(Failure { errors: BTreeMap::new(), ..(*self.0).clone() })).to_string()
    }
}

impl fmt::Display for KintoneError {
    /// `PUT bulkRequest.json (app 3): 409 GAIA_CO02 in part 2: …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let me = &self.0;
        if !me.call.is_empty() {
            f.write_str(&me.call)?;
            if !me.apps.is_empty() {
                let apps: Vec<String> = me.apps.iter().map(u64::to_string).collect();
                write!(f, " (app {})", apps.join(", "))?;
            }
            f.write_str(": ")?;
        }
        if let Some(status) = me.status {
            write!(f, "{status} ")?;
        }
        if !me.code.is_empty() {
            write!(f, "{} ", me.code)?;
        }
        if let Some(part) = me.bulk_index {
            write!(f, "in part {part} ")?;
        }
        f.write_str(&me.message)?;
        if let Some(right) = me.right {
            write!(f, " (needs the right to {right})")?;
        }
        for (path, messages) in &me.errors {
            write!(f, "; {path}: {}", messages.join(" "))?;
        }
        Ok(())
    }
}

impl std::error::Error for KintoneError {}
