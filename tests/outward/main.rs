//! What leaves the server: calls to WeCom and to the company's CRM, against servers that misbehave.

mod classes;
mod crm;
mod functions;
mod qyapi;
mod sending;
mod server;
mod tokens;
