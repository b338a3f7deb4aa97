//! The ledger from outside: what is appended stays, what is changed is seen, who is erased is gone.

mod helpers;
mod live;
