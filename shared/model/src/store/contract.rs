//! What every store must do, as checks that run on any of them.
//!
//! An adapter's tests call [`check`] with an empty store; it panics where the store breaks the contract.

use serde_json::json;

use super::{Commit, Expect, Key, MAX_WRITES, Store, StoreError, Write, size};
use crate::clock::Timestamp;

/// Due items that are looked for at once.
const MANY_DUE: usize = 2_300;

fn put(pk: &str, sk: &str, n: i64, expect: Expect) -> Write {
    Write::Put {
        key: Key::new(pk, sk),
        body: json!({ "n": n, "名": "値", "list": [1, "二", null, true] }),
        expect,
        expires: None,
        due: None,
    }
}

async fn commit(store: &dyn Store, writes: Vec<Write>) -> Commit {
    store.commit(writes).await.expect("the store answers")
}

async fn read(store: &dyn Store, pk: &str, sk: &str) -> Option<(u64, i64)> {
    let found = store.get(&[Key::new(pk, sk)]).await.expect("the store answers");
    found.into_iter().next().flatten().map(|i| (i.version, i.body["n"].as_i64().expect("n")))
}

/// Runs every check against an empty store.
///
/// # Panics
/// Where the store breaks the contract.
pub async fn check(store: &dyn Store) {
    versions(store).await;
    all_or_none(store).await;
    lists(store).await;
    due(store).await;
    limits(store).await;
    races(store).await;
}

async fn versions(store: &dyn Store) {
    assert_eq!(read(store, "v", "a").await, None);
    assert_eq!(commit(store, vec![put("v", "a", 1, Expect::Absent)]).await, Commit::Done);
    assert_eq!(read(store, "v", "a").await, Some((1, 1)));
    assert_eq!(commit(store, vec![put("v", "a", 9, Expect::Absent)]).await, Commit::Lost(vec![0]), "it is there");
    assert_eq!(commit(store, vec![put("v", "a", 2, Expect::Version(1))]).await, Commit::Done);
    assert_eq!(commit(store, vec![put("v", "a", 9, Expect::Version(1))]).await, Commit::Lost(vec![0]), "old version");
    assert_eq!(read(store, "v", "a").await, Some((2, 2)));
    assert_eq!(commit(store, vec![put("v", "a", 3, Expect::Any)]).await, Commit::Done);
    let (version, n) = read(store, "v", "a").await.expect("there");
    assert!(n == 3 && version != 1 && version != 2, "no reader has seen this version");
    assert_eq!(
        commit(store, vec![Write::Delete { key: Key::new("v", "a"), expect: Expect::Version(2) }]).await,
        Commit::Lost(vec![0])
    );
    assert_eq!(
        commit(store, vec![Write::Delete { key: Key::new("v", "a"), expect: Expect::Version(version) }]).await,
        Commit::Done
    );
    assert_eq!(read(store, "v", "a").await, None);
    assert_eq!(
        commit(store, vec![put("v", "a", 1, Expect::Version(version))]).await,
        Commit::Lost(vec![0]),
        "it is gone"
    );
    commit(store, vec![put("v", "b", 5, Expect::Absent)]).await;
    let body = store.get(&[Key::new("v", "b")]).await.expect("answers")[0].clone().expect("there").body;
    assert_eq!(body, json!({ "n": 5, "名": "値", "list": [1, "二", null, true] }), "bodies come back as they went");
}

async fn all_or_none(store: &dyn Store) {
    let first = vec![put("t", "a", 1, Expect::Absent), put("t", "b", 1, Expect::Absent)];
    assert_eq!(commit(store, first).await, Commit::Done);
    let broken = vec![
        put("t", "a", 2, Expect::Version(1)),
        put("t", "b", 2, Expect::Version(7)),
        put("t", "c", 2, Expect::Absent),
    ];
    assert_eq!(commit(store, broken).await, Commit::Lost(vec![1]));
    assert_eq!(read(store, "t", "a").await, Some((1, 1)), "nothing was written");
    assert_eq!(read(store, "t", "c").await, None, "nothing was written");
    let checked = vec![
        Write::Check { key: Key::new("t", "b"), expect: Expect::Version(1) },
        Write::Check { key: Key::new("t", "zz"), expect: Expect::Absent },
        put("t", "a", 2, Expect::Version(1)),
    ];
    assert_eq!(commit(store, checked).await, Commit::Done);
    assert_eq!(read(store, "t", "b").await, Some((1, 1)), "a check writes nothing");
    let refused = vec![Write::Check { key: Key::new("t", "b"), expect: Expect::Absent }, put("t", "a", 3, Expect::Any)];
    assert_eq!(commit(store, refused).await, Commit::Lost(vec![0]));
    let got = store.get(&[Key::new("t", "b"), Key::new("t", "none"), Key::new("t", "a")]).await.expect("answers");
    let ns: Vec<_> = got.iter().map(|i| i.as_ref().map(|i| i.body["n"].as_i64())).collect();
    assert_eq!(ns, [Some(Some(1)), None, Some(Some(2))], "in the order asked for");
}

