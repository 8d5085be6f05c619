"""Benchmarks: `make bench`, or `python -m bench --only events.book_place`."""
