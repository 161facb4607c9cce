//! Who may depend on whom.

use crate::tree::Metadata;

/// The workspace's crates and those of them that each may build on. A row is law: to change it is a design decision.
const ALLOWED: [(&str, &[&str]); 15] = [
    ("model", &[]),
    ("flow", &["model"]),
    ("engine", &["model", "flow"]),
    ("connect", &["model"]),
    ("aws", &["model"]),
    ("api", &["model", "aws"]),
    ("worker", &["model", "flow", "engine", "connect", "aws"]),
    ("sweep", &["model", "connect", "aws"]),
    ("suiro", &["model", "flow", "engine", "connect", "aws", "api", "worker", "sweep", "sim"]),
    ("sim", &[]),
    ("e2e", &[]),
    ("law", &[]),
    ("oracle", &["model", "flow", "engine"]),
    ("fuzz", &["model", "flow", "engine", "sim"]),
    ("bench", &["model", "flow", "engine", "connect", "aws", "api", "sim", "suiro"]),
];

#[test]
fn every_edge_between_our_crates_is_allowed() {
    let metadata = Metadata::read();
    let ours = metadata.members();
    let known: Vec<&str> = ALLOWED.iter().map(|(name, _)| *name).collect();
    for name in &ours {
        assert!(known.contains(name), "the crate {name} is not in the table of edges");
    }
    for (name, allowed) in ALLOWED {
        assert!(ours.contains(name), "{name} is in the table and not in the workspace");
        for edge in metadata.direct(name).intersection(&ours) {
            assert!(allowed.contains(edge), "{name} may not depend on {edge}");
        }
    }
}

#[test]
fn heavy_crates_are_named_in_one_place() {
    let metadata = Metadata::read();
    let tools = ["suiro", "bench", "e2e", "law", "oracle"];
    for name in metadata.members() {
        for dependency in metadata.direct(name) {
            let only = match dependency {
                d if d.starts_with("arrow") => "engine",
                "reqwest" | "object_store" => "connect",
                "calamine" | "rust_xlsxwriter" | "encoding_rs" | "zip" => "engine",
                d if d.starts_with("aws-sdk") || d == "aws-config" => "aws",
                "dynoxide-rs" => "suiro",
                _ => continue,
            };
            let simulator = name == "sim" && dependency == "reqwest"; // it sends webhooks as kintone does
            let measuring = name == "bench"; // it stands beside the product
            assert!(name == only || simulator || measuring, "{dependency} is named by {name}; it belongs to {only}");
        }
        if !tools.contains(&name) {
            assert!(!metadata.direct(name).contains("clap"), "{name} is no tool");
        }
    }
}

#[test]
fn the_function_that_the_internet_reaches_is_thin() {
    let api = Metadata::read().whole("api");
    for banned in ["connect", "blobs", "engine", "flow", "worker", "reqwest"] {
        assert!(!api.contains(banned), "api's tree holds {banned}");
    }
    assert!(!api.iter().any(|name| name.starts_with("arrow")), "api's tree holds Arrow");
    assert!(api.contains("axum"), "the walk over the tree works");
}

#[test]
fn topics_are_linked_by_who_tells_of_notices_alone() {
    let metadata = Metadata::read();
    for (name, expected) in [("sweep", true), ("suiro", true), ("api", false), ("worker", false)] {
        assert_eq!(metadata.asked(name, "aws").contains("topics"), expected, "{name} and the topics of SNS");
    }
}

#[test]
fn model_and_flow_build_nothing_heavy() {
    let metadata = Metadata::read();
    for name in ["model", "flow"] {
        let whole = metadata.whole(name);
        for banned in ["reqwest", "hyper", "axum", "rustls"] {
            assert!(!whole.contains(banned), "{name}'s tree holds {banned}");
        }
        let heavy = |n: &String| n.starts_with("arrow") || n.starts_with("aws");
        assert!(!whole.iter().any(heavy), "{name}'s tree holds Arrow or the AWS SDK");
    }
}

#[test]
fn the_simulator_shares_no_types_with_the_product() {
    let metadata = Metadata::read();
    let ours: Vec<String> = metadata.members().into_iter().filter(|n| *n != "sim").map(str::to_owned).collect();
    let whole = metadata.whole("sim");
    assert!(!ours.iter().any(|n| whole.contains(n)), "the simulator builds on the product");
}

#[test]
fn no_feature_changes_what_numbers_and_maps_mean() {
    let features = Metadata::read().features("serde_json").into_iter().map(str::to_owned).collect::<Vec<_>>();
    for banned in ["arbitrary_precision", "preserve_order"] {
        assert!(!features.iter().any(|f| f == banned), "serde_json is built with {banned}");
    }
    assert!(!features.is_empty(), "features are read");
}

#[test]
fn there_is_one_tls_provider() {
    let metadata = Metadata::read();
    let features = metadata.features("rustls").into_iter().map(str::to_owned).collect::<Vec<_>>();
    assert!(!features.iter().any(|f| f == "ring"), "rustls is built with ring beside aws-lc-rs: {features:?}");
}
