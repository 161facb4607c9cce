//! The dependency law, and template.yaml against the code.
