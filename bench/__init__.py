"""Benchmarks: the product held against what a user would pick instead."""
