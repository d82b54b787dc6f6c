"""Publishing: one swap makes an audited candidate the publication."""
