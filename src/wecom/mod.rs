
mod call;
pub mod client;
pub mod contacts;
pub mod errcode;
pub mod fault;
pub mod http;
pub mod limit;
pub mod members;
pub mod retry;
mod token;
