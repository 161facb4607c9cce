//! What cargo knows of the workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

/// The project's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("tests/law lies two below the root").to_owned()
}

/// `cargo metadata`.
pub struct Metadata(Json);

impl Metadata {
    pub fn read() -> Self {
        let cargo = option_env!("CARGO").unwrap_or("cargo");
        // Of this platform alone: what others need has not been downloaded.
        let rustc = Command::new("rustc").arg("-vV").output().expect("rustc runs");
        let told = String::from_utf8_lossy(&rustc.stdout).into_owned();
        let host = told.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
        let out = Command::new(cargo)
            .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", host])
            .current_dir(root())
            .output()
            .expect("cargo runs");
        assert!(out.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&out.stderr));
        Self(serde_json::from_slice(&out.stdout).expect("cargo writes JSON"))
    }

    fn nodes(&self) -> &Vec<Json> {
        self.0["resolve"]["nodes"].as_array().expect("nodes")
    }

    fn name_of<'a>(&'a self, id: &str) -> &'a str {
        let packages = self.0["packages"].as_array().expect("packages");
        let package = packages.iter().find(|p| p["id"] == id).expect("every node is a package");
        package["name"].as_str().expect("a name")
    }

    /// Names of the workspace's crates.
    pub fn members(&self) -> BTreeSet<&str> {
        let ids = self.0["workspace_members"].as_array().expect("members");
        ids.iter().map(|id| self.name_of(id.as_str().expect("an id"))).collect()
    }

    /// Dependencies of a crate that are part of what it builds (`normal` and build dependencies, no tests).
    pub fn direct(&self, name: &str) -> BTreeSet<&str> {
        let node = self.nodes().iter().find(|n| self.name_of(n["id"].as_str().expect("an id")) == name);
        let deps = node.unwrap_or_else(|| panic!("no crate {name}"))["deps"].as_array().expect("deps");
        let built = |d: &&Json| d["dep_kinds"].as_array().expect("kinds").iter().any(|k| k["kind"] != "dev");
        deps.iter().filter(built).map(|d| self.name_of(d["pkg"].as_str().expect("an id"))).collect()
    }

    /// Everything that a crate's build pulls in.
    pub fn whole(&self, name: &str) -> BTreeSet<String> {
        let by_name: BTreeMap<&str, &Json> =
            self.nodes().iter().map(|n| (self.name_of(n["id"].as_str().expect("an id")), n)).collect();
        let (mut found, mut open) = (BTreeSet::new(), vec![name.to_owned()]);
        while let Some(next) = open.pop() {
            if by_name.contains_key(next.as_str()) && found.insert(next.clone()) {
                open.extend(self.direct(&next).into_iter().map(str::to_owned));
            }
        }
        found
    }

    /// Features that a crate asks of another one, as its Cargo.toml names them.
    pub fn asked(&self, name: &str, of: &str) -> BTreeSet<&str> {
        let packages = self.0["packages"].as_array().expect("packages");
        let package = packages.iter().find(|p| p["name"] == name).unwrap_or_else(|| panic!("no crate {name}"));
        let named = package["dependencies"].as_array().expect("dependencies").iter().filter(|d| d["name"] == of);
        named.flat_map(|d| d["features"].as_array().expect("features").iter().filter_map(Json::as_str)).collect()
    }

    /// Features with which a crate is built anywhere in the workspace.
    pub fn features(&self, name: &str) -> BTreeSet<&str> {
        let of = self.nodes().iter().filter(|n| self.name_of(n["id"].as_str().expect("an id")) == name);
        of.flat_map(|n| n["features"].as_array().expect("features").iter().filter_map(Json::as_str)).collect()
    }
}
