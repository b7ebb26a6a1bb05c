"""Every text that people read. The rest of the app contains none."""
