//! Genuine callbacks with one byte altered on their way, by the thousand.

use crate::sender::{Post, Sender, checks, head, says};
use crate::support::TestApp;
use crate::wire::{Wire, request};
use std::collections::BTreeMap;
use std::thread;

const MUTANTS: u64 = 10_000;
const CLIENTS: u64 = 16;
const MOST_MEMORY: u64 = 20 << 20;

/// Chance from a seed (SplitMix64).
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }
}

/// A callback and the bytes of it that WeCom vouches for.
struct Original {
    target: Vec<u8>,
    body: Vec<u8>,
    /// Places in the target, then places in the body.
    places: Vec<usize>,
}

impl Original {
    /// Of the query only the values, of the body what stands between `from` and `to`.
    fn new(sender: &Sender, post: &Post, from: &str, to: &str) -> Self {
        let target = format!("{}?{}", sender.path, post.query);
        let mut in_value = false;
        let mut places = Vec::new();
        for (place, byte) in target.bytes().enumerate() {
            in_value = (in_value || byte == b'=') && byte != b'&';
            if in_value && byte != b'=' {
                places.push(place);
            }
        }
        let body = target.len() + post.body.find(from).unwrap()..target.len() + post.body.rfind(to).unwrap();
        places.extend(body);
        Self { target: target.into_bytes(), body: post.body.clone().into_bytes(), places }
    }

    fn mutant(&self, chance: &mut Chance) -> Vec<u8> {
        let (mut target, mut body) = (self.target.clone(), self.body.clone());
        let place = self.places[chance.below(self.places.len())];
        let byte = match place.checked_sub(target.len()) {
            None => &mut target[place],
            Some(place) => &mut body[place],
        };
        *byte = byte.wrapping_add(1 + u8::try_from(chance.below(255)).unwrap());
        request(&target, &body)
    }
}

/// How often each status came; 0 stands for a connection that was closed without one.
fn bombard(base: &str, originals: &[Original], seed: u64) -> BTreeMap<u16, u64> {
    let (mut chance, mut wire, mut seen) = (Chance(seed), Wire::open(base), BTreeMap::new());
    for _ in 0..MUTANTS / CLIENTS {
        let original = &originals[chance.below(originals.len())];
        wire.send(&original.mutant(&mut chance));
        let status = wire.answer().map_or(0, |(status, body)| {
            assert_eq!(body, b"", "a refusal says nothing");
            status
        });
        // What can't be a request line ends the connection.
        if matches!(status, 0 | 400) {
            wire = Wire::open(base);
        }
        *seen.entry(status).or_default() += 1;
    }
    seen
}

fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[tokio::test]
async fn of_10_000_altered_callbacks_none_is_taken_none_is_recorded_and_none_hurts() {
    let app = TestApp::start().await;
    let (guard, bot) = (Sender::app(), Sender::bot());
    let posts = [guard.seal(&app, &says("zhangsan", "这款产品保底收益5%")), bot.seal(&app, BOT_TEXT)];
    let originals = [
        Original::new(&guard, &posts[0], "<xml>", ""),
        // Of the JSON only the ciphertext: WeCom's libraries write both `encrypt` and `Encrypt`.
        Original::new(&bot, &posts[1], ":\"", "\"}"),
    ];
    let (before, memory, base) = (head(&app), resident_bytes(), app.base.clone());
    let seen = tokio::task::spawn_blocking(move || {
        thread::scope(|scope| {
            let (base, originals) = (&base, &originals);
            let clients: Vec<_> =
                (0..CLIENTS).map(|seed| scope.spawn(move || bombard(base, originals, seed))).collect();
            let mut all = BTreeMap::new();
            for (status, count) in clients.into_iter().flat_map(|client| client.join().unwrap()) {
                *all.entry(status).or_insert(0) += count;
            }
            all
        })
    })
    .await
    .unwrap();
    let grown = resident_bytes().saturating_sub(memory);
    assert_eq!(seen.values().sum::<u64>(), MUTANTS);
    assert!(seen.keys().all(|status| [400, 403].contains(status)), "{seen:?}");
    assert!(seen[&403] > MUTANTS / 4, "{seen:?}");
    assert!(grown < MOST_MEMORY, "{grown} bytes more");
    assert_eq!((head(&app), checks(&app).await.len()), (before, 0));
    // Unaltered they are genuine.
    assert_eq!(guard.post(&app, &posts[0]).await.status, 200);
    assert_eq!(bot.post(&app, &posts[1]).await.status, 200);
    assert_eq!(checks(&app).await.len(), 2);
    app.stop().await;
}

const BOT_TEXT: &str = r#"{"msgid":"M1","aibotid":"aib1","chattype":"single","from":{"userid":"lisi"},"msgtype":"text","text":{"content":"这款产品保底收益5%"}}"#;
