"""A trade-insurance exposure warehouse: feeds in, audited marts out."""
