"""Warehouse: the candidate database, dbt and the audit."""
