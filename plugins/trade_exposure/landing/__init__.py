"""Landing: the raw archive, the ledger and the steps between them."""
