"""One adapter for each repository of `flows.ports`; none of them commits."""
