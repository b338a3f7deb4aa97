//! Three compliant replies for a need, an industry or a hit.
