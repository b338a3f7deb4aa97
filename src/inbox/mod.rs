//! Every callback: written down once, answered within 5 s, then dispatched.
