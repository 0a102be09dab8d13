"""The local cloud of `make demo`, `make test` and `make local`."""
