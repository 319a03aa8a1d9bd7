"""The channels to people; each file knows one vendor's format, escaping and limits."""
