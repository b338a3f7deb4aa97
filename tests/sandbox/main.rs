//! The sandbox over real HTTP: every API with its documented errors, faults, callbacks and bots.

mod bots;
mod callbacks;
mod control;
mod customers;
mod faults;
mod helpers;
mod messages;
mod people;
mod product;
mod tokens;
