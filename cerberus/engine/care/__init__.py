"""What keeps an engine well for months: figures, backup, compaction."""