async fn lists(store: &dyn Store) {
    for n in [3, 1, 2, 10] {
        commit(store, vec![put("l", &format!("RUN#{n:04}"), n, Expect::Absent)]).await;
    }
    commit(store, vec![put("l", "STATE", 0, Expect::Absent), put("l2", "RUN#0001", 0, Expect::Absent)]).await;
    let list = |after: Option<&'static str>, newest: bool, limit: usize| async move {
        let found = store.list("l", "RUN#", after, newest, limit).await.expect("answers");
        found.iter().map(|(k, i)| (k.sk.clone(), i.version)).map(|(sk, _)| sk).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(list(None, false, 10).await, "RUN#0001 RUN#0002 RUN#0003 RUN#0010");
    assert_eq!(list(None, true, 2).await, "RUN#0010 RUN#0003");
    assert_eq!(list(Some("RUN#0002"), false, 10).await, "RUN#0003 RUN#0010");
    assert_eq!(list(Some("RUN#0003"), true, 1).await, "RUN#0002");
    assert!(store.list("none", "", None, false, 5).await.expect("answers").is_empty());
}

async fn due(store: &dyn Store) {
    for (sk, at) in [("a", 3_000), ("b", 1_000), ("c", 2_000)] {
        commit(store, vec![put("d", sk, 1, Expect::Absent).due(Some(Timestamp(at)))]).await;
    }
    let keys = |until| async move {
        let found = store.due(Timestamp(until), 10).await.expect("answers");
        found.iter().map(|k| k.sk.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(keys(2_000).await, "b c", "earliest first");
    commit(store, vec![put("d", "b", 2, Expect::Version(1))]).await;
    assert_eq!(keys(9_000).await, "c a", "a put without due time takes it off");
    assert_eq!(store.due(Timestamp(9_000), 1).await.expect("answers").len(), 1);
    // More than an adapter may read at once, some of them due at the same instant.
    for from in (0..MANY_DUE).step_by(MAX_WRITES) {
        let some = (from..from + MAX_WRITES).map(|n| {
            let at = Timestamp(20_000 + i64::try_from(n / 7).unwrap_or_default());
            put("many", &format!("{n:04}"), 1, Expect::Absent).due(Some(at))
        });
        assert_eq!(commit(store, some.collect()).await, Commit::Done);
    }
    let all = store.due(Timestamp(90_000), 9 * MANY_DUE).await.expect("answers");
    let mut due: Vec<usize> = all.iter().filter_map(|key| key.sk.parse().ok()).collect();
    assert!(due.windows(2).all(|two| two[0] / 7 <= two[1] / 7), "earliest first over all");
    due.sort_unstable();
    assert_eq!(due, (0..MANY_DUE).collect::<Vec<_>>(), "each of them once");
    let most = MANY_DUE - MAX_WRITES;
    assert_eq!(store.due(Timestamp(90_000), most).await.expect("answers"), all[..most], "and no more than asked for");
}

async fn limits(store: &dyn Store) {
    let many: Vec<_> = (0..=MAX_WRITES).map(|n| put("m", &n.to_string(), 1, Expect::Absent)).collect();
    assert!(matches!(store.commit(many).await, Err(StoreError::Refused(_))), "too many writes");
    let twice = vec![put("m", "a", 1, Expect::Absent), put("m", "a", 2, Expect::Any)];
    assert!(matches!(store.commit(twice).await, Err(StoreError::Refused(_))), "one item twice");
    let large = |n: usize, bytes: usize| {
        let text = "x".repeat(bytes);
        let key = Key::new("m", format!("large {n}"));
        Write::put(key, &json!({ "text": text }), Expect::Any).expect("a write")
    };
    let room = size::MAX_ITEM - size::of(&large(0, 0));
    assert_eq!(commit(store, vec![large(0, room)]).await, Commit::Done, "the largest item");
    assert!(matches!(store.commit(vec![large(1, room + 1)]).await, Err(StoreError::Refused(_))), "a larger one");
    let beside = vec![put("m", "small", 1, Expect::Any), large(1, room + 1)];
    assert!(matches!(store.commit(beside).await, Err(StoreError::Refused(_))), "nor beside another");
    let together = |count: usize| (0..count).map(|n| large(n, 400_000)).collect::<Vec<_>>();
    assert_eq!(commit(store, together(10)).await, Commit::Done, "4 MB together");
    assert!(matches!(store.commit(together(11)).await, Err(StoreError::Refused(_))), "more than 4 MB together");
    assert_eq!(read(store, "m", "small").await, None, "nothing was written");
    let full: Vec<_> = (0..MAX_WRITES).map(|n| put("m", &n.to_string(), 1, Expect::Absent)).collect();
    assert_eq!(commit(store, full).await, Commit::Done);
}

/// Many optimistic writers of one item: every success is one more, none is lost.
async fn races(store: &dyn Store) {
    commit(store, vec![put("r", "counter", 0, Expect::Absent)]).await;
    let writer = || async {
        let mut done = 0;
        while done < 10 {
            let (version, n) = read(store, "r", "counter").await.expect("there");
            if commit(store, vec![put("r", "counter", n + 1, Expect::Version(version))]).await == Commit::Done {
                done += 1;
            }
        }
    };
    tokio::join!(writer(), writer(), writer(), writer());
    assert_eq!(read(store, "r", "counter").await, Some((41, 40)));
}
