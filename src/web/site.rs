//! What the handlers stand on.

use super::login::LinkKey;
use crate::followup::Followup;
use crate::inbox::Inbox;
use crate::intercept::Gate;
use crate::model::{CorpId, Role, Scope, UserId};
use crate::store::{FileShelf, Store};
use crate::wecom::client::{AppAuth, Client};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A program that may call the API.
#[derive(Debug, Clone)]
pub struct TokenHolder {
    /// Its name in the ledger.
    pub name: String,
    /// For which company.
    pub corp: CorpId,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
}

/// What a [`Site`] is made of.
pub struct SiteParts {
    /// The gate.
    pub gate: Gate,
    /// The customers' pages.
    pub followup: Followup,
    /// What was uploaded.
    pub files: FileShelf,
    /// The callbacks.
    pub inbox: Inbox,
    /// WeCom, to say whether its tokens are good.
    pub wecom: Arc<Client>,
    /// The applications, in the order of the settings: the first of a company is whose pages we are.
    pub apps: Vec<AppAuth>,
    /// Programs, by the SHA-256 of their token.
    pub tokens: HashMap<[u8; 32], TokenHolder>,
    /// Roles beside the rep's, by company and member.
    pub people: HashMap<(CorpId, UserId), Vec<Role>>,
    /// What one-use sign-in links and CSRF tokens are signed with.
    pub links: LinkKey,
    /// Our address as browsers reach it, without a slash at the end.
    pub public_url: String,
    /// Where members sign in inside WeCom's client.
    pub oauth_base: String,
    /// Where members sign in by scanning a code.
    pub login_base: String,
    /// WeCom's proofs of domain ownership, by file name.
    pub domain_proofs: BTreeMap<String, String>,
    /// The sources of the `frame-ancestors` directive.
    pub frame_ancestors: Vec<String>,
}

/// Everything the handlers need.
pub struct Site {
    pub(super) parts: SiteParts,
    pub(super) requests: super::metrics::Requests,
    /// What a browser names as the origin of our own pages.
    pub(super) origin: String,
}

impl Site {
    /// Over `parts`.
    pub fn new(parts: SiteParts) -> Self {
        let origin = origin(&parts.public_url);
        Self { parts, requests: super::metrics::Requests::default(), origin }
    }

    pub(super) fn store(&self) -> &Arc<dyn Store> {
        self.parts.gate.store()
    }
}

impl Site {
    /// The application with this name, or the first.
    pub(super) fn app_called(&self, name: Option<&str>) -> Option<&AppAuth> {
        let mut apps = self.parts.apps.iter();
        match name {
            Some(name) => apps.find(|app| app.name.as_str() == name),
            None => apps.next(),
        }
    }

    /// The application whose pages a company's members see.
    pub(super) fn app_of(&self, corp: &CorpId) -> Option<&AppAuth> {
        self.parts.apps.iter().find(|app| app.corp == *corp)
    }

    /// Whether an address leads to a page of ours.
    pub(super) fn is_own(&self, address: &str) -> bool {
        origin(address) == self.origin
    }
}

/// Scheme, host and port of an address, without its path.
fn origin(url: &str) -> String {
    url::Url::parse(url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}
