"""What people do with events. Each view: fetch, rule, one action, answer."""
