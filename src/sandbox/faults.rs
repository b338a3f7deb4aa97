//! What a test or a person tells the sandbox to do wrong.

use super::errcode::CALL_LIMIT;
use super::world::World;
use jiff::SignedDuration;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// HTTP 200 with this errcode; nothing is done.
    Code(i64),
    /// This HTTP status with a page of HTML, as a proxy before WeCom would; nothing is done.
    Status(u16),
    /// The connection ends without an answer; nothing is done.
    Cut,
    /// The connection ends without an answer, but the call **was** carried out.
    CutAfterWrite,
    /// The call is carried out, but its answer comes so late that every caller has given up.
    HangAfterWrite,
}

/// What is wrong with one API at present.
#[derive(Debug, Default, Clone)]
struct Fault {
    delay: Duration,
    failures: Vec<Failure>,
    most_parallel: Option<usize>,
    running: usize,
}

/// Faults by the API's path.
#[derive(Debug, Default)]
pub(crate) struct FaultSet(Mutex<HashMap<String, Fault>>);

/// What the server must do to one call before it looks at it.
#[derive(Debug, Default)]
pub(crate) struct Sentence {
    pub(crate) delay: Duration,
    pub(crate) failure: Option<Failure>,
    pub(crate) too_many_parallel: bool,
}

impl FaultSet {
    fn with<T>(&self, path: &str, act: impl FnOnce(&mut Fault) -> T) -> T {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        act(faults.entry(path.to_owned()).or_default())
    }

    /// Counts the call as running and takes its next failure off the list.
    pub(crate) fn enter(&self, path: &str) -> Sentence {
        self.with(path, |fault| {
            fault.running += 1;
            let failure = if fault.failures.is_empty() { None } else { Some(fault.failures.remove(0)) };
            let too_many_parallel = fault.most_parallel.is_some_and(|most| fault.running > most);
            Sentence { delay: fault.delay, failure, too_many_parallel }
        })
    }

    /// The call has ended.
    pub(crate) fn leave(&self, path: &str) {
        self.with(path, |fault| fault.running = fault.running.saturating_sub(1));
    }
}

/// Sets faults; an API is named as after `/cgi-bin/`, for example `message/send`.
#[derive(Clone)]
pub struct Faults {
    pub(crate) set: Arc<FaultSet>,
    pub(crate) world: Arc<Mutex<World>>,
}

impl Faults {
    fn world<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Every call of this API waits so long, in real time, before anything else happens.
    pub fn slow(&self, api: &str, by: Duration) {
        self.set.with(&path(api), |fault| fault.delay = by);
    }

    /// The next `times` calls of this API fail, after those already told to.
    pub fn fail(&self, api: &str, times: usize, how: Failure) {
        self.set.with(&path(api), |fault| fault.failures.extend(std::iter::repeat_n(how, times)));
    }

    /// More than `most` calls of this API at once answer 45033.
    pub fn max_parallel(&self, api: &str, most: usize) {
        self.set.with(&path(api), |fault| fault.most_parallel = Some(most));
    }

    /// This API answers 45009 for so long, by the sandbox's clock.
    pub fn block(&self, api: &str, lasting: SignedDuration) {
        self.world(|world| {
            let now = world.now();
            world.meter.block(&path(api), now, lasting);
        });
    }

    /// This API answers 45033 to the next `times` calls.
    pub fn crowd(&self, api: &str, times: usize) {
        self.fail(api, times, Failure::Code(super::errcode::TOO_MANY_PARALLEL.0));
    }

    /// This API answers 45009 to the next `times` calls.
    pub fn throttle(&self, api: &str, times: usize) {
        self.fail(api, times, Failure::Code(CALL_LIMIT.0));
    }

    /// All tokens given so far answer 42001 from now on.
    pub fn expire_tokens(&self) {
        self.world(World::expire_tokens);
    }

    /// All tokens given so far answer 40014 from now on.
    pub fn forget_tokens(&self) {
        self.world(World::forget_tokens);
    }

    /// Everything works again; tokens stay expired.
    pub fn clear(&self) {
        let mut faults = self.set.0.lock().unwrap_or_else(PoisonError::into_inner);
        faults.values_mut().for_each(|fault| *fault = Fault { running: fault.running, ..Fault::default() });
        drop(faults);
        self.world(|world| world.meter.unblock());
    }
}

/// The path of an API named in short.
pub(crate) fn path(api: &str) -> String {
    format!("/cgi-bin/{}", api.trim_start_matches("/cgi-bin/"))
}
