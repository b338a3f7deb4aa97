//! Routes, pages, JSON, sessions. The only room that knows status codes.
