//! Every path we serve, in one table.

use super::api::{checks, contacts, drafts, health, history, jssdk, notice, reviews, rules, todos};
use super::{assets, body, callback, contact, error, headers, login, metrics, pages, sidebar, sign_in};
use actix_web::web;

macro_rules! routes {
    ($($method:ident $path:literal $handler:path;)*) => {
        /// Method and path of every route, as OpenAPI and the tests see them.
        pub const ROUTES: &[(&str, &str)] = &[$((stringify!($method), $path),)*];

        /// Puts every route in its place.
        pub fn configure(config: &mut web::ServiceConfig) {
            config.app_data(web::PayloadConfig::new(body::MAX_BODY_BYTES));
            $(config.route($path, web::$method().to($handler));)*
            config.default_service(web::route().to(error::no_route));
        }
    };
}

routes! {
    get  "/callback/{app}"           callback::verify_app;
    post "/callback/{app}"           callback::take_app;
    get  "/bot/{bot}"                callback::verify_bot;
    post "/bot/{bot}"                callback::take_bot;

    post "/v1/checks"                checks::create;
    get  "/v1/checks"                checks::list;
    get  "/v1/checks/{id}"           checks::get;
    post "/v1/checks/{id}/confirm"   checks::confirm;
    post "/v1/checks/{id}/withdraw"  checks::withdraw;
    post "/v1/checks/{id}/sent"      checks::sent;
    post "/v1/checks/{id}/appeal"    reviews::appeal;
    post "/v1/checks/{id}/approve"   reviews::approve;
    post "/v1/checks/{id}/reject"    reviews::reject;
    post "/v1/checks/{id}/disposition" reviews::disposition;
    get  "/v1/approvals"             reviews::waiting;
    get  "/v1/rules"                 rules::live;
    post "/v1/rules/try"             rules::try_text;
    post "/v1/rules/reload"          rules::reload;
    get  "/v1/rules/history"         history::list;
    get  "/v1/rules/history/{revision}"  history::get;
    post "/v1/rules/rollback"        history::restore;
    get  "/v1/replies"               rules::replies;
    get  "/v1/contacts/{id}"         contacts::get;
    post "/v1/contacts/{id}/opened"  contacts::opened;
    get  "/v1/contacts/{id}/timeline" contacts::timeline::list;
    post "/v1/contacts/{id}/actions" contacts::edits::actions;
    post "/v1/contacts/{id}/exemption" contacts::edits::exempt;
    post "/v1/contacts/{id}/stage"   contacts::edits::stage;
    post "/v1/contacts/{id}/tags"    contacts::edits::tags;
    post "/v1/contacts/{id}/notes"   contacts::edits::note;
    post "/v1/contacts/{id}/appointments" contacts::appointments::make;
    post "/v1/contacts/{id}/appointments/{appointment}/cancel" contacts::appointments::cancel;
    post "/v1/contacts/{id}/files"   contacts::files::upload;
    get  "/v1/contacts/{id}/files/{sha256}" contacts::files::download;
    get  "/v1/todos"                 todos::list;
    get  "/v1/drafts/{to}"           drafts::get;
    put  "/v1/drafts/{to}"           drafts::put;
    post "/v1/notice"                notice::read;
    post "/v1/jssdk/signature"       jssdk::signature;

    get  "/healthz"                  health::alive;
    get  "/readyz"                   health::ready;
    get  "/metrics"                  metrics::metrics;
    get  "/openapi.json"             health::openapi;
    get  "/WW_verify_{code}.txt"     health::domain_proof;

    get  "/login"                    sign_in::start;
    get  "/login/wecom"              sign_in::back;
    post "/login/again"              sign_in::again;
    get  "/login/{token}"            login::show;
    post "/login/{token}"            login::enter;
    post "/logout"                   login::leave;
    get  "/sidebar"                  sidebar::show;
    get  "/contact"                  pages::contacts;
    get  "/contact/{id}"             contact::show;
    get  "/assets/{file}"            assets::serve;
}

pub use headers::dress;
