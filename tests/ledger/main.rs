//! The ledger from outside: what is appended stays, what is changed is seen, who is erased is gone.

mod cut;
mod erase;
mod fixture;
mod helpers;
mod live;
mod tamper;
