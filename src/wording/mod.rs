//! Every sentence a person reads, by key, in Chinese and English.
