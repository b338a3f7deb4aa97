//! A fake WeCom server speaking the real API over HTTP, and a sample company.
