"""One adapter for each protocol in `flows.repositories`. None of them commits."""
