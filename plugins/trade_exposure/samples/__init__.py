"""Samples: hand-written replies and the local server that speaks the real wire formats."""
