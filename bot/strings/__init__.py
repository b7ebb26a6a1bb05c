"""Every text that a person reads; nothing else in the app spells one out."""
