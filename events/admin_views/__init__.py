"""What organisers see and do in the Wagtail admin: of their events, or of all for those who run all."""
