//! The HTTP client both outward sides use: no redirects, no proxy from the machine, bounded answers.

use super::fault::Cause;
use reqwest::Response;
use reqwest::redirect::Policy;
use std::time::Duration;

/// The client type, for rooms that must not name the crate.
pub type HttpClient = reqwest::Client;

/// An HTTP client that gives up after `timeout` and never goes where it was not sent.
///
/// Plain `http` is allowed: a simulator listens on loopback, and settings name the hosts.
///
/// # Errors
/// A sentence why TLS could not be set up, for example without any root certificate.
pub fn client(timeout: Duration) -> Result<reqwest::Client, String> {
    // The second installation fails and changes nothing, which is what we want.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(timeout)
        // Sooner than the whole, so that "never sent" can be told from "no answer".
        .connect_timeout(timeout / 2)
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(concat!("wecom-guard/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| error.without_url().to_string())
}

/// The body of an answer, at most `most` bytes of it.
///
/// # Errors
/// [`Cause::TooLong`], or why reading stopped.
pub async fn body(mut answer: Response, most: usize) -> Result<Vec<u8>, Cause> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| cause(&error))? {
        if bytes.len() + chunk.len() > most {
            return Err(Cause::TooLong(most));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// What an error of the HTTP client means; its own text may hold the address and is dropped.
pub fn cause(error: &reqwest::Error) -> Cause {
    if error.is_connect() {
        return Cause::NoConnection;
    }
    if error.is_timeout() { Cause::TimedOut } else { Cause::Broken }
}
