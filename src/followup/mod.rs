//! A contact's page: who the customer is, where they stand, what is open, what happened.
//!
//! This room must never know HTTP answers or callbacks. Read [`Followup`] first. A customer is
//! only ever shown to somebody who follows them, or who leads somebody who does.

mod acts;
mod agenda;
mod edit;
mod error;
mod find;
mod page;
mod service;
pub mod source_http;
mod team;
mod todo;

pub use acts::Actions;
pub use agenda::Appointing;
pub use edit::{Edit, Once, Written};
pub use error::{
    EditError, EditFault, FollowupError, MAX_LINE_CHARS, MAX_NEED_CHARS, MAX_NEEDS, MAX_NOTE_CHARS,
};
pub use find::Found;
pub use page::{
    ContactPage, FollowingShown, OnwardShown, OpenAction, RequiredShown, StageShown, action_name, stage_name,
    touch_name,
};
pub use service::{Followup, FollowupParts, Viewer};
pub use todo::{Todo, TodoGroup, TodoKind};
