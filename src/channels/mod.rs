//! The ways a message reaches us, one file each, of unequal strength.
