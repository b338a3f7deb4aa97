//! A fake WeCom server: it speaks the real API over HTTP on a port of its own, posts really
//! encrypted callbacks, and comes with a sample company. Tests, `demo` and other developers point
//! `api_base` at it.
//!
//! It must never know the product: no rule, no check, no wording. What it knows is WeCom's side
//! of the wire, with its documented errors, limits and expiry. Read [`Sandbox`] first.

mod acts;
mod api;
mod bot;
mod call;
mod callbacks;
mod card;
mod company;
mod control;
mod delivery;
mod errcode;
mod faults;
mod forge;
mod handle;
mod inbox;
mod meter;
mod options;
mod post;
mod press;
mod reply;
mod server;
mod sign_in;
mod world;

pub use acts::ActError;
pub use company::{
    Company, CompanyError, Customer, Department, ExternalContact, Follow, FollowTag, Group, GroupMember,
    KfAccount, Member, MemberTag,
};
pub use delivery::{Attempt, Delivery, PassiveReply};
pub use faults::{Failure, Faults};
pub use forge::Tamper;
pub use handle::{RunningSandbox, Sandbox};
pub use inbox::{Author, Card, CardState, Shown};
pub use meter::Limits;
pub use options::{CallbackTarget, Options, SandboxApp, SandboxBot, StartError};
pub use post::PostMode;
pub use world::Logged;
