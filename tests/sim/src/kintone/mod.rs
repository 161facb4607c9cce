//! kintone itself, without HTTP: the domain's state and the calls that read and change it.

pub mod api;
pub mod app;
pub mod auth;
pub mod catalogue;
pub mod changes;
pub mod compute;
pub mod cursors;
pub mod defaults;
pub mod edit;
pub mod error;
pub mod files;
pub mod lookup;
pub mod notices;
pub mod params;
pub mod render;
pub mod route;
pub mod rules;
pub mod scope;
pub mod select;
pub mod settings;
pub mod status;
pub mod text;
pub mod values;
pub mod world;
