//! A contact's page: who the customer is, where they stand, what is open.

pub mod source_http;
