"""Statistics and reports, made in a process of their own so that trading never waits for them.

That process imports next to nothing: it runs for each question anew.
"""
