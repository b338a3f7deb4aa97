//! WeCom's wire and nothing else: crypto, envelope, events, token, API calls, cards.
